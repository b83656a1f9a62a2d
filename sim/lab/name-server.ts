/**
 * A name server of the lab: answers every question with one address, or falls silent.
 */
import { createSocket, type Socket } from 'node:dgram';
import { loadNative } from '../../firmware-shim/adapters/native.ts';

const HEADER_BYTES = 12;
/** Flags of an answer that is authoritative for itself and has no error (RFC 1035, 4.1.1). */
const FLAGS = [0x84, 0x00];
/** Name by reference, type A, class IN, a minute, four bytes: 192.0.2.1. */
const RECORD = [0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1];
/** Root label, type and class behind the name of a question. */
const QUESTION_END_BYTES = 5;
const PORT = 53;

export class NameServer {
  readonly #socket: Socket;
  #silent = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('message', (question, from) => {
      const answer = this.#silent ? undefined : answerTo(question);
      if (answer !== undefined) socket.send(answer, from.port, from.address);
    });
  }

  static async open(netnsPath: string, address: string): Promise<NameServer> {
    const fd = loadNative().udpSocket({ netnsPath, address, port: PORT });
    const socket = createSocket('udp4');
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind({ fd }, resolve);
    });
    return new NameServer(socket);
  }

  async fallSilent(silent: boolean): Promise<void> {
    this.#silent = silent;
    return Promise.resolve();
  }

  close(): void {
    this.#socket.close();
  }
}

/** The question, answered; undefined when it is none of one name. */
function answerTo(question: Buffer): Buffer | undefined {
  const nameEnd = question.indexOf(0, HEADER_BYTES);
  if (nameEnd < 0 || question.length < nameEnd + QUESTION_END_BYTES) return undefined;
  const asked = question.subarray(HEADER_BYTES, nameEnd + QUESTION_END_BYTES);
  const counts = [0, 1, 0, 1, 0, 0, 0, 0];
  const head = [...question.subarray(0, 2), ...FLAGS, ...counts];
  return Buffer.concat([Buffer.from(head), asked, Buffer.from(RECORD)]);
}
