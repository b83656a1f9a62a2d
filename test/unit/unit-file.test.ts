/** F-31: the unit file bounds the memory of the agent, and has it started again at once whatever ended it. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const unit = new Map(
  readFileSync('deploy/sag-agent.service', 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, name, value] = /^([A-Za-z]+)=(.*)$/.exec(line) ?? [];
      return name === undefined ? [] : [[name, value] as const];
    }),
);

const megabytes = (name: string): number => Number(/^(\d+)M$/.exec(unit.get(name) ?? '')?.[1]);

test('memory has a bound that slows the agent down before the one that ends it', () => {
  expect(megabytes('MemoryHigh')).toBeLessThan(megabytes('MemoryMax'));
  expect(unit.get('MemorySwapMax')).toBe('0');
  // A core dump of a process that ran out of memory would fill the flash, and holds keys.
  expect(unit.get('LimitCORE')).toBe('0');
});

test('an agent that was ended is started again a second later, however often, and its tunnels stay', () => {
  expect(unit.get('Restart')).toBe('always');
  expect(unit.get('RestartSec')).toBe('1s');
  expect(unit.get('StartLimitIntervalSec')).toBe('0');
  expect(unit.get('KillMode')).toBe('process');
});
