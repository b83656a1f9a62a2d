/**
 * One change of the cloud network, as rows: written inside the transaction that made it.
 */
import type { DatabaseSync } from 'node:sqlite';
import type { NetworkChange } from './cloud-network.ts';
import type { CcnInstance, CenInstance, SagInstance } from './nouns.ts';

export function writeChange(database: DatabaseSync, change: NetworkChange): void {
  switch (change.type) {
    case 'eraChosen':
      database.prepare('UPDATE account SET era = ?').run(change.policy.era);
      return;
    case 'sagPut':
      return putSag(database, change.sag);
    case 'ccnPut':
      return putCcn(database, change.ccn);
    case 'ccnDeleted':
      database.prepare('DELETE FROM ccn WHERE id = ?').run(change.id);
      return;
    case 'cenPut':
      return putCen(database, change.cen);
  }
}

function putSag(database: DatabaseSync, sag: SagInstance): void {
  database
    .prepare(
      `INSERT INTO sag (serialNumber, area, cidrs, ccnId) VALUES (?, ?, ?, ?)
       ON CONFLICT (serialNumber) DO UPDATE SET cidrs = excluded.cidrs, ccnId = excluded.ccnId`,
    )
    .run(sag.serialNumber, sag.area, JSON.stringify(sag.cidrs), sag.ccnId ?? null);
  if (sag.orders === undefined) return;
  database
    .prepare(
      `INSERT INTO sag_order (serialNumber, orders) VALUES (?, ?)
       ON CONFLICT (serialNumber) DO UPDATE SET orders = excluded.orders`,
    )
    .run(sag.serialNumber, JSON.stringify(sag.orders));
}

function putCcn(database: DatabaseSync, ccn: CcnInstance): void {
  const { id, name, description, area, cidrBlock, snatCidrBlock, cenId } = ccn;
  database
    .prepare(
      `INSERT INTO ccn (id, name, description, area, cidrBlock, snatCidrBlock, cenId)
       VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET cenId = excluded.cenId`,
    )
    .run(id, name, description, area, cidrBlock, snatCidrBlock ?? null, cenId ?? null);
}

/** VPCs only ever join; plans and connections are few and written anew. */
function putCen(database: DatabaseSync, { id, name, vpcs, plans, connections }: CenInstance): void {
  database.prepare('INSERT OR IGNORE INTO cen (id, name) VALUES (?, ?)').run(id, name);
  const vpc = database.prepare(
    'INSERT OR IGNORE INTO vpc (id, cenId, regionId, cidr) VALUES (?, ?, ?, ?)',
  );
  for (const each of vpcs) vpc.run(each.id, id, each.regionId, each.cidr);
  database.prepare('DELETE FROM plan WHERE cenId = ?').run(id);
  database.prepare('DELETE FROM connection WHERE cenId = ?').run(id);
  const plan = database.prepare('INSERT INTO plan (cenId, areaA, areaB, mbps) VALUES (?, ?, ?, ?)');
  for (const { areas, mbps } of plans) plan.run(id, areas[0], areas[1], mbps);
  const connection = database.prepare(
    'INSERT INTO connection (cenId, ccnId, regionId, mbps) VALUES (?, ?, ?, ?)',
  );
  for (const { ccnId, regionId, mbps } of connections) connection.run(id, ccnId, regionId, mbps);
}
