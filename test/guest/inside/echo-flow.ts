/**
 * A UDP echo from the branch to behind the hub: the longest hole in what comes back, and
 * how many came back.
 */
import { createSocket, type Socket } from 'node:dgram';
import { loadNative } from '../../../firmware-shim/adapters/native.ts';
import { BEHIND, type GuestEnd } from './guest-end.ts';

const PORT = 7_007;
/** An echo that takes longer is lost. */
const STRAGGLER_MS = 500;

export class EchoFlow {
  readonly #echo: Socket;
  readonly #probe: Socket;
  #timer: NodeJS.Timeout | undefined;
  #sent = 0;
  #heard = 0;
  #lastAtMs = 0;
  #longestMs = 0;
  #waiting: (() => void)[] = [];

  constructor(branch: GuestEnd, hub: GuestEnd) {
    this.#echo = socketIn(hub, BEHIND.hub);
    this.#echo.on('message', (bytes, from) => this.#echo.send(bytes, from.port, from.address));
    this.#probe = socketIn(branch, BEHIND.branch);
    this.#probe.on('message', () => this.#hear());
  }

  /** Counts anew from here. */
  begin(everyMs: number): void {
    clearInterval(this.#timer);
    this.#sent = 0;
    this.#heard = 0;
    this.#longestMs = 0;
    this.#lastAtMs = performance.now();
    this.#timer = setInterval(() => {
      this.#sent += 1;
      this.#probe.send('.', PORT, BEHIND.hub, () => undefined);
    }, everyMs);
  }

  /** Sends no more, waits for what is under way and tells the figures. */
  async end(): Promise<{ readonly sent: number; readonly heard: number; readonly gapMs: number }> {
    clearInterval(this.#timer);
    const gapMs = Math.max(this.#longestMs, performance.now() - this.#lastAtMs);
    await new Promise((resolve) => setTimeout(resolve, STRAGGLER_MS));
    return { sent: this.#sent, heard: this.#heard, gapMs };
  }

  /** Resolves with the next echo. */
  async next(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  close(): void {
    clearInterval(this.#timer);
    this.#probe.close();
    this.#echo.close();
  }

  #hear(): void {
    const nowMs = performance.now();
    this.#heard += 1;
    this.#longestMs = Math.max(this.#longestMs, nowMs - this.#lastAtMs);
    this.#lastAtMs = nowMs;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

function socketIn(end: GuestEnd, address: string): Socket {
  const fd = loadNative().udpSocket({ netnsPath: end.netns.path, address, port: PORT });
  const socket = createSocket('udp4');
  socket.on('error', () => undefined);
  socket.bind({ fd });
  return socket;
}
