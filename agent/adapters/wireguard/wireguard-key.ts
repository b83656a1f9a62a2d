/**
 * The tunnel key of this device: made once, kept in a file only we can read, never in an argument or a log.
 */
import { mkdir, open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineRefused } from '../../engine-port.ts';
import { runCommand } from '../engine/engine-command.ts';

export interface WireGuardKey {
  readonly file: string;
  readonly publicKey: string;
}

const OWNER_ONLY = 0o600;
/** Mode bits of group and others. */
const FOREIGN_BITS = 0o077;

export async function loadWireGuardKey(
  stateDirectory: string,
  name: string,
): Promise<WireGuardKey> {
  await mkdir(stateDirectory, { recursive: true, mode: 0o700 });
  const file = join(stateDirectory, `${name}.key`);
  await makeKey(file);
  const { mode } = await stat(file);
  if ((mode & FOREIGN_BITS) !== 0) {
    throw new EngineRefused('EENGINE_KEY_MODE', `${file} can be read by others: chmod 600 it`);
  }
  const privateKey = await readKey(file);
  const derived = await runCommand(['wg', 'pubkey'], { input: privateKey });
  if (!derived.ok) {
    throw new EngineRefused('EENGINE_KEY', `${file} holds no WireGuard key: ${derived.complaint}`);
  }
  return { file, publicKey: derived.stdout.trim() };
}

/** Does nothing when there is a key: it is this device's identity towards the gateways. */
async function makeKey(file: string): Promise<void> {
  const present = await stat(file).catch(() => undefined);
  if (present !== undefined && present.size > 0) return;
  const made = await runCommand(['wg', 'genkey']);
  if (!made.ok) throw new EngineRefused('EENGINE_KEY', `wg genkey failed: ${made.complaint}`);
  const handle = await open(file, 'w', OWNER_ONLY);
  try {
    await handle.writeFile(made.stdout);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function readKey(file: string): Promise<string> {
  const handle = await open(file, 'r');
  try {
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}
