/**
 * What the tunnel engines say of each tunnel: the age of its keys, where its far end is, and how much went through.
 */
import type { AgentSnapshot, EngineFigures, TunnelSnapshot } from '../model/snapshot.ts';
import { duration } from '../report/render-duration.ts';
import { type Block, type Cell, cell } from './text-table.ts';

export function engineBlocks({ fastPath }: AgentSnapshot): readonly Block[] {
  return [
    { block: 'heading', text: 'Engines' },
    {
      block: 'table',
      head: ['TUNNEL', 'ENGINE', 'FAR END', 'KEYS', 'IKE SA', 'RECEIVED', 'SENT'],
      rows: fastPath.tunnels.flatMap((tunnel) => rowOf(tunnel)),
      none: 'no engine has told of a tunnel yet',
    },
  ];
}

function rowOf({ id, engine }: TunnelSnapshot): readonly (readonly Cell[])[] {
  if (engine === undefined) return [];
  const { kind, endpoint = 'unknown', rxBytes, txBytes } = engine;
  return [
    [
      cell(id),
      cell(kind),
      cell(endpoint),
      cell(keyWords(engine)),
      cell(ikeWords(engine)),
      cell(bytesText(rxBytes)),
      cell(bytesText(txBytes)),
    ],
  ];
}

function keyWords({ handshakeAgeMs }: EngineFigures): string {
  return handshakeAgeMs === undefined ? 'none yet' : `${duration(handshakeAgeMs)} old`;
}

function ikeWords({ security }: EngineFigures): string {
  if (security === undefined) return '-';
  const { ikeAgeS, ikeCipher } = security;
  return `${duration(ikeAgeS * MS_PER_S)} old, ${ikeCipher}`;
}

function bytesText(bytes: number): string {
  const unit = UNITS.findLast(({ size }) => bytes >= size) ?? UNITS[0];
  return `${Number((bytes / unit.size).toPrecision(3))} ${unit.name}`;
}

const MS_PER_S = 1_000;
const UNITS = [
  { size: 1, name: 'B' },
  { size: 1e3, name: 'kB' },
  { size: 1e6, name: 'MB' },
  { size: 1e9, name: 'GB' },
  { size: 1e12, name: 'TB' },
] as const;
