/** A fast-path thread that dies takes the process along: a restart is the one way back, and it is quick. */
import { execFile } from 'node:child_process';
import { expect, it } from 'vitest';

it('ends the process with its reason', async () => {
  const worker = new URL('../../../agent/adapters/fast-path/fast-path-worker.ts', import.meta.url)
    .href;
  const options = "{ netnsPath: '/run/netns/sagf-none', realtime: false, onFact: () => undefined }";
  const script = `import(${JSON.stringify(worker)}).then(({ startFastPath }) => {
    startFastPath(${options});
    setInterval(() => undefined, 1_000);
  })`;
  const words = ['--disable-warning=ExperimentalWarning', '-e', script];
  const ended = await new Promise<{ code: unknown; err: string }>((resolve) => {
    execFile(process.execPath, words, (error, _out, err) => resolve({ code: error?.code, err }));
  });
  expect(ended.code).toBe(1);
  expect(ended.err).toContain('ENOENT');
});
