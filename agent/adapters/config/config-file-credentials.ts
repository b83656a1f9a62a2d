/**
 * Looks at the PEM files a configuration names: there, readable, what they should be, and the key private.
 *
 * Dates are not judged here: a device without a battery clock starts in the past, and a certificate is
 * checked against time where time is known, at the handshake.
 */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import type { ConfigProblemCode, Finding } from '../../contract/config-problem.ts';
import type { Sound } from '../../contract/config-rules.ts';
import type { AccessConfig } from '../../model/config.ts';

/** A PEM chain is a few kilobytes; a larger file is not one. */
const PEM_BYTES_MAX = 256 * 1024;
/** Others may not even read; the group may not write. */
const KEY_MODE_FORBIDDEN = 0o027;

type FileMember = 'certificateFile' | 'keyFile' | 'caFile';
type Reading = { readonly text: string; readonly stats: Stats } | { readonly finding: Finding };

export function credentialFindings(access: Sound<AccessConfig>): readonly Finding[] {
  const found: Finding[] = [];
  const read = <Parsed>(
    member: FileMember,
    parse: (text: string) => Parsed,
    what: string,
  ): Parsed | undefined => {
    const path = access[member];
    if (path === undefined) return undefined;
    const reading = readPem(path, member);
    if ('finding' in reading) {
      found.push(reading.finding);
      return undefined;
    }
    if (member === 'keyFile') found.push(...exposure(path, reading.stats));
    try {
      return parse(reading.text);
    } catch {
      found.push(
        finding('ECONFIG_PEM', member, `${path} holds no ${what}; put the right file there`),
      );
      return undefined;
    }
  };
  const certificate = read('certificateFile', firstCertificate, 'PEM certificate');
  const key = read('keyFile', (text): KeyObject => createPrivateKey(text), 'unencrypted PEM key');
  read('caFile', firstCertificate, 'PEM certificate');
  if (certificate !== undefined && key !== undefined && !certificate.checkPrivateKey(key)) {
    const sentence = `the key in ${access.keyFile} does not belong to the certificate in ${access.certificateFile}`;
    found.push(finding('ECONFIG_KEY_MISMATCH', 'keyFile', sentence));
  }
  return found;
}

function firstCertificate(text: string): X509Certificate {
  return new X509Certificate(text);
}

function finding(code: ConfigProblemCode, member: FileMember, sentence: string): Finding {
  return { code, pointer: `/access/${member}`, at: 'value', sentence };
}

function exposure(path: string, stats: Stats): readonly Finding[] {
  if ((stats.mode & KEY_MODE_FORBIDDEN) === 0) return [];
  const mode = (stats.mode & 0o777).toString(8).padStart(4, '0');
  const sentence = `${path} has mode ${mode}, so other users can reach the private key; run: chmod 0600 ${path}`;
  return [finding('ECONFIG_KEY_EXPOSED', 'keyFile', sentence)];
}

function readPem(path: string, member: FileMember): Reading {
  try {
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stats = fstatSync(fd);
      if (!stats.isFile()) {
        return unreadable(member, `${path} is not a regular file; name a PEM file`);
      }
      if (stats.size > PEM_BYTES_MAX) {
        return unreadable(
          member,
          `${path} is larger than ${PEM_BYTES_MAX} bytes; it is no PEM file`,
        );
      }
      const bytes = new Uint8Array(stats.size);
      const length = readSync(fd, bytes, 0, bytes.length, 0);
      return { text: new TextDecoder().decode(bytes.subarray(0, length)), stats };
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      const sentence = `${path} does not exist; create it or correct the path`;
      return { finding: finding('ECONFIG_FILE_MISSING', member, sentence) };
    }
    return unreadable(member, `${path} cannot be read (${code}); let the agent's user read it`);
  }
}

function unreadable(member: FileMember, sentence: string): Reading {
  return { finding: finding('ECONFIG_FILE_UNREADABLE', member, sentence) };
}
