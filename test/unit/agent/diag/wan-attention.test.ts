import { expect, it } from 'vitest';
import { attentionOf } from '../../../../agent/diag/attention.ts';
import { SAMPLE } from './sample-snapshot.ts';

it('a WAN setting on trial and an uplink without an address need attention', () => {
  const untilMs = SAMPLE.nowMs + 30_000;
  const wan = {
    uplinks: [{ uplink: 'wan2', ipType: 'DHCP', trouble: 'no DHCP server answers' }],
    trial: { uplink: 'wan1', untilMs, lacks: 'the gateway has not been reached since' },
  } as const;
  expect(attentionOf({ ...SAMPLE, wan })).toEqual([
    'The address of wan1 was set at the box and is undone in 30 s unless it is kept: the gateway has not been reached since.',
    'wan2 is given no address: no DHCP server answers.',
  ]);
});
