import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Bundle,
  type BundleBounds,
  writeBundle,
} from '../../../../../agent/adapters/diag/bundle-file.ts';
import { type AnonymiseLevel, Anonymiser } from '../../../../../agent/diag/bundle/anonymise.ts';
import { snapshotParts } from '../../../../../agent/diag/bundle/bundle-parts.ts';
import { tarEntry } from '../../../../../agent/diag/bundle/tar.ts';
import { withheld } from '../../../../../agent/diag/bundle/withhold.ts';
import { HEALTHY_SNAPSHOT, WALL_MS } from '../check/healthy-facts.ts';

const CANARY = 'Canary7secretXYZ';
const WIREGUARD_KEY = `${'CanaryK'.repeat(6)}a=`;

async function opened(
  bundle: Bundle,
  level: AnonymiseLevel,
  bounds?: BundleBounds,
): Promise<Map<string, string>> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of writeBundle(bundle, level, () => undefined, bounds)) chunks.push(chunk);
  const bytes = gunzipSync(Buffer.concat(chunks));
  const files = new Map<string, string>();
  for (let at = 0; bytes[at] !== 0; ) {
    const name = bytes.toString('latin1', at, bytes.indexOf(0, at));
    const size = Number.parseInt(bytes.toString('latin1', at + 124, at + 135), 8);
    files.set(name, bytes.toString('utf8', at + 512, at + 512 + size));
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return files;
}

describe('a bundle', () => {
  it('that breaks off is met by its reader, and by nobody else', async () => {
    const bundle = { wallMs: WALL_MS, parts: [{ name: 'a', text: 'a' }], known: [] };
    const broken = writeBundle(bundle, 'none', () => {
      throw new Error('the progress cannot be shown');
    });
    const read = async (): Promise<void> => {
      for await (const chunk of broken) expect(chunk).toBeDefined();
    };
    await expect(read()).rejects.toThrow('cannot be shown');
  });

  it('holds no secret, in whatever form and file it got there (AB-36)', async () => {
    const leaks = [
      `psk: ${CANARY}`,
      `  psk: "${CANARY} and more ${CANARY}"`,
      `{"password":"${CANARY}","a":1}`,
      `{"preSharedKey": "x\\"${CANARY}"}`,
      `token=${CANARY}&x=1`,
      `Authorization: Bearer ${CANARY}`,
      `Cookie: session=${CANARY}`,
      `private_key = ${CANARY}`,
      `-----BEGIN EC PRIVATE KEY-----\n${CANARY}\n-----END EC PRIVATE KEY-----`,
      `-----BEGIN PRIVATE KEY-----\n${CANARY}\nand cut off`,
      `wg: ${WIREGUARD_KEY}`,
      `aead rfc4106(gcm(aes)) 0x${'c0ffee'.repeat(6)} 128`,
    ];
    const parts = leaks.map((text, at) => ({ name: `leak-${at}.txt`, text: `before\n${text}\n` }));
    const files = await opened({ wallMs: WALL_MS, parts, known: [] }, 'none');
    const all = [...files.values()].join('\n');
    expect(all).not.toContain(CANARY);
    expect(all).not.toContain(WIREGUARD_KEY);
    expect(all).not.toContain('c0ffee');
    expect(files.size).toBe(leaks.length + 1);
    expect(all.match(/before/g)).toHaveLength(leaks.length);
  });

  it('leaves what only looks like a secret readable', () => {
    const text = 'keyFile: /etc/sag-agent/device.key\nThe token bucket is full\nETLS_REFUSED key\n';
    expect(withheld(text)).toBe(text);
  });

  it('calls the same thing by the same word in every file, and tells different things apart', async () => {
    const known = [{ word: 'SAG1000HZ0001', kind: 'serial' } as const];
    const parts = [
      { name: 'a.txt', text: '203.0.113.9 from SAG1000HZ0001 via 10.1.2.3 aa:bb:cc:dd:ee:ff\n' },
      {
        name: 'b.txt',
        text: '203.0.113.9/24, 203.0.113.10, 2001:db8::9, 2001:DB8:0::9 127.0.0.1\n',
      },
    ];
    const files = await opened({ wallMs: WALL_MS, parts, known }, 'public');
    expect(files.get('sag-bundle/a.txt')).toBe('public-ip-1 from serial-1 via 10.1.2.3 mac-1\n');
    expect(files.get('sag-bundle/b.txt')).toBe(
      'public-ip-1/24, public-ip-2, public-ip-3, public-ip-3 127.0.0.1\n',
    );
    const all = await opened({ wallMs: WALL_MS, parts, known }, 'all');
    expect(all.get('sag-bundle/a.txt')).toContain('via private-ip-1 ');
  });

  it('leaves no address behind, wherever in a text it stands', () => {
    const address = fc.oneof(fc.ipV4(), fc.ipV6());
    const around = fc.constantFrom(' ', '"', ',', '/24 ', '(', ')', '\n', '=', '[', ']', '%eth0 ');
    fc.assert(
      fc.property(address, around, around, (own, before, after) => {
        fc.pre(!/^(0|127|255)\.|^[0:]*[01]?$|^::|%/.test(own));
        const shown = new Anonymiser('all', []).text(`${before}${own}${after}`);
        expect(shown).toMatch(/(public|private)-ip-1/);
        expect(shown).not.toContain(own);
      }),
    );
  });

  it('leaves times, versions and counters alone', () => {
    const text = '16:25:01 v1.2.3 1.2.3 10/20 2026-05-05T06:07:08Z 00:01 a::b\n';
    expect(new Anonymiser('public', []).text(text)).toContain('16:25:01 v1.2.3 1.2.3');
  });

  it('is bounded: of what is too long the end is kept, and says so', async () => {
    const text = `old\n${'new line\n'.repeat(100)}`;
    const parts = [1, 2, 3].map((at) => ({ name: `part-${at}.txt`, text }));
    const bounds = { partCharacters: 500, bundleCharacters: 2_000 };
    const files = await opened({ wallMs: WALL_MS, parts, known: [] }, 'none', bounds);
    const first = files.get('sag-bundle/part-1.txt') ?? '';
    expect(first).toMatch(/^\(the beginning was cut.*\nnew line\n/);
    expect(first).not.toContain('old');
    const all = [...files.values()].join('').length;
    expect(all).toBeLessThan(bounds.bundleCharacters + 3 * 100);
  });

  it('of a megabyte of notes is whole to its last line, without what each of them must not tell', async () => {
    const line = (at: number): string => `${at}: wan1 203.0.113.7 is up, token=${CANARY}\n`;
    const text = Array.from({ length: 20_000 }, (_, at) => line(at)).join('');
    const parts = [{ name: 'notes.txt', text }];
    const files = await opened({ wallMs: WALL_MS, parts, known: [] }, 'all');
    const notes = files.get('sag-bundle/notes.txt')?.trimEnd().split('\n') ?? [];
    expect(notes).toHaveLength(20_000);
    const told = notes.map((each, at) => each.replace(`${at}: `, ''));
    expect(new Set(told)).toEqual(new Set(['wan1 public-ip-1 is up, token=(secret withheld)']));
  });

  it('has every view, and a README that names every file', async () => {
    const parts = snapshotParts(HEALTHY_SNAPSHOT);
    const files = await opened({ wallMs: WALL_MS, parts, known: [] }, 'none');
    const readme = files.get('sag-bundle/README.md') ?? '';
    for (const { name } of parts) expect(readme).toContain(`\`${name}\``);
    expect(files.get('sag-bundle/views/why.txt')).toContain('wan1-agw1');
  });

  it('takes no name that leads out of it (AB-29)', () => {
    for (const name of ['../x', '/etc/passwd', 'a/../../b', '', 'x'.repeat(101), 'a\nb'])
      expect(() => tarEntry(name, new Uint8Array(0), 0)).toThrow(RangeError);
  });
});
