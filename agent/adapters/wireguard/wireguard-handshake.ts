/**
 * Makes a WireGuard tunnel shake hands: a keepalive is sent the moment keepalives are switched on, and without a
 * session it must bring a handshake about first.
 */
import { EngineRefused } from '../../ports.ts';
import type { WireGuardTool } from './wireguard-tool.ts';

/** A far end that is there answers within a round trip; one that is not shall not cost a process every moment. */
const LOOK_MS = { first: 50, max: 800 };
/** A session this young is as good as a new one: the protocol makes none before. */
const FRESH_S = 120;

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
