/** The access gateway as mosquitto's own command-line clients see it. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeCertificate } from '../../../sim/live/certificates.ts';
import { openPlace, type Place, TENANT, topic } from './foreign-client.ts';
import { eventOf } from './messages.ts';

const run = promisify(execFile);
const PUBLISHER = '/usr/bin/mosquitto_pub';
const SUBSCRIBER = '/usr/bin/mosquitto_sub';
const TO = topic('sag-1', 'event/DeviceWanLinkDown');

let place: Place;
let directory: string;
let children: ChildProcess[];

beforeEach(async (ctx) => {
  children = [];
  directory = await mkdtemp(join(tmpdir(), 'gateway-'));
  place = await openPlace();
  if (!process.env['CI'] && !existsSync(PUBLISHER)) {
    ctx.skip('mosquitto_pub is not installed (apt: mosquitto-clients)');
  }
});

afterEach(async () => {
  for (const child of children) child.kill();
  await place.gateway.close();
  await rm(directory, { recursive: true });
});

/** The arguments that carry identity and address. */
async function identity(serialNumber: string, clientId = serialNumber): Promise<string[]> {
  const written = await writeCertificate(directory, serialNumber, await place.issue(serialNumber));
  const caFile = join(directory, 'ca.crt');
  await writeFile(caFile, place.authority.certificatePem);
  const server = ['-h', '127.0.0.1', '-p', String(place.gateway.port), '--cafile', caFile];
  const device = ['--cert', written.certificateFile, '--key', written.keyFile, '-i', clientId];
  return ['-V', 'mqttv5', ...server, ...device];
}

test('mosquitto_pub delivers an event that is then stored', async () => {
  const message = JSON.stringify(eventOf(1));
  await run(PUBLISHER, [...(await identity('sag-1')), '-q', '1', '-t', TO, '-m', message]);
  expect(place.store.all()).toMatchObject([{ serialNumber: 'sag-1', event: { seq: 1 } }]);
});

test('mosquitto_sub receives the retained desired document', async () => {
  place.gateway.publishDesired('sag-1', { v: 1, revision: 3, tunnels: [], prefixes: [] });
  const desired = topic('sag-1', 'state/desired');
  const argv = [...(await identity('sag-1')), '-q', '1', '-C', '1', '-t', desired];
  const child = spawn(SUBSCRIBER, argv);
  children.push(child);
  const [line] = await once(child.stdout, 'data');
  expect(JSON.parse(String(line))).toMatchObject({ revision: 3 });
});

test('mosquitto_pub under a name that is not its own is refused', async () => {
  const argv = [...(await identity('sag-1', 'sag-2')), '-q', '1', '-t', TO, '-m', '{}'];
  await expect(run(PUBLISHER, argv)).rejects.toMatchObject({
    stderr: expect.stringMatching(/not authori[sz]ed/i),
  });
});

test('mosquitto_pub speaking MQTT 3.1.1 is refused', async () => {
  const [, , ...rest] = await identity('sag-1');
  const argv = ['-V', 'mqttv311', ...rest, '-q', '1', '-t', `sag/v1/${TENANT}/sag-1/x`, '-m', '{}'];
  await expect(run(PUBLISHER, argv)).rejects.toMatchObject({
    stderr: expect.stringMatching(/protocol version/i),
  });
});
