/** What the engines say is kept with its age, and what care decides reaches engine and fast path. */
import { expect, it } from 'vitest';
import { EngineSide } from '../../../../agent/wiring/engine-side.ts';
import { SeededRandom } from '../../../../firmware-shim/base/random.ts';
import { up } from '../../../kit/branch.ts';

const WALL_MS = 1_700_000_000_000;
const bfd = { desiredMinTxMs: 500, requiredMinRxMs: 500, detectMult: 5 };
const plan = {
  tunnels: [{ id: 't1', uplink: 'lte', bfd, bfdWhileBusy: bfd }],
} as unknown as Parameters<EngineSide['planSent']>[0];

function opened(): EngineSide {
  const side = new EngineSide(new SeededRandom(1), { wallMs: () => WALL_MS });
  side.planSent(plan, 0);
  return side;
}

it('keeps the figures of each tunnel, with the age of its keys', () => {
  const side = opened();
  const counts = { rxBytes: 1, txBytes: 2 };
  const status = { id: 't1', kind: 'wireguard', deviceName: 'd', ...counts } as const;
  const lastHandshakeWallMs = WALL_MS - 3_000;
  side.answered({ type: 'enginesRead', tunnels: [{ ...status, lastHandshakeWallMs }] }, 50);
  expect(side.figures.get('t1')).toEqual({
    kind: 'wireguard',
    readAtMs: 50,
    handshakeAgeMs: 3_000,
    ...counts,
  });
  // Traffic that proves the tunnel alive is told to the fast path.
  const busy = side.answered(
    { type: 'enginesRead', tunnels: [{ ...status, rxBytes: 1e6 }] },
    1_050,
  );
  expect(busy).toEqual([{ type: 'orderFastPath', order: { type: 'trafficSeen', tunnel: 't1' } }]);
});

it('has a silent tunnel called, and notes a refusal in the words of the engine', () => {
  const side = opened();
  side.fact({ type: 'uplinkChanged', uplink: 'lte', verdict: up('10.0.0.1'), atMs: 0 }, 0);
  const down = { from: 'up', to: 'down', because: 'silence', atMs: 0 } as const;
  side.fact({ type: 'tunnelStateChanged', tunnel: 't1', ...down }, 0);
  expect(side.deadline()).toBeDefined();
  expect(side.tick(5_000)).toContainEqual({ type: 'initiateTunnel', tunnel: 't1', waitMs: 3_000 });
  const result = { ok: false, code: 'EENGINE_NOT_UP', text: 'nobody answers' } as const;
  const [noted] = side.answered({ type: 'tunnelInitiated', tunnel: 't1', result }, 8_000);
  expect(noted).toMatchObject({
    note: { code: 'engineCalled', because: 'EENGINE_NOT_UP: nobody answers' },
  });
});
