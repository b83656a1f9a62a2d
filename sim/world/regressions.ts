/**
 * Runs that once failed, each with a sentence; they are run again whenever the tests are.
 *
 * A seed means what the world draws from it, and that changes when the world learns a new fault. So an entry that
 * needs its faults keeps them, as `sag-sim world shrink` prints them.
 */
import type { TimedFault } from './faults/fault.ts';

export interface Regression {
  readonly seed: number;
  /** Those drawn from the seed, unless told. */
  readonly faults?: readonly TimedFault[];
  readonly sentence: string;
}

const BUT_ONE_TUNNEL = ['wan1-agw-hangzhou-a', 'wan2-agw-hangzhou-a', 'wan1-agw-hangzhou-b'];

export const REGRESSIONS: readonly Regression[] = [
  {
    seed: 63,
    faults: [
      {
        atMs: 5_000,
        fault: { kind: 'desiredGarbled', text: '{"v":1,"revision":-1,"tunnels":[]}' },
      },
    ],
    sentence: 'A document whose revision is no revision does not make a report that is none.',
  },
  {
    seed: 4_104,
    faults: [
      { atMs: 6_569.8, fault: { kind: 'hubCutOff', gateway: 'agw-hangzhou-b', forMs: 4_715.1 } },
    ],
    sentence: 'A hub that hears an older choice late does not keep the way back to itself.',
  },
  {
    seed: 15,
    faults: [
      {
        atMs: 271_899.2,
        fault: {
          kind: 'pathDegraded',
          path: 'wan1/agw-hangzhou-a',
          lossPercent: 28.1,
          jitterMs: 58.1,
          forMs: 2_396.4,
        },
      },
    ],
    sentence:
      'After a brown-out of the best path traffic returns to it, once its class is kept again.',
  },
  {
    seed: 1,
    faults: [
      { atMs: 3_376, fault: { kind: 'tunnelLost', tunnel: 'wan1-agw-hangzhou-a' } },
      { atMs: 10_182.8, fault: { kind: 'agentCrashed', downMs: 5_074.2 } },
    ],
    sentence: 'A tunnel lost before a crash still serves its hold after it, and traffic returns.',
  },
  {
    seed: 7,
    faults: [
      {
        atMs: 9_000,
        fault: { kind: 'cloneAppeared', gateway: 'agw-hangzhou-b', forMs: 2_000, goes: 'bye' },
      },
    ],
    sentence: 'A clone that was born at another gateway and is gone has not the last word on us.',
  },
  {
    seed: 1_182,
    faults: [
      { atMs: 4_498.6, fault: { kind: 'tunnelsResized', mtu: 1_380 } },
      { atMs: 5_214.9, fault: { kind: 'agentCrashed', downMs: 408 } },
      { atMs: 5_323, fault: { kind: 'deskClosed', how: 'silent', forMs: 1_934.1 } },
      { atMs: 6_860.5, fault: { kind: 'documentIsOld', how: 'older' } },
      { atMs: 8_204.5, fault: { kind: 'diskFlushFailed', forMs: 4_722.7 } },
    ],
    sentence: 'An older document does not make the one forgotten that waits for the disk.',
  },
  {
    seed: 1_315,
    faults: [
      { atMs: 2_419.7, fault: { kind: 'hubRestarted', gateway: 'agw-hangzhou-b', downMs: 113.4 } },
      { atMs: 3_745.6, fault: { kind: 'threadStalled', thread: 'fast path', forMs: 34.3 } },
      { atMs: 8_289.4, fault: { kind: 'documentHarms', harm: 'mtuOfTooMuch' } },
      {
        atMs: 12_714.8,
        fault: { kind: 'gatewayRestarted', gateway: 'agw-hangzhou-a', downMs: 855.7 },
      },
      {
        atMs: 15_517.6,
        fault: {
          kind: 'documentMiskeys',
          tunnels: ['wan1-agw-hangzhou-a', 'wan2-agw-hangzhou-a', 'wan2-agw-hangzhou-b'],
        },
      },
      {
        atMs: 273_890.5,
        fault: {
          kind: 'uplinkFaded',
          uplink: 'wan1',
          steps: 2,
          lossPercent: 58.3,
          delayMs: 28.4,
          forMs: 5_854.1,
        },
      },
      { atMs: 276_213.8, fault: { kind: 'deviceReplaced', uplink: 'wan2', forMs: 69.4 } },
    ],
    sentence:
      'Echoes that a path of ours loses by chance for most of a second are no standstill of the traffic.',
  },
  {
    seed: 1_427,
    faults: [
      { atMs: 1_104.8, fault: { kind: 'cableFlapped', uplink: 'wan1', times: 36, everyMs: 51.1 } },
      { atMs: 6_149.9, fault: { kind: 'cableFlapped', uplink: 'wan2', times: 41, everyMs: 63.2 } },
      {
        atMs: 10_948.3,
        fault: { kind: 'pathClogged', path: 'wan1/agw-hangzhou-a', forMs: 735.4 },
      },
    ],
    sentence:
      'A cable that flapped has not made the sessions patient with a path that falls silent later.',
  },
  {
    seed: 2_216,
    faults: [
      { atMs: 1_803.6, fault: { kind: 'documentHarms', harm: 'unknownUplink' } },
      { atMs: 2_529.7, fault: { kind: 'cableFlapped', uplink: 'wan1', times: 59, everyMs: 35.9 } },
      {
        atMs: 5_509.9,
        fault: {
          kind: 'cablePulled',
          uplink: 'wan2',
          forMs: 130.5,
          boardLagMs: 1,
          kernelLagMs: 19.9,
        },
      },
      { atMs: 7_310.9, fault: { kind: 'documentMiskeys', tunnels: BUT_ONE_TUNNEL } },
      { atMs: 14_885.4, fault: { kind: 'agentCrashed', downMs: 302.7 } },
      {
        atMs: 14_947,
        fault: {
          kind: 'cablePulled',
          uplink: 'wan2',
          forMs: 2_007.7,
          boardLagMs: 27.3,
          kernelLagMs: 4,
        },
      },
      { atMs: 15_094.9, fault: { kind: 'cenUnbound', forMs: 1_324 } },
      { atMs: 266_208.3, fault: { kind: 'powerCut', downMs: 1_253.4, clock: 'lost' } },
      { atMs: 271_459.8, fault: { kind: 'threadStalled', thread: 'control', forMs: 585.5 } },
      { atMs: 271_546.3, fault: { kind: 'documentMiskeys', tunnels: BUT_ONE_TUNNEL } },
      {
        atMs: 276_783.3,
        fault: { kind: 'documentMisroutes', uplinks: ['wan1', 'wan2'], lastByte: 28 },
      },
    ],
    sentence:
      'A tunnel that dies before its far end has said how often it speaks is found dead by the slow interval it came up with.',
  },
  {
    seed: 522,
    faults: [{ atMs: 9_163.2, fault: { kind: 'powerCut', downMs: 4_633, clock: 'lost' } }],
    sentence:
      'A box that wakes in 1970 before any gateway has told it the time connects once a time server answers.',
  },
  {
    seed: 579,
    faults: [
      {
        atMs: 5_913.4,
        fault: { kind: 'gatewayRestarted', gateway: 'agw-hangzhou-a', downMs: 1_715.1 },
      },
      { atMs: 273_436, fault: { kind: 'deviceReplaced', uplink: 'wan1', forMs: 2_244.4 } },
      {
        atMs: 273_444.9,
        fault: {
          kind: 'cloneAppeared',
          gateway: 'agw-hangzhou-a',
          forMs: 4_838.4,
          goes: 'lost',
        },
      },
    ],
    sentence:
      'A connection left open behind a lost uplink is nobody any more: to take it is no quarrel of two boxes.',
  },
  {
    seed: 1_823,
    faults: [
      { atMs: 1_826.9, fault: { kind: 'cableFlapped', uplink: 'wan2', times: 28, everyMs: 63.8 } },
      {
        atMs: 269_816,
        fault: {
          kind: 'documentMiskeys',
          tunnels: [
            'wan1-agw-hangzhou-a',
            'wan2-agw-hangzhou-a',
            'wan1-agw-hangzhou-b',
            'wan2-agw-hangzhou-b',
          ],
        },
      },
    ],
    sentence:
      'Tunnels whose key a document has spoilt are found dead one after the other; none of them was there for traffic.',
  },
  {
    seed: 1_912,
    sentence:
      'A device that starts again twice while a clone is here quarrels as a new box each time; what its dead lives left open is nobody.',
  },
  {
    seed: 2_698,
    faults: [
      { atMs: 6_510.6, fault: { kind: 'branchUnbound', forMs: 3_286.6 } },
      { atMs: 7_902, fault: { kind: 'kernelRefused', op: 'routeReplace', code: 'ENOMEM' } },
      { atMs: 8_624.7, fault: { kind: 'documentHarms', harm: 'noKey' } },
      {
        atMs: 13_509.2,
        fault: { kind: 'documentMisroutes', uplinks: ['wan1', 'wan2'], lastByte: 168 },
      },
    ],
    sentence:
      'A document that the kernel has refused once is proved over its own way and not over the former one.',
  },
  {
    seed: 194,
    faults: [
      { atMs: 6_000, fault: { kind: 'diskRefused', code: 'EIO', forMs: 3_000 } },
      { atMs: 7_000, fault: { kind: 'tunnelsResized', mtu: 1_400 } },
    ],
    sentence: 'A document that the disk would not have is taken up again once the disk has room.',
  },
  {
    seed: 2_036,
    faults: [
      { atMs: 6_000, fault: { kind: 'diskRefused', code: 'EIO', forMs: 3_000 } },
      { atMs: 7_000, fault: { kind: 'tunnelsResized', mtu: 1_400 } },
      { atMs: 9_000, fault: { kind: 'desiredGarbled', text: 'neither here nor there' } },
    ],
    sentence:
      'Something that is no document does not make a document forgotten that waits for the disk.',
  },
  {
    seed: 39,
    faults: [
      {
        atMs: 7_000,
        fault: { kind: 'documentMisroutes', uplinks: ['wan2'], lastByte: 95 },
      },
      {
        atMs: 14_000,
        fault: { kind: 'documentMisroutes', uplinks: ['wan1', 'wan2'], lastByte: 95 },
      },
    ],
    sentence:
      'What a document has cut off is tried at once when it is undone, over the best uplink first.',
  },
  {
    seed: 299,
    faults: [
      {
        atMs: 276_310.9,
        fault: {
          kind: 'vpcAttached',
          vpc: 'vpc-633',
          region: 'cn-beijing',
          cidr: '172.22.217.0/24',
        },
      },
      { atMs: 279_166.2, fault: { kind: 'diskFlushFailed', forMs: 3_095.3 } },
      { atMs: 280_267.3, fault: { kind: 'documentIsOld', how: 'forked' } },
    ],
    sentence:
      'Another document with the same revision does not make the one forgotten that waits for the disk.',
  },
];
