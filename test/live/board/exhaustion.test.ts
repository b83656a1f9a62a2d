/** A machine that has run out of descriptors: the floor says so, goes on, and recovers. */
import { execFile } from 'node:child_process';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { PtyScene } from './pty-scene.ts';

/** Enough for Node itself and for one thing of each kind. */
const DESCRIPTORS_MAX = 64;

let scene: PtyScene;

beforeEach(() => {
  scene = new PtyScene();
});

afterEach(() => scene.close());

it('is told by every door with a code, and each works again as soon as there are descriptors', async () => {
  await scene.start();
  const story = new URL('exhaustion-story.ts', import.meta.url).pathname;
  const limit = [`--nofile=${DESCRIPTORS_MAX}:${DESCRIPTORS_MAX}`, '--'];
  const program = [process.execPath, '--disable-warning=ExperimentalWarning', story];
  const said = await new Promise((resolve) => {
    execFile('prlimit', [...limit, ...program, scene.linkPath], (_error, out, err) =>
      resolve(err === '' ? JSON.parse(out) : err),
    );
  });
  expect(said).toEqual({
    kernel: 'EMFILE',
    kernelAfter: 'ok',
    hostProblems: true,
    serial: 'ESERIAL_FAILED',
    leaked: 0,
  });
});
