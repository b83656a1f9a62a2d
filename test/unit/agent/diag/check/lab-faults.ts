/**
 * The faults that `test/live/lab/diagnosis.test.ts` really makes in the network lab, in its order; all others are judged
 * from facts alone.
 */
export const LAB_FAULTS: readonly string[] = [
  'cable of one uplink out',
  'all cables out',
  'address of the wrong VLAN',
  'no address by DHCP',
  'ISP box dead',
  'DNS dead',
  'line paid to nowhere',
  'MQTT port blocked',
  'one tunnel black-holed',
  'every tunnel black-holed',
  'CEN unbound from the CCN',
  'VPC host refuses',
  'board silent',
  'disk full',
  'CCN unbound from the SAG',
  'gateway certificate wrong',
  'gateway of another area',
  'LTE faded',
  'agent dead, tunnels alive',
  'MTU 1280 on the path',
];
