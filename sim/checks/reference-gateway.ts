/**
 * What the gateway should finally know, by a model that knows nothing of the agent's cores: only what the cloud asked
 * for, what the branch is made of, which cables are in, and where packets go.
 *
 * It is compared once all is mended. Every difference is a sentence.
 */
import type { Birth, LinkReport, Reported } from '../../agent/access/payloads.ts';
import { topicsOf } from '../../agent/access/topics.ts';
import { canonicalJson } from '../../agent/model/canonical-json.ts';
import { TENANT } from '../lab/branch-config.ts';
import { UPLINKS } from '../lab/topology.ts';
import {
  AGENT_VERSION,
  BOARD_MODEL,
  PUBLIC_KEY,
  SERIAL_NUMBER,
  SITE_CONFIG,
} from '../models/branch/branch-site.ts';
import type { BranchWorld } from '../models/branch/branch-world.ts';
import type { EventLedger } from './event-ledger.ts';

export function gatewayDisagrees(cast: BranchWorld, events: EventLedger): readonly string[] {
  return [...inventoryOf(cast), ...reportOf(cast), ...linksOf(cast), ...events.missing(cast)];
}

const TOPICS = topicsOf(TENANT, SERIAL_NUMBER);

function inventoryOf(cast: BranchWorld): readonly string[] {
  const life = read<Birth | { readonly state: 'offline' }>(cast, TOPICS.life);
  if (life?.state !== 'online') return [`the gateway believes the device is ${life?.state}`];
  const { bdSeq: _, firmwareVersion: __, hardwareRevision: ___, ...told } = life;
  const real = {
    v: 1,
    state: 'online',
    bootId: cast.branch.bootId,
    serialNumber: SERIAL_NUMBER,
    model: BOARD_MODEL,
    agentVersion: AGENT_VERSION,
    area: SITE_CONFIG.area,
    tunnelPublicKey: PUBLIC_KEY,
    uplinks: UPLINKS.map(({ id }) => ({ id, kind: 'wired' })),
    host: {},
  };
  return differences('inventory', told, real);
}

function reportOf(cast: BranchWorld): readonly string[] {
  const told = read<Reported>(cast, TOPICS.reported);
  const { document } = cast.controller;
  const carries = cast.branch.egress();
  const real = {
    revision: cast.controller.revision,
    controllerState: 'Normal',
    vpnState: 'Normal',
    activeTunnel: carries,
    tunnels: Object.fromEntries((document?.tunnels ?? []).map(({ id }) => [id, 'up'])),
    losses: undefined,
    trial: undefined,
    dataStop: undefined,
    safeMode: undefined,
  };
  return differences('report', told ?? {}, real);
}

function linksOf(cast: BranchWorld): readonly string[] {
  return UPLINKS.flatMap(({ id, address }) => {
    const { verdict } = read<LinkReport>(cast, TOPICS.link(id)) ?? {};
    const { sinceMs: _, ...told } = verdict ?? { state: undefined };
    const isUp = cast.branch.host.carries(id);
    const real = isUp ? { state: 'up', address } : { state: 'down' };
    return differences(`link ${id}`, told, real);
  });
}

/** Of the members that are real, in the order they are real in. */
function differences(what: string, told: object, real: object): readonly string[] {
  const said = told as Readonly<Record<string, unknown>>;
  return Object.entries(real).flatMap(([name, value]) => {
    const [a, b] = [textOf(said[name]), textOf(value)];
    return a === b ? [] : [`the gateway believes ${what}.${name} is ${a}, it is ${b}`];
  });
}

function textOf(value: unknown): string {
  return value === undefined ? 'undefined' : canonicalJson(value);
}

function read<Payload>(cast: BranchWorld, topic: string): Payload | undefined {
  const payload = cast.store.retained(topic);
  if (payload === undefined) return undefined;
  return JSON.parse(new TextDecoder().decode(payload)) as Payload;
}
