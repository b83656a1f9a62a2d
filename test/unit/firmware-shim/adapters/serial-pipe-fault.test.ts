import { expect, it } from 'vitest';
import { openingFault } from '../../../../firmware-shim/adapters/serial-pipe-fault.ts';

it.each([
  ['Error: Error Resource temporarily unavailable Cannot lock port', 'locked'],
  ['Error: Inappropriate ioctl for device setting custom baud rate of 115200', 'not-a-tty'],
  ['Error: Permission denied, cannot open /dev/ttyS9', 'no-permission'],
  ['Error: No such file or directory, cannot open /dev/ttyS9', 'missing'],
  ['Error: No such device or address, cannot open /dev/ttyS9', 'missing'],
  ['Error: Invalid baud rate setting', 'baud-rate'],
  ['Error: something new', 'failed'],
])('%s means %s', (sentence, why) => {
  const fault = openingFault('/dev/ttyS9', sentence);
  expect(fault.why).toBe(why);
  expect(fault.text).toContain('/dev/ttyS9');
});
