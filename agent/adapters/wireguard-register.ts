/**
 * Which tunnel each device of ours carries, on disk: after a restart the devices are found by it and adopted.
 */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const FILE = 'wireguard-tunnels.json';

export class WireGuardRegister {
  readonly #file: string;
  readonly #tunnelOf = new Map<string, string>();

  private constructor(stateDirectory: string) {
    this.#file = join(stateDirectory, FILE);
  }

  /** A file that is missing or torn means that nothing is known: then tunnels are made, not adopted. */
  static async load(stateDirectory: string): Promise<WireGuardRegister> {
    const register = new WireGuardRegister(stateDirectory);
    const text = await readFile(register.#file, 'utf8').catch(() => '{}');
    for (const [device, tunnel] of readRecord(text)) register.#tunnelOf.set(device, tunnel);
    return register;
  }

  entries(): readonly { readonly deviceName: string; readonly tunnel: string }[] {
    return [...this.#tunnelOf].map(([deviceName, tunnel]) => ({ deviceName, tunnel }));
  }

  deviceOf(tunnel: string): string | undefined {
    return this.entries().find((each) => each.tunnel === tunnel)?.deviceName;
  }

  async put(deviceName: string, tunnel: string): Promise<void> {
    if (this.#tunnelOf.get(deviceName) === tunnel) return;
    this.#tunnelOf.set(deviceName, tunnel);
    await this.#save();
  }

  async remove(deviceName: string): Promise<void> {
    if (this.#tunnelOf.delete(deviceName)) await this.#save();
  }

  async #save(): Promise<void> {
    const next = `${this.#file}.next`;
    await writeFile(next, `${JSON.stringify(Object.fromEntries(this.#tunnelOf))}\n`, {
      mode: 0o600,
    });
    await rename(next, this.#file);
  }
}

function readRecord(text: string): readonly [string, string][] {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return [];
    return Object.entries(value).flatMap(([device, tunnel]) =>
      typeof tunnel === 'string' ? [[device, tunnel] as [string, string]] : [],
    );
  } catch {
    return [];
  }
}
