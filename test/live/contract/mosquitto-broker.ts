/**
 * mosquitto as a broker of the contract suite, with mutual TLS and an access list by common name that is made from the
 * contract; its operator is mosquitto_pub and mosquitto_sub.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { CHANNELS, type Channel } from '../../../agent/contract/channels.ts';
import {
  type Authority,
  createAuthority,
  type WrittenCertificate,
  writeCertificate,
} from '../../../sim/live/certificates.ts';
import { type Broker, HeardSoFar, SERVER_NAME, TENANT } from './broker.ts';

const run = promisify(execFile);
const PROGRAMS = ['/usr/sbin/mosquitto', '/usr/bin/mosquitto_pub', '/usr/bin/mosquitto_sub'];
/** Two, because a client id is the common name and there is one connection to each. */
const EAR = 'operator-ear';
const MOUTH = 'operator-mouth';

/** Why it cannot be tried here. */
export function mosquittoMissing(): string | undefined {
  const missing = PROGRAMS.filter((program) => !existsSync(program));
  return missing.length === 0 ? undefined : `missing: ${missing.join(', ')} (apt: mosquitto)`;
}

export async function startMosquitto(): Promise<Broker> {
  const directory = await mkdtemp(join(tmpdir(), 'sag-mosquitto-'));
  const authority = await createAuthority();
  const port = await freePort();
  const server = await writeCertificate(
    directory,
    'server',
    await authority.issueGateway({ name: SERVER_NAME, addresses: ['127.0.0.1'] }),
  );
  await writeFile(join(directory, 'ca.crt'), authority.certificatePem);
  await writeFile(join(directory, 'acl'), aclOf());
  await writeFile(join(directory, 'mosquitto.conf'), settingsOf(directory, server, port));
  const broker = spawn('/usr/sbin/mosquitto', ['-c', join(directory, 'mosquitto.conf')]);
  await running(broker);
  return new Mosquitto(directory, authority, port, broker).withOperator();
}

/** Everything a device may do, by the common name of its certificate and nothing else. */
function aclOf(): string {
  const rules = Object.values<Channel>(CHANNELS).map(({ address, from }) => {
    const right = from === 'device' ? 'write' : 'read';
    return `pattern ${right} sag/v1/${TENANT}/%u/${address.replaceAll(/\{\w+\}/g, '+')}`;
  });
  const own = `pattern read sag/v1/${TENANT}/%u/life`;
  const operators = [EAR, MOUTH].flatMap((name) => [
    `user ${name}`,
    `topic readwrite sag/v1/${TENANT}/#`,
  ]);
  return [...operators, ...rules, own, ''].join('\n');
}

function settingsOf(directory: string, server: WrittenCertificate, port: number): string {
  return `
user root
log_dest stderr
persistence false
# 20 and 1000 strand messages in 2.0.11; 0 does not.
max_inflight_messages 0
max_queued_messages 100000
listener ${port} 127.0.0.1
set_tcp_nodelay true
cafile ${join(directory, 'ca.crt')}
certfile ${server.certificateFile}
keyfile ${server.keyFile}
tls_version tlsv1.2
allow_anonymous false
require_certificate true
use_identity_as_username true
# Else a valid certificate may take the client id of any other.
use_username_as_clientid true
acl_file ${join(directory, 'acl')}
`;
}

class Mosquitto implements Broker {
  readonly port: number;
  readonly #directory: string;
  readonly #authority: Authority;
  readonly #broker: ChildProcess;
  readonly #heard = new HeardSoFar();
  #listener: ChildProcess | undefined;
  #mouth: readonly string[] = [];

  constructor(directory: string, authority: Authority, port: number, broker: ChildProcess) {
    this.port = port;
    this.#directory = directory;
    this.#authority = authority;
    this.#broker = broker;
  }

  get caPem(): string {
    return this.#authority.certificatePem;
  }

  /** A subscriber to everything of the tenant, from before the first device on. */
  async withOperator(): Promise<Broker> {
    const ear = await this.#identityOf(EAR);
    this.#mouth = await this.#identityOf(MOUTH);
    const filter = `sag/v1/${TENANT}/#`;
    const argv = [...ear, '-q', '1', '-d', '-t', filter, '-F', 'heard %t %p'];
    // Without it what it hears stands in a buffer.
    const listener = spawn('stdbuf', ['-oL', '/usr/bin/mosquitto_sub', ...argv]);
    this.#listener = listener;
    const lines = createInterface({ input: listener.stdout });
    const subscribed = Promise.withResolvers<void>();
    lines.on('line', (line) => {
      if (line.startsWith('Subscribed')) subscribed.resolve();
      const [, topic = '', payload = ''] = /^heard (\S+) (.*)$/.exec(line) ?? [];
      if (topic !== '') this.#heard.add({ topic, payload: JSON.parse(payload) as unknown });
    });
    await subscribed.promise;
    return this;
  }

  issue(serialNumber: string) {
    return this.#authority.issueDevice({ serialNumber });
  }

  async say(topic: string, payload: unknown, { retain }: { readonly retain: boolean }) {
    const what = ['-q', '1', '-t', topic, '-m', JSON.stringify(payload)];
    await run('/usr/bin/mosquitto_pub', [...this.#mouth, ...what, ...(retain ? ['-r'] : [])]);
  }

  hear(topic: string, isWanted?: (payload: unknown) => boolean) {
    return this.#heard.next(topic, isWanted);
  }

  heard() {
    return this.#heard.all;
  }

  async #identityOf(name: string): Promise<readonly string[]> {
    const written = await writeCertificate(this.#directory, name, await this.issue(name));
    const where = ['-h', '127.0.0.1', '-p', String(this.port), '-V', 'mqttv5'];
    const tls = ['--cafile', join(this.#directory, 'ca.crt')];
    return [...where, ...tls, '--cert', written.certificateFile, '--key', written.keyFile];
  }

  async close(): Promise<void> {
    for (const child of [this.#listener, this.#broker]) {
      if (child === undefined || child.exitCode !== null) continue;
      const ended = once(child, 'exit');
      child.kill();
      await ended;
    }
    await rm(this.#directory, { recursive: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** It says so on its standard error, which is read to its end: a broker that cannot write its log stands still. */
async function running(broker: ChildProcess): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  broker.stderr?.setEncoding('utf8').on('data', (text: string) => {
    if (text.includes(' running')) resolve();
  });
  broker.once('exit', (code) => reject(new Error(`mosquitto ended with ${code}`)));
  await promise;
}
