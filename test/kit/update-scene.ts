/**
 * A firmware update between a host and a simulated board on a line, in virtual time.
 */
import type { UpdateNote, UpdateOutcome } from '../../firmware-shim/line/update-note.ts';
import { type RunningUpdate, updateFirmware } from '../../firmware-shim/update-firmware.ts';
import type { FirmwareImage } from '../../firmware-shim/wire/firmware-image.ts';
import { LineWorld, type LineWorldOptions, type Transport } from './line-transport.ts';

export interface UpdateSceneOptions extends LineWorldOptions {
  readonly seed?: number;
  readonly unplugged?: boolean;
}

/** No stage of an update in these scenes lasts longer. */
const PATIENCE_MS = 300_000;

export class UpdateScene {
  readonly world: LineWorld;
  readonly notes: UpdateNote[] = [];
  outcome: UpdateOutcome | undefined;
  #update: RunningUpdate | undefined;
  #heard = 0;

  constructor(transport: Transport, { seed = 1, unplugged, ...rest }: UpdateSceneOptions = {}) {
    this.world = new LineWorld(transport, seed, rest);
    if (unplugged === true) this.world.unplug();
    this.world.pass(3_000);
  }

  start(image: FirmwareImage): this {
    this.outcome = undefined;
    this.#heard = this.world.events.length;
    const hello = this.world.upNow;
    this.#update = updateFirmware({
      board: this.world.host,
      image,
      ...(hello === undefined ? {} : { hello }),
      clock: this.world.clock,
      alarm: (onDue) => this.world.alarm(onDue),
      onNote: (note) => this.notes.push(note),
      onEnded: (outcome) => {
        this.outcome = outcome;
      },
    });
    return this;
  }

  abort(): void {
    this.#update?.abort();
  }

  /** The update hears each event when it comes, since both run in one world. */
  pass(forMs: number): void {
    const untilMs = this.world.nowMs + forMs;
    while (this.world.nowMs < untilMs) {
      this.world.pass(Math.min(1, untilMs - this.world.nowMs));
      for (const { event } of this.world.events.slice(this.#heard)) this.#update?.hear(event);
      this.#heard = this.world.events.length;
    }
  }

  passUntilSent(bytes: number): void {
    this.#passUntil(() => (this.#update?.snapshot().sentBytes ?? 0) >= bytes);
  }

  passUntilStage(stage: string): void {
    this.#passUntil(() => this.#update?.snapshot().state === stage);
  }

  passUntilCommands(count: number): void {
    this.#passUntil(() => this.world.board.snapshot().commandsDone >= count);
  }

  get failure(): string | undefined {
    return this.outcome?.ok === false ? this.outcome.code : undefined;
  }

  get firmware(): unknown {
    return this.world.board.snapshot().firmware;
  }

  /** Stages in order, each once for as long as it lasted. */
  get stages(): readonly string[] {
    const stages = this.notes.flatMap((note) =>
      note.code === 'firmwareUpdateProgress' ? [note.stage] : [],
    );
    return stages.filter((stage, index) => stage !== stages[index - 1]);
  }

  /** How many parts the board was sent, each counted as often as it acted on it. */
  get chunks(): number {
    return this.world.log.filter((text) => text.includes('updateChunk')).length;
  }

  #passUntil(holds: () => boolean): void {
    const untilMs = this.world.nowMs + PATIENCE_MS;
    while (!holds()) {
      if (this.world.nowMs > untilMs) throw new Error('what was waited for does not come');
      this.pass(1);
    }
  }
}
