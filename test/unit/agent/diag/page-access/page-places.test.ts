import { describe, expect, it } from 'vitest';
import {
  fixedPlace,
  movingPlaces,
  type OwnAddress,
} from '../../../../../agent/diag/page-access/page-places.ts';
import { config } from '../../../../kit/branch.ts';

const box = { uplinks: config.uplinks, lanPorts: config.lanPorts ?? [] };
const at = (deviceName: string, address: string): OwnAddress => ({ deviceName, address });
const NOWHERE = { hosts: [] };

describe('a page nobody has said anything of', () => {
  it('is where technicians look for it, when this box has such an address on its LAN side', () => {
    const own = [
      at('mgt0', '192.168.0.1'),
      at('br-lan', '192.168.88.1'),
      at('br-lan', '192.168.99.1'),
      at('lo', '127.0.0.1'),
    ];
    expect(movingPlaces(NOWHERE, box, own)).toEqual([
      { address: '192.168.0.1', port: 80 },
      { address: '192.168.88.1', port: 80 },
    ]);
    expect(movingPlaces(NOWHERE, box, own.slice(2))).toEqual([]);
    expect(fixedPlace(NOWHERE, box)).toBeUndefined();
  });

  it('is never on an uplink, not even with such an address', () => {
    expect(movingPlaces(NOWHERE, box, [at('wan1', '192.168.0.1')])).toEqual([]);
  });

  it('goes along with a LAN port that had such an address', () => {
    const console = {
      ...box,
      lanPorts: [{ id: 'l', deviceName: 'br0', address: '192.168.0.1/24' }],
    };
    expect(
      movingPlaces(NOWHERE, console, [at('br0', '10.0.0.1'), at('mgt0', '192.168.88.1')]),
    ).toEqual([
      { address: '10.0.0.1', port: 80, lanPort: 'l' },
      { address: '192.168.88.1', port: 80 },
    ]);
  });
});

describe('a page with an address', () => {
  const page = { address: '192.168.10.1', port: 8080, hosts: [] };
  const lan = (address: string) => ({ address, port: 8080, lanPort: 'lan0' });

  it('goes along with the LAN port whose address it is, and is at both while there are two', () => {
    expect(fixedPlace(page, box)).toBeUndefined();
    const moving = [at('lan0', '192.168.10.1'), at('lan0', 'fe80::1'), at('lan0', '192.168.30.1')];
    expect(movingPlaces(page, box, moving)).toEqual([lan('192.168.10.1'), lan('192.168.30.1')]);
    expect(movingPlaces(page, box, moving.slice(1))).toEqual([lan('192.168.30.1')]);
  });

  it('is where it is configured while the port shows no address, as without a cable', () => {
    expect(movingPlaces(page, box, [at('wan1', '10.91.1.2')])).toEqual([lan('192.168.10.1')]);
  });

  it('stays where it is when no LAN port has that address, and a Unix socket goes nowhere', () => {
    const elsewhere = { ...page, address: '127.0.0.1' };
    expect(fixedPlace(elsewhere, box)).toEqual({ address: '127.0.0.1', port: 8080 });
    expect(movingPlaces(elsewhere, box, [at('lan0', '192.168.30.1')])).toEqual([]);
    const socket = { unixSocket: '/run/page', hosts: [] };
    expect(movingPlaces(socket, box, [at('mgt0', '192.168.0.1')])).toEqual([]);
  });
});
