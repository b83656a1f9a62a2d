import { describe, expect, it } from 'vitest';
import { PageGuard } from '../../../../agent/adapters/page/page-server-guard.ts';

const OWN = 'http://192.168.10.1:8080';
const guard = new PageGuard({
  address: '192.168.10.1',
  port: 8080,
  hosts: ['SAG.branch.example', '127.0.0.1:4000'],
});

describe('the guard of the page', () => {
  it.each([
    '192.168.10.1:8080',
    '192.168.10.1',
    'sag.branch.example',
    'Sag.Branch.Example:8443',
    '127.0.0.1:4000',
  ])('answers to its own name %s', (host) => {
    expect(guard.refusal('GET', { host })).toBeUndefined();
  });

  it.each([
    undefined,
    '',
    'evil.example',
    'evil.example:8080',
    'sag.branch.example.evil.example',
    '127.0.0.1:4001',
    'localhost',
  ])('does not answer to %s', (host) => {
    expect(guard.refusal('GET', host === undefined ? {} : { host })?.code).toBe('EPAGE_HOST');
  });

  it('answers to localhost only where it listens on the loopback', () => {
    const loopback = new PageGuard({ address: '::1', port: 80, hosts: [] });
    expect(loopback.refusal('GET', { host: 'localhost:80' })).toBeUndefined();
    expect(loopback.refusal('GET', { host: '[::1]:80' })).toBeUndefined();
  });

  it.each(['PATCH', 'PUT', 'DELETE', 'OPTIONS', 'CONNECT', undefined])('refuses %s', (method) => {
    expect(guard.refusal(method, { host: '192.168.10.1' })?.status).toBe(405);
  });

  it.each([
    undefined,
    'null',
    'http://evil.example',
    'http://192.168.10.1',
    'http://192.168.10.1:8081',
  ])('refuses a WebSocket from %s', (origin) => {
    const headers = { host: '192.168.10.1:8080', ...(origin !== undefined && { origin }) };
    expect(guard.upgradeRefusal('GET', headers)?.code).toBe('EPAGE_ORIGIN');
  });

  it('takes a WebSocket from its own page', () => {
    const headers = { host: '192.168.10.1:8080', origin: 'http://192.168.10.1:8080' };
    expect(guard.upgradeRefusal('GET', headers)).toBeUndefined();
  });

  it.each([
    [{}, 'EPAGE_ORIGIN'],
    [{ origin: 'http://evil.example' }, 'EPAGE_ORIGIN'],
    [{ origin: OWN, 'sec-fetch-site': 'same-site' }, 'EPAGE_ORIGIN'],
    [{ origin: OWN }, 'EPAGE_TYPE'],
    [{ origin: OWN, 'content-type': 'text/plain' }, 'EPAGE_TYPE'],
    [{ origin: OWN, 'content-type': 'application/json', 'content-encoding': 'gzip' }, 'EPAGE_TYPE'],
    [{ origin: OWN, 'content-type': 'application/json' }, undefined],
    [
      { origin: OWN, 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' },
      undefined,
    ],
  ])('judges an act with %j: %s', (headers, code) => {
    expect(guard.actRefusal({ host: '192.168.10.1:8080', ...headers })?.code).toBe(code);
  });
});
