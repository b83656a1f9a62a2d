/**
 * A UDP echo every millisecond from the branch to behind the hub, and the longest hole in what comes back.
 */
import { createSocket, type Socket } from 'node:dgram';
import { liveClock } from '../../../firmware-shim/adapters/live-clock.ts';
import { loadNative } from '../../../firmware-shim/adapters/native.ts';
import { BEHIND, type LiveEnd } from './live-end.ts';

const PORT = 7_007;
const EVERY_MS = 1;

export class EchoGap {
  readonly #echo: Socket;
  readonly #probe: Socket;
  readonly #timer: NodeJS.Timeout;
  #lastAtMs = liveClock.nowMs();
  #longestMs = 0;
  #waiting: (() => void)[] = [];

  constructor(branch: LiveEnd, hub: LiveEnd) {
    this.#echo = socketIn(hub, BEHIND.hub);
    this.#echo.on('message', (bytes, from) => this.#echo.send(bytes, from.port, from.address));
    this.#probe = socketIn(branch, BEHIND.branch);
    this.#probe.on('message', () => this.#heard());
    this.#timer = setInterval(() => {
      this.#probe.send('.', PORT, BEHIND.hub, () => undefined);
    }, EVERY_MS);
  }

  /** From now on: forgets the holes so far. */
  reset(): void {
    this.#longestMs = 0;
    this.#lastAtMs = liveClock.nowMs();
  }

  get longestMs(): number {
    return this.#longestMs;
  }

  /** Resolves with the next echo. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  close(): void {
    clearInterval(this.#timer);
    this.#probe.close();
    this.#echo.close();
  }

  #heard(): void {
    const nowMs = liveClock.nowMs();
    this.#longestMs = Math.max(this.#longestMs, nowMs - this.#lastAtMs);
    this.#lastAtMs = nowMs;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

function socketIn(end: LiveEnd, address: string): Socket {
  const fd = loadNative().udpSocket({ netnsPath: end.netns.path, address, port: PORT });
  const socket = createSocket('udp4');
  socket.on('error', () => undefined);
  socket.bind({ fd });
  return socket;
}
