import { expect, it } from 'vitest';
import { consolePlaces } from '../../../../../agent/diag/page-access/page-places.ts';

const uplinks = [{ deviceName: 'wan1' }];

it('the page is where technicians look for it, when this box has such an address on its LAN side', () => {
  const own = [
    { deviceName: 'mgt0', address: '192.168.0.1' },
    { deviceName: 'br-lan', address: '192.168.88.1' },
    { deviceName: 'br-lan', address: '192.168.10.1' },
    { deviceName: 'lo', address: '127.0.0.1' },
  ];
  expect(consolePlaces(own, uplinks)).toEqual(['192.168.0.1', '192.168.88.1']);
  expect(consolePlaces(own.slice(2), uplinks)).toEqual([]);
});

it('the page is never on an uplink, not even with such an address', () => {
  expect(consolePlaces([{ deviceName: 'wan1', address: '192.168.0.1' }], uplinks)).toEqual([]);
});
