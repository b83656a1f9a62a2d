/**
 * Starts again what died, ever more slowly: the first time at once, because nothing flows without it; what keeps
 * dying gets patience.
 */
import { Backoff } from '../../../firmware-shim/base/backoff.ts';

export interface RevivalHooks {
  /** Rejects when it did not come back; then it is tried again. */
  readonly again: () => Promise<void>;
  readonly onPlanned: (because: string, retryInMs: number) => void;
}

const LIMITS = { floorMs: 50, baseMs: 200, ceilingMs: 30_000 } as const;
/** After living this long a daemon counts as healthy again. */
const STABLE_MS = 60_000;

export class EngineRevival {
  readonly #hooks: RevivalHooks;
  readonly #backoff = new Backoff(LIMITS, {
    next: Math.random,
    u32: () => Math.floor(Math.random() * 2 ** 32),
  });
  #timer: NodeJS.Timeout | undefined;
  #bornAtMs = performance.now();

  constructor(hooks: RevivalHooks) {
    this.#hooks = hooks;
  }

  /** It lives from now on. */
  born(): void {
    this.#bornAtMs = performance.now();
  }

  plan(because: string): void {
    if (performance.now() - this.#bornAtMs > STABLE_MS) this.#backoff.reset();
    const retryInMs = this.#backoff.nextDelayMs();
    this.#hooks.onPlanned(because, retryInMs);
    this.cancel();
    this.#timer = setTimeout(() => {
      this.#hooks.again().catch((error: unknown) => this.plan(String(error)));
    }, retryInMs).unref();
  }

  cancel(): void {
    clearTimeout(this.#timer);
  }
}
