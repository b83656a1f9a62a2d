/**
 * The tables of the control plane, and reading them back into instances.
 *
 * What has no identity of its own (the CIDRs of a SAG, what is ordered for it) is JSON in a row; everything that can be
 * bound is a row, and each binding a foreign key.
 */
import type { DatabaseSync } from 'node:sqlite';
import { readDesiredValue } from '../../agent/contract/desired-schema.ts';
import { CCN_AREAS, type CcnArea, type CenArea } from '../../agent/model/area.ts';
import type { NetworkContent } from './cloud-network.ts';
import type { CcnInstance, CenInstance, SagInstance, SagOrders } from './nouns.ts';
import { type Era, isEra } from './policy.ts';

export const SCHEMA = `
  CREATE TABLE IF NOT EXISTS account (only INTEGER PRIMARY KEY CHECK (only = 1), era TEXT NOT NULL) STRICT;
  INSERT OR IGNORE INTO account VALUES (1, '2018-seed');
  CREATE TABLE IF NOT EXISTS cen (
    place INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS ccn (
    place INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, description TEXT NOT NULL,
    area TEXT NOT NULL, cidrBlock TEXT NOT NULL, snatCidrBlock TEXT, cenId TEXT REFERENCES cen (id)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS sag (
    place INTEGER PRIMARY KEY, serialNumber TEXT NOT NULL UNIQUE, area TEXT NOT NULL,
    cidrs TEXT NOT NULL CHECK (json_valid(cidrs)), ccnId TEXT REFERENCES ccn (id)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS sag_order (
    place INTEGER PRIMARY KEY, serialNumber TEXT NOT NULL UNIQUE REFERENCES sag (serialNumber),
    orders TEXT NOT NULL CHECK (json_valid(orders))
  ) STRICT;
  CREATE TABLE IF NOT EXISTS vpc (
    place INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, cenId TEXT NOT NULL REFERENCES cen (id),
    regionId TEXT NOT NULL, cidr TEXT NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS plan (
    place INTEGER PRIMARY KEY, cenId TEXT NOT NULL REFERENCES cen (id), areaA TEXT NOT NULL, areaB TEXT NOT NULL,
    mbps INTEGER NOT NULL CHECK (mbps > 0), UNIQUE (cenId, areaA, areaB)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS connection (
    place INTEGER PRIMARY KEY, cenId TEXT NOT NULL REFERENCES cen (id), ccnId TEXT NOT NULL REFERENCES ccn (id),
    regionId TEXT NOT NULL, mbps INTEGER NOT NULL CHECK (mbps > 0), UNIQUE (ccnId, regionId)
  ) STRICT;`;

type Row = Readonly<Record<string, unknown>>;

/** A file written by something else holds words this version does not know. */
export class ControlPlaneUnreadable extends Error {
  override readonly name = 'ControlPlaneUnreadable';
}

export function readEra(database: DatabaseSync): Era {
  const era = text(database.prepare('SELECT era FROM account').get() ?? {}, 'era');
  if (!isEra(era)) throw new ControlPlaneUnreadable(`the file follows a policy "${era}"`);
  return era;
}

export function readContent(database: DatabaseSync): NetworkContent {
  const all = (table: string): readonly Row[] =>
    database.prepare(`SELECT * FROM ${table} ORDER BY place`).all();
  const orders = new Map(all('sag_order').map((row) => [text(row, 'serialNumber'), ordersOf(row)]));
  const parts = { vpcs: all('vpc'), plans: all('plan'), connections: all('connection') };
  return {
    sags: all('sag').map((row) => sagOf(row, orders)),
    ccns: all('ccn').map(ccnOf),
    cens: all('cen').map((row) => cenOf(row, parts)),
  };
}

function sagOf(row: Row, ordered: ReadonlyMap<string, SagOrders>): SagInstance {
  const serialNumber = text(row, 'serialNumber');
  const orders = ordered.get(serialNumber);
  const cidrs = (JSON.parse(text(row, 'cidrs')) as readonly unknown[]).map(String);
  return {
    serialNumber,
    area: areaOf(row),
    cidrs,
    ...optional(row, 'ccnId'),
    ...(orders !== undefined && { orders }),
  };
}

/** Parts of a document, in its shape. */
function ordersOf(row: Row): SagOrders {
  const orders = JSON.parse(text(row, 'orders')) as SagOrders;
  const read = readDesiredValue({ v: 1, revision: 1, tunnels: [], prefixes: [], ...orders });
  if (read.ok) return orders;
  throw new ControlPlaneUnreadable(
    `the file orders what no document says: ${read.refusal.sentence}`,
  );
}

function ccnOf(row: Row): CcnInstance {
  return {
    id: text(row, 'id'),
    name: text(row, 'name'),
    description: text(row, 'description'),
    area: areaOf(row),
    cidrBlock: text(row, 'cidrBlock'),
    ...optional(row, 'snatCidrBlock'),
    ...optional(row, 'cenId'),
  };
}

interface CenParts {
  readonly vpcs: readonly Row[];
  readonly plans: readonly Row[];
  readonly connections: readonly Row[];
}

function cenOf(row: Row, { vpcs, plans, connections }: CenParts): CenInstance {
  const id = text(row, 'id');
  const ours = (part: Row): boolean => part['cenId'] === id;
  return {
    id,
    name: text(row, 'name'),
    vpcs: vpcs.filter(ours).map((vpc) => ({
      id: text(vpc, 'id'),
      regionId: text(vpc, 'regionId'),
      cidr: text(vpc, 'cidr'),
    })),
    plans: plans.filter(ours).map((plan) => ({
      areas: [text(plan, 'areaA') as CenArea, text(plan, 'areaB') as CenArea],
      mbps: Number(plan['mbps']),
    })),
    connections: connections.filter(ours).map((connection) => ({
      ccnId: text(connection, 'ccnId'),
      regionId: text(connection, 'regionId'),
      mbps: Number(connection['mbps']),
    })),
  };
}

function areaOf(row: Row): CcnArea {
  const area = text(row, 'area');
  const known = CCN_AREAS.find((candidate) => candidate === area);
  if (known === undefined) throw new ControlPlaneUnreadable(`the file names an area "${area}"`);
  return known;
}

function text(row: Row, column: string): string {
  const value = row[column];
  if (typeof value === 'string') return value;
  throw new ControlPlaneUnreadable(`the file holds no text where ${column} is expected`);
}

function optional<Column extends string>(
  row: Row,
  column: Column,
): { readonly [K in Column]?: string } {
  const value = row[column];
  return typeof value === 'string'
    ? ({ [column]: value } as { readonly [K in Column]: string })
    : {};
}
