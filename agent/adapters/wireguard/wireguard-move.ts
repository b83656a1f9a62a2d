/**
 * Moves a WireGuard tunnel to another address of its gateway, so that it stays there.
 *
 * WireGuard follows whatever authentic packet came last: one still under way from the old address takes the tunnel
 * back. So the new endpoint is set until it holds.
 */
import type { TunnelSpec } from '../../model/tunnel.ts';
import { endpointText } from '../engine/engine-spec.ts';
import type { WireGuardTool } from './wireguard-tool.ts';

const LOOK_MS = 50;
/** As long as packets of the old address can be under way on any path worth using. */
const HOLDS_LOOKS = 4;
/** A gateway that goes on speaking from its old address is followed there, as the protocol means it. */
const LOOKS_MAX = 40;

export async function holdEndpoint(
  tool: WireGuardTool,
  spec: TunnelSpec,
  peerKey: string,
): Promise<void> {
  const endpoint = endpointText(spec.remote);
  for (let look = 0, held = 0; look < LOOKS_MAX && held < HOLDS_LOOKS; look += 1) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    const holds = (await tool.endpointOf(spec.deviceName, peerKey)) === endpoint;
    held = holds ? held + 1 : 0;
    if (!holds) await tool.set(spec.deviceName, ['peer', peerKey, 'endpoint', endpoint]);
  }
}
