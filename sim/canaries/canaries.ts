/**
 * Planted bugs, one in each of many cores: what the deterministic world must find if it is worth its time.
 *
 * No source holds any of them. A canary is a piece of text to be found once in one file and what it is replaced by
 * while a simulator's thread loads that file; the program that ships has no such loader.
 */
export interface Canary {
  /** Below the root of the repository. */
  readonly file: string;
  /** Found exactly once, or the canary is out of date. */
  readonly find: string;
  readonly plant: string;
  /** What a branch with this bug would do. */
  readonly bug: string;
  /** The seed that found it first, when `make canaries` last looked. */
  readonly foundBy: number;
}

export const CANARIES = {
  'deaf-session': {
    file: 'agent/tunnel/bfd/bfd-session.ts',
    find: "if (this.#timers.take('detect', nowMs)) effects.push(...this.#expire(nowMs));",
    plant: "this.#timers.take('detect', nowMs);",
    bug: 'a liveness session never minds silence',
    foundBy: 2,
  },
  'upside-down-rank': {
    file: 'agent/tunnel/choice/candidate-rank.ts',
    find: '(a.uplink?.priority ?? 0) - (b.uplink?.priority ?? 0) ||',
    plant: '(b.uplink?.priority ?? 0) - (a.uplink?.priority ?? 0) ||',
    bug: 'the worst uplink is taken for the best',
    foundBy: 1,
  },
  'endless-hold': {
    file: 'agent/tunnel/choice/failback-hold.ts',
    find: 'policy.failbackHoldMs * 2 ** Math.max(0, count - 1)',
    plant: 'policy.failbackHoldMs * 2 ** (count + 8)',
    bug: 'a tunnel that was lost once waits for hours',
    foundBy: 1,
  },
  'routes-left-deleted': {
    file: 'agent/routes/wanted-routes.ts',
    find: 'const taken = mirror.routesTaken;',
    plant: 'const taken = 0;',
    bug: 'routes that somebody deletes are not put back',
    foundBy: 7,
  },
  'bounce-for-ever': {
    file: 'agent/uplink/uplink-monitor.ts',
    find: 'return evidence.usable ? this.#become(uplink, evidence, nowMs) : nothing;',
    plant: 'return evidence.usable ? nothing : nothing;',
    bug: 'an uplink that was down never counts as up again',
    foundBy: 1,
  },
  'one-attempt': {
    file: 'agent/access/registration.ts',
    find: "if (this.#timers.take('retry', nowMs)) effects.push(...this.#connect('waited', nowMs));",
    plant: "this.#timers.take('retry', nowMs);",
    bug: 'a registration that failed is not tried again',
    foundBy: 1,
  },
  'stale-picture': {
    file: 'agent/access/state-mirror.ts',
    find: '      known.value = value;\n      known.isDirty = true;',
    plant: '      known.value = value;\n      known.isDirty = known.publishId === undefined;',
    bug: 'what changes while its former value is under way is never told',
    foundBy: 8,
  },
  'forgetful-outbox': {
    file: 'agent/access/outbox.ts',
    find: '      effects.push(this.#publish(entry));',
    plant:
      "      effects.push(this.#publish(entry), { type: 'storeRemove', shelf: OUTBOX_SHELF, keys: [key] });",
    bug: 'an event is taken off the disk when it is sent, not when it is acknowledged',
    foundBy: 1,
  },
  'same-numbers-again': {
    file: 'agent/access/outbox.ts',
    find: '        this.#seq += 1;',
    plant: '        this.#seq = (this.#seq % 7) + 1;',
    bug: 'the eighth event of a run takes the number of the first',
    foundBy: 5,
  },
  'lost-device-kept': {
    file: 'agent/state/observed-state.ts',
    find: 'if (id !== undefined) this.#tunnels.delete(id);',
    plant: 'if (id === undefined) break;',
    bug: 'a tunnel whose device is gone is thought to be there',
    foundBy: 7,
  },
  'port-given-up': {
    file: 'firmware-shim/line/board-line.ts',
    find: "    if (this.#timers.take('reopen', nowMs)) this.#open('trying again');",
    plant: "    this.#timers.take('reopen', nowMs);",
    bug: 'a serial port that was lost is not opened again',
    foundBy: 9,
  },
  'led-astray': {
    file: 'agent/access/gateway-walk.ts',
    find: 'if (index < 0) return false;',
    plant:
      "if (index < 0) this.#gateways = [{ id: 'x', address: '192.0.2.9', port: 8443, serverName: 'x' }];",
    bug: 'a redirect is followed to whoever it names',
    foundBy: 7,
  },
  'quarrelsome-twin': {
    file: 'agent/access/retry-pace.ts',
    find: 'return Math.min(CLONE_CEILING_MS, baseMs * (1 + CLONE_JITTER * this.#random.next()));',
    plant: 'return Math.min(CLONE_CEILING_MS, baseMs / 300);',
    bug: 'a session that another box took is taken back at once, again and again',
    foundBy: 5,
  },
  'gullible-desk': {
    file: 'agent/access/command-desk.ts',
    find: "if (proof !== 'valid') return",
    plant: "if (proof === 'unpinned') return",
    bug: 'a command with a wrong signature, or none, is obeyed',
    foundBy: 8,
  },
  'endless-trial': {
    file: 'agent/state/commit-confirm.ts',
    find: "if (this.#timers.take('deadline', nowMs)) effects.push(...this.#onDeadline(nowMs));",
    plant: "this.#timers.take('deadline', nowMs);",
    bug: 'a document that cuts the device off is never undone',
    foundBy: 7,
  },
  'unflushed-pair': {
    file: 'agent/durable/generations.ts',
    find: '      files.flushNames(directory);\n    });\n    files.rename(fresh',
    plant: '    });\n    files.rename(fresh',
    bug: 'the files of a new certificate may be gone after a power cut, and the old one is deleted',
    foundBy: 4,
  },
  'credulous-book': {
    file: 'agent/access/names/gateway-names.ts',
    find: 'const addresses = this.#book.answered(name, family, given, nowMs);',
    plant: `const addresses = this.#book.answered(name, family, given, nowMs);
    for (const address of addresses) this.#book.prove(name, { address, provedWallMs: 0 }, 'answer');`,
    bug: 'an address is good as soon as a name server names it',
    foundBy: 22,
  },
} as const satisfies Readonly<Record<string, Canary>>;

export type CanaryName = keyof typeof CANARIES;
