/** The store on a disk whose flush fails (F-26): it never believes that file again, and loses nothing it said was kept. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SqliteStore } from '../../../agent/adapters/store/sqlite-store.ts';

const run = promisify(execFile);
const STORE = new URL('../../../agent/adapters/store/sqlite-store.ts', import.meta.url).href;
const SOURCE = fileURLToPath(new URL('failing-disk.c', import.meta.url));
const EVALUATE = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e'];

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sag-flush-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** What a writer on a disk of so many failing flushes was told of each record, from the second on. */
async function told(failingFlushes: number): Promise<readonly string[]> {
  const library = join(directory, 'failing-disk.so');
  await run('cc', ['-shared', '-fPIC', '-O1', '-o', library, SOURCE, '-ldl']);
  const when = join(directory, 'now');
  const writer = `
    import { writeFileSync } from 'node:fs';
    import { SqliteStore } from '${STORE}';
    const store = new SqliteStore({ directory: process.argv[1], onQuarantine() {}, onVolatile() {} });
    await store.put('desired', 'document', 'before');
    writeFileSync(process.argv[2], '');
    const told = [];
    for (let at = 0; at < 6; at += 1) {
      told.push(await store.put('outbox', String(at), 'x').then(() => 'kept', (error) => error.code));
    }
    process.stdout.write(JSON.stringify(told));
    process.kill(process.pid, 'SIGKILL');`;
  const env = {
    ...process.env,
    LD_PRELOAD: library,
    SAG_FAIL_WHEN: when,
    SAG_FAIL_FLUSHES: String(failingFlushes),
  };
  const argv = [...EVALUATE, writer, join(directory, 'state'), when];
  const { stdout } = await run(process.execPath, argv, { env }).catch(
    (error: { readonly stdout: string }) => error,
  );
  return JSON.parse(stdout) as readonly string[];
}

function open(): SqliteStore {
  const ignore = (): void => undefined;
  const options = { onQuarantine: ignore, onVolatile: ignore };
  return new SqliteStore({ directory: join(directory, 'state'), ...options });
}

describe('a store whose flush fails', () => {
  beforeEach((ctx) => {
    const hasCompiler = ['/usr/bin/cc', '/usr/local/bin/cc'].some((path) => existsSync(path));
    if (!hasCompiler && process.env['CI'] === undefined) ctx.skip('no cc (apt: gcc, libc6-dev)');
  });

  it.each([
    [1, 'takes everything over into a new file at once'],
    [4, 'refuses what it cannot keep, and takes all over as soon as the disk flushes again'],
  ])('%i times: it %s', async (flushes) => {
    const answers = await told(flushes);
    const kept = answers.flatMap((answer, at) => (answer === 'kept' ? [String(at)] : []));
    expect(answers.at(-1)).toBe('kept');
    expect(answers.includes('ESTORAGE')).toBe(flushes > 1);
    const store = open();
    expect(store.loadNow('desired')).toEqual([{ key: 'document', value: 'before' }]);
    const found = store.loadNow('outbox').map(({ key }) => key);
    expect(found).toEqual(expect.arrayContaining(kept));
    // The file that failed is where somebody can look at it, and is not the one in use.
    expect(readdirSync(join(directory, 'state')).join()).toMatch(/state\.db\.damaged-1/);
    await store.close();
  });
});
