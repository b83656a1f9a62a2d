/** The lamps on the front. */
import { describe, expect, it } from 'vitest';
import { LedPanel } from '../../../../agent/report/led-panel.ts';

describe('the front panel', () => {
  it('sets nothing while there is no board', () => {
    expect(new LedPanel().show('registered', false)).toEqual([]);
  });

  it('sets a lamp only when its mode changes', () => {
    const panel = new LedPanel();
    panel.boardUp();
    expect(panel.show('connecting', false)).toEqual([
      { kind: 'ledSet', led: 'CLOUD', mode: 'blink' },
      { kind: 'ledSet', led: 'SYS', mode: 'blink' },
    ]);
    expect(panel.show('registering', false)).toEqual([]);
    expect(panel.show('registered', false)).toEqual([{ kind: 'ledSet', led: 'CLOUD', mode: 'on' }]);
  });

  it('sets every lamp again after the board has restarted', () => {
    const panel = new LedPanel();
    panel.boardUp();
    panel.show('registered', false);
    panel.boardLost();
    expect(panel.show('idle', false)).toEqual([]);
    panel.boardUp();
    expect(panel.show('registered', false)).toHaveLength(2);
  });

  it('shows a stopped agent as unhealthy', () => {
    const panel = new LedPanel();
    panel.boardUp();
    expect(panel.show('idle', true)).toEqual([
      { kind: 'ledSet', led: 'CLOUD', mode: 'off' },
      { kind: 'ledSet', led: 'SYS', mode: 'on' },
    ]);
  });
});
