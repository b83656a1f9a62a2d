import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EngineRegister } from '../../../../../agent/adapters/engine/engine-register.ts';
import { rotateStaged } from '../../../../../agent/adapters/engine/engine-rotation.ts';
import { IpsecCredentials } from '../../../../../agent/adapters/ipsec/ipsec-credentials.ts';
import {
  advanceIdentity,
  settleRotation,
} from '../../../../../agent/adapters/ipsec/ipsec-rotation.ts';
import { checkIpsec } from '../../../../../agent/adapters/ipsec/ipsec-spec.ts';
import { ViciClient } from '../../../../../agent/adapters/ipsec/vici-client.ts';
import { encodeViciMessage } from '../../../../../agent/engine/vici-message.ts';
import { DEVICE_CREDENTIAL, type IpsecParameters } from '../../../../../agent/model/ipsec.ts';
import type { TunnelSpec } from '../../../../../agent/model/tunnel.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sag-ipsec-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const PARAMETERS: IpsecParameters = {
  localIdentity: 'branch.example',
  remoteIdentity: 'hub.example',
  credential: { kind: 'psk', name: 'one' },
};
const SPEC: TunnelSpec = {
  id: 't1',
  engine: 'ipsec',
  uplink: 'wan1',
  gateway: 'gwa',
  deviceName: 'sag-t1',
  listenPort: 4_501,
  fwmark: 0,
  remote: { address: '192.0.2.1', port: 4_501 },
  remotePublicKey: '',
  ipsec: PARAMETERS,
  innerLocal: '10.250.1.1',
  innerRemote: '10.250.1.2',
  innerPrefixLength: 30,
  mtu: 1_400,
};

describe('a specification', () => {
  const ipsec = PARAMETERS;
  const { ipsec: _, ...bare } = SPEC;
  test.each<[string, TunnelSpec, string]>([
    ['without IPsec parameters', bare, 'EENGINE_SPEC'],
    ['whose id is no name', { ...SPEC, id: 'a b' }, 'EENGINE_SPEC'],
    ['without identity', { ...SPEC, ipsec: { ...ipsec, localIdentity: '' } }, 'EENGINE_IDENTITY'],
    ['for everybody', { ...SPEC, ipsec: { ...ipsec, remoteIdentity: '%any' } }, 'EENGINE_IDENTITY'],
    ['from nowhere', { ...SPEC, ipsec: { ...ipsec, localAddress: 'x' } }, 'EENGINE_ADDRESS'],
    ['of odd ciphers', { ...SPEC, ipsec: { ...ipsec, espProposals: ['a }'] } }, 'EENGINE_PROPOSAL'],
    ['of restless keys', { ...SPEC, ipsec: { ...ipsec, childRekeyS: 1 } }, 'EENGINE_SPEC'],
    ['for a strange device', { ...SPEC, deviceName: '../x' }, 'EENGINE_DEVICE_NAME'],
  ])('%s is refused', (_what, spec, code) => {
    expect(() => checkIpsec(spec)).toThrow(expect.objectContaining({ code }));
  });

  test('that is sound passes', () => {
    expect(() => checkIpsec(SPEC)).not.toThrow();
  });
});

describe('a credential', () => {
  const psk = { kind: 'psk', name: 'one', secret: 'very secret' } as const;

  test('is kept for its owner only and comes back as it was', async () => {
    const credentials = new IpsecCredentials(directory);
    const reference = await credentials.keep(psk);
    expect(statSync(join(directory, 'one.psk')).mode & 0o777).toBe(0o600);
    expect(await credentials.load(reference)).toEqual(psk);
  });

  test('of the device itself is never written down, and missing where there is no device', async () => {
    const device = { certificate: 'its certificate', key: 'its key', ca: 'its authority' };
    const credentials = new IpsecCredentials(directory, device);
    await credentials.keep({ ...DEVICE_CREDENTIAL, kind: 'certificate', ...device });
    expect(readdirSync(directory)).toEqual([]);
    const loaded = await credentials.load(DEVICE_CREDENTIAL);
    expect(loaded).toEqual({ ...DEVICE_CREDENTIAL, ...device });
    await credentials.forget(DEVICE_CREDENTIAL);
    const none = new IpsecCredentials(directory).load(DEVICE_CREDENTIAL);
    await expect(none).rejects.toMatchObject({ code: 'EENGINE_CREDENTIAL' });
  });

  test('others can read is refused, and so is one that is missing or has a path for a name', async () => {
    const credentials = new IpsecCredentials(directory);
    await credentials.keep(psk);
    chmodSync(join(directory, 'one.psk'), 0o644);
    const codeOf = async (name: string): Promise<unknown> =>
      credentials.load({ kind: 'psk', name }).then(
        () => 'loaded',
        (error: { code: string; message: string }) => error.code,
      );
    expect(await codeOf('one')).toBe('EENGINE_KEY_MODE');
    expect(await codeOf('two')).toBe('EENGINE_CREDENTIAL');
    expect(await codeOf('../one')).toBe('EENGINE_CREDENTIAL');
  });
});

describe('the rotation of a credential', () => {
  const next = { kind: 'psk', name: 'two', secret: 'more secret' } as const;

  async function scene(): Promise<{
    readonly advance: (stage: Parameters<typeof advanceIdentity>[3]) => Promise<void>;
    readonly register: EngineRegister;
  }> {
    const credentials = new IpsecCredentials(directory);
    await credentials.keep({ kind: 'psk', name: 'one', secret: 'secret' });
    const register = await EngineRegister.load(directory, 'register.json');
    return {
      register,
      advance: async (stage) => {
        const advanced = await advanceIdentity(credentials, register, SPEC, stage);
        await advanced.afterwards();
      },
    };
  }

  test('leaves the new secret alone in the end, and is still known after a restart', async () => {
    const { advance } = await scene();
    await advance({ stage: 'prepare', next });
    await advance({ stage: 'switch' });
    const later = await EngineRegister.load(directory, 'register.json');
    expect(later.entryOf('sag-t1')).toMatchObject({ identityStand: 'switched' });
    await advance({ stage: 'retire' });
    expect(existsSync(join(directory, 'one.psk'))).toBe(false);
    expect(existsSync(join(directory, 'two.psk'))).toBe(true);
  });

  test('that goes back leaves the old secret alone', async () => {
    const { advance, register } = await scene();
    await advance({ stage: 'prepare', next });
    await advance({ stage: 'back' });
    expect(existsSync(join(directory, 'one.psk'))).toBe(true);
    expect(existsSync(join(directory, 'two.psk'))).toBe(false);
    expect(register.entryOf('sag-t1')).toEqual({ tunnel: 't1' });
  });

  test('to a secret somebody provisioned needs it to be there, and leaves it there when it goes back', async () => {
    const { advance, register } = await scene();
    const provisioned = {
      stage: 'prepare',
      next: { kind: 'provisioned', reference: { kind: 'psk', name: 'two' } },
    } as const;
    const code = 'EENGINE_CREDENTIAL';
    await expect(advance(provisioned)).rejects.toMatchObject({ code });
    expect(register.entryOf('sag-t1')).toBeUndefined();
    await new IpsecCredentials(directory).keep(next);
    await advance(provisioned);
    await advance({ stage: 'switch' });
    await advance({ stage: 'back' });
    expect(existsSync(join(directory, 'two.psk'))).toBe(true);
    expect(register.entryOf('sag-t1')).toEqual({ tunnel: 't1' });
  });

  test('is over when the specification names the next one and nobody leads it any more', async () => {
    const { advance, register } = await scene();
    await advance({ stage: 'prepare', next });
    await settleRotation(register, SPEC);
    expect(register.entryOf('sag-t1')).toMatchObject({ identityStand: 'prepared' });
    const credential = { kind: 'psk', name: 'two' } as const;
    await settleRotation(register, { ...SPEC, ipsec: { ...PARAMETERS, credential } });
    expect(register.entryOf('sag-t1')).toMatchObject({ identityStand: 'retired' });
  });

  test('keeps a secret that another tunnel shows too', async () => {
    const { advance, register } = await scene();
    await register.put('sag-t2', { tunnel: 't2', credential: 'psk:one' });
    for (const stage of [
      { stage: 'prepare', next },
      { stage: 'switch' },
      { stage: 'retire' },
    ] as const)
      await advance(stage);
    expect(existsSync(join(directory, 'one.psk'))).toBe(true);
  });

  test('out of turn is refused', async () => {
    const { advance } = await scene();
    await expect(advance({ stage: 'switch' })).rejects.toMatchObject({ code: 'EENGINE_ROTATION' });
    const ownKey = { kind: 'own-key', generation: 1 } as const;
    await expect(advance({ stage: 'prepare', next: ownKey })).rejects.toMatchObject({
      code: 'EENGINE_UNSUPPORTED',
    });
  });

  test.each([
    [true, 'rotated', ['prepare', 'switch', 'retire']],
    [false, 'rolledBack', ['prepare', 'switch', 'back']],
  ] as const)('as a whole, with the session Up in time: %s', async (isUp, outcome, expected) => {
    const stages: string[] = [];
    const engine = {
      rotateIdentity: async (_id: string, { stage }: { readonly stage: string }) => {
        stages.push(stage);
        return undefined;
      },
    };
    const hooks = { announce: async () => undefined, isUpInTime: async () => isUp };
    expect(await rotateStaged(engine, 't1', next, hooks)).toBe(outcome);
    expect(stages).toEqual(expected);
  });
});

describe('a conversation with charon', () => {
  let server: Server;
  let peer: Socket | undefined;
  const closed: string[] = [];

  async function opened(onPacket: (count: number, socket: Socket) => void): Promise<ViciClient> {
    const path = join(directory, 'c.vici');
    let count = 0;
    server = createServer((socket) => {
      peer = socket;
      socket.on('error', () => undefined);
      socket.on('data', () => {
        count += 1;
        onPacket(count, socket);
      });
    });
    await new Promise<void>((resolve) => server.listen(path, resolve));
    closed.length = 0;
    return ViciClient.connect(path, {
      onEvent: () => undefined,
      onClosed: (code) => closed.push(code),
    });
  }

  afterEach(() => {
    peer?.destroy();
    server?.close();
  });

  const OK = Uint8Array.of(0, 0, 0, 1, 1);

  test('asks one question at a time and gives answers in order', async () => {
    const seen: number[] = [];
    const vici = await opened((count, socket) => {
      seen.push(count);
      setImmediate(() => socket.write(OK));
    });
    await Promise.all(['a', 'b', 'c'].map(async (command) => vici.request(command)));
    expect(seen).toEqual([1, 2, 3]);
    vici.close();
    expect(closed).toEqual(['EVICI_CLOSED']);
    await expect(vici.request('d')).rejects.toMatchObject({ code: 'EVICI_CLOSED' });
  });

  test('refuses more questions than anybody waits for', async () => {
    const vici = await opened(() => undefined);
    const all = Array.from({ length: 70 }, () =>
      vici.request('a').catch((error: unknown) => error),
    );
    const last = await all.at(-1);
    expect(last).toMatchObject({ code: 'EVICI_BUSY' });
    vici.close();
    await Promise.all(all);
  });

  test('ends when the other end goes, and every question is answered by that', async () => {
    const vici = await opened((_, socket) => socket.destroy());
    const outcomes = await Promise.allSettled([vici.request('a'), vici.request('b')]);
    expect(outcomes.map((each) => each.status)).toEqual(['rejected', 'rejected']);
    expect(closed).toEqual(['EVICI_CLOSED']);
  });

  test('ends on bytes that are no VICI, and on an answer nobody asked for', async () => {
    const vici = await opened((_, socket) => socket.write(Uint8Array.of(255, 255, 255, 255)));
    await expect(vici.request('a')).rejects.toMatchObject({ code: 'EVICI_SIZE' });
    server.close();
    rmSync(join(directory, 'c.vici'), { force: true });
    const second = await opened((_, socket) => socket.write(Buffer.concat([OK, OK])));
    await second.request('a');
    expect(closed).toEqual(['EVICI_TYPE']);
  });

  test('tells a refusal in the words of charon', async () => {
    const message = encodeViciMessage({ success: 'no', errmsg: 'CHILD_SA not found' });
    const refusal = Buffer.concat([Uint8Array.of(0, 0, 0, message.length + 1, 1), message]);
    const vici = await opened((_, socket) => socket.write(refusal));
    await expect(vici.request('initiate')).rejects.toThrow(
      'charon refused initiate: CHILD_SA not found',
    );
    vici.close();
  });

  test('where nobody listens is refused at once', async () => {
    const listener = { onEvent: () => undefined, onClosed: () => undefined };
    const attempt = ViciClient.connect(join(directory, 'nobody.vici'), listener);
    await expect(attempt).rejects.toMatchObject({ code: 'EVICI_CONNECT' });
  });
});
