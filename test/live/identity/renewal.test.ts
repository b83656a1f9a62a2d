/** A certificate is renewed over the real channel, tried, and the old one let go; a pair nobody wants is passed over. */
import { X509Certificate } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Renewal } from '../../../agent/access/renewal.ts';
import type { RenewalEffect, RenewalEvent } from '../../../agent/access/renewal-events.ts';
import { MqttChannel } from '../../../agent/adapters/access/mqtt-channel.ts';
import { OwnIdentity, openIdentityShelf } from '../../../agent/adapters/identity/own-identity.ts';
import { GatewayFinder } from '../../../agent/adapters/names/gateway-finder.ts';
import { readAccessEvent } from '../../../agent/contract/access-intake.ts';
import type { AgentConfig } from '../../../agent/model/config.ts';
import type { AccessEvent } from '../../../agent/ports.ts';
import { SeededRandom } from '../../../firmware-shim/base/random.ts';
import { openBoard } from '../../../firmware-shim/open-board.ts';
import type { Board } from '../../../firmware-shim/ports.ts';
import { SERVER_NAME, TENANT, topic } from '../gateway/foreign-client.ts';
import { type Device, FACTORY_KEY, openRoom, type Room, SERIAL_NUMBER } from './room.ts';

const DAY_MS = 86_400_000;
/** Behind two thirds and a twelfth of the first certificate's life, far before those of the second. */
const LATE_DAYS = 8.5;
const FIRST_LIFE_DAYS = 10;

let room: Room;
beforeEach(async () => {
  room = await openRoom({
    onIdentityAsk: (serialNumber, ask) => {
      if (ask.kind !== 'renew') return;
      void room.desk.renew(serialNumber, ask.request).then((answer) => {
        room.gateway.answerIdentity(serialNumber, answer);
      });
    },
  });
  room.desk.sell(SERIAL_NUMBER, FACTORY_KEY);
  room.lifeDays = FIRST_LIFE_DAYS;
});
afterEach(() => room.close());

/** The renewal core between a real channel and a real disk; whenever it hangs up, it is connected again. */
class Life {
  readonly seen: string[] = [];
  readonly #core: Renewal;
  readonly #own: OwnIdentity;
  readonly #channel: MqttChannel;
  readonly #board: Board;
  #waiting: (() => void)[] = [];

  static begin({ config }: Device): Life {
    const random = new SeededRandom(5);
    const own = OwnIdentity.read(openIdentityShelf(config.stateDirectory, 0), {
      config,
      random,
      finder: new GatewayFinder(),
    });
    if (own === undefined) throw new Error('the device has no identity');
    return new Life(own, config);
  }

  private constructor(own: OwnIdentity, config: AgentConfig) {
    const { identity, facts } = own;
    const { pairs, renews } = facts;
    const random = new SeededRandom(5);
    const serialNumber = SERIAL_NUMBER;
    this.#own = own;
    this.#core = new Renewal({ tenant: TENANT, serialNumber, pairs, renews, random });
    this.#channel = new MqttChannel({
      ...identity,
      clientId: serialNumber,
      keepAliveS: 30,
      trustedMs: wallNow,
    });
    this.#board = openBoard({
      ...config.board,
      random,
      onEvent: (event) => own.hear(event),
      onNote: () => undefined,
    });
    own.join({
      show: (shown) => this.#channel.use(shown),
      trustedMs: wallNow,
      command: (command) => this.#board.command(command),
      onNote: () => undefined,
    });
  }

  connect(): void {
    const will = { topic: topic(SERIAL_NUMBER, 'life'), payload: new Uint8Array(), delayS: 1 };
    const target = { gateway: 'gwa', address: '127.0.0.1', port: room.gateway.port };
    this.#channel.open({ ...target, serverName: SERVER_NAME }, will, (event) => this.#told(event));
  }

  /** It is the day on which renewal is due. */
  grow(): void {
    this.#hear({ type: 'timeTold', wallMs: Date.now() + LATE_DAYS * DAY_MS });
  }

  /** It is long after the end of the certificate. */
  expire(): void {
    this.#hear({ type: 'timeTold', wallMs: Date.now() + 2 * FIRST_LIFE_DAYS * DAY_MS });
  }

  async until(what: string): Promise<void> {
    while (!this.seen.includes(what)) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  async end(): Promise<void> {
    this.#channel.close('drop');
    await this.#channel.closed();
    await this.#own.close();
    this.#board.close();
  }

  #told(event: AccessEvent): void {
    const read = readAccessEvent(event);
    if (read.type === 'channelOpened') this.#hear({ type: 'registered' });
    if (read.type === 'identityAnswered') this.#hear(read);
    if (read.type !== 'channelClosed') return;
    this.#note(read.code);
    this.#hear(read);
    if (read.code === 'EBYE') setImmediate(() => this.connect());
  }

  #hear(event: RenewalEvent): void {
    for (const effect of this.#core.handle(event, performance.now())) this.#perform(effect);
  }

  #perform(effect: RenewalEffect): void {
    switch (effect.type) {
      case 'identityWork':
        this.#note(effect.work.what);
        return this.#own.perform(effect.work, (done) => this.#hear(done));
      case 'subscribe':
        return this.#channel.subscribe(effect.topics);
      case 'publish':
        return this.#channel.publish(effect.message);
      case 'closeAccess':
        return this.#channel.close(effect.how);
      case 'noted':
        return this.#note(effect.note.code);
    }
  }

  #note(what: string): void {
    this.seen.push(what);
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

const wallNow = (): number => Date.now();

it('a certificate that is due is renewed, shown and proved, and the old pair goes only then', async () => {
  const device = await room.device('box', FACTORY_KEY);
  await device.enrol();
  const life = Life.begin(device);
  const [first] = device.pairs.all();
  room.lifeDays = 90;
  life.connect();
  life.grow();
  await life.until('provePair');
  expect(life.seen).toEqual([
    'makeRequest',
    'keepPair',
    'certificateRenewed',
    'usePair',
    'EBYE',
    'certificateProved',
    'provePair',
  ]);
  const [second, ...older] = device.pairs.all();
  expect(older).toEqual([]);
  expect(second?.generation).toBe(2);
  expect(second?.key).not.toBe(first?.key);
  const serialOf = (pem = ''): string => new X509Certificate(pem).serialNumber;
  expect(serialOf(second?.certificate)).not.toBe(serialOf(first?.certificate));
  await life.end();
});

it('what the desk issues for another key is not kept, and the device goes on with what it has', async () => {
  const device = await room.device('box', FACTORY_KEY);
  await device.enrol();
  const life = Life.begin(device);
  const stranger = await room.authority.issueDevice({ serialNumber: SERIAL_NUMBER });
  room.desk.renew = async () => ({
    v: 1,
    kind: 'issued',
    certificate: stranger.certificatePem,
  });
  life.connect();
  life.grow();
  await life.until('renewalFailed');
  expect(life.seen).toEqual(['makeRequest', 'keepPair', 'renewalFailed']);
  expect(device.pairs.all().map(({ generation }) => generation)).toEqual([1]);
  await life.end();
});

it('a certificate that ended while the box was off is replaced as a new device would get one', async () => {
  const device = await room.device('box', FACTORY_KEY);
  await device.enrol();
  const life = Life.begin(device);
  room.lifeDays = 90;
  life.expire();
  await life.until('usePair');
  life.connect();
  await life.until('provePair');
  expect(life.seen).toEqual([
    'certificateEnded',
    'enrol',
    'certificateRenewed',
    'usePair',
    'certificateProved',
    'provePair',
  ]);
  expect(device.pairs.all().map(({ generation }) => generation)).toEqual([2]);
  await life.end();
});
