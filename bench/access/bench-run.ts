/**
 * The agent's control wiring with its real store and channel, and a bare MQTT client, both at one gateway.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import mqtt, { type MqttClient } from 'mqtt';
import { messageOf } from '../../agent/access/outbox-events.ts';
import type { SagEvent } from '../../agent/model/sag-event.ts';
import { type Authority, createAuthority, writeCertificate } from '../../sim/live/certificates.ts';
import { BenchAgent } from './bench-agent.ts';
import { CountingRelay } from './counting-relay.ts';

const GATEWAY = 'gwa';
const PEER = 'sag-peer';
const DAY_S = 86_400;
/** What the gateway tells every device, and what the agent proves every five minutes. */
const KEEP_ALIVE_S = 15;
const PROOF_EVERY_S = 300;
/** Two pings of a device that is told to ping every 15 s are in it. */
const IDLE_WATCH_MS = 31_000;
const PINGS_WATCHED = 2;
/** Everything a proof of life causes is over by then. */
const PROOF_WATCH_MS = 500;

export class AccessBench {
  readonly #child: ChildProcess;
  readonly #relay: CountingRelay;
  readonly #agent: BenchAgent;
  readonly #peer: MqttClient;
  #round = 0;

  static async open(directory: string): Promise<AccessBench> {
    const authority = await createAuthority();
    writeFileSync(join(directory, 'ca.crt'), authority.certificatePem);
    const issued = await authority.issueGateway({ name: GATEWAY, addresses: ['127.0.0.1'] });
    await writeCertificate(directory, 'gateway', issued);
    const child = fork(new URL('gateway-child.ts', import.meta.url), [directory]);
    const [{ port }] = (await once(child, 'message')) as [{ readonly port: number }];
    const relay = await CountingRelay.open(port);
    const agent = await BenchAgent.start({ directory, authority, port: relay.port });
    return new AccessBench(child, relay, agent, await peerOf(authority, port));
  }

  private constructor(
    child: ChildProcess,
    relay: CountingRelay,
    agent: BenchAgent,
    peer: MqttClient,
  ) {
    this.#child = child;
    this.#relay = relay;
    this.#agent = agent;
    this.#peer = peer;
  }

  /** From a verdict on an uplink until the gateway has stored its event. */
  async linkEventMs(): Promise<number> {
    this.#round += 1;
    return this.#agent.linkEventMs(this.#round % 2 === 0 ? 'up' : 'down');
  }

  /** The same payload, bare. */
  async barePublishMs(): Promise<number> {
    const event: SagEvent = {
      id: `${PEER}-boot-${this.#round}`,
      bootId: `${PEER}-boot`,
      seq: this.#round,
      name: 'DeviceWanLinkDown',
      atMs: this.#round,
      wallMs: Date.now(),
      content: { uplink: 'wan2', reason: 'no-carrier-kernel' },
    };
    const payload = JSON.stringify(messageOf(event));
    const startMs = performance.now();
    await this.#peer.publishAsync(`sag/v1/acme/${PEER}/event/${event.name}`, payload, { qos: 1 });
    return performance.now() - startMs;
  }

  async idle(): Promise<{ readonly bytesPerDay: number; readonly flushesPerDay: number }> {
    await sleep(PROOF_WATCH_MS);
    const before = { bytes: this.#relay.bytes, commits: this.#agent.commits };
    await sleep(IDLE_WATCH_MS);
    const pingBytes = (this.#relay.bytes - before.bytes) / PINGS_WATCHED;
    const beforeProof = this.#relay.bytes;
    this.#agent.beBornAgain();
    await sleep(PROOF_WATCH_MS);
    const proofBytes = this.#relay.bytes - beforeProof;
    const commits = this.#agent.commits - before.commits;
    return {
      bytesPerDay: (pingBytes * DAY_S) / KEEP_ALIVE_S + (proofBytes * DAY_S) / PROOF_EVERY_S,
      flushesPerDay: (commits * DAY_S * 1_000) / (IDLE_WATCH_MS + PROOF_WATCH_MS),
    };
  }

  async close(): Promise<void> {
    await this.#peer.endAsync();
    await this.#agent.close();
    this.#relay.close();
    const ended = once(this.#child, 'exit');
    this.#child.disconnect();
    await ended;
  }
}

async function peerOf(authority: Authority, port: number): Promise<MqttClient> {
  const issued = await authority.issueDevice({ serialNumber: PEER });
  return mqtt.connectAsync({
    protocol: 'mqtts',
    host: '127.0.0.1',
    port,
    servername: GATEWAY,
    ca: authority.certificatePem,
    cert: issued.certificatePem,
    key: issued.keyPem,
    clientId: PEER,
    protocolVersion: 5,
    reconnectPeriod: 0,
  });
}
