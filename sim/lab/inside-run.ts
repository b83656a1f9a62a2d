/**
 * What a job inside the enclosure gets to work with.
 */
import type { Server } from 'node:net';
import type { Begin } from './enclosed-run.ts';

export interface InsideRun {
  readonly begin: Begin;
  /** Listening outside the enclosure; present when the job asked for a page. */
  readonly pageServer?: Server;
  /** Aborted when somebody asks the run to end, or when the outer half is gone. */
  readonly stop: AbortSignal;
}
