/**
 * A firmware update without its line: the board is played by hand, answer by answer.
 */
import {
  FirmwareUpdate,
  type UpdateEffect,
} from '../../../../firmware-shim/line/firmware-update.ts';
import type { UpdateStage } from '../../../../firmware-shim/line/update-note.ts';
import { buildFirmwareImage } from '../../../../firmware-shim/wire/firmware-image.ts';
import type { CommandReply, Hello, UpdateStatus } from '../../../../firmware-shim/wire/messages.ts';

export const IMAGE = buildFirmwareImage(
  { model: 'sag-1000', version: '2.8.0' },
  new Uint8Array(600),
);
export const SIZE = IMAGE.bytes.length;
export const HELLO: Hello = {
  protocolVersion: 2,
  bootEpoch: 5,
  model: 'sag-1000',
  hardwareRevision: 'A3',
  serialNumber: 'SAG1000-0001',
  firmwareVersion: '2.7.1',
  ports: [],
  capabilities: ['firmwareQuery', 'firmwareUpdate'],
};
export const MINUTES_MS = 60_000;

export type Firmware = Extract<CommandReply, { readonly kind: 'firmware' }>;

/** An update whose board is played by hand; ids count upwards. */
export class UpdateBench {
  readonly core = new FirmwareUpdate(IMAGE);
  nowMs = 1_000;
  #id = 0;

  ask(hello: Hello | undefined = HELLO): readonly UpdateEffect[] {
    return this.core.handle(
      { type: 'updateAsked', ...(hello === undefined ? {} : { hello }) },
      this.nowMs,
    );
  }

  reply(reply: CommandReply): readonly UpdateEffect[] {
    this.#given();
    const done = { type: 'boardCommandDone', id: this.#id, ok: true, reply } as const;
    return this.core.handle(done, this.nowMs);
  }

  fail(code: string): readonly UpdateEffect[] {
    this.#given();
    return this.core.handle(
      { type: 'boardCommandDone', id: this.#id, ok: false, code },
      this.nowMs,
    );
  }

  status(status: UpdateStatus, offset = 0): readonly UpdateEffect[] {
    return this.reply({ kind: 'update', status, offset });
  }

  runs(over: Partial<Firmware> = {}): readonly UpdateEffect[] {
    return this.reply({
      kind: 'firmware',
      version: '2.7.1',
      imageCrc: 1,
      trial: false,
      spare: 'empty',
      minimumVersion: '0.0.0',
      ...over,
    });
  }

  lose(): readonly UpdateEffect[] {
    return this.core.handle({ type: 'boardLost', why: 'silent' }, this.nowMs);
  }

  meet(hello: Hello = HELLO): readonly UpdateEffect[] {
    return this.core.handle({ type: 'boardUp', hello }, this.nowMs);
  }

  pass(forMs: number): readonly UpdateEffect[] {
    this.nowMs += forMs;
    return this.core.tick(this.nowMs);
  }

  get state(): string {
    return this.core.snapshot().state;
  }

  #given(): void {
    this.#id += 1;
    this.core.handle({ type: 'commandGiven', id: this.#id }, this.nowMs);
  }
}

/** An update up to the state named; the board ran the former image. */
export function updateAt(
  state: 'beginning' | 'verifying' | 'activating' | 'watching' | 'confirming',
): UpdateBench {
  const bench = new UpdateBench();
  bench.ask();
  bench.runs();
  if (state === 'beginning') return bench;
  bench.status('ready', SIZE);
  if (state === 'verifying') return bench;
  bench.status('verified', SIZE);
  if (state === 'activating') return bench;
  bench.status('activating', SIZE);
  bench.lose();
  bench.meet();
  bench.runs({ version: '2.8.0', imageCrc: IMAGE.imageCrc, trial: true });
  if (state === 'watching') return bench;
  bench.pass(3_000);
  return bench;
}

export const commands = (effects: readonly UpdateEffect[]) =>
  effects.flatMap((each) => (each.type === 'giveCommand' ? [each.command] : []));
export const outcomes = (effects: readonly UpdateEffect[]) =>
  effects.flatMap((each) => (each.type === 'ended' ? [each.outcome] : []));

export function progress(stage: UpdateStage, because: string, sentBytes = 0): UpdateEffect {
  const told = { code: 'firmwareUpdateProgress', level: 'notice', version: '2.8.0' } as const;
  return { type: 'note', note: { ...told, stage, sentBytes, sizeBytes: SIZE, because } };
}
