/**
 * Rows of suite `tunnel`: the hole in a flow of one packet a millisecond when the active path dies, told by its
 * wire or found by silence.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { loadNative } from '../../firmware-shim/adapters/native.ts';
import { type BenchRow, boundRow } from '../harness.ts';
import { EchoFlow } from './echo-flow.ts';
import { PathLab } from './path-lab.ts';

/** So many that the one that was cut has long recovered when its turn comes again. */
const PATHS = 8;
const BFD = { desiredMinTxMs: 50, requiredMinRxMs: 50, detectMult: 3 };
const DETECT_MS = BFD.requiredMinRxMs * BFD.detectMult;
const CUTS = { link: 20, 'black-hole': 100 } as const;
type Cause = keyof typeof CUTS;
const GOALS = { link: { p50: 10 }, 'black-hole': { p50: 150 } } as const;
/** Of the black hole's longest: the detection time, a tenth of it, and 50 ms for two machines. */
const LONGEST_MS = DETECT_MS * 1.1 + 50;
/** Flow and paths are quiet again. */
const SETTLE_MS = 150;
/** The flow must not be late itself: its thread is as punctual as those it measures. */
const REALTIME_PRIORITY = 10;

export async function outageRows(): Promise<readonly BenchRow[]> {
  const lab = await PathLab.open({ paths: PATHS, bfd: BFD });
  loadNative().setRealtime(REALTIME_PRIORITY);
  const flow = new EchoFlow(lab);
  try {
    const hole = await rounds(lab, flow, 'black-hole');
    const link = await rounds(lab, flow, 'link');
    const unit = 'ms';
    return [
      boundRow({
        id: 'outage-link',
        what: 'hole in a 1 ms flow when the link of the active uplink goes down',
        unit,
        samples: link,
        figure: 'p50',
        most: GOALS.link.p50,
      }),
      boundRow({
        id: 'outage-black-hole',
        what: 'hole in a 1 ms flow when the active path silently drops everything, 50 ms x 3',
        unit,
        samples: hole,
        figure: 'p50',
        most: GOALS['black-hole'].p50,
      }),
      boundRow({
        id: 'outage-black-hole-max',
        what: 'the longest of those holes',
        unit,
        samples: hole,
        figure: 'max',
        most: LONGEST_MS,
      }),
    ];
  } finally {
    loadNative().setRealtime(0);
    flow.close();
    await lab.close();
  }
}

async function rounds(lab: PathLab, flow: EchoFlow, cause: Cause): Promise<readonly number[]> {
  const holesMs: number[] = [];
  while (holesMs.length < CUTS[cause]) {
    // Somewhere to go, or it is no failover.
    await lab.until(() => lab.upCount >= 2);
    await sleep(SETTLE_MS);
    flow.takeLongestMs();
    const path = lab.active;
    const since = lab.changes.length;
    await (cause === 'link' ? lab.setWire(path, false) : lab.blackHole(path));
    await lab.until(() => lab.changes.length > since);
    await sleep(SETTLE_MS);
    const holeMs = flow.takeLongestMs();
    holesMs.push(holeMs);
    if (holeMs > LONGEST_MS) console.log(`${holeMs.toFixed(0)} ms: ${lab.changes[since]?.because}`);
    await (cause === 'link' ? lab.setWire(path, true) : lab.fillHoles());
  }
  return holesMs;
}
