/**
 * One engine's story: two tunnels up, a black hole, a pulled cable, new session keys, everything gone; each step is
 * told as a line.
 */
import type { GuestFault } from '../guest-line.ts';
import { EchoFlow } from './echo-flow.ts';
import { BEHIND, INDEXES } from './guest-end.ts';
import { DETECT_MS, GuestLab } from './guest-lab.ts';
import type { GuestTunnels } from './guest-tunnels.ts';
import { tell } from './tell.ts';
import { WireMeter } from './wire-meter.ts';

/** WireGuard renews its keys after 120 s; these are seconds of the guest. */
const REKEY_MS_MAX = 150_000;
const REKEY_LOOK_MS = 3_000;
/** The new keys carry traffic for a while before it is judged. */
const REKEYED_MS = 5_000;
/** Often enough to see a hole that matters, seldom enough for two quiet minutes. */
const REKEY_ECHO_MS = 200;
const FAILOVER_ECHO_MS = 20;

export async function engineStory(open: (lab: GuestLab) => Promise<GuestTunnels>): Promise<void> {
  const lab = new GuestLab();
  const tunnels = await open(lab);
  await lab.start((end, index) => tunnels.deviceName(end, index));
  await tellStarted(lab, tunnels);
  const meter = await WireMeter.start(lab.hub, tunnels.sealed);
  const echo = new EchoFlow(lab.branch, lab.hub);
  await tellFailover(lab, tunnels, echo, 'blackhole');
  await tellFailover(lab, tunnels, echo, 'carrier');
  await tellRekey(lab, tunnels, echo);
  tell({ step: 'carried', engine: tunnels.kind, ...(await meter.read()) });
  echo.close();
  await tunnels.close();
  const links = await lab.branch.run('ip', '-o', 'link', 'show', 'type', tunnels.deviceKind);
  tell({ step: 'stopped', engine: tunnels.kind, left: links.split('\n').filter(Boolean) });
  await lab.close();
}

async function tellStarted({ branch }: GuestLab, tunnels: GuestTunnels): Promise<void> {
  const snapshot = await branch.snapshot();
  const kinds = INDEXES.map(async (index) => {
    const name = tunnels.deviceName(branch, index);
    const text = await branch.run('ip', '-d', '-j', 'link', 'show', 'dev', name);
    const [link] = JSON.parse(text) as { linkinfo?: { info_kind?: string } }[];
    return link?.linkinfo?.info_kind ?? 'none';
  });
  tell({
    step: 'started',
    engine: tunnels.kind,
    capabilities: tunnels.capabilities(),
    listed: await tunnels.list(),
    sessions: snapshot.tunnels.map(({ id, session }) => ({ tunnel: id, state: session.state })),
    deviceKinds: await Promise.all(kinds),
    detectMs: DETECT_MS,
    replayWindows: tunnels.replayWindows(),
  });
}

/** The first tunnel's uplink fails and is mended. */
async function tellFailover(
  lab: GuestLab,
  tunnels: GuestTunnels,
  echo: EchoFlow,
  fault: GuestFault,
): Promise<void> {
  const { branch, hub } = lab;
  const engine = tunnels.kind;
  echo.begin(FAILOVER_ECHO_MS);
  await echo.next();
  const failing = branch.facts.length;
  await (fault === 'carrier' ? lab.setCable(1, false) : lab.blackHole(1));
  const change = await branch.untilActive('t2', failing);
  await echo.next();
  const { gapMs } = await echo.end();
  const routeVia = await branch.run('ip', 'route', 'get', BEHIND.hub);
  tell({ step: 'failedOver', engine, fault, change, gapMs, routeVia: routeVia.trim() });
  const mending = [branch.facts.length, hub.facts.length] as const;
  await (fault === 'carrier' ? lab.setCable(1, true) : lab.fillHole());
  const back = await branch.untilActive('t1', mending[0]);
  await hub.untilActive('t1', mending[1]);
  tell({ step: 'failedBack', engine, change: back });
}

async function tellRekey(lab: GuestLab, tunnels: GuestTunnels, echo: EchoFlow): Promise<void> {
  const since = lab.branch.facts.length;
  const before = await keysOf(tunnels);
  echo.begin(REKEY_ECHO_MS);
  for (const index of INDEXES) await tunnels.rekey(index);
  const overdueAtMs = performance.now() + REKEY_MS_MAX;
  let after = before;
  while (after.some((keys, at) => keys === before[at]) && performance.now() < overdueAtMs) {
    await new Promise((resolve) => setTimeout(resolve, REKEY_LOOK_MS));
    after = await keysOf(tunnels);
  }
  await new Promise((resolve) => setTimeout(resolve, REKEYED_MS));
  const { gapMs, ...echoes } = await echo.end();
  tell({
    step: 'rekeyed',
    engine: tunnels.kind,
    tunnels: INDEXES.map((index, at) => ({
      tunnel: `t${index}`,
      before: before[at] ?? '',
      after: after[at] ?? '',
    })),
    echoes,
    gapMs,
    changes: lab.branch.facts.slice(since).filter(({ type }) => type === 'activeTunnelChanged')
      .length,
  });
}

async function keysOf(tunnels: GuestTunnels): Promise<readonly string[]> {
  const keys: string[] = [];
  for (const index of INDEXES) keys.push(await tunnels.keysOf(index));
  return keys;
}
