/**
 * What became of the mutants, by file and area.
 */
import type { MutantResult } from '@stryker-mutator/api/core';

export interface FileScore {
  readonly file: string;
  readonly mutants: number;
  /** A test failed, or did not end. */
  readonly noticed: number;
  readonly survived: number;
  /** No test comes by. */
  readonly unreached: number;
  /** In per cent of the mutants. */
  readonly score: number;
}

interface Survivor {
  readonly at: string;
  readonly mutation: string;
  readonly reached: boolean;
}

/** The counts of an area, together and by file. */
export interface Scored extends FileScore {
  readonly area: string;
  readonly files: readonly FileScore[];
}

export interface AreaScore extends Scored {
  readonly survivors: readonly Survivor[];
}

type PathOf = (file: string) => string;

const NOTICED = new Set(['Killed', 'Timeout']);
const SHOWN_CHARACTERS_MAX = 120;

export function scoreOf(area: string, mutants: readonly MutantResult[], path: PathOf): AreaScore {
  const byFile = Map.groupBy(mutants, ({ fileName }) => path(fileName));
  const files = [...byFile].map(([file, inFile]) => countOf(file, inFile));
  return {
    area,
    ...countOf('', mutants),
    files: files.toSorted((a, b) => a.file.localeCompare(b.file)),
    survivors: mutants.flatMap((mutant) => survivorOf(mutant, path)),
  };
}

/** Mutants that cannot run and those marked as equivalent say nothing about tests. */
function countOf(file: string, mutants: readonly MutantResult[]): FileScore {
  const count = (isMeant: (status: string) => boolean): number =>
    mutants.filter(({ status }) => isMeant(status)).length;
  const noticed = count((status) => NOTICED.has(status));
  const survived = count((status) => status === 'Survived');
  const unreached = count((status) => status === 'NoCoverage');
  const counted = noticed + survived + unreached;
  const score = counted === 0 ? 100 : (100 * noticed) / counted;
  return { file, mutants: counted, noticed, survived, unreached, score };
}

function survivorOf(mutant: MutantResult, path: PathOf): Survivor[] {
  const { status, fileName, location, mutatorName, replacement } = mutant;
  if (status !== 'Survived' && status !== 'NoCoverage') return [];
  const { line, column } = location.start;
  const text = replacement.replace(/\s+/g, ' ').slice(0, SHOWN_CHARACTERS_MAX);
  return [
    {
      at: `${path(fileName)}:${line}:${column}`,
      mutation: `${mutatorName}: ${text}`,
      reached: status === 'Survived',
    },
  ];
}

export function survivorLine({ at, mutation, reached }: Survivor): string {
  return `${at}  ${mutation}${reached ? '' : '  (no test comes by)'}`;
}

/** A table for people, and for the docs. */
export function tableOf(scores: readonly Scored[]): string {
  const rows = scores.flatMap((each) => [
    [`**${each.area}**`, ...cells(each)],
    ...each.files.map((file) => [`\`${file.file}\``, ...cells(file)]),
  ]);
  const head = ['area, file', 'mutants', 'noticed', 'survived', 'no test', 'score'];
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function cells({ mutants, noticed, survived, unreached, score }: FileScore): readonly string[] {
  return [...[mutants, noticed, survived, unreached].map(String), score.toFixed(1)];
}
