import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readWanAsk, readWanRecord } from '../../../../agent/contract/wan-schema.ts';
import { config } from '../../../kit/branch.ts';
import { PPPOE, STATIC } from '../../../kit/wan-scene.ts';

const set = (setting: unknown) => readWanAsk({ do: 'set', setting }, config);

describe('a WAN setting', () => {
  it('is taken when it fits this box', () => {
    expect(set(STATIC)).toEqual({ ok: true, value: { do: 'set', setting: STATIC } });
    expect(set(PPPOE).ok).toBe(true);
    expect(set({ uplink: 'wan1', ipType: 'DHCP' }).ok).toBe(true);
    expect(set({ ...STATIC, prefixLength: 31, gateway: '203.0.113.3' }).ok).toBe(true);
  });

  it.each([
    [{ ...STATIC, address: '203.0.113' }, 'EPAYLOAD_SHAPE', '/address'],
    [{ ...STATIC, address: '203.0.113.256' }, 'EPAYLOAD_SHAPE', '/address'],
    [{ ...STATIC, address: '203.0.113.255' }, 'EWAN_ADDRESS', '/address'],
    [{ ...STATIC, address: '203.0.113.0' }, 'EWAN_ADDRESS', '/address'],
    [{ ...STATIC, address: '127.0.0.2', gateway: '127.0.0.1' }, 'EWAN_ADDRESS', '/address'],
    [{ ...STATIC, address: '224.0.0.5', gateway: '224.0.0.1' }, 'EWAN_ADDRESS', '/address'],
    [{ ...STATIC, prefixLength: 33 }, 'EPAYLOAD_SHAPE', '/prefixLength'],
    [{ ...STATIC, prefixLength: '24' }, 'EPAYLOAD_SHAPE', '/prefixLength'],
    [{ ...STATIC, gateway: '203.0.114.1' }, 'EWAN_GATEWAY', '/gateway'],
    [
      { ...STATIC, gateway: STATIC.ipType === 'STATIC' && STATIC.address },
      'EWAN_GATEWAY',
      '/gateway',
    ],
    [{ ...STATIC, gateway: '203.0.113.255' }, 'EWAN_GATEWAY', '/gateway'],
    [{ ...STATIC, nameServers: ['dns.example'] }, 'EPAYLOAD_SHAPE', '/nameServers/0'],
    [{ ...STATIC, nameServers: Array(4).fill('9.9.9.9') }, 'EPAYLOAD_SHAPE', '/nameServers'],
    [{ ...STATIC, address: '192.168.10.2', gateway: '192.168.10.1' }, 'EWAN_OVERLAP', '/address'],
    [{ ...STATIC, uplink: 'wan9' }, 'EWAN_UPLINK', '/uplink'],
    [{ ...STATIC, uplink: 'wan2' }, 'EWAN_UPLINK', '/uplink'],
    [{ ...STATIC, mtu: 9000 }, 'EPAYLOAD_SHAPE', '/mtu'],
    [{ ...PPPOE, user: '' }, 'EPAYLOAD_SHAPE', '/user'],
    [{ ...PPPOE, user: 'a\nplugin evil.so' }, 'EPAYLOAD_SHAPE', '/user'],
    [{ ...PPPOE, password: 'x'.repeat(129) }, 'EPAYLOAD_SHAPE', '/password'],
    [{ uplink: 'wan1', ipType: 'dhcp' }, 'EWAN_IP_TYPE', '/ipType'],
    [undefined, 'EWAN_IP_TYPE', '/ipType'],
  ])('%j is refused with its place', (setting, code, pointer) => {
    expect(set(setting)).toMatchObject({ ok: false, refusal: { code, pointer } });
  });

  it('never throws, and what it takes can be kept and read again', () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true }), (value) => {
        readWanAsk(value, config);
        set(value);
        readWanRecord(value);
      }),
    );
    expect(readWanRecord({ v: 1, settings: [STATIC, PPPOE], found: [] }).ok).toBe(true);
    expect(readWanRecord({ v: 1, settings: [{ ...STATIC, x: 1 }], found: [] }).ok).toBe(false);
  });
});
