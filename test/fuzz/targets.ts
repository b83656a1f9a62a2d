/**
 * Every reader of foreign bytes in this program, by the name it is fuzzed under.
 */
import type { FuzzTarget } from './target.ts';
import { bfd } from './targets/bfd.ts';
import { command } from './targets/command.ts';
import { config } from './targets/config.ts';
import { control } from './targets/control.ts';
import { crl } from './targets/crl.ts';
import { desired } from './targets/desired.ts';
import { framer } from './targets/framer.ts';
import { host } from './targets/host.ts';
import { messages } from './targets/messages.ts';
import { mqttIntake } from './targets/mqtt-intake.ts';
import { netlink } from './targets/netlink.ts';
import { page } from './targets/page.ts';
import { leaky, planted } from './targets/planted.ts';
import { stateFile } from './targets/state-file.ts';

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
  control,
  page,
  crl,
  'state-file': stateFile,
};

/** Faulty on purpose, for the harness's own test; not offered to people. */
const PLANTED: Readonly<Record<string, FuzzTarget>> = { planted, leaky };

export function targetOf(name: string): FuzzTarget {
  const target = { ...TARGETS, ...PLANTED }[name];
  if (target === undefined) throw new Error(`there is no target "${name}"`);
  return target;
}
