/**
 * What the lab can break: a cable (the link goes down at both ends, and the board says so), and a path that
 * swallows packets while every link stays up.
 *
 * Each break answers with the monotonic moment just before it began, so that a time counted from it is never
 * flattered.
 */
import { spawn } from 'node:child_process';
import type { Kernel } from '../../firmware-shim/ports.ts';
import { insideNetns, LabFailed, runCommand } from './command.ts';
import { type LabUplinkId, netnsPath, uplinkOf } from './topology.ts';

/** Devices in the set `dark` neither take nor give forwarded packets; what they swallow is counted. */
export const FAULT_TABLE = `
add table inet faults
add set inet faults dark { type ifname; }
add counter inet faults dropped
add chain inet faults forwarded { type filter hook forward priority 0; policy accept; }
add rule inet faults forwarded iifname @dark counter name dropped drop
add rule inet faults forwarded oifname @dark counter name dropped drop
`;

/** The board simulator, as far as cables go. */
export interface CableBoard {
  pull(port: number): void;
  plug(port: number): void;
}

export class Faults {
  readonly #inet: Kernel;
  readonly #deviceIndexes: ReadonlyMap<string, number>;
  readonly #board: CableBoard;
  readonly #nowMs: () => number;
  readonly #pulled = new Set<LabUplinkId>();
  readonly #dark = new Set<LabUplinkId>();

  private constructor(
    inet: Kernel,
    deviceIndexes: ReadonlyMap<string, number>,
    board: CableBoard,
    nowMs: () => number,
  ) {
    this.#inet = inet;
    this.#deviceIndexes = deviceIndexes;
    this.#board = board;
    this.#nowMs = nowMs;
  }

  /** `inet` is the kernel port of the namespace the far ends of the cables are in. */
  static async open(inet: Kernel, board: CableBoard, nowMs: () => number): Promise<Faults> {
    const deviceIndexes = await new Promise<Map<string, number>>((resolve, reject) => {
      inet.dump({ dump: 'links' }, (result) => {
        if (!result.ok) return reject(new LabFailed(`links of inet: ${result.refusal.text}`));
        const links = result.objects.flatMap((o) => (o.type === 'linkChanged' ? [o.link] : []));
        resolve(new Map(links.map((link) => [link.name, link.index])));
      });
    });
    return new Faults(inet, deviceIndexes, board, nowMs);
  }

  pulled(uplink: LabUplinkId): boolean {
    return this.#pulled.has(uplink);
  }

  dark(uplink: LabUplinkId): boolean {
    return this.#dark.has(uplink);
  }

  /** Takes the cable out: the kernel loses the link, the board's port its carrier. */
  async pullCable(uplink: LabUplinkId): Promise<number> {
    const cutAtMs = this.#nowMs();
    this.#pulled.add(uplink);
    this.#board.pull(uplinkOf(uplink).port);
    await this.#setLink(uplink, false);
    return cutAtMs;
  }

  async plugCable(uplink: LabUplinkId): Promise<void> {
    this.#pulled.delete(uplink);
    await this.#setLink(uplink, true);
    this.#board.plug(uplinkOf(uplink).port);
  }

  /** Swallows everything to and from this uplink, both ways, with the link up. */
  async blackHole(uplink: LabUplinkId): Promise<number> {
    const write = await waitingNft();
    this.#dark.add(uplink);
    const cutAtMs = this.#nowMs();
    await write(`add element inet faults dark { ${uplinkOf(uplink).ispDeviceName} }\n`);
    return cutAtMs;
  }

  async clearBlackHole(uplink: LabUplinkId): Promise<void> {
    this.#dark.delete(uplink);
    const write = await waitingNft();
    await write(`delete element inet faults dark { ${uplinkOf(uplink).ispDeviceName} }\n`);
  }

  /** How many packets black holes have swallowed so far: a black hole that counts nothing is none. */
  async swallowedPackets(): Promise<number> {
    const text = await runCommand(['nft', '-j', 'list', 'counters'], {
      netnsPath: netnsPath('inet'),
    });
    const packets = /"packets": (\d+)/.exec(text)?.[1];
    if (packets === undefined) throw new LabFailed(`nft counters not understood: ${text}`);
    return Number(packets);
  }

  async #setLink(uplink: LabUplinkId, adminUp: boolean): Promise<void> {
    const { ispDeviceName } = uplinkOf(uplink);
    const index = this.#deviceIndexes.get(ispDeviceName);
    if (index === undefined) throw new LabFailed(`no device ${ispDeviceName} in inet`);
    await new Promise<void>((resolve, reject) => {
      this.#inet.perform({ op: 'linkSet', index, adminUp }, (result) => {
        if (result.ok) resolve();
        else reject(new LabFailed(`link ${ispDeviceName}: ${result.refusal.text}`));
      });
    });
  }
}

/** Started ahead of its command, so that the cut does not wait for a process to start. */
async function waitingNft(): Promise<(command: string) => Promise<void>> {
  const [file = 'nft', ...rest] = insideNetns(['nft', '-f', '-'], netnsPath('inet'));
  const child = spawn(file, rest, { stdio: ['pipe', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString('utf8')));
  child.stdin.on('error', () => {});
  const ended = new Promise<void>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve() : reject(new LabFailed(`nft: ${stderr}`))));
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  return async (command) => {
    child.stdin.end(command);
    await ended;
  };
}
