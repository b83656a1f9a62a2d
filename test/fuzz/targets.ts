/**
 * Every reader of foreign bytes in this program, by the name it is fuzzed under.
 */
import type { FuzzTarget } from './target.ts';
import { bfd } from './targets/bfd.ts';
import { command } from './targets/command.ts';
import { config } from './targets/config.ts';
import { desired } from './targets/desired.ts';
import { framer } from './targets/framer.ts';
import { host } from './targets/host.ts';
import { messages } from './targets/messages.ts';
import { mqttIntake } from './targets/mqtt-intake.ts';
import { netlink } from './targets/netlink.ts';
import { leaky, planted } from './targets/planted.ts';

export const TARGETS: Readonly<Record<string, FuzzTarget>> = {
  framer,
  messages,
  netlink,
  bfd,
  'mqtt-intake': mqttIntake,
  desired,
  command,
  config,
  host,
};

/** Faulty on purpose, for the harness's own test; not offered to people. */
const PLANTED: Readonly<Record<string, FuzzTarget>> = { planted, leaky };

export function targetOf(name: string): FuzzTarget {
  const target = { ...TARGETS, ...PLANTED }[name];
  if (target === undefined) throw new Error(`there is no target "${name}"`);
  return target;
}
