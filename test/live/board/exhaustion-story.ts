/**
 * A process that runs out of descriptors with a board line open to nowhere yet, and gets them back:
 * `exhaustion-story.ts <serial path>`. Prints what each door said, as one JSON object.
 */
import { closeSync, openSync, readdirSync } from 'node:fs';
import { SeededRandom } from '../../../firmware-shim/base/random.ts';
import { openBoard } from '../../../firmware-shim/open-board.ts';
import { openHost } from '../../../firmware-shim/open-host.ts';
import { openKernel } from '../../../firmware-shim/open-kernel.ts';

const [path = ''] = process.argv.slice(2);

function openDescriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

function codeOf(act: () => void): string {
  try {
    act();
    return 'ok';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

// What is loaded on first use is loaded before it can no longer be.
openKernel().close();
const warm = openBoard({ path, baudRate: 115_200, random: new SeededRandom(1), onEvent: onWarm });
const warmUp = Promise.withResolvers<void>();
function onWarm({ type }: { readonly type: string }): void {
  if (type === 'boardUp') warmUp.resolve();
}
await warmUp.promise;
warm.close();
await settled();
const before = openDescriptors();

const taken: number[] = [];
while (codeOf(() => taken.push(openSync('/dev/null', 'r'))) === 'ok');
const kernel = codeOf(() => openKernel().close());
const host = openHost({ uplinks: { wan: [] }, diskPath: '/' });
const { problems } = host.sample(0);
host.close();

const refused = Promise.withResolvers<string>();
const up = Promise.withResolvers<void>();
const board = openBoard({
  path,
  baudRate: 115_200,
  random: new SeededRandom(1),
  onEvent: ({ type }) => {
    if (type === 'boardUp') up.resolve();
  },
  onNote: (note) => {
    if (note.code === 'portClosed') refused.resolve(note.reason);
  },
});
const serial = await refused.promise;
for (const fd of taken) closeSync(fd);
const kernelAfter = codeOf(() => openKernel().close());
await up.promise;
board.close();
await settled();
const leaked = openDescriptors() - before;
const said = { kernel, kernelAfter, hostProblems: problems.cpu > 0, serial, leaked };
process.stdout.write(`${JSON.stringify(said)}\n`, () => process.exit(0));

/** Closed handles let go of their descriptors between turns of the loop. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
