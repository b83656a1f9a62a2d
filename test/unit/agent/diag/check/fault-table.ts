/**
 * Faults a branch meets, each as a change of the healthy facts, with the rung a technician should be sent to.
 */
import type { CheckFacts } from '../../../../../agent/diag/check/facts.ts';
import type { Outcome } from '../../../../../agent/diag/check/finding.ts';
import type { RungId } from '../../../../../agent/diag/check/ladder.ts';
import { answering, each, FINE, HEALTHY_SNAPSHOT, healthyFacts, SILENT } from './healthy-facts.ts';
import {
  BOTH,
  kernel,
  LTE_SIGNAL,
  links,
  lteOnly,
  probing,
  tls,
  tunnels,
  unregistered,
} from './ill-facts.ts';

export interface Fault {
  readonly name: string;
  readonly rung: RungId;
  readonly outcome: Outcome;
  readonly facts: CheckFacts;
}

const noPrefixes = { ...HEALTHY_SNAPSHOT.desired, prefixes: [] };
const { ccn: _ccn, ...noCcn } = noPrefixes;
const noInternet = each(BOTH, { ...SILENT, target: '223.5.5.5' });
const noTls = tls('ETIMEOUT', 'nothing came back in time');

type Row = readonly [string, RungId, Outcome, Partial<CheckFacts>];

const ROWS: readonly Row[] = [
  [
    'agent dead, tunnels alive',
    'box',
    'failed',
    {
      agent: {
        answers: false,
        because: 'nobody answers',
        stored: {
          revision: 12,
          ccn: 'ccn-hangzhou',
          prefixes: HEALTHY_SNAPSHOT.desired.prefixes,
          tunnels: [],
          eventsWaiting: 2,
        },
      },
    },
  ],
  ['disk full', 'box', 'failed', { disk: { freeBytes: 0, usedPercent: 100, writes: false } }],
  [
    'board silent',
    'board',
    'failed',
    {
      agent: answering({ board: { ...HEALTHY_SNAPSHOT.board, state: 'lost' } }),
    },
  ],
  [
    'cable of one uplink out',
    'cable',
    'degraded',
    {
      kernel: links((name) => (name === 'wan1' ? { carrier: false } : {})),
      agent: answering(tunnels('down', 'up')),
      probes: probing({ nextHops: { wan1: SILENT, wan2: FINE } }),
    },
  ],
  [
    'all cables out',
    'cable',
    'failed',
    {
      kernel: links((name) => (name.startsWith('wan') ? { carrier: false } : {})),
      agent: answering({
        ...unregistered('EUNREACHABLE', 'no route leads there'),
        ...tunnels('down', 'down'),
      }),
      probes: probing({
        nextHops: each(BOTH, SILENT),
        internet: noInternet,
        tls: noTls,
        names: {},
      }),
    },
  ],
  ['LTE faded', 'lte', 'degraded', lteOnly({ ...LTE_SIGNAL, dBm: -113, strength: 'Low' })],
  ['LTE not registered', 'lte', 'failed', lteOnly({ ...LTE_SIGNAL, registered: false })],
  ['no address by DHCP', 'address', 'failed', { kernel: { ...kernel, addresses: [] } }],
  [
    'address of the wrong VLAN',
    'address',
    'failed',
    {
      kernel: {
        ...kernel,
        addresses: kernel.addresses.map((own, at) => ({ ...own, address: `10.77.${at}.9` })),
      },
      probes: probing({ nextHops: each(BOTH, SILENT), internet: noInternet, tls: noTls }),
    },
  ],
  [
    'ISP box dead',
    'gateway',
    'failed',
    {
      probes: probing({ nextHops: each(BOTH, SILENT), internet: noInternet, tls: noTls }),
      agent: answering({ ...unregistered('ETIMEOUT', 'no answer'), ...tunnels('down', 'down') }),
    },
  ],
  [
    'DNS dead',
    'dns',
    'failed',
    {
      probes: probing({ names: each(BOTH, { ...SILENT, name: 'www.aliyun.com' }) }),
    },
  ],
  [
    'clock at 1970',
    'clock',
    'failed',
    {
      wallMs: 61_000,
      probes: probing({ tls: tls('ETLS_NOT_YET', 'not valid yet') }),
      agent: answering(unregistered('ETLS_NOT_YET', 'not valid yet')),
    },
  ],
  [
    'line paid to nowhere',
    'internet',
    'failed',
    {
      probes: probing({ internet: noInternet, tls: noTls }),
      agent: answering({ ...unregistered('ETIMEOUT', 'no answer'), ...tunnels('down', 'down') }),
    },
  ],
  [
    'gateway certificate wrong',
    'tls',
    'failed',
    {
      probes: probing({ tls: tls('ETLS_NAME', 'the certificate names another gateway') }),
      agent: answering(unregistered('ETLS_NAME', 'the certificate names another gateway')),
    },
  ],
  [
    'MQTT port blocked',
    'tls',
    'failed',
    {
      probes: probing({ tls: noTls }),
      agent: answering(unregistered('ETIMEOUT', 'nothing came back in time')),
    },
  ],
  [
    'device not activated',
    'registration',
    'failed',
    {
      agent: answering(unregistered('EMQTT_0x87', 'not authorized')),
    },
  ],
  [
    'gateway of another area',
    'registration',
    'failed',
    {
      agent: answering(unregistered('EAREA_MISMATCH', 'the gateway serves Europe')),
    },
  ],
  [
    'gateway passes nothing on',
    'publish',
    'failed',
    {
      agent: answering(unregistered('ELIFE_ECHO', 'the birth did not come back')),
    },
  ],
  ['one tunnel black-holed', 'tunnels', 'degraded', { agent: answering(tunnels('down', 'up')) }],
  ['every tunnel black-holed', 'tunnels', 'failed', { agent: answering(tunnels('down', 'down')) }],
  [
    'MTU 1280 on the path',
    'mtu',
    'failed',
    {
      probes: probing({
        tunnels: each(['wan1-agw1', 'wan2-agw2'], { small: FINE, large: SILENT }),
      }),
    },
  ],
  ['routes taken away', 'routes', 'failed', { kernel: { ...kernel, routes: [] } }],
  [
    'CCN prefix overlaps the LAN',
    'routes',
    'degraded',
    {
      agent: answering({
        fastPath: {
          ...HEALTHY_SNAPSHOT.fastPath,
          routes: {
            ...HEALTHY_SNAPSHOT.fastPath.routes,
            refused: [
              { prefix: '172.20.0.0/16', because: 'it overlaps the LAN prefix 172.20.1.0/24' },
            ],
          },
        },
      }),
    },
  ],
  [
    'CCN unbound from the SAG',
    'chain',
    'failed',
    {
      agent: answering({ desired: noCcn, fastPath: { ...HEALTHY_SNAPSHOT.fastPath, tunnels: [] } }),
      probes: probing({ reach: [{ target: '172.16.0.10', answer: SILENT }] }),
    },
  ],
  [
    'CEN unbound from the CCN',
    'chain',
    'failed',
    {
      agent: answering({ desired: noPrefixes }),
      probes: probing({ reach: [{ target: '172.16.0.10', answer: SILENT }] }),
    },
  ],
  [
    'VPC host refuses',
    'reach',
    'failed',
    {
      probes: probing({ reach: [{ target: '172.16.0.10', answer: SILENT }] }),
    },
  ],
];

export const FAULTS: readonly Fault[] = ROWS.map(([name, rung, outcome, change]) => ({
  name,
  rung,
  outcome,
  facts: healthyFacts(change),
}));
