/**
 * A new box behind a line with a static address: no way leads to a gateway until somebody sets that address on its page.
 */
import type { ChildProcess } from 'node:child_process';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { converse } from '../../../agent/cli/control-client.ts';
import type { AgentConfig } from '../../../agent/model/config.ts';
import type { AgentSnapshot } from '../../../agent/model/snapshot.ts';
import { netnsMissing, type ScratchNetns, scratchNetns } from '../../kit/scratch-netns.ts';
import { STATIC } from '../../kit/wan-scene.ts';
import { killed, startAgent, until } from './agent-process.ts';
import { FACTORY_KEY, openRoom, type Room, SERIAL_NUMBER } from './room.ts';

const FOUND = '10.93.1.2';
/** Behind the ISP's next hop. */
const GATEWAY = '198.51.100.1';
const TEST_MS_MAX = 120_000;

const missing = netnsMissing();
let branch: ScratchNetns;
let isp: ScratchNetns;
let room: Room;
let agent: ChildProcess | undefined;

beforeEach(async () => {
  if (missing !== undefined) return;
  [branch, isp] = [scratchNetns(), scratchNetns()];
  branch.ipBatch([
    'link set lo up',
    `link add wan1 type veth peer name isp0 netns ${isp.name}`,
    `address add ${FOUND}/24 dev wan1`,
    'link set wan1 up',
  ]);
  isp.ipBatch([
    'link set lo up',
    `address add ${GATEWAY}/32 dev lo`,
    'address add 203.0.113.1/24 dev isp0',
    'link set isp0 up',
  ]);
  room = await openRoom({}, isp.path, GATEWAY);
  room.desk.sell(SERIAL_NUMBER, FACTORY_KEY);
});
afterEach(async () => {
  await killed(agent);
  await room?.close();
  branch?.remove();
  isp?.remove();
});

/** As the page's own script does it. */
async function post(socketPath: string, path: string, body: object, cookie = '') {
  const headers = {
    Host: 'localhost',
    Origin: 'http://localhost',
    'Content-Type': 'application/json',
    Cookie: cookie,
  };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const asking = request({ socketPath, path, method: 'POST', headers }, resolve);
    asking.on('error', reject).end(JSON.stringify(body));
  });
  const [given = ''] = response.headers['set-cookie'] ?? [];
  return { status: response.statusCode, cookie: given.split(';')[0], body: await text(response) };
}

it(
  'enrols over an address that is set on its page, and keeps it as the agent it becomes',
  async (ctx) => {
    if (missing !== undefined && process.env['CI'] === undefined) return ctx.skip(missing);
    const { config: given } = await room.device('box', FACTORY_KEY);
    const pageSocket = join(room.scratch, 'page.sock');
    const uplink = { id: 'wan1', kind: 'wired', deviceName: 'wan1', priority: 1 } as const;
    const config: AgentConfig = {
      ...given,
      uplinks: [{ ...uplink, weight: 100, use: 'data', gateway: '10.93.1.1' }],
      page: { unixSocket: pageSocket, hosts: ['localhost'] },
    };
    agent = await startAgent(config, room.scratch, branch.path);
    const onlooker = converse(config.controlSocket, { id: 1, op: 'snapshot' });
    await onlooker.first;
    const look = async (): Promise<AgentSnapshot | undefined> => {
      const answer = await onlooker.ask({ id: 2, op: 'snapshot' });
      return 'snapshot' in answer ? answer.snapshot : undefined;
    };
    await until(async () => (await look())?.enrolment?.lastError?.code === 'EUNREACHABLE');

    const credentials = { role: 'admin', password: 'a passphrase of the test' };
    const { cookie } = await post(pageSocket, '/password', credentials);
    const asked = { do: 'set', setting: STATIC };
    expect(await post(pageSocket, '/wan', asked, cookie)).toMatchObject({ status: 200 });

    await until(async () => (await look())?.registration.state === 'registered');
    const after = await look();
    onlooker.close();
    expect(after?.enrolment).toBeUndefined();
    expect(after?.wan).toMatchObject({
      uplinks: [{ ipType: 'STATIC', address: '203.0.113.2/24' }],
    });
    expect(after?.wan?.trial).toBeUndefined();
    const addresses = branch.ip('-4', '-br', 'address', 'show', 'wan1');
    expect(addresses).toContain('203.0.113.2/24');
    expect(addresses).not.toContain(FOUND);
  },
  TEST_MS_MAX,
);
