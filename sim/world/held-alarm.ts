/**
 * The alarm of a core whose time can be held: while it is, nothing becomes due, and what was armed is armed again
 * when time goes on.
 */
import type { Alarm } from '../../firmware-shim/base/clock.ts';
import type { World } from './world.ts';

export class HeldAlarm {
  readonly #world: World;
  readonly #why: string;
  #alarm: Alarm | undefined;
  #armedAtMs: number | undefined;
  #heldSinceMs: number | undefined;

  constructor(world: World, why: string) {
    this.#world = world;
    this.#why = why;
  }

  /** For how long time has been held now. */
  get heldMs(): number | undefined {
    return this.#heldSinceMs === undefined ? undefined : this.#world.nowMs - this.#heldSinceMs;
  }

  readonly make = (onDue: () => void): Alarm => {
    const alarm = this.#world.alarm(this.#why)(() => {
      this.#armedAtMs = undefined;
      onDue();
    });
    this.#alarm = alarm;
    return {
      armAt: (atMs) => {
        this.#armedAtMs = atMs;
        if (this.#heldSinceMs === undefined) alarm.armAt(atMs);
      },
      disarm: () => {
        this.#armedAtMs = undefined;
        alarm.disarm();
      },
    };
  };

  hold(): void {
    this.#heldSinceMs ??= this.#world.nowMs;
    this.#alarm?.disarm();
  }

  release(): void {
    this.#heldSinceMs = undefined;
    if (this.#armedAtMs !== undefined) this.#alarm?.armAt(this.#armedAtMs);
  }
}
