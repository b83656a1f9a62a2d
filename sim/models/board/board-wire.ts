/**
 * Everything between the MCU and the far end of its cable: bad manners frame by frame, noise byte by byte, the pace
 * of a UART, and chunks cut at odd places.
 */
import type { Random } from '../../../firmware-shim/base/random.ts';
import { encodeFrame, type Frame } from '../../../firmware-shim/wire/frame.ts';
import type { BoardBehaviour } from './board-behaviour.ts';
import { UartPacing } from './uart-pacing.ts';

interface LateFrame {
  readonly atMs: number;
  readonly frame: Frame;
}

/** More frames held back than this are lost: no line is that long. */
const LATE_FRAMES_MAX = 64;

export class BoardWire {
  readonly #random: Random;
  readonly #toHost = new UartPacing();
  readonly #toBoard = new UartPacing();
  #behaviours: BoardBehaviour[] = [];
  #late: LateFrame[] = [];
  #noisePpm = 0;
  /** Chunks are cut at random places into parts of at most this many bytes; 0 leaves them whole. */
  #splitBytes = 0;
  #written: Uint8Array[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  add(behaviour: BoardBehaviour): void {
    this.#behaviours.unshift(behaviour);
  }

  setNoise(ppm: number): void {
    this.#noisePpm = ppm;
  }

  setSplits(bytes: number): void {
    this.#splitBytes = bytes;
  }

  /** 0 for a line that takes no time. */
  setBaudRate(baudRate: number): void {
    this.#toHost.setBaudRate(baudRate || undefined);
    this.#toBoard.setBaudRate(baudRate || undefined);
  }

  /** The MCU is off: what depends on its life is over, frames on their way are not. */
  restarted(): void {
    this.#behaviours = this.#behaviours.filter(({ untilRestart }) => untilRestart !== true);
  }

  /** Bytes of the host; returns those the MCU has by now. */
  arrived(bytes: Uint8Array, nowMs: number): readonly Uint8Array[] {
    const noisy = this.#disturb(bytes);
    if (this.#toBoard.baudRate === undefined && this.#toBoard.dueAtMs === undefined) return [noisy];
    this.#toBoard.offer(noisy, nowMs);
    return this.#toBoard.take(nowMs);
  }

  /** True when a behaviour keeps the frame from the MCU. */
  takesAway(frame: Frame, nowMs: number): boolean {
    this.#dropOver(nowMs);
    return this.#behaviours.some((behaviour) => behaviour.hears(frame));
  }

  speak(frame: Frame, nowMs: number): void {
    this.#dropOver(nowMs);
    let frames: readonly Frame[] = [frame];
    let delayMs = 0;
    for (const behaviour of this.#behaviours) {
      delayMs += behaviour.delayMs?.() ?? 0;
      frames = frames.flatMap((each) => behaviour.speaks(each) ?? [each]);
    }
    for (const each of frames) {
      if (delayMs === 0) this.write(encodeFrame(each), nowMs);
      else if (this.#late.length < LATE_FRAMES_MAX) {
        this.#late.push({ atMs: nowMs + delayMs, frame: each });
      }
    }
  }

  /** Bytes for the host, past all behaviours. */
  write(bytes: Uint8Array, nowMs: number): void {
    const noisy = this.#disturb(bytes);
    if (this.#toHost.baudRate === undefined && this.#toHost.dueAtMs === undefined) {
      this.#written.push(...this.#split(noisy));
    } else this.#toHost.offer(noisy, nowMs);
  }

  get dueAtMs(): number | undefined {
    const moments = [this.#toHost.dueAtMs, this.#toBoard.dueAtMs, ...this.#late.map(at)];
    return moments.reduce(
      (first, moment) =>
        moment !== undefined && !(first !== undefined && first <= moment) ? moment : first,
      undefined,
    );
  }

  /** Moves what is due; returns the bytes of the host that have arrived. */
  tick(nowMs: number): readonly Uint8Array[] {
    const due = this.#late.filter(({ atMs }) => atMs <= nowMs);
    this.#late = this.#late.filter(({ atMs }) => atMs > nowMs);
    for (const { frame } of due) this.write(encodeFrame(frame), nowMs);
    return this.#toBoard.take(nowMs);
  }

  /** What leaves the board now. */
  takeWritten(nowMs: number): readonly Uint8Array[] {
    const written = [...this.#written, ...this.#toHost.take(nowMs)];
    this.#written = [];
    return written;
  }

  snapshot() {
    return {
      behaviours: this.#behaviours.map(({ name }) => name),
      noisePpm: this.#noisePpm,
      splitBytes: this.#splitBytes,
      baudRate: this.#toHost.baudRate ?? null,
      droppedBytes: this.#toHost.droppedBytes + this.#toBoard.droppedBytes,
    };
  }

  #disturb(bytes: Uint8Array): Uint8Array {
    if (this.#noisePpm === 0) return bytes;
    return bytes.map((byte) => {
      if (this.#random.next() * 1_000_000 >= this.#noisePpm) return byte;
      return byte ^ (1 << (this.#random.u32() % 8));
    });
  }

  #split(bytes: Uint8Array): readonly Uint8Array[] {
    if (this.#splitBytes === 0) return [bytes];
    const parts: Uint8Array[] = [];
    for (let from = 0; from < bytes.length; ) {
      const until = from + 1 + (this.#random.u32() % this.#splitBytes);
      parts.push(bytes.slice(from, until));
      from = until;
    }
    return parts;
  }

  #dropOver(nowMs: number): void {
    this.#behaviours = this.#behaviours.filter((behaviour) => !behaviour.over(nowMs));
  }
}

function at({ atMs }: LateFrame): number {
  return atMs;
}
