/**
 * Decides how the uplinks get their addresses when somebody at the box says so: commit-confirm for the WAN side.
 *
 * A setting is in force at once and on trial: it is kept when the uplink has its address and the gateway was registered
 * with after that, or when a person says so; otherwise what was before comes back. The disk holds what has proved
 * itself, and what the uplink had before anybody set anything, so that a restart ends a trial as well.
 */
import { type Core, type Deadline, nothing } from '../../../firmware-shim/base/core.ts';
import { Timers } from '../../../firmware-shim/base/timers.ts';
import type { AgentConfig } from '../../model/config.ts';
import type { WanNote } from '../../model/notes/wan-note.ts';
import type { UplinkId } from '../../model/uplink.ts';
import type {
  WanAddress,
  WanAsk,
  WanLease,
  WanPath,
  WanRecord,
  WanSetting,
  WanSnapshot,
} from '../../model/wan.ts';
import { CONFIRM_MS } from '../document-trial.ts';
import type { WanEffect, WanEvent, WanTold } from './wan-events.ts';
import { WanInForce } from './wan-in-force.ts';
import { NOTHING_SET, WAN_KEY, WAN_SHELF, withSetting } from './wan-record.ts';

const DISK_REFUSED = 'the disk did not take it, so a restart could not undo it';

type Effects = readonly WanEffect[];
type Confirmer = 'the gateway' | 'a person';

/** One uplink's other setting; undefined: back to what the system had. */
interface Change {
  readonly uplink: UplinkId;
  readonly setting: WanSetting | undefined;
}

interface Trial extends Change {
  readonly former: WanSetting | undefined;
  /** From the moment the address was there only a registration made anew is a proof. */
  hasAddress: boolean;
  /** Proved, and on its way to the disk. */
  keptBy: Confirmer | undefined;
}

export class WanSetup implements Core<WanEvent, WanEffect> {
  readonly #inForce: WanInForce;
  readonly #timers = new Timers<'deadline'>();
  /** As the disk has it, or is about to. */
  #record: WanRecord | undefined;
  /** Writes to the disk that have not been answered. */
  #unanswered = 0;
  /** Asked for; the disk is learning what the uplink had before. */
  #next: (Change & { readonly requestId: string }) | undefined;
  #trial: Trial | undefined;
  #last: WanSnapshot['last'];
  #registered = false;

  constructor(config: Pick<AgentConfig, 'uplinks'>) {
    this.#inForce = new WanInForce(config, (uplink) => ({
      setting: this.#trial?.uplink === uplink ? this.#trial.setting : this.#settingOf(uplink),
      found: this.#record?.found.find((each) => each.uplink === uplink),
    }));
  }

  handle(event: WanEvent, nowMs: number): Effects {
    switch (event.type) {
      case 'wanRestored':
        this.#record = event.record ?? NOTHING_SET;
        return this.#inForce.tell();
      case 'wanAsked':
        return this.#asked(event.requestId, event.ask, nowMs);
      case 'storeAnswered':
        return this.#stored(event.ok, nowMs);
      case 'kernelChanged':
        this.#inForce.kernelChanged(event.events);
        return [...this.#prove(), ...this.#handOff()];
      case 'wanTold':
        return this.#told(event.uplink, event.told);
      case 'registrationChanged':
        this.#registered = event.registered;
        return event.registered && this.#trial?.hasAddress === true
          ? this.#keep('the gateway')
          : nothing;
    }
  }

  tick(nowMs: number): Effects {
    if (!this.#timers.take('deadline', nowMs) || this.#trial?.keptBy !== undefined) return nothing;
    return this.#undo(this.#lacks());
  }

  deadline(): Deadline | undefined {
    return this.#timers.deadline();
  }

  /** Out of the box as it was set up here; with a setting on trial only over that one, which is to prove itself. */
  get paths(): readonly WanPath[] {
    const trial = this.#trial;
    const asked = trial?.hasAddress === true ? [trial] : (this.#record?.settings ?? []);
    return this.#inForce.pathsOver(asked.map(({ uplink }) => uplink));
  }

  snapshot(): WanSnapshot {
    const untilMs = this.#timers.at('deadline');
    const { uplink } = this.#trial ?? {};
    return {
      uplinks: this.#inForce.shown(),
      ...(uplink !== undefined &&
        untilMs !== undefined && { trial: { uplink, untilMs, lacks: this.#lacks() } }),
      ...(this.#last !== undefined && { last: this.#last }),
    };
  }

  #asked(requestId: string, ask: WanAsk, nowMs: number): Effects {
    switch (ask.do) {
      case 'set':
        return this.#change({ ...ask, requestId, uplink: ask.setting.uplink }, nowMs);
      case 'release':
        return this.#change({ requestId, uplink: ask.uplink, setting: undefined }, nowMs);
      case 'keep':
      case 'undo':
        if (this.#trial === undefined || this.#trial.keptBy !== undefined) {
          return [refusal(requestId, 'EWAN_NO_TRIAL', 'no setting is on trial')];
        }
        return ask.do === 'keep'
          ? [done(requestId, 'it is kept'), ...this.#keep('a person')]
          : [done(requestId, 'it is undone'), ...this.#undo('a person said so')];
    }
  }

  /** Nothing is touched before the disk knows what to give back. */
  #change(next: Change & { readonly requestId: string }, nowMs: number): Effects {
    const { requestId, uplink, setting } = next;
    const record = this.#record;
    if (record === undefined || this.#next !== undefined || this.#trial !== undefined) {
      const because = 'another setting is on trial; keep it or undo it first';
      return [refusal(requestId, 'EWAN_BUSY', because)];
    }
    const isFound = record.found.some((each) => each.uplink === uplink);
    if (setting === undefined && !isFound) {
      return [refusal(requestId, 'EWAN_AS_FOUND', `${uplink} is as the system has it`)];
    }
    this.#next = next;
    if (isFound) return this.#begin(nowMs);
    const found = { uplink, addresses: this.#inForce.addressesOf(uplink) };
    return [this.#put({ ...record, found: [...record.found, found] })];
  }

  #stored(ok: boolean, nowMs: number): Effects {
    this.#unanswered = Math.max(0, this.#unanswered - 1);
    if (this.#unanswered > 0) return nothing;
    const trial = this.#trial;
    if (trial?.keptBy !== undefined) return ok ? this.#kept(trial) : this.#undo(DISK_REFUSED);
    if (this.#next === undefined) return nothing;
    if (ok) return this.#begin(nowMs);
    const { requestId, uplink } = this.#next;
    const record = this.#record ?? NOTHING_SET;
    this.#next = undefined;
    this.#record = { ...record, found: record.found.filter((each) => each.uplink !== uplink) };
    return [refusal(requestId, 'ESTORAGE', DISK_REFUSED)];
  }

  #begin(nowMs: number): Effects {
    const next = this.#next;
    if (next === undefined) return nothing;
    const { requestId, uplink, setting } = next;
    const former = this.#settingOf(uplink);
    this.#next = undefined;
    this.#trial = { uplink, setting, former, hasAddress: false, keptBy: undefined };
    this.#last = undefined;
    this.#inForce.changed(uplink, former, setting);
    this.#timers.set('deadline', nowMs + CONFIRM_MS);
    const ipType = ipTypeOf(setting);
    return [
      done(requestId, 'it is in force, on trial until the gateway is reached'),
      note({ code: 'wanTried', level: 'notice', uplink, ipType, confirmMs: CONFIRM_MS }),
      ...this.#inForce.tell(),
      ...this.#prove(),
    ];
  }

  #told(uplink: UplinkId, told: WanTold): Effects {
    if (told.is === 'trouble') {
      const { because } = told;
      const isNew = this.#inForce.troubled(uplink, because);
      return isNew ? [note({ code: 'wanTrouble', level: 'warning', uplink, because })] : nothing;
    }
    const lease = told.is === 'leased' ? told.lease : undefined;
    if (!this.#inForce.leased(uplink, lease)) return nothing;
    const given = lease === undefined ? nothing : [leaseNote(uplink, lease)];
    return [...given, ...this.#inForce.tell(), ...this.#prove()];
  }

  /** The address is there: from now on a registration made anew is the proof. */
  #prove(): Effects {
    const trial = this.#trial;
    if (trial === undefined || trial.hasAddress || !this.#inForce.isAddressed(trial.uplink)) {
      return nothing;
    }
    trial.hasAddress = true;
    const because = `the addresses of ${trial.uplink} were set at the box`;
    return this.#registered ? [{ type: 'reconnect', because }] : nothing;
  }

  #keep(by: Confirmer): Effects {
    const trial = this.#trial;
    const record = this.#record;
    if (trial === undefined || trial.keptBy !== undefined || record === undefined) return nothing;
    trial.keptBy = by;
    return [this.#put(withSetting(record, trial.uplink, trial.setting))];
  }

  #kept({ uplink, setting, keptBy: by = 'a person' }: Trial): Effects {
    this.#end({ uplink, ok: true, because: `${by} has confirmed it` });
    const ipType = ipTypeOf(setting);
    const told = note({ code: 'wanKept', level: 'notice', uplink, ipType, by });
    return [told, ...this.#inForce.tell(), ...this.#handOff()];
  }

  #undo(because: string): Effects {
    const trial = this.#trial;
    if (trial === undefined) return nothing;
    const { uplink, former, setting } = trial;
    this.#end({ uplink, ok: false, because });
    this.#inForce.changed(uplink, setting, former);
    // A disk that refused may have it all the same.
    const record = withSetting(this.#record ?? NOTHING_SET, uplink, former);
    return [
      note({ code: 'wanUndone', level: 'warning', uplink, because }),
      ...(trial.keptBy === undefined ? nothing : [this.#put(record)]),
      ...this.#inForce.tell(),
      { type: 'reconnect', because: `the addresses of ${uplink} were set back` },
    ];
  }

  #end(last: NonNullable<WanSnapshot['last']>): void {
    this.#trial = undefined;
    this.#last = last;
    this.#timers.clearAll();
  }

  /** An uplink that has again what it had is the system's again. */
  #handOff(): Effects {
    const record = this.#record;
    if (record === undefined || this.#trial !== undefined || this.#next !== undefined)
      return nothing;
    const isBack = ({ uplink, addresses }: WanRecord['found'][number]): boolean =>
      this.#settingOf(uplink) === undefined &&
      wordsOf(addresses) === wordsOf(this.#inForce.addressesOf(uplink));
    const found = record.found.filter((each) => !isBack(each));
    if (found.length === record.found.length) return nothing;
    return [this.#put({ ...record, found }), ...this.#inForce.tell()];
  }

  #settingOf(uplink: UplinkId): WanSetting | undefined {
    return this.#record?.settings.find((each) => each.uplink === uplink);
  }

  #lacks(): string {
    const { uplink = '', hasAddress = false } = this.#trial ?? {};
    if (hasAddress) return 'the gateway has not been reached since';
    return this.#inForce.troubleOf(uplink) ?? `${uplink} has not got its address`;
  }

  #put(record: WanRecord): WanEffect {
    this.#record = record;
    this.#unanswered += 1;
    return { type: 'storePut', shelf: WAN_SHELF, key: WAN_KEY, value: JSON.stringify(record) };
  }
}

function done(requestId: string, because: string): WanEffect {
  return { type: 'wanAnswered', requestId, ok: true, because };
}

function refusal(requestId: string, code: string, because: string): WanEffect {
  return { type: 'wanAnswered', requestId, ok: false, code, because };
}

function note(note: WanNote): WanEffect {
  return { type: 'noted', note };
}

function leaseNote(uplink: UplinkId, { address, prefixLength, gateway }: WanLease): WanEffect {
  const given = `${address}/${prefixLength}`;
  return note({ code: 'wanLeased', level: 'info', uplink, address: given, gateway });
}

function ipTypeOf(setting: WanSetting | undefined): string {
  return setting?.ipType ?? 'AS_FOUND';
}

function wordsOf(addresses: readonly WanAddress[]): string {
  const words = addresses.map(({ address, prefixLength }) => `${address}/${prefixLength}`);
  return words.toSorted().join(' ');
}
