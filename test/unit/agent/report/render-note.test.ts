import { describe, expect, it } from 'vitest';
import type { Note } from '../../../../agent/model/note.ts';
import { duration } from '../../../../agent/report/render-duration.ts';
import { renderNote } from '../../../../agent/report/render-note.ts';
import { printable } from '../../../../agent/report/render-printable.ts';

const failover: Note = {
  code: 'activeTunnelChanged',
  level: 'notice',
  change: {
    from: 'wan1-agw-a',
    to: 'wan2-agw-a',
    cause: 'silence',
    because: 'wan1-agw-a has been silent for three intervals.',
    detectedAtMs: 1_000,
    silentForMs: 151.4,
    decideMs: 0.21,
    installMs: 0.6,
  },
};

describe('a note as a sentence', () => {
  it('tells a failover with its evidence and its figures', () => {
    expect(renderNote(failover)).toBe(
      'Traffic moved from wan1-agw-a to wan2-agw-a: wan1-agw-a has been silent for three intervals ' +
        '(silent for 151 ms, decided in 0.21 ms, installed in 0.6 ms).',
    );
  });

  it('says so when no tunnel is left', () => {
    const { change, ...note } = failover;
    expect(renderNote({ ...note, change: { ...change, to: undefined, silentForMs: 0 } })).toContain(
      'No tunnel carries traffic any more; wan1-agw-a was the last',
    );
  });

  it('names the place of a refusal only when there is one', () => {
    const refused = (pointer: string): string =>
      renderNote({
        code: 'desiredRefused',
        level: 'warning',
        revision: 7,
        reason: 'EDESIRED_MTU',
        pointer,
        because: 'an MTU of 0 carries nothing.',
      });
    expect(refused('/tunnels/0/mtu')).toBe(
      'Desired revision 7 was refused: EDESIRED_MTU at /tunnels/0/mtu, an MTU of 0 carries nothing.',
    );
    expect(refused('')).toContain('EDESIRED_MTU, an');
  });

  it('tells what a lost stretch of kernel messages had hidden, the first of it by name', () => {
    const route = { family: 'ipv4', table: 100, protocol: 213, type: 'unicast' } as const;
    const objects = Array.from({ length: 9 }, (_, at) => {
      return { type: 'routeRemoved', route: { ...route, destination: `10.${at}.0.0/16` } } as const;
    });
    const counts = { added: 0, removed: 12, changed: 0 };
    const resynced = { code: 'kernelResynced', level: 'warning', ...counts, objects } as const;
    expect(renderNote(resynced)).toMatch(
      /0 added, 12 removed, 0 changed: -route 10\.0\.0\.0\/16 table 100, .*, 6 more\.$/,
    );
    expect(renderNote({ ...resynced, removed: 0, objects: [] })).toContain('nothing had changed');
  });

  it('escapes control characters of peers', () => {
    const sentence = renderNote({
      code: 'boardUp',
      level: 'notice',
      model: 'sag-1000',
      serialNumber: '\u001b[31mred\r\n\u009b2J\u202e',
    });
    expect(sentence).toContain('\\x1b[31mred\\x0d\\x0a\\x9b2J\\u202e');
    expect(sentence).not.toMatch(/\p{Cc}/u);
  });

  it('shows a note it does not know by code and content', () => {
    const foreign = { code: 'constructor', level: 'info', what: 'new' } as unknown as Note;
    expect(renderNote(foreign)).toBe(
      'constructor: {"code":"constructor","level":"info","what":"new"}',
    );
  });
});

describe('printable text', () => {
  it('is bounded', () => {
    expect(printable('a'.repeat(100_000))).toHaveLength(513);
    expect(printable('abcdef', 3)).toBe('abc…');
  });

  it('leaves ordinary text of any language alone', () => {
    expect(printable('杭州分公司 Zürich 🙂')).toBe('杭州分公司 Zürich 🙂');
  });

  it('shows half a surrogate pair as what it is', () => {
    expect(printable('\ud83d!')).toBe('\\ud83d!');
  });
});

describe('a duration', () => {
  it.each([
    [0, '0 ms'],
    [-5, '0 ms'],
    [0.043, '0.04 ms'],
    [3.14, '3.1 ms'],
    [151.4, '151 ms'],
    [999.6, '1 s'],
    [1_240, '1.2 s'],
    [42_900, '42 s'],
    [185_000, '3 min 5 s'],
    [7_800_000, '2 h 10 min'],
    [356_400_000, '4 d 3 h'],
    [Number.NaN, 'unknown'],
  ])('of %d ms reads as %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });
});
