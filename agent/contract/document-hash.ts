/** The hash by which desired documents are told apart: SHA-256 of their canonical text. */
import { createHash } from 'node:crypto';
import { canonicalJson } from '../model/canonical-json.ts';
import type { DesiredDocument, HashedDocument } from '../model/desired.ts';

export function hashed(document: DesiredDocument): HashedDocument {
  const hash = createHash('sha256').update(canonicalJson(document)).digest('hex');
  return { document, hash };
}
