/** A tunnel comes to show another credential in stages, proved by another association, or goes back. */
import { expect, it } from 'vitest';
import { turnIdentity } from '../../../../agent/adapters/engine/identity-turn.ts';
import type { EngineTunnelStatus } from '../../../../agent/model/engine-status.ts';
import type { TunnelSpec } from '../../../../agent/model/tunnel.ts';
import type { RotationStage } from '../../../../agent/ports.ts';
import { deriveTunnels } from '../../../../agent/state/tunnel-specs.ts';
import { config, desired, IPSEC, tunnel } from '../../../kit/branch.ts';

const PROOF_MS = { max: 4, look: 1 };
const [derived] = deriveTunnels(
  desired({ tunnels: [tunnel('wan1-gwa', { engine: 'ipsec', ipsec: IPSEC })] }),
  config.uplinks,
);
const spec = derived?.spec as TunnelSpec;

/** Makes a new association when it switches, unless the far end does not take the identity. */
class Engine {
  readonly asked: string[] = [];
  readonly #isTaken: boolean;
  #ikeId = 1;

  constructor(isTaken: boolean) {
    this.#isTaken = isTaken;
  }

  ensure = async ({ ipsec }: TunnelSpec) =>
    void this.asked.push(`ensure ${ipsec?.credential.name}`);
  rotateIdentity = async (_id: string, stage: RotationStage) => {
    this.asked.push(stage.stage);
    if (stage.stage === 'switch' && this.#isTaken) this.#ikeId += 1;
    return undefined;
  };
  status = async (id: string): Promise<EngineTunnelStatus> => ({
    id,
    kind: 'ipsec',
    deviceName: 'd',
    rxBytes: 0,
    txBytes: 0,
    security: {
      ikeId: this.#ikeId,
      ikeAgeS: 1,
      ikeCipher: 'x',
      childSpi: 'c',
      childAgeS: 1,
      childCipher: 'x',
    },
  });
}

it('prepares, switches and retires when another association carries the session', async () => {
  const engine = new Engine(true);
  await turnIdentity(engine, spec, () => true, PROOF_MS);
  expect(engine.asked).toEqual(['prepare', 'switch', 'retire', 'ensure device']);
});

it.each([
  ['the old association still carries it', false, true],
  ['the session is not Up in the new one', true, false],
])('goes back when %s', async (_what, isTaken, isUp) => {
  const engine = new Engine(isTaken);
  await expect(turnIdentity(engine, spec, () => isUp, PROOF_MS)).rejects.toMatchObject({
    code: 'EENGINE_ROTATION',
  });
  expect(engine.asked).toEqual(['prepare', 'switch', 'back']);
});
