/**
 * How soon the session of each tunnel notices silence, and how often loss alone would take it Down.
 */
import type { AgentSnapshot, TunnelSnapshot } from '../model/snapshot.ts';
import { type Block, type Cell, cell } from './text-table.ts';

export function livenessBlocks({ fastPath }: AgentSnapshot): readonly Block[] {
  return [
    { block: 'heading', text: 'Liveness' },
    {
      block: 'table',
      head: ['TUNNEL', 'SILENCE', 'MULTIPLIER', 'LOST', 'ODDS OF A FALSE DOWN'],
      rows: fastPath.tunnels.map(rowOf),
      none: 'there is no session',
    },
  ];
}

/** The same for programs. */
export function livenessFigures({ fastPath }: AgentSnapshot) {
  return fastPath.tunnels.map(
    ({ id, session: { detectMs, detectMult, lossRatio, falseDown } }) => ({
      tunnel: id,
      detectMs,
      ...(detectMult === undefined ? {} : { detectMult }),
      ...(lossRatio === undefined ? {} : { lossRatio }),
      ...(falseDown === undefined ? {} : { falseDown }),
    }),
  );
}

function rowOf({ id, session }: TunnelSnapshot): readonly Cell[] {
  const { detectMs, detectMult, lossRatio, falseDown } = session;
  return [
    cell(id),
    cell(`${detectMs.toFixed(0)} ms`),
    cell(detectMult === undefined ? '' : String(detectMult)),
    cell(lossRatio === undefined ? 'unknown' : `${Number((lossRatio * 100).toPrecision(2))} %`),
    cell(falseDown?.sentence ?? 'too few packets yet', falseDown === undefined ? 'dim' : 'plain'),
  ];
}
