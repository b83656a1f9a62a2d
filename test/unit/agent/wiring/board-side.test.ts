/** What the board's words become: presses, starts and lamps. */
import { describe, expect, it } from 'vitest';
import { renderNote } from '../../../../agent/report/render-note.ts';
import { BoardSide } from '../../../../agent/wiring/board-side.ts';
import type { ControlEffect } from '../../../../agent/wiring/control-events.ts';
import type { BoardModel, BoardReport } from '../../../../firmware-shim/wire/messages.ts';
import { hello } from '../../../kit/branch.ts';

function told(model: BoardModel, report: BoardReport): readonly ControlEffect[] {
  const side = new BoardSide();
  side.hear({ type: 'boardUp', hello: { ...hello, model } }, 0);
  return side.hear({ type: 'boardReported', report }, 1);
}

function pressed(model: BoardModel, heldMs: number, refused?: true): readonly ControlEffect[] {
  const kind = 'button';
  return told(model, { kind, button: 'RESET', heldMs, ...(refused && { refused }) });
}

function codes(effects: readonly ControlEffect[]): readonly string[] {
  return effects.map((effect) => (effect.type === 'noted' ? effect.note.code : effect.type));
}

function sentences(effects: readonly ControlEffect[]): string {
  return effects.map((effect) => (effect.type === 'noted' ? renderNote(effect.note) : '')).join();
}

describe('a press of RESET', () => {
  it.each([
    ['sag-1000', 10, []],
    ['sag-1000', 400, ['passwordResetAsked']],
    ['sag-1000', 4_000, []],
    ['sag-100wm', 4_000, ['factoryResetAsked']],
    ['sag-1000', 5_000, ['factoryResetAsked']],
  ] as const)('on a %s of %i ms is told and does nothing', (model, heldMs, notes) => {
    expect(codes(pressed(model, heldMs))).toEqual(notes);
  });

  it('that the board refused is told as such, however long it was', () => {
    expect(codes(pressed('sag-1000', 9_000, true))).toEqual(['pressRefused']);
    expect(codes(pressed('sag-1000', 10, true))).toEqual(['pressRefused']);
  });

  it('says what it asks for, and what was not done', () => {
    expect(sentences(pressed('sag-1000', 400))).toBe(
      'RESET was held for 400 ms, which asks for a new password of the local page.',
    );
    expect(sentences(pressed('sag-1000', 6_000))).toContain('this version erases nothing');
    expect(sentences(pressed('sag-1000', 400, true))).toContain('the reset function is locked');
  });
});

describe('a start of the MCU', () => {
  it('is told when nobody asked for it', () => {
    const started = (cause: 'power' | 'commanded' | 'watchdog' | 'fault'): readonly string[] =>
      codes(told('sag-1000', { kind: 'boardStarted', cause }));
    expect(started('power')).toEqual([]);
    expect(started('commanded')).toEqual([]);
    expect(started('watchdog')).toEqual(['mcuStarted']);
    expect(started('fault')).toEqual(['mcuStarted']);
  });
});

describe('the lamps', () => {
  const leds = (revision: string): readonly unknown[] => {
    const side = new BoardSide();
    side.hear({ type: 'boardUp', hello: { ...hello, hardwareRevision: revision } }, 0);
    const lte = { kind: 'lteSignal', present: true, simReady: true, strength: 'High' } as const;
    side.hear({ type: 'boardReported', report: { ...lte, registered: true } }, 0);
    return side
      .show({ registration: 'registered', isStopping: false, isDataStopped: false })
      .map((effect) => (effect.type === 'boardCommand' ? effect.command : effect));
  };

  it('are driven as the panel of this revision is read', () => {
    expect(leds('A3')).toContainEqual({ kind: 'ledSet', led: 'SYS', mode: 'blink' });
    expect(leds('A3')).toContainEqual({ kind: 'ledSet', led: 'LTE', mode: 'blink' });
    expect(leds('A1')).toContainEqual({ kind: 'ledSet', led: 'SYS', mode: 'on' });
    expect(leds('A1')).toContainEqual({ kind: 'ledSet', led: 'LTE', mode: 'on' });
  });
});

describe('the hardware watchdog', () => {
  it('is armed, kicked and disarmed where the board has one', () => {
    const side = new BoardSide();
    const capable = { ...hello, protocolVersion: 2, capabilities: ['watchdog'] } as const;
    const commands = [
      ...side.hear({ type: 'boardUp', hello: capable }, 0),
      ...side.tick(side.deadline()?.atMs ?? 0),
      ...side.stop(20_000),
    ].flatMap((effect) => (effect.type === 'boardCommand' ? [effect.command.kind] : []));
    expect(commands).toEqual(['watchdogArm', 'watchdogKick', 'watchdogDisarm']);
    expect(side.deadline()).toBeUndefined();
  });
});
