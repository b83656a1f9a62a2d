/**
 * Gathers the facts of a check: files and kernel first, then every probe at once, a few at a time, within one bound.
 *
 * What has not come back in time is absent. With everything broken it takes as long as the slowest probe.
 */

import { existsSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { parsePrefix, prefixContains } from '../../../firmware-shim/kernel/prefix.ts';
import type {
  AgentFacts,
  Answer,
  CheckFacts,
  KernelFacts,
  ProbeFacts,
  ProbeKind,
  TlsFact,
} from '../../diag/check/facts.ts';
import { lanPrefixesOf, tunnelsOf } from '../../diag/check/facts.ts';
import { lookAtKeptNames } from '../../durable/kept-names.ts';
import type { AgentConfig } from '../../model/config.ts';
import type { KeptName } from '../../model/gateway-name.ts';
import { NEVER_FORWARDS, type Uplink } from '../../model/uplink.ts';
import { GatewayTrust } from '../access/gateway-trust.ts';
import { presentIdentity } from '../identity/identity.ts';
import { GatewayFinder } from '../names/gateway-finder.ts';
import { systemServers } from '../names/system-servers.ts';
import { DirectoryFiles } from '../store/directory-files.ts';
import { readKernel } from './check-kernel.ts';
import { handshake, inTime, ping, resolveName, type TlsCredentials } from './check-probes.ts';
import { readClock, readDisk } from './check-state.ts';

export interface CheckSources {
  readonly agent: AgentFacts;
  readonly config: AgentConfig | undefined;
  readonly configProblem?: string;
}

/** All probes together; `sagctl check` promises 5 s with everything broken. */
const PROBES_MS_MAX = 3_000;
/** At once: a ping is a process, and a box has two cores. */
const AT_ONCE_MAX = 12;
/** More are left out: a check of 32 tunnels would prove little more than one of 8. */
const TUNNELS_MAX = 8;
const UPLINKS_MAX = 8;
const REACH_MAX = 4;
/** AliDNS, which answers pings from everywhere. */
const INTERNET_TARGET = '223.5.5.5';
const NAME = 'www.aliyun.com';

/** `onEnded` hears the facts so far each time all probes of a kind have ended. */
export async function gatherFacts(
  sources: CheckSources,
  onEnded?: (facts: CheckFacts, ended: ReadonlySet<ProbeKind>) => void,
): Promise<CheckFacts> {
  const { agent, config, configProblem } = sources;
  const kernel = await readKernel();
  const disk = config && readDisk(config.stateDirectory);
  const facts: Omit<CheckFacts, 'probes'> = {
    wallMs: Date.now(),
    agent,
    ...(config !== undefined && {
      config: {
        uplinks: uplinksOf(sources),
        gateways: config.access.gateways,
        lanPrefixes: lanPrefixesOf(agent, config.lanPrefixes),
      },
    }),
    ...(configProblem !== undefined && { configProblem }),
    ...(kernel !== undefined && { kernel }),
    ...(disk !== undefined && { disk }),
    clock: readClock(config),
  };
  const probes = await probe(sources, kernel, (soFar, ended) =>
    onEnded?.({ ...facts, probes: soFar }, ended),
  );
  return { ...facts, probes };
}

/** As they are in force, where the agent says so: what was set at the box is not in the configuration. */
function uplinksOf({ agent, config }: CheckSources): readonly Uplink[] {
  const inForce = agent.answers ? agent.snapshot.fastPath.uplinks : [];
  return inForce.length > 0 ? inForce : (config?.uplinks ?? []);
}

type Writable = { -readonly [Key in keyof ProbeFacts]: ProbeFacts[Key] };
interface Task {
  readonly kind: ProbeKind;
  readonly run: () => Promise<void>;
}
type OnEnded = (soFar: ProbeFacts, ended: ReadonlySet<ProbeKind>) => void;

async function probe(
  sources: CheckSources,
  kernel: KernelFacts | undefined,
  onEnded: OnEnded,
): Promise<ProbeFacts> {
  const nextHops: Record<string, Answer> = {};
  const names: Record<string, ProbeFacts['names'][string]> = {};
  const internet: Record<string, ProbeFacts['internet'][string]> = {};
  const tunnels: Record<string, { small: Answer; large?: Answer }> = {};
  const tls: TlsFact[] = [];
  const reach: { target: string; answer: Answer }[] = [];
  const found: Writable = { nextHops, names, internet, tunnels, tls, reach };
  const { config, agent } = sources;
  const servers = config?.diagnosis?.resolvers ?? systemServers();
  const name = nameOf(config);
  const target = config?.diagnosis?.internetTarget ?? INTERNET_TARGET;
  const credentials = credentialsOf(config);
  const finder = new GatewayFinder({ kept: keptNames(sources), servers: () => servers });
  const tasks: Task[] = [];
  const add = (kind: ProbeKind, run: Task['run']): void => void tasks.push({ kind, run });
  for (const { uplink, address } of placed(sources, kernel)) {
    const { id, deviceName, gateway } = uplink;
    add('nextHops', async () => {
      nextHops[id] = await ping({ from: deviceName, target: gateway });
    });
    if (address === undefined) continue;
    add('internet', async () => {
      internet[id] = { ...(await ping({ from: address, target })), target };
    });
    if (servers.length > 0) {
      add('names', async () => {
        names[id] = { ...(await resolveName(name, servers, address)), name };
      });
    }
    for (const each of config?.access.gateways ?? []) {
      add('tls', async () => {
        const answer = await handshake(each, { sourceAddress: address, finder }, credentials);
        tls.push({ gateway: each.id, uplink: id, answer });
      });
    }
  }
  for (const { id, deviceName, innerRemote, mtu } of tunnelsOf(agent).slice(0, TUNNELS_MAX)) {
    if (isIP(innerRemote) === 0) continue;
    add('tunnels', async () => {
      tunnels[id] = await pingThrough({ from: deviceName, target: innerRemote }, mtu);
    });
  }
  const from = lanAddress(lanPrefixesOf(agent, config?.lanPrefixes ?? []), kernel);
  for (const host of config?.diagnosis?.endToEnd?.slice(0, REACH_MAX) ?? []) {
    add('reach', async () => {
      reach.push({ target: host, answer: await ping({ from, target: host }) });
    });
  }
  await bounded(tasks, (ended) => onEnded(structuredClone(found), ended));
  finder.close();
  return structuredClone(found);
}

/** A small packet, and one as large as was planned. */
async function pingThrough(
  way: { readonly from: string; readonly target: string },
  mtu: number | undefined,
): Promise<{ readonly small: Answer; readonly large?: Answer }> {
  const [small, large] = await Promise.all([
    ping(way),
    ...(mtu === undefined ? [] : [ping({ ...way, packetBytes: mtu })]),
  ]);
  return { small, ...(large !== undefined && { large }) };
}

/** Whatever ends after the bound is not told any more. */
async function bounded(
  tasks: readonly Task[],
  tell: (ended: ReadonlySet<ProbeKind>) => void,
): Promise<void> {
  let isOver = false;
  await inTime(
    fewAtOnce(tasks, (ended) => (isOver ? undefined : tell(ended))),
    PROBES_MS_MAX,
  );
  isOver = true;
}

const KINDS = ['nextHops', 'names', 'internet', 'tls', 'tunnels', 'reach'] as const;

async function fewAtOnce(
  tasks: readonly Task[],
  tell: (ended: ReadonlySet<ProbeKind>) => void,
): Promise<void> {
  const waiting = [...tasks];
  const open = new Set(tasks);
  const endedKinds = (): ReadonlySet<ProbeKind> =>
    new Set(KINDS.filter((kind) => ![...open].some((task) => task.kind === kind)));
  tell(endedKinds());
  const worker = async (): Promise<void> => {
    for (let task = waiting.shift(); task !== undefined; task = waiting.shift()) {
      await task.run();
      open.delete(task);
      const ended = endedKinds();
      if (ended.has(task.kind)) tell(ended);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE_MAX }, worker));
}

/** The uplinks that may carry user traffic, each with its address as the kernel has it. */
function placed(
  sources: CheckSources,
  kernel: KernelFacts | undefined,
): readonly { readonly uplink: Uplink; readonly address: string | undefined }[] {
  return uplinksOf(sources)
    .filter(({ use, priority }) => use === 'data' && priority !== NEVER_FORWARDS)
    .slice(0, UPLINKS_MAX)
    .map((uplink) => {
      const index = kernel?.links.find(({ name }) => name === uplink.deviceName)?.index;
      const own = kernel?.addresses.filter(({ deviceIndex }) => deviceIndex === index) ?? [];
      const usable = own.filter(({ address }) => !/^(169\.254\.|fe[89ab])/i.test(address));
      const first = usable.find(({ family }) => family === 'ipv4') ?? usable[0];
      return { uplink, address: first?.address };
    });
}

/** Hosts behind the CCN know the way back to the LAN, and to nothing else of this box. */
function lanAddress(lan: readonly string[], kernel: KernelFacts | undefined): string | undefined {
  const prefixes = lan.flatMap((prefix) => parsePrefix(prefix) ?? []);
  return kernel?.addresses.find(({ address }) => {
    const own = parsePrefix(address);
    return own !== undefined && prefixes.some((prefix) => prefixContains(prefix, own));
  })?.address;
}

/** The name of an access gateway, if one has a name: then DNS matters for more than the users. */
function nameOf(config: AgentConfig | undefined): string {
  const named = config?.access.gateways.find(({ address }) => isIP(address) === 0);
  return config?.diagnosis?.name ?? named?.address ?? NAME;
}

/** What the agent knows of gateways, or has left behind. */
function keptNames({ agent, config }: CheckSources): readonly KeptName[] {
  if (agent.answers) {
    return (agent.snapshot.gatewayNames ?? []).map(({ name, addresses }) => ({
      name,
      addresses: addresses.map(({ address, provedAgoMs }) => ({
        address,
        provedWallMs: Date.now() - provedAgoMs,
      })),
    }));
  }
  if (config === undefined || !existsSync(config.stateDirectory)) return [];
  return lookAtKeptNames(new DirectoryFiles(config.stateDirectory));
}

function credentialsOf(config: AgentConfig | undefined): TlsCredentials {
  if (config === undefined) return {};
  const { caFile, crlFile } = config.access;
  const ca = bytesOf(caFile);
  const own = presentIdentity(config);
  const trustedMs = (): number => Date.now();
  return {
    ...(ca && { ca, trust: new GatewayTrust({ ca: ca.toString('utf8'), crlFile, trustedMs }) }),
    ...(own && { cert: Buffer.from(own.certificate), key: Buffer.from(own.key) }),
  };
}

function bytesOf(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}
