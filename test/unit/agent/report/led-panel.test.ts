/** The lamps on the front. */
import { describe, expect, it } from 'vitest';
import { LedPanel } from '../../../../agent/report/led-panel.ts';
import type { PanelState } from '../../../../agent/report/led-panel-modes.ts';

const OF_2021 = { model: 'sag-1000', hardwareRevision: 'A3' } as const;
const OF_2018 = { model: 'sag-1000', hardwareRevision: 'A1' } as const;

function state(change: Partial<PanelState> = {}): PanelState {
  return {
    registration: 'registered',
    isStopping: false,
    isDataStopped: false,
    lte: undefined,
    ...change,
  };
}

function shownOn(panel: typeof OF_2018 | typeof OF_2021, change: Partial<PanelState>): string[] {
  const leds = new LedPanel();
  leds.boardUp(panel);
  return leds
    .show(state(change))
    .map((command) => (command.kind === 'ledSet' ? `${command.led} ${command.mode}` : ''));
}

describe('the front panel', () => {
  it('sets nothing while there is no board', () => {
    expect(new LedPanel().show(state())).toEqual([]);
  });

  it('sets a lamp only when its mode changes', () => {
    const panel = new LedPanel();
    panel.boardUp(OF_2021);
    expect(panel.show(state({ registration: 'connecting' }))).toEqual([
      { kind: 'ledSet', led: 'CLOUD', mode: 'blink' },
      { kind: 'ledSet', led: 'SYS', mode: 'blink' },
    ]);
    expect(panel.show(state({ registration: 'registering' }))).toEqual([]);
    expect(panel.show(state())).toEqual([{ kind: 'ledSet', led: 'CLOUD', mode: 'on' }]);
  });

  it('sets every lamp again after the board has restarted', () => {
    const panel = new LedPanel();
    panel.boardUp(OF_2021);
    panel.show(state());
    panel.boardLost();
    expect(panel.show(state({ registration: 'idle' }))).toEqual([]);
    panel.boardUp(OF_2021);
    expect(panel.show(state())).toHaveLength(2);
  });

  it('shows a fault while user traffic is stopped on purpose, and is well again afterwards', () => {
    expect(shownOn(OF_2021, { isDataStopped: true })).toEqual(
      shownOn(OF_2021, { isStopping: true }),
    );
    expect(shownOn(OF_2021, { isDataStopped: true })).not.toEqual(shownOn(OF_2021, {}));
    const panel = new LedPanel();
    panel.boardUp(OF_2018);
    panel.show(state({ isDataStopped: true }));
    expect(panel.show(state())).toEqual([{ kind: 'ledSet', led: 'SYS', mode: 'on' }]);
  });

  it('says healthy by blinking in 2021 and by a steady lamp in 2018', () => {
    const lte = { present: true, registered: true };
    expect(shownOn(OF_2021, { lte })).toEqual(['CLOUD on', 'SYS blink', 'LTE blink']);
    expect(shownOn(OF_2018, { lte })).toEqual(['CLOUD on', 'SYS on', 'LTE on']);
  });

  it('says stopped by a steady lamp in 2021 and by a dark one in 2018', () => {
    const stopped = { registration: 'idle', isStopping: true } as const;
    expect(shownOn(OF_2021, stopped)).toEqual(['CLOUD off', 'SYS on']);
    expect(shownOn(OF_2018, stopped)).toEqual(['CLOUD off', 'SYS off']);
  });

  it('tells LTE without network from no LTE at all where the panel can', () => {
    const unregistered = { lte: { present: true, registered: false } };
    const absent = { lte: { present: false, registered: false } };
    expect(shownOn(OF_2021, unregistered)).toContain('LTE on');
    expect(shownOn(OF_2018, unregistered)).toContain('LTE off');
    expect(shownOn(OF_2021, absent)).toContain('LTE off');
    expect(shownOn(OF_2018, absent)).toContain('LTE off');
  });
});
