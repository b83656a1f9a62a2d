/**
 * Misbehaviours of a board, laid one over the other; the newest is asked first.
 *
 * Each sees every frame that comes and goes and may take it, change it or pass it on. One that is over says
 * so and is dropped.
 */
import type { Frame } from '../../../firmware-shim/wire/frame.ts';

export interface BoardBehaviour {
  readonly name: string;
  /** True once it has done what it was for. */
  over(nowMs: number): boolean;
  /** A frame of the host: true takes it, so that the board never sees it. */
  hears(frame: Frame): boolean;
  /** A frame of the board: what leaves in its place, or undefined to pass it on. */
  speaks(frame: Frame): readonly Frame[] | undefined;
  /** How much later than now the frame that is spoken leaves; asked once for each, before `speaks`. */
  readonly delayMs?: () => number;
  /** It ends with this life of the MCU. */
  readonly untilRestart?: true;
}

const deaf = (): boolean => false;

/** Neither hears nor speaks until `untilMs`. */
export function silentUntil(untilMs: number): BoardBehaviour {
  return {
    name: 'silence',
    over: (nowMs) => nowMs >= untilMs,
    hears: () => true,
    speaks: () => [],
  };
}

/** Hangs with its interrupts alive: a reset is all it hears. */
export function wedged(): BoardBehaviour {
  return {
    name: 'wedge',
    over: () => false,
    hears: ({ kind }) => kind !== 'reset',
    speaks: () => [],
    untilRestart: true,
  };
}

/** Sends the next `count` frames `ms` late, so that others overtake them. */
export function delaysFrames(count: number, ms: number): BoardBehaviour {
  let left = count;
  return {
    name: 'delay',
    over: () => left <= 0,
    hears: deaf,
    speaks: () => undefined,
    delayMs: () => {
      left -= 1;
      return left >= 0 ? ms : 0;
    },
  };
}

/** Swallows the next `count` bare acknowledgements. */
export function losesAcks(count: number): BoardBehaviour {
  let left = count;
  return {
    name: 'loseAcks',
    over: () => left <= 0,
    hears: deaf,
    speaks: ({ kind }) => {
      if (kind !== 'ack') return undefined;
      left -= 1;
      return [];
    },
  };
}

/** Sends the next `count` frames twice. */
export function duplicates(count: number): BoardBehaviour {
  let left = count;
  return {
    name: 'duplicate',
    over: () => left <= 0,
    hears: deaf,
    speaks: (frame) => {
      left -= 1;
      return [frame, frame];
    },
  };
}

/** Holds back one frame and sends it after the next: replies arrive swapped. */
export function swapsFrames(count: number): BoardBehaviour {
  let left = count;
  let held: Frame | undefined;
  return {
    name: 'swap',
    over: () => left <= 0 && held === undefined,
    hears: deaf,
    speaks: (frame) => {
      if (held === undefined) {
        held = frame;
        left -= 1;
        return [];
      }
      const swapped = [frame, held];
      held = undefined;
      return swapped;
    },
  };
}
