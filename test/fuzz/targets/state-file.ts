/**
 * What stands on the disk of the device when it starts: by the first byte a sealed file, the book of crashes, the list
 * of a generation of identity files, or a record of one of the store's shelves (second byte: which).
 *
 * Property: nothing damaged is believed, what is believed is typed and the same once kept again, and what is left behind
 * is told with its shelf.
 */
import { readRestored } from '../../../agent/contract/restored.ts';
import { keepCrashBook, readCrashBook } from '../../../agent/durable/crash-book.ts';
import { keepGeneration, readGenerations } from '../../../agent/durable/generations.ts';
import { sealed, unsealed } from '../../../agent/durable/seal.ts';
import { keepSealed, readSealed } from '../../../agent/durable/sealed-file.ts';
import type { Random } from '../../../firmware-shim/base/random.ts';
import { ModelDisk } from '../../../sim/models/disk/model-disk.ts';
import { joined } from '../mutation.ts';
import { reshapedJson } from '../reshaping.ts';
import { type FuzzTarget, hold, holdEqual, holdRefusal } from '../target.ts';
import { JSON_WORDS } from './json-words.ts';

const KINDS = ['sealed', 'crashes', 'generation', 'shelf'] as const;
/** As they are written, and the one key that counts where there is one. */
const SHELVES = [
  ['access', 'bdSeq'],
  ['access', 'choice'],
  ['desired', 'document'],
  ['desired', 'trial'],
  ['outbox', 'boot-0-1'],
  ['commands', 'c-1'],
  ['commands', '.floor'],
  ['flaps', 't1'],
  ['lock', 'offline'],
  ['log-level', 'held'],
] as const;
const CONTENT_AT = 2;
/** The member a generation's list is tried against. */
const MEMBER = new TextEncoder().encode('key');

export const stateFile: FuzzTarget = {
  bytesMax: 8_192,
  dictionary: [...JSON_WORDS, 'sag1 ', ' 00000000\n', 'key 3 ', '../', '"crashes":1', '"v":1'],
  reshape: (input, random) => withContent(input, reshapedJson(input.subarray(CONTENT_AT), random)),
  mend: withTrueSeal,
  check: (input) => {
    const kind = KINDS[(input[0] ?? 0) % KINDS.length];
    const bytes = input.slice(CONTENT_AT);
    if (kind === 'sealed') return sealedFile(bytes);
    if (kind === 'crashes') return crashBook(bytes);
    return kind === 'generation' ? generation(bytes) : shelf(input[1] ?? 0, bytes);
  },
};

function sealedFile(bytes: Uint8Array): string {
  const disk = new ModelDisk();
  disk.create('state', bytes);
  const { content, quarantined } = readSealed(disk, 'state');
  if (content === undefined) {
    hold(quarantined !== undefined, 'a damaged file is not set aside');
    holdEqual(disk.read(quarantined), bytes, 'a damaged file is not kept as it was');
    return 'sealed: absent';
  }
  holdEqual(sealed(content), bytes, 'a seal that was believed is none');
  keepSealed(disk, 'state', content);
  holdEqual(readSealed(disk, 'state').content, content, 'a content did not survive');
  return 'sealed: accepted';
}

function crashBook(bytes: Uint8Array): string {
  const disk = new ModelDisk();
  disk.create('crashes', bytes);
  const book = readCrashBook(disk);
  if (book === undefined) return 'crashes: absent';
  hold(book.crashes >= 0 && book.relapses >= 0, 'there are fewer crashes than none');
  keepCrashBook(disk, book);
  holdEqual(readCrashBook(disk), book, 'a book did not survive');
  return 'crashes: accepted';
}

function generation(bytes: Uint8Array): string {
  const disk = new ModelDisk();
  disk.makeDirectory('identity.7');
  disk.create('identity.7/key', MEMBER);
  disk.create('identity.7/seal', bytes);
  const [found] = readGenerations(disk, 'identity');
  if (found === undefined) return 'generation: absent';
  for (const [name, content] of found.members) {
    holdEqual([name, content], ['key', MEMBER], 'a generation has a member nobody gave it');
  }
  keepGeneration(disk, 'identity', found.members);
  holdEqual(
    readGenerations(disk, 'identity')[0],
    { number: 8, members: found.members },
    'a generation did not survive',
  );
  return `generation: ${found.members.size === 0 ? 'empty' : 'accepted'}`;
}

function shelf(which: number, bytes: Uint8Array): string {
  const [name, key] = SHELVES[which % SHELVES.length] ?? SHELVES[0];
  const value = new TextDecoder().decode(bytes);
  const restored = readRestored((asked) => (asked === name ? [{ key, value }] : []));
  for (const { shelf: of, refusal } of restored.refused) {
    hold(of === name, 'what was left behind is told of another shelf');
    holdRefusal(refusal);
  }
  const again = readRestored((asked) => (asked === name ? [{ key, value }] : []));
  holdEqual(again, restored, 'the same record reads otherwise');
  return `${name} ${key}: ${restored.refused.length === 0 ? 'accepted' : 'refused'}`;
}

function withContent(input: Uint8Array, content: Uint8Array): Uint8Array {
  return joined(input.subarray(0, CONTENT_AT), content);
}

/** Seals what is damaged, or what was inside a seal. */
function withTrueSeal(input: Uint8Array, random: Random): Uint8Array {
  if (KINDS[(input[0] ?? 0) % KINDS.length] === 'shelf') return input;
  const inside = input.subarray(CONTENT_AT);
  const end = inside.indexOf(0x0a);
  const content = (random.u32() & 1) === 0 ? inside : inside.subarray(end + 1);
  return withContent(input, unsealed(inside) === undefined ? sealed(content) : inside);
}
