/**
 * Finds out what IPsec this machine can do: which charon it has, and whether the kernel does ESP and xfrm devices.
 *
 * Tried, because neither a version nor a module list tells; what the trial makes is taken away at once.
 */
import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineRefused } from '../../engine-port.ts';
import { type CommandOptions, runCommand } from '../engine/engine-command.ts';

/** A path that is found without starting it: charon ignores its arguments and would simply run. */
export async function requireCharon(): Promise<string> {
  const places = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/usr/libexec/ipsec'];
  for (const place of places.filter((each) => each.startsWith('/'))) {
    const path = join(place, 'charon-systemd');
    const runs = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (runs) return path;
  }
  throw new EngineRefused(
    'EENGINE_MISSING',
    'charon-systemd is not installed: apt-get install charon-systemd libcharon-extra-plugins ' +
      'libstrongswan-standard-plugins libstrongswan-extra-plugins',
  );
}

/** Addresses of RFC 5737 and a key of zeros: nothing will ever go through this association. */
const TRIAL = ['src', '192.0.2.1', 'dst', '192.0.2.2', 'proto', 'esp', 'spi', '0x5a600001'];
const TRIAL_KEY = `0x${'00'.repeat(36)}`;

export async function kernelHasIpsec(netnsPath: string | undefined): Promise<boolean> {
  const netns: CommandOptions = netnsPath === undefined ? {} : { netnsPath };
  const ip = async (...words: readonly string[]): Promise<boolean> =>
    (await runCommand(['ip', ...words], netns)).ok;
  const device = `xfrmtry${process.pid}`.slice(0, 15);
  if (!(await ip('link', 'add', device, 'type', 'xfrm', 'if_id', '0x5a600001'))) return false;
  await ip('link', 'del', device);
  const cipher = ['aead', 'rfc4106(gcm(aes))', TRIAL_KEY, '128'];
  const added = await ip('xfrm', 'state', 'add', ...TRIAL, 'mode', 'tunnel', ...cipher);
  if (added) await ip('xfrm', 'state', 'delete', ...TRIAL);
  return added;
}
