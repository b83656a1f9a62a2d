/**
 * Our side of the link-event rounds, a process like the C listener's: same arguments, same output.
 */
import { loadNative } from '../../firmware-shim/adapters/native.ts';
import { openKernel } from '../../firmware-shim/open-kernel.ts';

const [netnsPath = '', index = '', priority = ''] = process.argv.slice(2);
const changes: { readonly isUp: boolean; readonly ns: bigint }[] = [];
let last: boolean | undefined;

const kernel = openKernel({ netnsPath });
kernel.listen((events) => {
  for (const event of events) {
    if (event.type !== 'linkChanged' || event.link.index !== Number(index)) continue;
    const isUp = event.link.adminUp;
    if (last === undefined) process.stdout.write('ready\n');
    else if (isUp !== last) changes.push({ isUp, ns: process.hrtime.bigint() });
    last = isUp;
  }
});
if (Number(priority) > 0) loadNative().setRealtime(Number(priority));

process.stdin.resume();
process.stdin.on('end', () => {
  kernel.close();
  for (const { isUp, ns } of changes) process.stdout.write(`${isUp ? 1 : 0} ${ns}\n`);
});
