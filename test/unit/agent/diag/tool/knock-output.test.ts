/** One SYN through a device, and what is made of the answer. */
import { expect, it } from 'vitest';
import { readKnock } from '../../../../../agent/diag/tool/knock-output.ts';
import { knockArgv } from '../../../../../agent/diag/tool/tool-argv.ts';

const HEAD = 'traceroute to 172.16.0.10 (172.16.0.10), 30 hops max, 60 byte packets\n';

it.each([
  ['30  172.16.0.10 <syn,ack>  4.643 ms', { ok: true, summary: 'open, after 5 ms' }],
  ['30  172.16.0.10 <syn,ack,ecn>  0.043 ms', { ok: true, summary: 'open, after 0 ms' }],
  ['30  172.16.0.10 <rst,ack>  0.043 ms', { ok: false, summary: 'ECONNREFUSED' }],
  ['30  *', { ok: false, summary: 'no answer' }],
  [
    'You do not have enough privileges to use this traceroute method.',
    { ok: false, summary: 'this agent may not send it' },
  ],
])('%s', (line, knock) => {
  expect(readKnock(`${HEAD}${line}`)).toEqual(knock);
});

it('is one packet, from the device that is named, to a target that is no option', () => {
  const argv = knockArgv('172.16.0.10', 443, { deviceName: 'sagt1' });
  expect(argv.join(' ')).toBe(
    'traceroute -n -T -O info -p 443 -q 1 -w 2 -f 30 -m 30 -i sagt1 -- 172.16.0.10',
  );
});
