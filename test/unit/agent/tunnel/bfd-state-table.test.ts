import { describe, expect, test } from 'vitest';
import {
  BFD_MOVES,
  DIAGNOSTIC_OF,
  HEARD,
  moveNote,
} from '../../../../agent/tunnel/bfd/bfd-moves.ts';
import { diagnosticName } from '../../../../agent/tunnel/bfd/bfd-packet.ts';

/** Written off RFC 5880 section 6.2 by hand; a cause that is not there moves nothing. */
const DOWN_BY_PATH = {
  pathDown: 'Down',
  concatenatedPathDown: 'Down',
  reverseConcatenatedPathDown: 'Down',
  forwardingPlaneReset: 'Down',
};

test('the moves of a session are those of the state machine of RFC 5880', () => {
  expect(BFD_MOVES).toEqual({
    AdminDown: { enabled: 'Down' },
    Down: { heardDown: 'Init', heardInit: 'Up', disabled: 'AdminDown' },
    Init: {
      heardInit: 'Up',
      heardUp: 'Up',
      heardAdminDown: 'Down',
      silence: 'Down',
      disabled: 'AdminDown',
      ...DOWN_BY_PATH,
    },
    Up: {
      heardDown: 'Down',
      heardAdminDown: 'Down',
      silence: 'Down',
      disabled: 'AdminDown',
      ...DOWN_BY_PATH,
    },
  });
  expect(HEARD).toEqual({
    AdminDown: 'heardAdminDown',
    Down: 'heardDown',
    Init: 'heardInit',
    Up: 'heardUp',
  });
});

describe('the reason of a move', () => {
  test.each([
    ['silence', 1, 'Control Detection Time Expired'],
    ['heardDown', 3, 'Neighbor Signaled Session Down'],
    ['heardAdminDown', 3, 'Neighbor Signaled Session Down'],
    ['forwardingPlaneReset', 4, 'Forwarding Plane Reset'],
    ['pathDown', 5, 'Path Down'],
    ['concatenatedPathDown', 6, 'Concatenated Path Down'],
    ['disabled', 7, 'Administratively Down'],
    ['reverseConcatenatedPathDown', 8, 'Reverse Concatenated Path Down'],
    ['enabled', 0, 'No Diagnostic'],
    ['heardInit', 0, 'No Diagnostic'],
    ['heardUp', 0, 'No Diagnostic'],
  ] as const)('%s has the number and the words of RFC 5880 section 4.1', (cause, number, words) => {
    expect(DIAGNOSTIC_OF[cause]).toBe(number);
    expect(diagnosticName(number)).toBe(words);
  });

  test('that RFC 5880 gives to others is known by its words, and an unknown one by its number', () => {
    expect(diagnosticName(2)).toBe('Echo Function Failed');
    expect(diagnosticName(9)).toMatch(/9/);
    expect(diagnosticName(31)).toMatch(/31/);
  });
});

test('the note of a move tells tunnel, states and reason', () => {
  const move = {
    type: 'sessionMoved',
    from: 'Up',
    to: 'Down',
    cause: 'silence',
    diagnostic: 'Control Detection Time Expired',
    peerDiagnostic: 'No Diagnostic',
    silentForMs: 150,
  } as const;
  expect(moveNote('t1', move)).toEqual({
    code: 'sessionStateChanged',
    level: 'info',
    tunnel: 't1',
    from: 'Up',
    to: 'Down',
    diagnostic: 'Control Detection Time Expired',
  });
});
