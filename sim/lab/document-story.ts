/**
 * The story of the desired document: an operator orders one thing after the other of a running branch, and each is
 * waited for with real packets; written to `document.json`, or to `cut-off.json` where all that is told is how a document
 * that cuts the branch off is undone at the ordinary deadline.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from './command.ts';
import { DemoLab } from './demo-lab.ts';
import { type Chapter, cutOffChapters, documentChapters } from './document-chapters.ts';
import type { InsideRun } from './inside-run.ts';
import type { DocumentJob } from './job.ts';
import { SERIAL_NUMBER } from './lab-parts.ts';
import { BEHIND_HOST } from './topology.ts';
import { NotInTime, waitUntil } from './wait-until.ts';

/** Cold start of Node, handshakes and the first sessions, on a slow machine under load. */
const START_MS_MAX = 40_000;
/** From an order until packets show it, with the proof a document owes. */
const HELD_MS_MAX = 30_000;

export interface DocumentReport {
  readonly chapters: readonly { readonly name: string; readonly tookMs: number }[];
  readonly failed: readonly string[];
}

export async function runDocument(
  run: InsideRun,
  { job, engine, outDirectory }: DocumentJob,
): Promise<number> {
  const logDirectory = join(outDirectory, `${job}-logs`);
  await mkdir(logDirectory, { recursive: true });
  const troubles: string[] = [];
  const onTrouble = (text: string): void => void troubles.push(text);
  const lab = await DemoLab.open({ engine, logDirectory, onTrouble });
  try {
    const report = await tell(run, lab, job === 'document' ? documentChapters : cutOffChapters);
    const file = join(outDirectory, `${job}.json`);
    await writeFile(file, `${JSON.stringify({ ...report, troubles }, null, 2)}\n`);
    for (const sentence of report.failed) console.error(`demo: FAILED: ${sentence}`);
    return report.failed.length === 0 ? 0 : 1;
  } finally {
    await lab.close();
  }
}

async function tell(
  { stop }: InsideRun,
  lab: DemoLab,
  chaptersOf: (lab: DemoLab) => readonly Chapter[],
): Promise<DocumentReport> {
  // A network behind a router of the LAN; the router is the LAN host itself.
  await runCommand(['ip', '-n', 'lan', 'address', 'add', `${BEHIND_HOST}/32`, 'dev', 'lo']);
  await lab.startAgent();
  const isActive = async () =>
    (await lab.snapshot())?.fastPath.active === undefined ? undefined : true;
  await waitUntil('a tunnel carries traffic', START_MS_MAX, isActive, stop);
  const chapters: DocumentReport['chapters'][number][] = [];
  const failed: string[] = [];
  for (const chapter of chaptersOf(lab)) {
    const startedAtMs = lab.nowMs();
    const broke = await play(chapter, lab, stop);
    const tookMs = Math.round(lab.nowMs() - startedAtMs);
    chapters.push({ name: chapter.name, tookMs });
    console.log(`demo: ${chapter.name}: ${broke ?? 'held'} after ${tookMs} ms`);
    if (broke !== undefined) failed.push(`${chapter.name}: ${broke}`);
  }
  return { chapters, failed };
}

/** What did not come; undefined when it held. */
async function play(
  { orders, make, holds, withinMs = HELD_MS_MAX }: Chapter,
  { cloud }: DemoLab,
  stop: AbortSignal,
): Promise<string | undefined> {
  cloud.cloud.controller.order(SERIAL_NUMBER, orders);
  await make?.();
  let lacking = 'nothing was looked at';
  const look = async () => {
    lacking = (await holds()) ?? '';
    return lacking === '' ? true : undefined;
  };
  try {
    await waitUntil('the order is carried out', withinMs, look, stop);
    return undefined;
  } catch (error) {
    if (error instanceof NotInTime) return lacking;
    throw error;
  }
}
