/** What people at the cloud side do while things break: bindings, documents good and bad, and commands good and bad. */
import type { Order } from '../../live/command-issuer.ts';
import { type Draw, pick, rounded } from './draw.ts';

/** What is wrong with a command, if anything. */
export type Misdeed =
  | 'none'
  /** The same command again and again, as a gateway may deliver it. */
  | 'repeated'
  | 'retained'
  | 'expired'
  /** Good for longer than any command may be. */
  | 'endless'
  | 'unsigned'
  /** Changed after it was signed. */
  | 'forged'
  /** Signed for another device. */
  | 'misdirected'
  /** A new command with the nonce of an older one. */
  | 'replayed';

/** What is wrong with a document that is refused for what it means. */
export type Harm =
  | 'mtuOfNothing'
  | 'mtuOfTooMuch'
  | 'unknownUplink'
  | 'lanOverlap'
  | 'tunnelTwice'
  | 'noKey'
  | 'foreignArea'
  | 'badPriority'
  | 'addressOfNobody'
  /** A member that no document has, with a secret in it. */
  | 'secretMember';

export type CloudFault =
  /** The SAG is taken out of its CCN, and bound to it again. */
  | { readonly kind: 'branchUnbound'; readonly forMs: number }
  /** A CCN is created, bound to the same CEN, and the SAG is bound to it. */
  | { readonly kind: 'branchRebound'; readonly ccn: string }
  | { readonly kind: 'cenUnbound'; readonly forMs: number }
  | {
      readonly kind: 'vpcAttached';
      readonly vpc: string;
      readonly region: string;
      readonly cidr: string;
    }
  /** Tunnels of another size. */
  | { readonly kind: 'tunnelsResized'; readonly mtu: number }
  /** A document that sends packets of these uplinks to a next hop that is not there (F-38). */
  | {
      readonly kind: 'documentMisroutes';
      readonly uplinks: readonly string[];
      readonly lastByte: number;
    }
  /** A document with keys of another far end for these tunnels. */
  | { readonly kind: 'documentMiskeys'; readonly tunnels: readonly string[] }
  | { readonly kind: 'documentHarms'; readonly harm: Harm }
  /** An older revision again, or another document of the present revision (AB-22). */
  | { readonly kind: 'documentIsOld'; readonly how: 'older' | 'forked' }
  | { readonly kind: 'commanded'; readonly order: Order; readonly misdeed: Misdeed };

const REGIONS = ['cn-beijing', 'cn-hangzhou', 'cn-shenzhen', 'eu-central-1'];
const MTUS = [1_280, 1_380, 1_400, 1_420];
const HARMS: readonly Harm[] = [
  'mtuOfNothing',
  'mtuOfTooMuch',
  'unknownUplink',
  'lanOverlap',
  'tunnelTwice',
  'noKey',
  'foreignArea',
  'badPriority',
  'addressOfNobody',
  'secretMember',
];
/** Half of all commands are in order. */
const MISDEEDS: readonly Misdeed[] = [
  'none',
  'none',
  'none',
  'none',
  'none',
  'none',
  'repeated',
  'repeated',
  'retained',
  'expired',
  'endless',
  'unsigned',
  'forged',
  'misdirected',
  'replayed',
];

export const CLOUD_DRAWS: readonly Draw<CloudFault>[] = [
  (_, __, forMs) => ({ kind: 'branchUnbound', forMs }),
  (random) => ({ kind: 'branchRebound', ccn: `ccn-${random.u32() % 1_000}` }),
  (_, __, forMs) => ({ kind: 'cenUnbound', forMs }),
  (random) => ({
    kind: 'vpcAttached',
    vpc: `vpc-${random.u32() % 1_000}`,
    region: pick(random, REGIONS),
    cidr: `172.${18 + (random.u32() % 8)}.${random.u32() % 256}.0/24`,
  }),
  (random) => ({ kind: 'tunnelsResized', mtu: pick(random, MTUS) }),
  (random, { uplinks }) => ({
    kind: 'documentMisroutes',
    uplinks: some(random, uplinks),
    lastByte: 3 + (random.u32() % 250),
  }),
  (random, { tunnels }) => ({ kind: 'documentMiskeys', tunnels: some(random, tunnels) }),
  (random) => ({ kind: 'documentHarms', harm: pick(random, HARMS) }),
  (random) => ({ kind: 'documentIsOld', how: pick(random, ['older', 'forked'] as const) }),
  drawCommand,
  drawCommand,
];

function drawCommand(...[random, targets]: Parameters<Draw<CloudFault>>): CloudFault {
  const order = pick<Order>(random, [
    { verb: 'switchActiveTunnel', tunnel: pick(random, targets.tunnels) },
    { verb: 'switchAccessPoint', accessPoint: pick(random, targets.gateways) },
    { verb: 'probeAccessPoints' },
    { verb: 'startDiagnosis' },
    { verb: 'unlock' },
    { verb: 'blink', durationS: 1 + (random.u32() % 20) },
    { verb: 'setLogLevel', level: 'debug', durationS: Math.ceil(rounded(random.next() * 60)) + 1 },
  ]);
  return { kind: 'commanded', order, misdeed: pick(random, MISDEEDS) };
}

/** At least one; each other with the same chance. */
function some<Item>(
  random: Parameters<Draw<CloudFault>>[0],
  items: readonly Item[],
): readonly Item[] {
  const sure = pick(random, items);
  return items.filter((item) => item === sure || random.next() < 0.5);
}
