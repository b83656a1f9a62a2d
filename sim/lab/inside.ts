/**
 * The inner half of a lab run: makes sure that it really is shut in, takes its job, and leaves nothing behind.
 */
import { readdir, readlink } from 'node:fs/promises';
import type { Server } from 'node:net';
import { LabFailed } from './command.ts';
import type { Begin, OuterMessage } from './enclosed-run.ts';
import type { InsideRun } from './inside-run.ts';
import { checkNetwork } from './network-check.ts';
import { makePrivateRun } from './network-lab.ts';

/** How long the outer half may take to hand over the job. */
const BEGIN_MS_MAX = 10_000;

export async function runInside(): Promise<number> {
  const stop = new AbortController();
  const { begin, pageServer } = await receiveBegin(stop);
  if ((await readlink('/proc/self/ns/mnt')) === begin.outerMounts)
    throw new LabFailed('the inner half of the lab was started without an enclosure');
  await makePrivateRun();
  try {
    return await dispatch({
      begin,
      stop: stop.signal,
      ...(pageServer !== undefined && { pageServer }),
    });
  } finally {
    pageServer?.close();
    if (!begin.processNamespace) await endEverythingInside();
  }
}

async function dispatch(run: InsideRun): Promise<number> {
  const { job } = run.begin;
  switch (job.job) {
    case 'network':
      return checkNetwork(run, job.argv);
    case 'cable-pull':
      return (await import('./cable-pull-story.ts')).runCablePull(run, job);
    case 'fail-static':
      return (await import('./fail-static-story.ts')).runFailStatic(run, job);
    case 'diagnosis':
      return (await import('./diagnosis-story.ts')).runDiagnosis(run, job);
    case 'document':
    case 'cut-off':
      return (await import('./document-story.ts')).runDocument(run, job);
    case 'stories':
      return (await import('./stories/stories-job.ts')).runStories(run, job);
    case 'view':
      return (await import('./live-view.ts')).runLiveView(run, job);
    case 'bench-failover':
      return (await import('../../bench/failover-rounds.ts')).runFailoverRounds(run, job);
  }
}

async function receiveBegin(stop: AbortController): Promise<{ begin: Begin; pageServer?: Server }> {
  if (process.send === undefined) throw new LabFailed('`inside` is not started by hand');
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => stop.abort());
  process.once('disconnect', () => stop.abort());
  return new Promise((resolve, reject) => {
    const timeout = setTimeout(() => reject(new LabFailed('no job came')), BEGIN_MS_MAX);
    process.on('message', (message: OuterMessage, handle?: unknown) => {
      if (message.type === 'stop') return stop.abort();
      clearTimeout(timeout);
      resolve({
        begin: message,
        ...(handle !== undefined && handle !== null && { pageServer: handle as Server }),
      });
    });
  });
}

/** Without a process namespace nobody else ends what was started here: everything that shares our mounts. */
async function endEverythingInside(): Promise<void> {
  const mounts = await readlink('/proc/self/ns/mnt');
  for (const pid of await processIds()) {
    if (pid === process.pid) continue;
    if ((await mountsOf(pid)) === mounts) process.kill(pid, 'SIGKILL');
  }
}

async function processIds(): Promise<number[]> {
  return (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
}

async function mountsOf(pid: number): Promise<string | undefined> {
  return readlink(`/proc/${pid}/ns/mnt`).catch(() => undefined);
}
