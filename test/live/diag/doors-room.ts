/**
 * Opens the doors in a folder of their own, with a snapshot that never changes, and cleans up behind them.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type NetConnectOpts } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type DiagDoors,
  type DiagDoorsOptions,
  openDiagDoors,
} from '../../../agent/adapters/diag/diag-doors.ts';
import { checkReport } from '../../../agent/diag/check/check-report.ts';
import { climbSoFar } from '../../../agent/diag/check/ladder.ts';
import type { AgentConfig } from '../../../agent/model/config.ts';
import type { DoorNote } from '../../../agent/model/notes/door-note.ts';
import type { TimedNote } from '../../../agent/model/snapshot.ts';
import { config as branchConfig } from '../../kit/branch.ts';
import { healthyFacts } from '../../unit/agent/diag/check/healthy-facts.ts';
import { SAMPLE } from '../../unit/agent/diag/sample-snapshot.ts';

export class DoorsRoom {
  readonly directory = mkdtempSync(join(tmpdir(), 'doors-'));
  readonly controlPath = join(this.directory, 'control.sock');
  readonly pagePath = join(this.directory, 'page.sock');
  readonly noted: DoorNote[] = [];
  readonly #doors: DiagDoors[] = [];

  async open(
    config: Partial<AgentConfig> = {},
    updates?: DiagDoorsOptions['updates'],
    more: Partial<DiagDoorsOptions> = {},
  ): Promise<DiagDoors> {
    const opened = await openDiagDoors({
      config: {
        controlSocket: this.controlPath,
        stateDirectory: this.directory,
        uplinks: branchConfig.uplinks,
        lanPrefixes: branchConfig.lanPrefixes,
        ...config,
      },
      snapshot: async () => Promise.resolve(SAMPLE),
      check: async (onRungs) => {
        onRungs?.(climbSoFar(healthyFacts(), new Set()));
        return Promise.resolve(checkReport(healthyFacts()));
      },
      onSwitch: async (tunnel) =>
        Promise.resolve({ ok: tunnel === 'wan2-agw2', because: `you asked for ${tunnel}` }),
      ...(updates && { updates }),
      ...more,
      log: (note) => this.noted.push(note),
    });
    this.#doors.push(opened);
    return opened;
  }

  async clear(): Promise<void> {
    await Promise.all(this.#doors.map(async (each) => each.close()));
    rmSync(this.directory, { recursive: true, force: true });
  }
}

export const A_NOTE: TimedNote = {
  atMs: 1,
  wallMs: 1,
  note: { code: 'uplinkDown', level: 'notice', uplink: 'wan2', reason: 'no-carrier-board' },
};

/** Connects `count` times to a socket and holds on until the answer is called. */
export async function crowd(where: NetConnectOpts, count: number): Promise<() => void> {
  const sockets = Array.from({ length: count }, () => connect(where));
  await Promise.all(
    sockets.map(
      async (socket) =>
        new Promise((resolve) => {
          socket.on('connect', resolve);
        }),
    ),
  );
  return () => {
    for (const socket of sockets) socket.destroy();
  };
}
