/**
 * Which tunnel each device of an engine carries, on disk: after a restart the devices are found by it and adopted.
 *
 * Beside the tunnel an engine keeps the few facts that it cannot read back from the machine. Nothing secret goes in.
 */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What is kept of one device. */
export interface RegisterEntry {
  readonly tunnel: string;
  readonly [fact: string]: string | number;
}

export class EngineRegister {
  readonly #file: string;
  readonly #entryOf = new Map<string, RegisterEntry>();

  private constructor(file: string) {
    this.#file = file;
  }

  /** A file that is missing or torn means that nothing is known: then tunnels are made, not adopted. */
  static async load(stateDirectory: string, fileName: string): Promise<EngineRegister> {
    const register = new EngineRegister(join(stateDirectory, fileName));
    const text = await readFile(register.#file, 'utf8').catch(() => '{}');
    for (const [device, entry] of readRecord(text)) register.#entryOf.set(device, entry);
    return register;
  }

  entries(): readonly { readonly deviceName: string; readonly entry: RegisterEntry }[] {
    return [...this.#entryOf].map(([deviceName, entry]) => ({ deviceName, entry }));
  }

  entryOf(deviceName: string): RegisterEntry | undefined {
    return this.#entryOf.get(deviceName);
  }

  deviceOf(tunnel: string): string | undefined {
    return this.entries().find((each) => each.entry.tunnel === tunnel)?.deviceName;
  }

  async put(deviceName: string, entry: RegisterEntry): Promise<void> {
    const before = this.#entryOf.get(deviceName);
    if (JSON.stringify(before) === JSON.stringify(entry)) return;
    this.#entryOf.set(deviceName, entry);
    await this.#save();
  }

  async remove(deviceName: string): Promise<void> {
    if (this.#entryOf.delete(deviceName)) await this.#save();
  }

  async #save(): Promise<void> {
    const next = `${this.#file}.next`;
    await writeFile(next, `${JSON.stringify(Object.fromEntries(this.#entryOf))}\n`, {
      mode: 0o600,
    });
    await rename(next, this.#file);
  }
}

function readRecord(text: string): readonly [string, RegisterEntry][] {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return [];
    return Object.entries(value).flatMap(([device, entry]) => {
      const read = readEntry(entry);
      return read === undefined ? [] : [[device, read] as [string, RegisterEntry]];
    });
  } catch {
    return [];
  }
}

/** A bare text is the tunnel alone. */
function readEntry(value: unknown): RegisterEntry | undefined {
  if (typeof value === 'string') return { tunnel: value };
  if (typeof value !== 'object' || value === null) return undefined;
  const facts = Object.entries(value).filter(
    ([, fact]) => typeof fact === 'string' || typeof fact === 'number',
  );
  const entry = Object.fromEntries(facts) as Record<string, string | number>;
  const { tunnel } = entry;
  return typeof tunnel === 'string' ? { ...entry, tunnel } : undefined;
}
