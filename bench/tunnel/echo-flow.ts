/**
 * A UDP echo every millisecond from the branch to behind the hub, and the longest hole in what comes back.
 */
import { createSocket, type Socket } from 'node:dgram';
import { liveClock } from '../../firmware-shim/adapters/live-clock.ts';
import { loadNative } from '../../firmware-shim/adapters/native.ts';
import type { FieldSide } from '../../sim/lab/session-field.ts';
import { BEHIND, type PathLab } from './path-lab.ts';

const PORT = 7_007;
const EVERY_MS = 1;

export class EchoFlow {
  readonly #echo: Socket;
  readonly #probe: Socket;
  readonly #timer: NodeJS.Timeout;
  #lastAtMs = liveClock.nowMs();
  #longestMs = 0;

  constructor(lab: PathLab) {
    this.#echo = socketIn(lab, 'far');
    this.#echo.on('message', (bytes, from) => this.#echo.send(bytes, from.port, from.address));
    this.#probe = socketIn(lab, 'near');
    this.#probe.on('message', () => {
      const nowMs = liveClock.nowMs();
      this.#longestMs = Math.max(this.#longestMs, nowMs - this.#lastAtMs);
      this.#lastAtMs = nowMs;
    });
    this.#timer = setInterval(() => {
      this.#probe.send('.', PORT, BEHIND.far, () => undefined);
    }, EVERY_MS);
  }

  /** The longest hole since it was last asked. */
  takeLongestMs(): number {
    const longestMs = this.#longestMs;
    this.#longestMs = 0;
    return longestMs;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#probe.close();
    this.#echo.close();
  }
}

function socketIn(lab: PathLab, side: FieldSide): Socket {
  const netnsPath = lab.room.netnsPath(side);
  const fd = loadNative().udpSocket({ netnsPath, address: BEHIND[side], port: PORT });
  const socket = createSocket('udp4');
  // A path that is just being changed may refuse a packet: that is a hole like any other.
  socket.on('error', () => undefined);
  socket.bind({ fd });
  return socket;
}
