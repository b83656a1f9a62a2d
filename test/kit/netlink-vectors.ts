/**
 * Reads the netlink vectors: a comment, one line of JSON, then lines of hexadecimal bytes.
 */
import { readFileSync } from 'node:fs';

export interface NetlinkVector {
  /** The comment above, without its `#`. */
  readonly what: string;
  readonly json: unknown;
  readonly bytes: Uint8Array;
}

export function netlinkVectors(name: 'requests' | 'events' | 'answers'): readonly NetlinkVector[] {
  const url = new URL(`../vectors/netlink/${name}.txt`, import.meta.url);
  const blocks = readFileSync(url, 'utf8').split('\n\n').slice(1);
  return blocks.map((block) => {
    const [what = '', json = '', ...hex] = block.trim().split('\n');
    return {
      what: what.replace(/^# /, ''),
      json: JSON.parse(json) as unknown,
      bytes: Uint8Array.from(Buffer.from(hex.join(' ').replaceAll(' ', ''), 'hex')),
    };
  });
}
