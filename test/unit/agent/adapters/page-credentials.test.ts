import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PageCredentials } from '../../../../agent/adapters/page/page-credentials.ts';
import { DirectoryFiles } from '../../../../agent/adapters/store/directory-files.ts';

const PASSWORD = 'a plain passphrase';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'page-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function credentials(): PageCredentials {
  return new PageCredentials(new DirectoryFiles(directory));
}

describe('the passwords of the page', () => {
  it('are none at first, and outlive a restart as digests for their owner alone', async () => {
    expect(credentials().isSet).toBe(false);
    expect(await credentials().verify('admin', '')).toBe('wrong');
    expect(await credentials().set('admin', PASSWORD, true)).toBe('set');
    const after = credentials();
    expect(after.isSet).toBe(true);
    expect(await after.verify('admin', PASSWORD)).toBe('right');
    expect(await after.verify('admin', `${PASSWORD}!`)).toBe('wrong');
    expect(await after.verify('viewer', PASSWORD)).toBe('wrong');
    const file = join(directory, 'page-passwords');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8')).not.toContain(PASSWORD);
  });

  it('are set first by one of two who try at once', async () => {
    const both = credentials();
    const ends = await Promise.all([
      both.set('admin', PASSWORD, true),
      both.set('admin', 'another passphrase', true),
    ]);
    expect(ends).toEqual(['set', 'late']);
    expect(await both.verify('admin', PASSWORD)).toBe('right');
  });

  it('are worked on one by one, and whoever comes when many wait comes again', async () => {
    const busy = credentials();
    const answers = await Promise.all(
      Array.from({ length: 10 }, async () => busy.verify('admin', 'guess')),
    );
    expect(answers.slice(8)).toEqual(['busy', 'busy']);
    expect(answers.slice(0, 8)).not.toContain('busy');
  });

  it('open nothing when their file is damaged, until the button is pressed', async () => {
    await credentials().set('admin', PASSWORD, true);
    writeFileSync(join(directory, 'page-passwords'), 'something else');
    for (const damaged of [credentials(), credentials()]) {
      expect(damaged.isSet).toBe(true);
      expect(await damaged.set('admin', 'a new passphrase', true)).toBe('late');
      expect(await damaged.verify('admin', PASSWORD)).toBe('wrong');
    }
    expect(credentials().forget().ok).toBe(true);
    expect(credentials().isSet).toBe(false);
  });
});
