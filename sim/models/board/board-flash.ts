/**
 * The MCU's flash: two slots for firmware images, the minimum version, and the reset lock. It outlives every reset.
 *
 * A new image is received beside the running one, checked, and started on trial; the former stays where it is until
 * a host confirms the new one. The boot loader starts an unconfirmed image once: any other start is a fall back.
 */
import { crc32 } from '../../../firmware-shim/wire/crc32.ts';
import { parseFirmwareImage } from '../../../firmware-shim/wire/firmware-image.ts';
import { compareFirmwareVersions } from '../../../firmware-shim/wire/firmware-version.ts';
import { IMAGE_BYTES_MAX } from '../../../firmware-shim/wire/limits.ts';
import type {
  BoardModel as BoardModelName,
  CommandReply,
  SpareSlot,
  UpdateCommand,
  UpdateStatus,
} from '../../../firmware-shim/wire/messages.ts';

type Begin = Extract<UpdateCommand, { readonly kind: 'updateBegin' }>;

interface Image {
  readonly version: string;
  readonly imageCrc: number;
}

/** A page is written when it is full; what is in memory before that is lost with the power. */
const PAGE_BYTES = 256;

export class BoardFlash {
  readonly #model: BoardModelName;
  readonly #minimumVersion: string;
  resetLocked = false;
  #running: Image;
  #spare: SpareSlot = 'empty';
  #spareImage: Image | undefined;
  #trial = false;
  #startSpareNext = false;
  #incoming: Begin | undefined;
  #staged = new Uint8Array(0);
  #stagedBytes = 0;

  constructor(model: BoardModelName, version: string, minimumVersion: string) {
    this.#model = model;
    this.#minimumVersion = minimumVersion;
    const imageCrc = crc32(Uint8Array.from(version, (character) => character.charCodeAt(0)));
    this.#running = { version, imageCrc };
  }

  get version(): string {
    return this.#running.version;
  }

  get onTrial(): boolean {
    return this.#trial;
  }

  get reply(): CommandReply {
    const minimumVersion = this.#minimumVersion;
    return {
      kind: 'firmware',
      ...this.#running,
      trial: this.#trial,
      spare: this.#spare,
      minimumVersion,
    };
  }

  /** The boot loader chooses; the cause, when it is the flash that decides it. */
  boot(): 'activation' | 'fallback' | undefined {
    // The last page is written when the image is whole.
    if (this.#stagedBytes < this.#staged.length)
      this.#stagedBytes -= this.#stagedBytes % PAGE_BYTES;
    if (this.#startSpareNext) {
      this.#startSpareNext = false;
      this.#exchange('former');
      this.#trial = true;
      return 'activation';
    }
    if (!this.#trial) return undefined;
    this.#trial = false;
    this.#exchange('failed');
    return 'fallback';
  }

  carryOut(command: UpdateCommand): CommandReply {
    const status = this.#step(command);
    return { kind: 'update', status, offset: this.#stagedBytes };
  }

  #step(command: UpdateCommand): UpdateStatus {
    switch (command.kind) {
      case 'updateBegin':
        return this.#begin(command);
      case 'updateChunk':
        return this.#append(command.offset, command.bytes);
      case 'updateVerify':
        return this.#verify();
      case 'updateActivate':
        if (this.#spare !== 'verified') return 'outOfTurn';
        this.#startSpareNext = true;
        return 'activating';
      case 'updateConfirm':
        this.#trial = false;
        return 'confirmed';
      case 'updateAbort':
        if (this.#spare !== 'receiving' && this.#spare !== 'verified') return 'outOfTurn';
        this.#erase();
        return 'aborted';
    }
  }

  #begin(asked: Begin): UpdateStatus {
    // The spare slot holds the way back while the running image is on trial.
    if (this.#trial) return 'outOfTurn';
    if (asked.model !== this.#model) return 'wrongModel';
    if (asked.sizeBytes > IMAGE_BYTES_MAX) return 'tooLarge';
    if (compareFirmwareVersions(asked.version, this.#minimumVersion) < 0) return 'tooOld';
    const goesOn = this.#spare === 'receiving' || this.#spare === 'verified';
    if (goesOn && sameImage(asked, this.#incoming)) return 'ready';
    this.#erase();
    this.#incoming = asked;
    this.#staged = new Uint8Array(asked.sizeBytes);
    this.#spare = 'receiving';
    return 'ready';
  }

  #append(offset: number, bytes: Uint8Array): UpdateStatus {
    if (this.#spare !== 'receiving') return 'outOfTurn';
    // A part that was taken before, or one too far: the answer's offset says where to go on.
    if (offset !== this.#stagedBytes) return 'ready';
    if (offset + bytes.length > this.#staged.length) return 'tooLarge';
    this.#staged.set(bytes, offset);
    this.#stagedBytes += bytes.length;
    return 'ready';
  }

  #verify(): UpdateStatus {
    if (this.#spare === 'verified') return 'verified';
    const incoming = this.#incoming;
    if (this.#spare !== 'receiving' || incoming === undefined) return 'outOfTurn';
    if (this.#stagedBytes < this.#staged.length) return 'incomplete';
    const status = this.#judge(incoming);
    if (status === 'verified') {
      this.#spare = 'verified';
      this.#spareImage = { version: incoming.version, imageCrc: incoming.imageCrc };
    } else this.#erase();
    return status;
  }

  /** By what the image says of itself, not by what was announced. */
  #judge(incoming: Begin): UpdateStatus {
    if (crc32(this.#staged) !== incoming.imageCrc) return 'wrongChecksum';
    const image = parseFirmwareImage(this.#staged);
    if (!image.ok || image.message.version !== incoming.version) return 'wrongChecksum';
    return image.message.model === this.#model ? 'verified' : 'wrongModel';
  }

  #exchange(spare: SpareSlot): void {
    const started = this.#spareImage;
    if (started === undefined) return;
    this.#spareImage = this.#running;
    this.#running = started;
    this.#spare = spare;
    this.#incoming = undefined;
    this.#stagedBytes = 0;
  }

  #erase(): void {
    this.#spare = 'empty';
    this.#spareImage = undefined;
    this.#incoming = undefined;
    this.#staged = new Uint8Array(0);
    this.#stagedBytes = 0;
  }
}

function sameImage(a: Begin, b: Begin | undefined): boolean {
  return a.version === b?.version && a.sizeBytes === b.sizeBytes && a.imageCrc === b.imageCrc;
}
