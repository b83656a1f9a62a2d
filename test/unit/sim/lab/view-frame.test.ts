/** What the live view shows, and when. */
import { expect, test } from 'vitest';
import { renderBlocks } from '../../../../agent/diag/text-table.ts';
import { type ViewState, viewFrame } from '../../../../sim/lab/view-frame.ts';

const starting: ViewState = {
  leds: {},
  ping: { sent: 0, received: 0, lost: 0 },
  faults: [],
  stored: [],
  message: '',
};

const textOf = (state: ViewState): string => renderBlocks(viewFrame(state), false);

test('before the agent answers the view says that it is starting and shows the keys', () => {
  const text = textOf(starting);
  expect(text).toContain('The agent is starting.');
  expect(text).toContain('q quit');
  expect(text).toContain('nothing yet');
});

test('pings, faults, the newest stored events and the page are shown', () => {
  const text = textOf({
    ...starting,
    ping: { sent: 120, received: 117, lost: 3, rttMs: 0.456 },
    faults: ['cable of wan1 pulled'],
    stored: ['First', 'DeviceOnline', 'DeviceWanLinkDown', 'AccessGatewayFailover', 'Last'],
    pageUrl: 'http://127.0.0.1:4000/',
    message: 'the cable of wan1 is pulled',
  });
  expect(text).toContain('120 sent, 3 lost, round trip 0.46 ms');
  expect(text).toContain('cable of wan1 pulled');
  expect(text).toContain('AccessGatewayFailover · Last');
  expect(text).not.toContain('First');
  expect(text).toContain('http://127.0.0.1:4000/');
});
