/** `sagctl wan` against an agent that notes what it was asked for. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { wanWords } from '../../../../agent/adapters/control/control-wan.ts';
import { runSagctl } from '../../../../agent/cli/run-sagctl.ts';
import { EXIT } from '../../../../agent/cli/terminal.ts';
import { CANARY, PPPOE, STATIC } from '../../../kit/wan-scene.ts';
import { SAMPLE } from '../diag/sample-snapshot.ts';

const WAN = {
  uplinks: [{ uplink: 'wan1', ipType: 'STATIC', address: '203.0.113.2/24', trouble: 'no cable' }],
  trial: { uplink: 'wan1', untilMs: SAMPLE.nowMs + 60_000, lacks: 'the gateway is silent' },
};
const OF_STATIC = ['--address=203.0.113.2/24', '--gateway=203.0.113.1', '--dns=203.0.113.53'];

let server: Server;
let asked: unknown[];
let directory: string;
let socket: string;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'run-wan-'));
  socket = join(directory, 'control.sock');
  asked = [];
  server = createServer((client) => {
    client.on('data', (bytes) => {
      const { id, op, ask } = JSON.parse(bytes.toString()) as Record<string, unknown>;
      if (op === 'wan') asked.push(ask);
      const answer =
        op === 'wan'
          ? { done: { ok: false, code: 'EWAN_BUSY', because: 'not now' } }
          : { snapshot: { ...SAMPLE, wan: WAN } };
      client.write(`${JSON.stringify({ id, ok: true, ...answer })}\n`);
    });
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
});
afterEach(() => {
  server.close();
  rmSync(directory, { recursive: true, force: true });
});

async function sagctl(...words: readonly string[]): Promise<readonly [string, number]> {
  let printed = '';
  const take = (text: string | Uint8Array): void => void (printed += String(text));
  const code = await runSagctl(['wan', ...words, '--socket', socket], {
    out: take,
    err: take,
    colour: false,
    secret: async () => Promise.resolve(CANARY),
    stop: new AbortController().signal,
  });
  return [printed, code];
}

describe('sagctl wan', () => {
  it('shows each uplink, its trouble, and what is on trial for how long', async () => {
    const [printed, code] = await sagctl('wan1');
    expect(printed).toMatch(/wan1 +STATIC +203\.0\.113\.2\/24 .*no cable/);
    expect(printed).toContain('wan1 is on trial and undone in 60 s: the gateway is silent.');
    expect(code).toBe(EXIT.attention);
    expect((await sagctl('wan9'))[1]).toBe(EXIT.usage);
  });

  it('asks for what the page asks for, and says why it was refused', async () => {
    const [refused, code] = await sagctl('wan1', 'static', ...OF_STATIC);
    expect([refused, code]).toEqual(['refused: EWAN_BUSY: not now\n', EXIT.attention]);
    await sagctl('wan1', 'dhcp');
    await sagctl('wan1', 'pppoe', '--user', 'branch@isp');
    await sagctl('wan1', 'release');
    await sagctl('wan1', 'keep');
    expect(asked).toEqual([
      { do: 'set', setting: STATIC },
      { do: 'set', setting: { uplink: 'wan1', ipType: 'DHCP' } },
      { do: 'set', setting: PPPOE },
      { do: 'release', uplink: 'wan1' },
      { do: 'keep' },
    ]);
  });

  it('keeps no other uplink than the one on trial, and takes no option that does not belong', async () => {
    expect((await sagctl('wan2', 'keep'))[0]).toContain('EWAN_NO_TRIAL');
    expect((await sagctl('wan1', 'dhcp', '--user', 'x'))[1]).toBe(EXIT.usage);
    expect((await sagctl('wan1', 'static', '--address', '203.0.113.2'))[1]).toBe(EXIT.usage);
    expect((await sagctl('wan1', 'pppoe'))[1]).toBe(EXIT.usage);
    expect(asked).toEqual([]);
  });

  it('is told to the log without the password', () => {
    const words = wanWords({ id: 1, op: 'wan', ask: { do: 'set', setting: PPPOE } });
    expect(words).toBe('wan "set" "wan1" "PPPOE"');
    expect(wanWords({ id: 1, op: 'wan', ask: null })).toBe('wan');
  });
});
