/**
 * Two tunnels by IKEv2 with the kernel's own ESP: one charon an end, and an xfrm device for each tunnel, told apart by
 * `if_id`.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { type GuestEnd, INDEXES } from './guest-end.ts';
import type { GuestLab } from './guest-lab.ts';
import type { GuestTunnels } from './guest-tunnels.ts';

const PROPOSALS = { ike: 'aes128gcm16-prfsha256-x25519', esp: 'aes128gcm16-x25519' } as const;
/** Room for ESP around a packet of an uplink. */
const MTU = 1_400;
const READY_LOOKS_MAX = 600;
const READY_LOOK_MS = 100;

export async function ipsecTunnels(lab: GuestLab): Promise<GuestTunnels> {
  const charons: ChildProcess[] = [];
  for (const end of lab.ends) {
    makeDevices(end);
    writeSettings(end, lab.far(end));
    charons.push(startCharon(end));
  }
  for (const end of lab.ends) await untilConfigured(end);
  for (const index of INDEXES) await swanctl(lab.branch, '--initiate', '--child', `t${index}`);
  return {
    kind: 'ipsec',
    deviceKind: 'xfrm',
    sealed: ['meta', 'l4proto', 'esp'],
    capabilities: () => undefined,
    deviceName,
    keysOf: async (index) => spisOf(await lab.branch.run('ip', 'xfrm', 'state'), index),
    rekey: async (index) => {
      await swanctl(lab.branch, '--rekey', '--child', `t${index}`);
    },
    close: async () => {
      for (const charon of charons) await ended(charon);
      for (const end of lab.ends) {
        for (const index of INDEXES) end.netns.ip('link', 'del', deviceName(end, index));
      }
    },
  };
}

function deviceName(end: GuestEnd, index: number): string {
  return `xf${end.role[0]}${index}`;
}

function makeDevices(end: GuestEnd): void {
  for (const index of INDEXES) {
    const name = deviceName(end, index);
    const details = ['type', 'xfrm', 'dev', `wan${index}`, 'if_id', `${index}`];
    end.netns.ip('link', 'add', name, ...details);
    end.netns.ip('addr', 'add', `${end.inner(index)}/30`, 'dev', name);
    end.netns.ip('link', 'set', name, 'mtu', `${MTU}`, 'up');
  }
}

function folderOf(end: GuestEnd): string {
  return `/run/charon-${end.role}`;
}

function viciOf(end: GuestEnd): string {
  return `unix://${folderOf(end)}/vici`;
}

function writeSettings(end: GuestEnd, far: GuestEnd): void {
  mkdirSync(folderOf(end), { recursive: true, mode: 0o700 });
  const charon = `charon-systemd {
  load = random nonce openssl kdf pem pubkey kernel-netlink socket-default vici
  install_routes = no
  install_virtual_ip = no
  plugins { vici { socket = ${viciOf(end)} } }
}
`;
  writeFileSync(`${folderOf(end)}/charon.conf`, charon);
  const connections = INDEXES.map(
    (index) => `  t${index} {
    version = 2
    local_addrs = ${end.outer(index)}
    remote_addrs = ${far.outer(index)}
    if_id_in = ${index}
    if_id_out = ${index}
    proposals = ${PROPOSALS.ike}
    local { auth = psk
      id = ${end.role} }
    remote { auth = psk
      id = ${far.role} }
    children { t${index} { local_ts = 0.0.0.0/0
      remote_ts = 0.0.0.0/0
      esp_proposals = ${PROPOSALS.esp} } }
  }
`,
  );
  const secret = 'ike-1 { secret = "known to this guest only" }';
  const settings = `connections {\n${connections.join('')}}\nsecrets { ${secret} }\n`;
  writeFileSync(`${folderOf(end)}/swanctl.conf`, settings, { mode: 0o600 });
}

function startCharon(end: GuestEnd): ChildProcess {
  const env = { ...process.env, STRONGSWAN_CONF: `${folderOf(end)}/charon.conf` };
  const words = [`--net=${end.netns.path}`, '--', 'charon-systemd'];
  return spawn('nsenter', words, { env, stdio: ['ignore', 'inherit', 'inherit'] });
}

async function swanctl(end: GuestEnd, ...words: readonly string[]): Promise<string> {
  return end.run('swanctl', ...words, '--uri', viciOf(end));
}

async function untilConfigured(end: GuestEnd): Promise<void> {
  const file = `${folderOf(end)}/swanctl.conf`;
  for (let look = 1; ; look += 1) {
    try {
      await swanctl(end, '--load-all', '--noprompt', '--file', file);
      return;
    } catch (error) {
      if (look >= READY_LOOKS_MAX) throw error;
      await new Promise((resolve) => setTimeout(resolve, READY_LOOK_MS));
    }
  }
}

/** Each SA of the tunnel by its SPI, from the listing of ip-xfrm(8). */
function spisOf(listing: string, index: number): string {
  const states = listing.split(/^(?=src )/m).filter((state) => state.includes(`if_id 0x${index}`));
  return states
    .map((state) => /spi (0x[0-9a-f]+)/.exec(state)?.[1] ?? '')
    .sort()
    .join(' ');
}

async function ended(child: ChildProcess): Promise<void> {
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
  });
  child.kill('SIGTERM');
  await gone;
}
