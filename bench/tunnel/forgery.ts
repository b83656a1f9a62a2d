/**
 * Rows of suite `tunnel`: somebody in the tunnel sends 100,000 forged BFD packets a second at one of fifty
 * sessions. None falls, and what the fast path spends stays within its core.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type BfdPacket, encodeBfdPacket } from '../../agent/tunnel/bfd/bfd-packet.ts';
import { BfdForger } from '../../sim/lab/bfd-forger.ts';
import { type BenchRow, boundRow } from '../harness.ts';
import { type OwnPair, watched, withOwnPair } from './own-pair.ts';

const SESSIONS = 50;
const INTERVAL_MS = 50;
const SECONDS = 4;
/** Three kinds, together 100,000 a second. */
const KINDS = ['wrong TTL', 'wrong discriminator', 'wrong state'] as const;
const PER_KIND = 34_000;
const CORE_PERCENT = 100;

export async function forgeryRows(directory: string): Promise<readonly BenchRow[]> {
  const forger = new BfdForger(directory);
  return withOwnPair(SESSIONS, INTERVAL_MS, async (pair) => {
    const idle = await watched(pair, async () => sleep(SECONDS * 1_000));
    let sent = 0;
    const flooded = await watched(pair, async () => {
      const counts = await Promise.all(KINDS.map(async (kind) => flood(forger, pair, kind)));
      sent = counts.reduce((sum, count) => sum + count, 0);
    });
    const ratio = flooded.cpuPercent / idle.cpuPercent;
    const rate = Math.round(sent / SECONDS).toLocaleString('en');
    const beside = `idle ${idle.cpuPercent.toFixed(1)} %, so ${ratio.toFixed(1)} times that`;
    return [
      boundRow({
        id: 'forged-downs',
        what: `Downs of ${SESSIONS} sessions at ${INTERVAL_MS} ms under ${rate} forged packets a second`,
        unit: 'Downs',
        samples: [flooded.falseDowns],
        figure: 'max',
        most: 0,
      }),
      boundRow({
        id: 'forged-cpu',
        what: `CPU of the flooded process under ${rate} forged packets a second (${beside})`,
        unit: '% of a core',
        samples: [flooded.cpuPercent],
        figure: 'max',
        most: CORE_PERCENT,
      }),
    ];
  });
}

async function flood(
  forger: BfdForger,
  { field }: OwnPair,
  kind: (typeof KINDS)[number],
): Promise<number> {
  const says: Pick<BfdPacket, 'state' | 'yourDiscriminator'> =
    kind === 'wrong discriminator'
      ? { state: 'Down', yourDiscriminator: 0xdead }
      : { state: kind === 'wrong state' ? 'Up' : 'AdminDown', yourDiscriminator: 0 };
  const packet = encodeBfdPacket({
    diagnostic: 7,
    poll: true,
    final: false,
    demand: false,
    detectMult: 1,
    myDiscriminator: 0xbad,
    desiredMinTxMicros: 1_000,
    requiredMinRxMicros: 1_000,
    requiredMinEchoRxMicros: 0,
    ...says,
  });
  return forger.flood(field.netnsPath('far'), {
    toAddress: field.address('near', 0),
    ttl: kind === 'wrong TTL' ? 254 : 255,
    packetsPerSecond: PER_KIND,
    seconds: SECONDS,
    payloads: [packet],
  });
}
