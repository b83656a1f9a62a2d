import { execFileSync } from 'node:child_process';
import { type ScratchNetns, scratchNetns } from './scratch-netns.ts';

/** A LAN, a router whose way out is called like a tunnel, and a far end behind it. */
export interface RoutedNetns {
  readonly lan: ScratchNetns;
  readonly router: ScratchNetns;
  readonly far: ScratchNetns;
  remove(): void;
}

export const ROUTED = { lan: '10.8.1.2', far: '10.8.2.2', lanDevice: 'lan0', wayOut: 'sag-t1' };

export function routedNetns(): RoutedNetns {
  const [lan, router, far] = [scratchNetns(), scratchNetns(), scratchNetns()];
  for (const [device, end] of [
    [ROUTED.lanDevice, lan],
    [ROUTED.wayOut, far],
  ] as const) {
    const peer = ['peer', 'name', 'eth0', 'netns', end.name];
    router.ip('link', 'add', device, 'type', 'veth', ...peer);
  }
  for (const [netns, device, address] of [
    [lan, 'eth0', `${ROUTED.lan}/24`],
    [router, ROUTED.lanDevice, '10.8.1.1/24'],
    [router, ROUTED.wayOut, '10.8.2.1/24'],
    [far, 'eth0', `${ROUTED.far}/24`],
  ] as const) {
    netns.ip('address', 'add', address, 'dev', device);
    netns.ip('link', 'set', device, 'up');
  }
  lan.ip('route', 'add', 'default', 'via', '10.8.1.1');
  far.ip('route', 'add', 'default', 'via', '10.8.2.1');
  execFileSync('ip', ['netns', 'exec', router.name, 'sysctl', '-qw', 'net.ipv4.ip_forward=1']);
  return {
    lan,
    router,
    far,
    remove: () => {
      for (const netns of [lan, router, far]) netns.remove();
    },
  };
}
