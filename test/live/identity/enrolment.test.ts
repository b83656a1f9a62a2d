/** A device without a certificate gets one from a real gateway, with its board on a real pty. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MqttChannel } from '../../../agent/adapters/access/mqtt-channel.ts';
import { readIdentity } from '../../../agent/adapters/identity/identity.ts';
import { GatewayFinder } from '../../../agent/adapters/names/gateway-finder.ts';
import type { AccessEvent } from '../../../agent/ports.ts';
import { createAuthority } from '../../../sim/live/certificates.ts';
import { NameServer } from '../../../sim/live/name-server.ts';
import { SERVER_NAME, TENANT } from '../gateway/foreign-client.ts';
import { type Device, FACTORY_KEY, openRoom, type Room, SERIAL_NUMBER } from './room.ts';

let room: Room;
beforeEach(async () => {
  room = await openRoom();
});
afterEach(() => room.close());

/** Connects with what the device has, and tells how that went. */
async function connects({ config, pairs }: Device): Promise<AccessEvent> {
  const identity = readIdentity(config.access, pairs);
  if (identity === undefined) throw new Error('the device has no identity');
  const channel = new MqttChannel({
    ...identity,
    clientId: identity.serialNumber,
    keepAliveS: 30,
    trustedMs: () => Date.now(),
  });
  const topic = `sag/v1/${TENANT}/${identity.serialNumber}/life`;
  const will = { topic, payload: new TextEncoder().encode('{}'), delayS: 1 };
  const target = { gateway: 'gwa', address: '127.0.0.1', port: room.gateway.port };
  const first = await new Promise<AccessEvent>((resolve) => {
    channel.open({ ...target, serverName: SERVER_NAME }, will, resolve);
  });
  channel.close('drop');
  await channel.closed();
  return first;
}

/** Enrols until the first attempt has failed, and tells its code. */
async function firstFailure(device: Device): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const push = device.notes.push.bind(device.notes);
  device.notes.push = (...notes) => {
    for (const note of notes) if (note.code === 'enrolmentFailed') resolve(note.reason);
    return push(...notes);
  };
  void device.enrol();
  return promise;
}

describe('a device without a certificate', () => {
  it('exchanges its factory secret for one, and registers with it', async () => {
    room.desk.sell(SERIAL_NUMBER, FACTORY_KEY);
    const device = await room.device('box', FACTORY_KEY);
    await device.enrol();
    expect(device.notes).toContainEqual(
      expect.objectContaining({ code: 'enrolled', serialNumber: SERIAL_NUMBER, gateway: 'gwa' }),
    );
    expect(await connects(device)).toMatchObject({ type: 'channelOpened' });
  });

  it('enrols at the last good address of a gateway whose name nobody knows any more', async () => {
    room.desk.sell(SERIAL_NUMBER, FACTORY_KEY);
    const names = await NameServer.onLoopback();
    names.manner = { is: 'nxdomain' };
    const gateway = 'gwa.ccn.example';
    const kept = [{ name: gateway, addresses: [{ address: '127.0.0.1', provedWallMs: 0 }] }];
    room.finding = {
      gateway,
      finder: new GatewayFinder({ kept, servers: () => [names.place] }),
    };
    const device = await room.device('box', FACTORY_KEY);
    await device.enrol();
    expect(device.notes.map(({ code }) => code)).toContain('keptAddressUsed');
    expect(names.asked.size).toBe(1);
    room.finding.finder.close();
    names.close();
  });

  it('keeps its pair where nobody else can read it', async () => {
    room.desk.sell(SERIAL_NUMBER, FACTORY_KEY);
    const device = await room.device('box', FACTORY_KEY);
    await device.enrol();
    const root = device.config.stateDirectory;
    const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).toSorted();
    expect(files).toEqual([
      'identity.1',
      'identity.1/certificate.pem',
      'identity.1/key.pem',
      'identity.1/seal',
    ]);
    expect(files.filter((file) => (statSync(join(root, file)).mode & 0o077) !== 0)).toEqual([]);
  });
});

describe('a device that is not who it says it is', () => {
  it('is refused with a wrong factory key', async () => {
    room.desk.sell(SERIAL_NUMBER, FACTORY_KEY);
    const thief = await room.device('thief', FACTORY_KEY.toReversed());
    expect(await firstFailure(thief)).toBe('EENROL_PROOF');
  });

  it('is refused in the same words when nobody knows its serial number', async () => {
    const stranger = await room.device('stranger', FACTORY_KEY);
    expect(await firstFailure(stranger)).toBe('EENROL_PROOF');
  });

  it('is refused with the right key once the identity is in use, until the key is reset', async () => {
    room.desk.sell(SERIAL_NUMBER, FACTORY_KEY);
    const box = await room.device('box', FACTORY_KEY);
    await box.enrol();
    room.desk.used(SERIAL_NUMBER);
    const clone = await room.device('clone', FACTORY_KEY);
    expect(await firstFailure(clone)).toBe('EENROL_CLONE');
    expect(room.clones).toEqual([SERIAL_NUMBER]);
    room.desk.reset(SERIAL_NUMBER);
    const heir = await room.device('heir', FACTORY_KEY);
    await heir.enrol();
    expect(await connects(heir)).toMatchObject({ type: 'channelOpened' });
  });
});

describe('a gateway that is not ours', () => {
  it('hears no word of a device that enrols', async () => {
    room.desk.sell(SERIAL_NUMBER, FACTORY_KEY);
    const device = await room.device('box', FACTORY_KEY, await createAuthority());
    expect(await firstFailure(device)).toBe('ETLS_UNTRUSTED');
    expect(room.desk.keyStatus(SERIAL_NUMBER)).toBe('0');
  });
});
