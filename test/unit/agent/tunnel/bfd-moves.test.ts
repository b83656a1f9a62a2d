import { expect, test } from 'vitest';
import type { BfdCause } from '../../../../agent/tunnel/bfd/bfd-cause.ts';
import { BFD_MOVES } from '../../../../agent/tunnel/bfd/bfd-moves.ts';
import type { BfdState } from '../../../../agent/tunnel/bfd/bfd-packet.ts';
import { movesOf, upSession } from '../../../kit/bfd-peer.ts';

test('the table of moves lets no session reach Up but from Down or Init', () => {
  const froms: BfdState[] = ['AdminDown', 'Down', 'Init', 'Up'];
  const toUp = froms.flatMap((from) =>
    Object.entries(BFD_MOVES[from])
      .filter(([, to]) => to === 'Up')
      .map(([cause]) => `${from} ${cause as BfdCause}`),
  );
  expect(toUp).toEqual(['Down heardInit', 'Init heardInit', 'Init heardUp']);
});

test.each([
  ['pathDown', 'Path Down'],
  ['concatenatedPathDown', 'Concatenated Path Down'],
  ['reverseConcatenatedPathDown', 'Reverse Concatenated Path Down'],
  ['forwardingPlaneReset', 'Forwarding Plane Reset'],
] as const)(
  'what else is known of the path takes the session Down by its name: %s',
  (because, diagnostic) => {
    const { session } = upSession();
    const effects = session.handle({ type: 'pathLost', because }, 20);
    expect(movesOf(effects)[0]).toMatchObject({ to: 'Down', diagnostic });
  },
);
