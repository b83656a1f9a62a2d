/**
 * The secrets of IPsec tunnels: files only we can read, handed to charon over its socket and to nobody else.
 */
import { mkdir, open, readFile, rename, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { type Credential, EngineRefused } from '../../engine-port.ts';
import {
  CREDENTIAL_NAME_PATTERN,
  type CredentialReference,
  DEVICE_CREDENTIAL,
} from '../../model/ipsec.ts';

export type IpsecCredential = Extract<Credential, { readonly kind: 'psk' | 'certificate' }>;

/** PEM texts, held in memory only. */
export type DeviceIdentity = Pick<
  Extract<Credential, { readonly kind: 'certificate' }>,
  'certificate' | 'key' | 'ca'
>;

const OWNER_ONLY = 0o600;
const FOREIGN_BITS = 0o077;
const NAME = new RegExp(CREDENTIAL_NAME_PATTERN, 'u');
/** A chain of certificates has a few kilobytes. */
const SECRET_BYTES_MAX = 64 * 1024;

export class IpsecCredentials {
  readonly #directory: string;
  readonly #device: DeviceIdentity | undefined;

  constructor(directory: string, device?: DeviceIdentity) {
    this.#directory = directory;
    this.#device = device;
  }

  async keep(credential: IpsecCredential): Promise<CredentialReference> {
    if (isDevice(credential)) return DEVICE_CREDENTIAL;
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    const { kind, name } = credential;
    if (kind === 'psk') {
      await this.#write(name, 'psk', credential.secret);
    } else {
      await this.#write(name, 'crt', credential.certificate);
      await this.#write(name, 'key', credential.key);
      await this.#write(name, 'ca', credential.ca);
    }
    return { kind, name };
  }

  async load(reference: CredentialReference): Promise<IpsecCredential> {
    const { kind, name } = reference;
    if (isDevice(reference)) {
      if (this.#device !== undefined) return { kind: 'certificate', name, ...this.#device };
      throw new EngineRefused('EENGINE_CREDENTIAL', 'this end has no certificate of a device');
    }
    if (kind === 'psk') return { kind, name, secret: (await this.#read(name, 'psk')).trimEnd() };
    return {
      kind,
      name,
      certificate: await this.#read(name, 'crt'),
      key: await this.#read(name, 'key'),
      ca: await this.#read(name, 'ca'),
    };
  }

  async forget(reference: CredentialReference): Promise<void> {
    if (isDevice(reference)) return;
    const { kind, name } = reference;
    for (const ending of kind === 'psk' ? ['psk'] : ['crt', 'key', 'ca']) {
      await unlink(this.#path(name, ending)).catch(() => undefined);
    }
  }

  #path(name: string, ending: string): string {
    if (!NAME.test(name)) {
      throw new EngineRefused('EENGINE_CREDENTIAL', `${JSON.stringify(name)} names no credential`);
    }
    return join(this.#directory, `${name}.${ending}`);
  }

  async #read(name: string, ending: string): Promise<string> {
    const path = this.#path(name, ending);
    const found = await stat(path).catch(() => undefined);
    if (found === undefined || found.size === 0 || found.size > SECRET_BYTES_MAX) {
      throw new EngineRefused('EENGINE_CREDENTIAL', `${path} is missing or holds no credential`);
    }
    if (ending !== 'crt' && ending !== 'ca' && (found.mode & FOREIGN_BITS) !== 0) {
      throw new EngineRefused('EENGINE_KEY_MODE', `${path} can be read by others: chmod 600 it`);
    }
    return readFile(path, 'utf8');
  }

  async #write(name: string, ending: string, text: string): Promise<void> {
    const path = this.#path(name, ending);
    const handle = await open(`${path}.next`, 'w', OWNER_ONLY);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(`${path}.next`, path);
  }
}

function isDevice({ kind, name }: CredentialReference): boolean {
  return kind === DEVICE_CREDENTIAL.kind && name === DEVICE_CREDENTIAL.name;
}

/** As the register names one: `psk:hub-2025`. */
export function credentialText({ kind, name }: CredentialReference): string {
  return `${kind}:${name}`;
}

export function credentialOf(text: string): CredentialReference {
  const [kind, ...rest] = text.split(':');
  return { kind: kind === 'certificate' ? 'certificate' : 'psk', name: rest.join(':') };
}
