/** `sagctl wan`: shows how the uplinks get their addresses, or sets one on trial. */
import type { Done } from '../diag/control-answer.ts';
import type { ControlRequest } from '../diag/control-protocol.ts';
import { cell, line, renderBlocks } from '../diag/text-table.ts';
import { wanView } from '../diag/wan-view.ts';
import type { AgentSnapshot } from '../model/snapshot.ts';
import { type Invocation, WrongUsage } from './arguments.ts';
import { ask, EXIT, printableJson, refused, type Terminal, understood } from './terminal.ts';

/** What goes with which action; everything else does not belong there. */
const OPTIONS_OF: Readonly<Record<string, readonly string[]>> = {
  static: ['address', 'gateway', 'dns'],
  pppoe: ['user'],
};
const SETTING_OPTIONS = Object.values(OPTIONS_OF).flat();

export async function runWan(invocation: Invocation, terminal: Terminal): Promise<number> {
  const { socket, words } = invocation;
  const [uplink, action] = words;
  const extra = SETTING_OPTIONS.find(
    (name) => invocation.options.has(name) && !(OPTIONS_OF[action ?? ''] ?? []).includes(name),
  );
  if (extra !== undefined)
    throw new WrongUsage(`--${extra} does not belong to '${words.join(' ')}'`);
  if (action === 'keep' || action === 'undo' || uplink === undefined || action === undefined) {
    const answer = await ask(socket, { id: 1, op: 'snapshot' }, terminal.stop);
    if (!('snapshot' in answer)) return refused(answer, terminal);
    if (uplink === undefined || action === undefined) {
      return show(answer.snapshot, uplink, invocation, terminal);
    }
    const tried = understood(() => answer.snapshot.wan?.trial?.uplink);
    if (tried !== uplink) {
      const because = `no setting of ${uplink} is on trial`;
      return told({ ok: false, code: 'EWAN_NO_TRIAL', because }, invocation, terminal);
    }
  }
  const request: ControlRequest = { id: 2, op: 'wan', ask: await wishOf(invocation, terminal) };
  const answer = await ask(socket, request, terminal.stop);
  return 'done' in answer ? told(answer.done, invocation, terminal) : refused(answer, terminal);
}

function show(
  snapshot: AgentSnapshot,
  only: string | undefined,
  { json }: Invocation,
  terminal: Terminal,
): number {
  const { wan } = snapshot;
  const uplinks = understood(() => wan?.uplinks ?? []);
  const shown = uplinks.filter(({ uplink }) => only === undefined || only === uplink);
  if (only !== undefined && shown.length === 0) {
    const known = uplinks.map(({ uplink }) => uplink).join(', ');
    throw new WrongUsage(`there is no wired uplink '${only}'; there is ${known || 'none'}`);
  }
  const cut = wan === undefined ? snapshot : { ...snapshot, wan: { ...wan, uplinks: shown } };
  const view = understood(() => wanView(cut));
  terminal.out(json ? printableJson(view.json) : renderBlocks(view.blocks, terminal.colour));
  return view.attention.length > 0 ? EXIT.attention : EXIT.well;
}

function told(done: Done, { json }: Invocation, terminal: Terminal): number {
  const { ok, code, because } = done;
  const why = code === undefined ? because : `${code}: ${because}`;
  const words = line(cell(ok ? 'done' : 'refused', ok ? 'good' : 'bad'), `: ${why}`);
  terminal.out(json ? printableJson(done) : renderBlocks([words], terminal.colour));
  return ok ? EXIT.well : EXIT.attention;
}

/** Judged by the agent; here only words become members. */
async function wishOf({ words, options }: Invocation, terminal: Terminal): Promise<object> {
  const [uplink, action] = words;
  switch (action) {
    case 'dhcp':
      return { do: 'set', setting: { uplink, ipType: 'DHCP' } };
    case 'static': {
      const [, address, length] = /^([^/]+)\/(\d{1,2})$/.exec(options.get('address') ?? '') ?? [];
      const gateway = options.get('gateway');
      if (address === undefined || gateway === undefined) {
        throw new WrongUsage("static wants --address, such as '203.0.113.2/24', and --gateway");
      }
      const nameServers = (options.get('dns') ?? '').split(',').filter((each) => each !== '');
      const own = { address, prefixLength: Number(length), gateway, nameServers };
      return { do: 'set', setting: { uplink, ipType: 'STATIC', ...own } };
    }
    case 'pppoe': {
      const user = options.get('user');
      if (user === undefined) throw new WrongUsage('pppoe wants --user; its password is asked for');
      const password = (await terminal.secret?.('Password')) ?? '';
      return { do: 'set', setting: { uplink, ipType: 'PPPOE', user, password } };
    }
    case 'release':
      return { do: 'release', uplink };
    default:
      return { do: action };
  }
}
