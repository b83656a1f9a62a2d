/**
 * A name server that can be as bad as name servers are: it answers every question with one address, denies, fails, is
 * slow or falls silent.
 */
import { createSocket, type Socket } from 'node:dgram';
import { loadNative } from '../../firmware-shim/adapters/native.ts';
import { parseAddress } from '../../firmware-shim/kernel/address-text.ts';

/** What it does with every question. */
export type NameServerManner =
  /** Knows this one address; who asks for one of the other family is told that there is none. */
  | { readonly is: 'address'; readonly address: string; readonly afterMs?: number }
  /** There is no such name. */
  | { readonly is: 'nxdomain' }
  | { readonly is: 'servfail' }
  | { readonly is: 'silent' };

const HEADER_BYTES = 12;
/** Flags of an answer that is authoritative for itself; the low half of the second byte is the code (RFC 1035, 4.1.1). */
const AUTHORITATIVE = 0x84;
const RECURSION_AVAILABLE = 0x80;
const RCODES = { address: 0, nxdomain: 3, servfail: 2 } as const;
/** Root label, type and class behind the name of a question. */
const QUESTION_END_BYTES = 5;
const TYPE_A = 1;
const TYPE_AAAA = 28;
const IPV4_BYTES = 4;
const TTL_S = 60;
const PORT = 53;
/** TEST-NET-1. */
const SOME_ADDRESS = '192.0.2.1';

export class NameServer {
  manner: NameServerManner = { is: 'address', address: SOME_ADDRESS };
  /** Names that were asked for, each once. */
  readonly asked = new Set<string>();
  /** Where the last question came from. */
  askedFrom = '';
  readonly #socket: Socket;
  #isOpen = true;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('message', (question, from) => {
      const { manner } = this;
      this.askedFrom = from.address;
      const answer = this.#answerTo(question, manner);
      if (answer === undefined) return;
      const send = (): void => {
        if (this.#isOpen) socket.send(answer, from.port, from.address, () => undefined);
      };
      const afterMs = manner.is === 'address' ? (manner.afterMs ?? 0) : 0;
      if (afterMs === 0) send();
      else setTimeout(send, afterMs).unref();
    });
  }

  /** On the port of DNS, in a network namespace. */
  static async open(netnsPath: string, address: string): Promise<NameServer> {
    const fd = loadNative().udpSocket({ netnsPath, address, port: PORT });
    return NameServer.#bound((socket, done) => socket.bind({ fd }, done));
  }

  /** On a port of its own. */
  static async onLoopback(): Promise<NameServer> {
    return NameServer.#bound((socket, done) => socket.bind(0, '127.0.0.1', done));
  }

  static async #bound(bind: (socket: Socket, done: () => void) => void): Promise<NameServer> {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      bind(socket, resolve);
    });
    return new NameServer(socket);
  }

  /** As a resolver names it. */
  get place(): string {
    const { address, port } = this.#socket.address();
    return `${address}:${port}`;
  }

  async fallSilent(silent: boolean): Promise<void> {
    this.manner = silent ? { is: 'silent' } : { is: 'address', address: SOME_ADDRESS };
    return Promise.resolve();
  }

  close(): void {
    this.#isOpen = false;
    this.#socket.close();
  }

  /** Undefined when it is no question of one name, and when nothing is said. */
  #answerTo(question: Buffer, manner: NameServerManner): Buffer | undefined {
    const nameEnd = question.indexOf(0, HEADER_BYTES);
    if (nameEnd < 0 || question.length < nameEnd + QUESTION_END_BYTES) return undefined;
    this.asked.add(question.subarray(HEADER_BYTES, nameEnd).toString('latin1'));
    if (manner.is === 'silent') return undefined;
    const asked = question.subarray(HEADER_BYTES, nameEnd + QUESTION_END_BYTES);
    const record = manner.is === 'address' ? recordOf(manner.address, question, nameEnd) : [];
    const counts = [0, 1, 0, record.length === 0 ? 0 : 1, 0, 0, 0, 0];
    const flags = [AUTHORITATIVE | (question[2] ?? 0), RECURSION_AVAILABLE | RCODES[manner.is]];
    const head = [...question.subarray(0, 2), ...flags, ...counts];
    return Buffer.concat([Buffer.from(head), asked, Buffer.from(record)]);
  }
}

/** Name by reference, type, class IN, time to live and the address; nothing for a question of the other family. */
function recordOf(address: string, question: Buffer, nameEnd: number): number[] {
  const bytes = parseAddress(address) ?? new Uint8Array();
  const type = bytes.length === IPV4_BYTES ? TYPE_A : TYPE_AAAA;
  if (question.readUInt16BE(nameEnd + 1) !== type) return [];
  return [0xc0, HEADER_BYTES, 0, type, 0, 1, 0, 0, 0, TTL_S, 0, bytes.length, ...bytes];
}
