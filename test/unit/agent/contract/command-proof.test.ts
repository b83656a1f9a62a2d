/** A command counts when the pinned issuer signed it for this device, and then once. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Command } from '../../../../agent/access/payloads.ts';
import { topicsOf } from '../../../../agent/access/topics.ts';
import { readCommandKey } from '../../../../agent/adapters/identity/command-key.ts';
import { readAccessEvent } from '../../../../agent/contract/access-intake.ts';
import { CommandIssuer } from '../../../../sim/live/command-issuer.ts';
import { ControlScene } from '../../../kit/control-scene.ts';

const directory = mkdtempSync(join(tmpdir(), 'command-key-'));
const keyFile = join(directory, 'issuer.pub');
const issuer = new CommandIssuer('acme');
writeFileSync(keyFile, issuer.publicKeyPem);
const verify = readCommandKey(keyFile);
afterAll(() => rmSync(directory, { recursive: true }));

const WALL_MS = 1_000_000;
const order = { verb: 'switchActiveTunnel', tunnel: 'wan2-gwa' } as const;
const genuine = () => issuer.issue('sag00001', order, WALL_MS);

function intake(command: Command, serialNumber = 'sag00001', retained = false) {
  const topic = topicsOf('acme', serialNumber).commands.replace('+', command.id);
  const payload = new TextEncoder().encode(JSON.stringify(command));
  return readAccessEvent({ type: 'messageArrived', topic, payload, retained }, verify);
}

describe('a signed command', () => {
  it('is obeyed, whatever the order of its keys', () => {
    const command = genuine();
    expect(intake(command)).toMatchObject({ proof: 'valid' });
    const turned = Object.fromEntries(Object.entries(command).toReversed());
    expect(intake(turned as unknown as Command)).toMatchObject({ proof: 'valid' });
  });

  it.each<[string, () => ReturnType<typeof intake>]>([
    ['changed', () => intake({ ...genuine(), ...order, tunnel: 'wan1-gwa' })],
    ['made to last', () => intake({ ...genuine(), expiresAtMs: WALL_MS + 250_000 })],
    ['meant for another device', () => intake(genuine(), 'sag00002')],
    [
      'signed by another issuer',
      () => intake(new CommandIssuer('acme').issue('sag00001', order, WALL_MS)),
    ],
  ])('is forged when it was %s', (_how, read) => {
    expect(read()).toMatchObject({ type: 'commandReceived', proof: 'forged' });
  });

  it('is unsigned without signature or nonce', () => {
    const { signature: _, ...unsigned } = genuine();
    expect(intake(unsigned as Command)).toMatchObject({ proof: 'absent' });
  });
});

describe('a device', () => {
  function answersTo(command: Command, retained = false): unknown {
    const scene = new ControlScene();
    scene.start();
    scene.register();
    const event = intake(command, 'sag00001', retained);
    if (event.type !== 'commandReceived') throw new Error(event.type);
    scene.hear(event);
    expect(scene.orders('switchRequested')).toEqual([]);
    return scene.published(`cmd/${command.id}/status`).at(-1);
  }

  it.each<[string, () => Command, string]>([
    [
      'an unsigned',
      () => ({ ...genuine(), signature: undefined }) as unknown as Command,
      'EUNSIGNED',
    ],
    ['a forged', () => ({ ...genuine(), ...order, tunnel: 'x' }), 'EFORGED'],
    ['an expired', () => issuer.issue('sag00001', order, WALL_MS - 600_000), 'EEXPIRED'],
    ['a lasting', () => issuer.issue('sag00001', order, WALL_MS + 600_000), 'ETOO_LONG'],
  ])('refuses %s command with a code of its own', (_what, command, errorCode) => {
    expect(answersTo(command())).toMatchObject({ errorCode });
  });

  it('refuses a retained one', () => {
    expect(answersTo(genuine(), true)).toMatchObject({ errorCode: 'ERETAINED' });
  });

  it('obeys a command once, and no other under its nonce', () => {
    const scene = new ControlScene();
    scene.start();
    scene.register();
    const command = genuine();
    const event = { type: 'commandReceived', command, proof: 'valid', retained: false } as const;
    scene.hear(event);
    scene.hear(event);
    scene.hear({ ...event, command: { ...command, id: 'c-other' } });
    expect(scene.orders('switchRequested')).toHaveLength(1);
    expect(scene.published('cmd/c-other/status').at(-1)).toMatchObject({ errorCode: 'EREPLAYED' });
  });
});
