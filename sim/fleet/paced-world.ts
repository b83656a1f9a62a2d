/**
 * A simulated world at the pace of the real clock, so that simulated machines can talk to real sockets.
 *
 * One timer moves the whole world, however many devices live in it. What comes from outside calls `catchUp`
 * first, so that it never arrives before something that was due earlier.
 */
import { World } from '../world/world.ts';

/** How far the world may lag behind the clock: well below anything a device times. */
const PACE_MS = 5;

export class PacedWorld {
  readonly world: World;
  readonly #startedAtMs = performance.now();
  readonly #timer: NodeJS.Timeout;
  readonly #onFailure: (error: unknown) => void;
  #running = false;

  /** `onFailure` hears the assertion of ours that broke, once; the world stands still from then on. */
  constructor(seed: number, onFailure: (error: unknown) => void) {
    this.world = new World(seed);
    this.#onFailure = onFailure;
    this.#timer = setInterval(() => this.catchUp(), PACE_MS);
  }

  /** Does everything that is due by now. Nothing that is done waits for a promise, so it is done on return. */
  catchUp(): void {
    if (this.#running) return;
    this.#running = true;
    this.world.run(performance.now() - this.#startedAtMs).catch((error: unknown) => {
      this.stop();
      this.#onFailure(error);
    });
    this.#running = false;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
