/**
 * Stories about keys: others for a session, also while the traffic moves, and another key pair of each tunnel.
 */
import type { ChangeCause } from '../../../agent/model/tunnel-change.ts';
import { agentRekeys } from '../agent-answer.ts';
import { SERIAL_NUMBER } from '../lab-parts.ts';
import type { Scene, Story } from './story.ts';
import type { StoryRoom } from './story-room.ts';

/** Longer than a session takes to notice that the keys do not fit. */
const REKEYED_MS = 1_000;

export function rekeyStories(silence: readonly ChangeCause[]): readonly Story[] {
  return [
    {
      name: 'rekey of what carries the traffic',
      expects: { kind: 'stays', forMs: REKEYED_MS },
      make: async (scene) => {
        await rekey(scene, scene.tunnel);
        return undefined;
      },
      heal: async () => undefined,
    },
    {
      name: 'rekey during failover',
      expects: { kind: 'moves', away: 'uplink', causes: silence },
      make: async (scene) => {
        const { room, victim, other } = scene;
        const [hub, second] = room.lab.hubs.map(({ gateway }) => `${other}-${gateway.id}`);
        // Where both ends ask at once one of them may have to wait (RFC 7296 section 2.25): traffic must not.
        const collided = room.lab.hubs[0]?.rekey(`${hub}`).catch(() => undefined);
        const asked = agentRekeys(room.lab.config.controlSocket, `${hub}`);
        await room.impair(victim, { isBlocked: true });
        await rekey(scene, `${second}`);
        await Promise.all([collided ?? asked, asked]);
        return undefined;
      },
      heal: async ({ room, victim }) => room.impair(victim, {}),
    },
  ];
}

/** The document orders it, the device makes the pairs, the hubs accept them, and each tunnel turns to its own. */
export const KEY_ROTATION: Story = {
  name: 'key pairs by the document',
  onlyFor: 'wireguard',
  inShort: true,
  // A busy machine may make a session miss its time while its hub follows.
  expects: { kind: 'settles', forMs: REKEYED_MS, changesMax: 8 },
  make: async ({ room }) => {
    const { controller } = room.lab.cloud.cloud;
    const former = keysOf(room);
    controller.settle(({ keyGeneration = 0, ...settings }) => ({
      ...settings,
      keyGeneration: keyGeneration + 1,
    }));
    await room.untilTrue('every tunnel shows another key pair, and the old one is forgotten', () =>
      Promise.resolve(
        keysOf(room).every(
          ({ shown, next }, at) => shown !== former[at]?.shown && next === undefined,
        ),
      ),
    );
    return undefined;
  },
  heal: async () => undefined,
};

function keysOf({ lab }: StoryRoom): readonly { shown: string; next: string | undefined }[] {
  return lab.hubs.flatMap(({ gateway }) =>
    lab.cloud.cloud.controller
      .hubTunnelsOf(gateway.id)
      .filter(
        ({ engine, serialNumber }) => engine === 'wireguard' && serialNumber === SERIAL_NUMBER,
      )
      .map(({ remotePublicKey: shown, nextRemotePublicKey: next }) => ({ shown, next })),
  );
}

async function rekey({ room }: Scene, tunnel: string): Promise<void> {
  const { ok, because } = await agentRekeys(room.lab.config.controlSocket, tunnel);
  if (!ok) throw new Error(`${tunnel} was not rekeyed: ${because}`);
}
