/**
 * What of a document this device carries out in its HA role: a cold standby makes no tunnel and routes no prefix of the
 * CCN, and keeps everything else, the gateway connection above all, over which it hears that it is active now.
 */
import type { DesiredDocument } from '../model/desired.ts';
import { isColdStandby } from '../model/ha.ts';

export function carriedDocument(document: DesiredDocument): DesiredDocument {
  if (!isColdStandby(document.ha)) return document;
  const { endToEnd: _, ...rest } = document;
  return { ...rest, tunnels: [], prefixes: [] };
}
