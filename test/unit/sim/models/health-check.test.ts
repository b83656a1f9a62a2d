/** The shipped wiring checks hosts in the deterministic world, and the gateway learns what became of it. */
import { expect, test } from 'vitest';
import { topicsOf } from '../../../../agent/access/topics.ts';
import { SafetyWatch } from '../../../../sim/checks/safety.ts';
import { TENANT } from '../../../../sim/lab/branch-config.ts';
import { GATEWAYS, VPC_HOST } from '../../../../sim/lab/topology.ts';
import { SERIAL_NUMBER, SITE_PATHS } from '../../../../sim/models/branch/branch-site.ts';
import { BranchWorld } from '../../../../sim/models/branch/branch-world.ts';
import { calmOptions } from '../../../../sim/world/options.ts';
import { World } from '../../../../sim/world/world.ts';
import { decode } from '../../../kit/branch.ts';

const TOPICS = topicsOf(TENANT, SERIAL_NUMBER);
const NOBODY = '172.16.0.99';

test('hosts behind the tunnels, at the far end of one and over an uplink are checked, and a cable that is pulled fails those that depend on it', async () => {
  const world = new World(1);
  const watch = new SafetyWatch(world);
  const cast = new BranchWorld(world, calmOptions(SITE_PATHS), watch);
  const pass = async (ms: number): Promise<void> => {
    await world.run(world.nowMs + ms, () => watch.afterStep(cast));
  };
  const reported = () => decode(cast.store.retained(TOPICS.reported) ?? new Uint8Array());
  cast.branch.start();
  cast.echoes.start();
  await pass(8_000);

  const type = 'ICMP_ECHO';
  cast.controller.checkHealth([
    { id: 'vpc', type, destination: VPC_HOST },
    { id: 'nobody', type, destination: NOBODY },
    { id: 'hub', type, destination: '10.250.1.1', via: 'wan1-agw-hangzhou-a' },
    { id: 'gateway', type, destination: GATEWAYS[0]?.address ?? '', via: 'wan1' },
  ]);
  await pass(12_000);
  expect(reported()).toMatchObject({
    revision: 2,
    healthChecks: { vpc: 'success', nobody: 'failed', hub: 'success', gateway: 'success' },
  });

  cast.setCarrier('wan1', false);
  await pass(12_000);
  expect(reported()).toMatchObject({
    healthChecks: { vpc: 'success', hub: 'failed', gateway: 'failed' },
  });
  cast.setCarrier('wan1', true);
  await pass(12_000);
  expect(reported()).toMatchObject({ healthChecks: { hub: 'success', gateway: 'success' } });
});
