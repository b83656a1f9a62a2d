/** The device's pairs of certificate and key, with the power cut at every step: there is always one to connect with. */
import { describe, expect, it } from 'vitest';
import { keepGeneration } from '../../../../agent/durable/generations.ts';
import { IdentityPairs } from '../../../../agent/durable/identity-pairs.ts';
import { ModelDisk } from '../../../../sim/models/disk/model-disk.ts';
import { everyPowerCut, everyRefusal } from '../../../../sim/models/disk/power-cuts.ts';
import { expectOneOf } from '../../../kit/expect-one-of.ts';

/** The key of a life of the device; each asking for a fresh one gets another. */
function keys(prefix: string): () => string {
  let count = 0;
  return () => {
    count += 1;
    return `key ${prefix}${count}`;
  };
}

/** From the question to the moment a gateway has accepted the new pair. */
function renew(disk: ModelDisk, fresh: () => string): void {
  const pairs = new IdentityPairs(disk);
  const key = pairs.waitingKey(fresh);
  pairs.complete(`certificate of ${key}`, key);
  pairs.proved(pairs.all()[0]?.generation ?? 0);
}

/** The keys of the pairs, newest first; a certificate beside another key would tell itself. */
function found(disk: ModelDisk): readonly string[] {
  return new IdentityPairs(disk).all().map(({ certificate, key }) => {
    expect(certificate).toBe(`certificate of ${key}`);
    return key;
  });
}

function enrolled(): ModelDisk {
  const disk = new ModelDisk();
  renew(disk, keys('a'));
  return disk.copy();
}

describe('a renewal', () => {
  it('ends with one pair, and no key waiting', () => {
    const disk = enrolled();
    renew(disk, keys('b'));
    expect(found(disk)).toEqual(['key b1']);
    expect(new IdentityPairs(disk).waitingKey(keys('c'))).toBe('key c1');
  });

  it('leaves a whole pair to connect with, wherever the power was cut', () => {
    let cuts = 0;
    for (const { at, disk } of everyPowerCut(enrolled(), (running) => renew(running, keys('b')))) {
      cuts += 1;
      expectOneOf(found(disk), [['key a1'], ['key b1', 'key a1'], ['key b1']], at);
      // The next start goes on from whatever was found.
      renew(disk, keys('c'));
      expectOneOf(found(disk), [['key b1'], ['key c1']], at);
    }
    expect(cuts).toBeGreaterThan(100);
  });

  it('leaves a whole pair when the disk refused any one step', () => {
    const tryTo = (running: ModelDisk): boolean => {
      try {
        renew(running, keys('b'));
        return true;
      } catch {
        return false;
      }
    };
    for (const { at, disk, answer } of everyRefusal(enrolled(), tryTo)) {
      for (const after of disk.afterPowerCut()) {
        const [newest] = found(after);
        expectOneOf(newest, answer ? ['key b1'] : ['key b1', 'key a1'], at);
      }
    }
  });
});

describe('a first enrolment', () => {
  it('asks again for the same key after a power cut, once the key was on the disk', () => {
    const ask = (running: ModelDisk): string => new IdentityPairs(running).waitingKey(keys('a'));
    for (const { at, disk, isThrough } of everyPowerCut(new ModelDisk(), ask)) {
      const again = new IdentityPairs(disk).waitingKey(keys('b'));
      expectOneOf(again, isThrough ? ['key a1'] : ['key a1', 'key b1'], at);
    }
  });

  it('never uses a key twice: one that has its certificate waits for none', () => {
    const disk = new ModelDisk();
    const pairs = new IdentityPairs(disk);
    const key = pairs.waitingKey(keys('a'));
    for (const { at, disk: after } of everyPowerCut(disk.copy(), (running) =>
      new IdentityPairs(running).complete(`certificate of ${key}`, key),
    )) {
      const next = new IdentityPairs(after).waitingKey(keys('b'));
      const isKept = found(after).includes(key);
      expect({ at, next }).toEqual({ at, next: isKept ? 'key b1' : 'key a1' });
    }
  });
});

describe('two pairs', () => {
  function twice(): { readonly disk: ModelDisk; readonly pairs: IdentityPairs } {
    const disk = new ModelDisk();
    const pairs = new IdentityPairs(disk);
    for (const key of ['a', 'b']) pairs.complete(`certificate of key ${key}`, `key ${key}`);
    return { disk, pairs };
  }

  it('stay beside each other, newest first, until one is discarded', () => {
    const { disk, pairs } = twice();
    expect(found(disk)).toEqual(['key b', 'key a']);
    pairs.discard(pairs.all()[0]?.generation ?? 0);
    expect(found(disk)).toEqual(['key a']);
  });

  it('are one when the newer is proved, and still two when the older is', () => {
    const { disk, pairs } = twice();
    const [newer, older] = pairs.all().map(({ generation }) => generation);
    pairs.proved(older ?? 0);
    expect(found(disk)).toEqual(['key b', 'key a']);
    pairs.proved(newer ?? 0);
    expect(found(disk)).toEqual(['key b']);
  });

  it('count only when they are whole', () => {
    const { disk } = twice();
    const half = new Map([['certificate.pem', new TextEncoder().encode('alone')]]);
    keepGeneration(disk, 'identity', half);
    expect(found(disk)).toEqual(['key b', 'key a']);
    keepGeneration(disk, 'identity', new Map([['key.pem', new TextEncoder().encode('alone')]]));
    expect(found(disk)).toEqual(['key b', 'key a']);
  });
});
