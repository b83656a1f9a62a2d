/** The contract between device and gateway, the same against the embedded gateway and against mosquitto. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { topicsOf } from '../../../agent/access/topics.ts';
import { MqttChannel } from '../../../agent/adapters/access/mqtt-channel.ts';
import { readAccessEvent } from '../../../agent/contract/access-intake.ts';
import { EXAMPLES } from '../../../agent/contract/channel-examples.ts';
import { CHANNELS, type ChannelName } from '../../../agent/contract/channels.ts';
import type { AccessEvent } from '../../../agent/ports.ts';
import { createAuthority, type IssuedCertificate } from '../../../sim/live/certificates.ts';
import { birthOf, deathOf, eventOf } from '../gateway/messages.ts';
import { type Broker, SERVER_NAME, TENANT } from './broker.ts';
import { startEmbedded } from './embedded-broker.ts';
import { mosquittoMissing, startMosquitto } from './mosquitto-broker.ts';

const OWN = topicsOf(TENANT, 'sag-1');
const OTHER = topicsOf(TENANT, 'sag-2');
const WILL_DELAY_S = 1;
const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

/** The channel of the product, as one device. */
class Device {
  readonly #channel: MqttChannel;
  readonly #broker: Broker;
  readonly #serialNumber: string;
  readonly #events: AccessEvent[] = [];
  #waiting: (() => void)[] = [];
  #publishId = 0;

  constructor(
    broker: Broker,
    serialNumber: string,
    certificate: IssuedCertificate,
    ca = broker.caPem,
  ) {
    this.#broker = broker;
    this.#serialNumber = serialNumber;
    this.#channel = new MqttChannel({
      certificate: certificate.certificatePem,
      key: certificate.keyPem,
      ca,
      clientId: serialNumber,
      keepAliveS: 30,
      trustedMs: () => Date.now(),
    });
  }

  /** Opens with a will of this `bdSeq`, and answers with how that ended. */
  async open(bdSeq = 1): Promise<AccessEvent> {
    this.#events.length = 0;
    const target = { gateway: 'gwa', address: '127.0.0.1', port: this.#broker.port };
    const { life } = topicsOf(TENANT, this.#serialNumber);
    const will = { topic: life, payload: bytes(deathOf(bdSeq)), delayS: WILL_DELAY_S };
    this.#channel.open({ ...target, serverName: SERVER_NAME }, will, (event) => {
      this.#events.push(event);
      for (const wake of this.#waiting.splice(0)) wake();
    });
    return this.next((event) => event.type === 'channelOpened' || event.type === 'channelClosed');
  }

  async next(isWanted: (event: AccessEvent) => boolean): Promise<AccessEvent> {
    for (;;) {
      const found = this.#events.find(isWanted);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Publishes as the contract has it, and answers with the reason code of the PUBACK. */
  async publish(name: ChannelName, topic: string, value: unknown): Promise<number> {
    this.#publishId += 1;
    const publishId = this.#publishId;
    const { qos, retained: retain } = CHANNELS[name];
    this.#channel.publish({ publishId, topic, payload: bytes(value), qos, retain });
    const answer = await this.next(
      (event) => event.type === 'publishAcknowledged' && event.publishId === publishId,
    );
    return answer.type === 'publishAcknowledged' ? answer.reasonCode : -1;
  }

  subscribe(...topics: readonly string[]): void {
    this.#channel.subscribe(topics);
  }

  /** The next message on this topic, as the cores would hear it. */
  async arrival(topic: string) {
    const event = await this.next((each) => each.type === 'messageArrived' && each.topic === topic);
    return readAccessEvent(event);
  }

  arrived(): readonly string[] {
    return this.#events.flatMap((event) => (event.type === 'messageArrived' ? [event.topic] : []));
  }

  async close(how: 'bye' | 'drop'): Promise<void> {
    this.#channel.close(how);
    await this.#channel.closed();
  }
}

describe.each([
  ['the embedded gateway', startEmbedded, (): undefined => undefined],
  ['mosquitto', startMosquitto, mosquittoMissing],
] as const)('the contract with %s', (_name, start, missingOf) => {
  let broker: Broker;
  let devices: Device[] = [];

  beforeEach(async (ctx) => {
    const missing = missingOf();
    if (missing !== undefined && process.env['CI'] === undefined) ctx.skip(missing);
    broker = await start();
  });
  afterEach(async () => {
    for (const device of devices) await device.close('drop');
    devices = [];
    await broker?.close();
  });

  async function device(serialNumber = 'sag-1', ca?: string): Promise<Device> {
    const made = new Device(broker, serialNumber, await broker.issue(serialNumber), ca);
    devices.push(made);
    return made;
  }

  async function registered(serialNumber = 'sag-1'): Promise<Device> {
    const made = await device(serialNumber);
    expect(await made.open()).toMatchObject({ type: 'channelOpened' });
    const { life, desired, commands, rebirth } = topicsOf(TENANT, serialNumber);
    made.subscribe(life, desired, commands, rebirth);
    expect(await made.publish('life', life, birthOf(serialNumber, 1))).toBe(0);
    return made;
  }

  it('a birth is acknowledged, heard, and comes back to the device', async () => {
    const made = await registered();
    expect(await made.arrival(OWN.life)).toMatchObject({
      type: 'lifeReceived',
      life: { state: 'online', bdSeq: 1 },
    });
    expect((await broker.hear(OWN.life)).payload).toEqual(birthOf('sag-1', 1));
  });

  it('reports, links, events and command states are acknowledged and heard as they were said', async () => {
    const made = await registered();
    const said = [
      ['reported', OWN.reported, EXAMPLES['reported']],
      ['link', OWN.link('wan1'), EXAMPLES['link']],
      ['event', OWN.event('DeviceWanLinkDown'), eventOf(1)],
      ['commandStatus', OWN.commandStatus('c-7'), EXAMPLES['commandStatus']],
    ] as const;
    for (const [name, topic, value] of said) {
      expect(await made.publish(name, topic, value)).toBe(0);
      expect((await broker.hear(topic)).payload).toEqual(value);
    }
  });

  it('a desired document waits for a device that was not there', async () => {
    await broker.say(OWN.desired, EXAMPLES['desired'], { retain: true });
    const made = await registered();
    expect(await made.arrival(OWN.desired)).toMatchObject({
      type: 'desiredReceived',
      document: { revision: 7 },
    });
  });

  it('a command and the wish for a rebirth arrive, and neither is retained', async () => {
    const made = await registered();
    await made.arrival(OWN.life);
    const command = { ...EXAMPLES['command'], expiresAtMs: Date.now() + 60_000 };
    await broker.say(OWN.commands.replace('+', 'c-7'), command, { retain: false });
    await broker.say(OWN.rebirth, EXAMPLES['rebirth'], { retain: false });
    expect(await made.arrival(OWN.commands.replace('+', 'c-7'))).toMatchObject({
      type: 'commandReceived',
      command: { id: 'c-7' },
      retained: false,
    });
    expect(await made.arrival(OWN.rebirth)).toMatchObject({ type: 'rebirthRequested' });
  });

  it('a command waits for a device that is away and comes back to its session', async () => {
    const made = await registered();
    await made.arrival(OWN.life);
    await made.close('drop');
    const command = { ...EXAMPLES['command'], expiresAtMs: Date.now() + 60_000 };
    await broker.say(OWN.commands.replace('+', 'c-7'), command, { retain: false });
    expect(await made.open(2)).toMatchObject({ type: 'channelOpened', sessionPresent: true });
    expect(await made.arrival(OWN.commands.replace('+', 'c-7'))).toMatchObject({
      command: { id: 'c-7' },
    });
  });

  it('a connection that breaks says offline with its own bdSeq, after a while', async () => {
    const made = await registered();
    await made.close('drop');
    const isDeath = (payload: unknown): boolean => Object(payload).state === 'offline';
    const { payload } = await broker.hear(OWN.life, isDeath);
    expect(payload).toEqual(deathOf(1));
  });

  it('a device that says goodbye leaves no will', async () => {
    const made = await registered();
    await made.publish('life', OWN.life, deathOf(1, 'bye'));
    await made.close('bye');
    const again = await registered('sag-2');
    await again.arrival(OTHER.life);
    // Heard in the order it was said, so that whatever was said of the first is heard by now.
    await broker.hear(OTHER.life);
    const deaths = broker.heard().filter(({ payload }) => Object(payload).state === 'offline');
    expect(deaths.map(({ payload }) => Object(payload).why)).toEqual(['bye']);
  });

  it('nobody speaks for a neighbour, nor hears what is meant for one', async () => {
    const made = await registered();
    const neighbour = await registered('sag-2');
    made.subscribe(OTHER.desired, OTHER.commands);
    // Refused with a reason or acknowledged and dropped, as the broker has it; never heard.
    const forged = made.publish('event', OTHER.event('DeviceWanLinkDown'), eventOf(9));
    await Promise.race([forged, made.next(({ type }) => type === 'channelClosed')]);
    await broker.say(OTHER.desired, EXAMPLES['desired'], { retain: true });
    await neighbour.arrival(OTHER.desired);
    expect(await neighbour.publish('event', OTHER.event('DeviceWanLinkDown'), eventOf(1))).toBe(0);
    await broker.hear(OTHER.event('DeviceWanLinkDown'));
    const events = broker.heard().filter(({ topic }) => topic.includes('/event/'));
    expect(events.map(({ payload }) => Object(payload).seq)).toEqual([1]);
    expect(made.arrived()).not.toContain(OTHER.desired);
  });

  it('another authority is trusted by neither side', async () => {
    const foreign = await createAuthority('somebody else');
    const suspicious = await device('sag-1', foreign.certificatePem);
    expect(await suspicious.open()).toMatchObject({ code: 'ETLS_UNTRUSTED' });
    const stranger = new Device(
      broker,
      'sag-1',
      await foreign.issueDevice({ serialNumber: 'sag-1' }),
    );
    devices.push(stranger);
    expect(await stranger.open()).toMatchObject({ type: 'channelClosed' });
  });
});
