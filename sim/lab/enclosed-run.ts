/**
 * The outer half of a lab run: starts this program again inside an enclosure, hands it its job, and waits.
 *
 * The two halves share an IPC channel. Through it goes the listening socket of the live page: it is opened
 * out here, so a browser on this machine reaches it, and served in there. When the channel closes, for
 * whatever reason, the inner half ends.
 */
import { spawn } from 'node:child_process';
import { readlink } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { delimiter } from 'node:path';
import { type Enclosure, searchPath } from './enclosure.ts';
import type { LabJob } from './job.ts';

/** What the inner half is told first. */
export interface Begin {
  readonly type: 'begin';
  readonly job: LabJob;
  /** The outer half's mount namespace: the inner one refuses to run in the same. */
  readonly outerMounts: string;
  readonly processNamespace: boolean;
  /** How the run is shut in, for the report. */
  readonly enclosure: string;
  readonly pageUrl?: string;
}

export type OuterMessage = Begin | { readonly type: 'stop' };

/** A person who asks twice does not want to wait for manners. */
const STOPS_BEFORE_KILL = 3;

/** The exit code of the inner half. */
export async function runEnclosed(
  enclosure: Enclosure & { possible: true },
  job: LabJob,
): Promise<number> {
  const page = job.withPage ? await listenOnLoopback() : undefined;
  const [file, ...argv] = [
    ...enclosure.argv,
    process.execPath,
    ...process.execArgv,
    new URL('../main.ts', import.meta.url).pathname,
    'inside',
  ];
  const env = { ...process.env, PATH: searchPath().join(delimiter) };
  const child = spawn(file, argv, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'], env });
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? (signal === null ? 1 : SIGNAL_EXIT)));
  });
  const forgetSignals = passSignals((stops) => {
    if (stops >= STOPS_BEFORE_KILL) child.kill('SIGKILL');
    else if (child.connected) child.send({ type: 'stop' } satisfies OuterMessage);
  });
  const begin: Begin = {
    type: 'begin',
    job,
    outerMounts: await readlink('/proc/self/ns/mnt'),
    processNamespace: enclosure.processNamespace,
    enclosure: `${enclosure.how}${enclosure.processNamespace ? ', process namespace' : ''}`,
    ...(page !== undefined && { pageUrl: page.url }),
  };
  // Two holders of one listening socket would share the connections: it is let go here once it is in there.
  child.send(begin, page?.server, () => page?.server.close());
  try {
    return await ended;
  } finally {
    forgetSignals();
  }
}

/** What a shell reports for a program that a signal ended. */
const SIGNAL_EXIT = 128;

function passSignals(onStop: (stops: number) => void): () => void {
  let stops = 0;
  const onSignal = (): void => {
    stops += 1;
    onStop(stops);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, onSignal);
  return () => {
    for (const signal of signals) process.off(signal, onSignal);
  };
}

async function listenOnLoopback(): Promise<{ server: Server; url: string }> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port for the page');
  return { server, url: `http://127.0.0.1:${address.port}/` };
}
