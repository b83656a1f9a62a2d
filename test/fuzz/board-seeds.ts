/**
 * The hand-written vectors of the board line, as starting points: a new message is fuzzed once it has a vector.
 */
import { readdirSync } from 'node:fs';
import { readBoardVectors } from '../kit/board-vectors.ts';

export function boardSeeds(): readonly Uint8Array[] {
  return readdirSync(new URL('../vectors/board/', import.meta.url))
    .toSorted()
    .flatMap((file) => readBoardVectors(file).map(({ line }) => line));
}
