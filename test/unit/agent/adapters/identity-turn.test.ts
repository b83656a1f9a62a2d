/** A tunnel comes to show another credential in stages, proved by another association, or goes back. */
import { expect, it } from 'vitest';
import { proofMsFor, turnIdentity } from '../../../../agent/adapters/engine/identity-turn.ts';
import type { RotationStage } from '../../../../agent/engine-port.ts';
import type { EngineTunnelStatus } from '../../../../agent/model/engine-status.ts';
import type { TunnelSpec } from '../../../../agent/model/tunnel.ts';
import { deriveTunnels } from '../../../../agent/state/tunnel-specs.ts';
import { config, desired, IPSEC, tunnel } from '../../../kit/branch.ts';

const PROOF_MS = { max: 4, look: 1, holds: 2 };
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

/** A key pair by generation; another handshake once the next one is shown, unless nobody takes it. */
class KeyEngine {
  readonly asked: string[] = [];
  readonly #isTaken: boolean;
  #prepared = 0;
  #shown = 0;
  #handshakeMs = 10_000;

  constructor(isTaken = true) {
    this.#isTaken = isTaken;
  }

  ensure = async ({ ownKey }: TunnelSpec) =>
    void this.asked.push(`ensure ${ownKey?.generation ?? 0}`);
  rotateIdentity = async (_id: string, stage: RotationStage) => {
    this.asked.push(stage.stage);
    if (stage.stage === 'switch') {
      this.#shown = this.#prepared;
      if (this.#isTaken) this.#handshakeMs += 1_000;
    }
    if (stage.stage === 'back') this.#shown = 0;
    if (stage.stage !== 'prepare' || stage.next.kind !== 'own-key') return undefined;
    this.#prepared = stage.next.generation;
    return `key${stage.next.generation}`;
  };
  status = async (id: string): Promise<EngineTunnelStatus> => ({
    id,
    kind: 'wireguard',
    deviceName: 'd',
    publicKey: `key${this.#shown}`,
    lastHandshakeWallMs: this.#handshakeMs,
    rxBytes: 0,
    txBytes: 0,
  });
}

const [keyTunnel] = deriveTunnels(desired(), config.uplinks);
const keySpec = keyTunnel?.spec as TunnelSpec;

it.each([
  [0, 1_250],
  [900, 1_250],
  [2_500, 2_750],
  [38_000, 5_000],
])('a session that notices silence within %i ms must be Up for %i ms on end', (detectMs, holds) => {
  expect(proofMsFor(detectMs).holds).toBe(holds);
});

it('tells a key pair and waits with it until the far end accepts it', async () => {
  const engine = new KeyEngine();
  const ownKey = { generation: 1, accepted: 'key of another generation' };
  const stand = await turnIdentity(engine, { ...keySpec, ownKey }, () => true, PROOF_MS);
  expect(stand).toEqual({ stage: 'prepared', publicKey: 'key1' });
  expect(engine.asked).toEqual(['prepare', 'ensure 1']);
});

it('shows an accepted key pair, proved by another handshake, and then does nothing more', async () => {
  const engine = new KeyEngine();
  const wanted = { ...keySpec, ownKey: { generation: 1, accepted: 'key1' } };
  const inUse = { stage: 'inUse', publicKey: 'key1' };
  expect(await turnIdentity(engine, wanted, () => true, PROOF_MS)).toEqual(inUse);
  expect(await turnIdentity(engine, wanted, () => true, PROOF_MS)).toEqual(inUse);
  const once = ['prepare', 'prepare', 'switch', 'retire', 'ensure 1'];
  expect(engine.asked).toEqual([...once, 'prepare', 'ensure 1']);
});

it('turns back to the key pair of the device when the document names none', async () => {
  const engine = new KeyEngine();
  const first = { ...keySpec, ownKey: { generation: 1, accepted: 'key1' } };
  await turnIdentity(engine, first, () => true, PROOF_MS);
  const stand = await turnIdentity(engine, keySpec, () => true, PROOF_MS);
  expect(stand).toEqual({ stage: 'inUse', publicKey: 'key0' });
});

it('goes back to the key pair before when no handshake follows', async () => {
  const engine = new KeyEngine(false);
  const wanted = { ...keySpec, ownKey: { generation: 1, accepted: 'key1' } };
  await expect(turnIdentity(engine, wanted, () => true, PROOF_MS)).rejects.toMatchObject({
    code: 'EENGINE_ROTATION',
  });
  expect(engine.asked.at(-1)).toBe('back');
});
