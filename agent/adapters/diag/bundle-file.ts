/**
 * Writes a bundle: secrets out, names replaced, then tar and gzip, part by part within a bound.
 */
import { pipeline, Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { type AnonymiseLevel, Anonymiser, type KnownWord } from '../../diag/bundle/anonymise.ts';
import { type BundlePart, readme } from '../../diag/bundle/bundle-parts.ts';
import { tarEnd, tarEntry } from '../../diag/bundle/tar.ts';
import { withheld } from '../../diag/bundle/withhold.ts';

/** Of one part, and of all together before compression; what is cut says so. */
const BOUNDS = { partCharacters: 16 * 1024 * 1024, bundleCharacters: 64 * 1024 * 1024 } as const;
const ROOT = 'sag-bundle';
const SECOND_MS = 1_000;

export interface Bundle {
  readonly wallMs: number;
  readonly parts: readonly BundlePart[];
  readonly known: readonly KnownWord[];
}

export interface BundleBounds {
  readonly partCharacters: number;
  readonly bundleCharacters: number;
}

export function writeBundle(
  bundle: Bundle,
  level: AnonymiseLevel,
  progress: (what: string) => void,
  bounds: BundleBounds = BOUNDS,
): AsyncIterable<Uint8Array> {
  const from = Readable.from(entries(bundle, level, progress, bounds));
  // What goes wrong on the way is met by who reads; nobody else may fall over it.
  return pipeline(from, createGzip(), () => undefined);
}

function* entries(
  { wallMs, parts, known }: Bundle,
  level: AnonymiseLevel,
  progress: (what: string) => void,
  bounds: BundleBounds,
): Generator<Uint8Array> {
  const anonymiser = new Anonymiser(level, known);
  const names = parts.map(({ name }) => name);
  const all = [{ name: 'README.md', text: readme(wallMs, names, level) }, ...parts];
  let left = bounds.bundleCharacters;
  for (const [at, { name, text }] of all.entries()) {
    progress(`${at + 1} of ${all.length}: ${name}`);
    const shown = anonymiser.text(withheld(cut(text, Math.min(bounds.partCharacters, left))));
    left = Math.max(0, left - shown.length);
    yield tarEntry(`${ROOT}/${name}`, Buffer.from(shown), wallMs / SECOND_MS);
  }
  yield tarEnd();
}

/** The newest matter: of what is too long, the end is kept. */
function cut(text: string, charactersMax: number): string {
  if (text.length <= charactersMax) return text;
  const from = text.indexOf('\n', text.length - charactersMax) + 1;
  return `(the beginning was cut: too much for a bundle)\n${text.slice(from)}`;
}
