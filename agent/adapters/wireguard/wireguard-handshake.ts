/**
 * Makes a WireGuard tunnel shake hands: a keepalive is sent the moment keepalives are switched on, and without a
 * session it must bring a handshake about first.
 *
 * The protocol knows no way to be asked for new session keys. A peer that is taken away and put back in one call has
 * lost its session and nothing else; the next packet makes another, and only what is under way meanwhile, about a round
 * trip, is lost.
 */
import { EngineRefused } from '../../engine-port.ts';
import { ALLOWED_IPS, type WireGuardTool } from './wireguard-tool.ts';

/** A far end that is there answers within a round trip; one that is not shall not cost a process every moment. */
const LOOK_MS = { first: 50, max: 800 };
/** A session this young is as good as a new one: the protocol makes none before. */
const FRESH_S = 120;

/** After this long without a handshake there is no session any more (REJECT_AFTER_TIME). */
const SESSION_S = 180;

/** Rejects with `EENGINE_REKEY` where there is none. */
export async function endSession(
  tool: WireGuardTool,
  deviceName: string,
  peerKey: string,
): Promise<void> {
  const device = await tool.read(deviceName);
  const { latestHandshakeS = 0, endpoint = '(none)' } =
    device?.peers.find((each) => each.publicKey === peerKey) ?? {};
  if (endpoint === '(none)' || Date.now() / 1_000 - latestHandshakeS > SESSION_S) {
    const text = `${deviceName} has no session whose keys could be renewed`;
    throw new EngineRefused('EENGINE_REKEY', text);
  }
  const again = ['peer', peerKey, 'endpoint', endpoint, 'allowed-ips', ALLOWED_IPS];
  await tool.set(deviceName, ['peer', peerKey, 'remove', ...again]);
}

export async function shakeHands(
  tool: WireGuardTool,
  deviceName: string,
  peerKey: string,
  waitMs: number,
): Promise<void> {
  await tool.set(deviceName, ['peer', peerKey, 'persistent-keepalive', '1']);
  try {
    let lookMs = LOOK_MS.first;
    for (let waitedMs = 0; waitedMs <= waitMs; waitedMs += lookMs) {
      const device = await tool.read(deviceName);
      const peer = device?.peers.find((each) => each.publicKey === peerKey);
      const ageS = Date.now() / 1_000 - (peer?.latestHandshakeS ?? 0);
      if (ageS < FRESH_S) return;
      lookMs = Math.min(LOOK_MS.max, lookMs * 2);
      const pauseMs = lookMs;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  } finally {
    await tool.set(deviceName, ['peer', peerKey, 'persistent-keepalive', '0']);
  }
  throw new EngineRefused('EENGINE_NOT_UP', `the far end of ${deviceName} does not answer`);
}
