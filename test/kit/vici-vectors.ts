/**
 * Reads the VICI vectors: who sent what, the packet as JSON, then its bytes in hexadecimal.
 */
import { readFileSync } from 'node:fs';

export interface ViciVector {
  readonly from: 'swanctl' | 'charon';
  readonly what: string;
  readonly json: unknown;
  readonly bytes: Uint8Array;
}

export function viciVectors(): readonly ViciVector[] {
  const url = new URL('../vectors/vici/packets.txt', import.meta.url);
  const blocks = readFileSync(url, 'utf8').split('\n\n').slice(1);
  return blocks.map((block) => {
    const [head = '', json = '', ...hex] = block.trim().split('\n');
    const [from = '', what = ''] = head.replace(/^# /, '').split(': ');
    return {
      from: from === 'swanctl' ? 'swanctl' : 'charon',
      what,
      json: JSON.parse(json) as unknown,
      bytes: Uint8Array.from(Buffer.from(hex.join(''), 'hex')),
    };
  });
}
