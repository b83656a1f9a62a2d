/**
 * What files tell a check: the disk, the clock's floor, and what a dead agent left in its state directory.
 */

import { X509Certificate } from 'node:crypto';
import { rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readRestored } from '../../contract/restored.ts';
import type { ClockFacts, DiskFacts, StoredFacts } from '../../diag/check/facts.ts';
import type { AgentConfig } from '../../model/config.ts';
import { deriveTunnels } from '../../state/tunnel-specs.ts';
import { presentIdentity } from '../identity/identity.ts';
import { readStoreFile } from '../store/sqlite-store-file.ts';

/** A block: what the smallest record costs. */
const TRIAL_BYTES = 4096;
/** What the disk says when it is full or read-only; anything else is about us. */
const DISK_REFUSES: readonly string[] = ['ENOSPC', 'EROFS', 'EIO', 'EDQUOT'];
const PERCENT = 100;

export function readDisk(directory: string): DiskFacts | undefined {
  try {
    const { bavail, blocks, bfree, bsize } = statfsSync(directory);
    const usable = blocks - bfree + bavail;
    const writes = tryToWrite(directory);
    return {
      freeBytes: bavail * bsize,
      usedPercent: usable === 0 ? PERCENT : (PERCENT * (blocks - bfree)) / usable,
      ...(writes !== undefined && { writes }),
    };
  } catch {
    return undefined;
  }
}

/** Undefined where we may not even try. */
function tryToWrite(directory: string): boolean | undefined {
  const path = join(directory, `.check-${process.pid}`);
  try {
    writeFileSync(path, Buffer.alloc(TRIAL_BYTES), { flag: 'wx', mode: 0o600, flush: true });
    return true;
  } catch (error) {
    return DISK_REFUSES.includes((error as NodeJS.ErrnoException).code ?? '') ? false : undefined;
  } finally {
    rmSync(path, { force: true });
  }
}

/** The clock cannot be before anything that has happened: our release, the device's certificate, the last record. */
export function readClock(config: AgentConfig | undefined): ClockFacts {
  const certificate = config && certificateOf(config);
  const pasts: readonly (readonly [atMs: number | undefined, from: string])[] = [
    [changedAtMs(new URL('../../../package.json', import.meta.url)), 'this release was installed'],
    [certificate?.validFromDate.getTime(), "this device's certificate begins"],
    [config && changedAtMs(join(config.stateDirectory, 'state.db')), 'the state was last written'],
  ];
  const [floorMs, floorFrom] = pasts.reduce<readonly [number, string]>(
    (latest, [atMs, from]) => (atMs !== undefined && atMs > latest[0] ? [atMs, from] : latest),
    [0, 'nothing is known'],
  );
  return {
    floorMs,
    floorFrom,
    ...(certificate !== undefined && { certificateEndsMs: certificate.validToDate.getTime() }),
  };
}

function certificateOf(config: AgentConfig): X509Certificate | undefined {
  const identity = presentIdentity(config);
  return identity && new X509Certificate(identity.certificate);
}

function changedAtMs(file: string | URL): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs;
}

/** Undefined when there is no store to read, or we may not. */
export function readStored({ stateDirectory, uplinks }: AgentConfig): StoredFacts | undefined {
  const records = readStoreFile(stateDirectory);
  if (records === undefined) return undefined;
  const { desired: kept, events } = readRestored((shelf) =>
    records.filter((record) => record.shelf === shelf),
  );
  const desired = kept?.document;
  const known = desired?.tunnels.filter(({ uplink }) => uplinks.some(({ id }) => id === uplink));
  const tunnels =
    desired === undefined ? [] : deriveTunnels({ ...desired, tunnels: known ?? [] }, uplinks);
  return {
    revision: desired?.revision ?? 0,
    ...(desired?.ccn !== undefined && { ccn: desired.ccn.id }),
    prefixes: desired?.prefixes ?? [],
    tunnels: tunnels.map(({ spec }) => ({
      id: spec.id,
      uplink: spec.uplink,
      deviceName: spec.deviceName,
      innerLocal: spec.innerLocal,
      innerRemote: spec.innerRemote,
      mtu: spec.mtu,
    })),
    eventsWaiting: events.length,
  };
}
