import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildOperation } from '../../../../firmware-shim/kernel/build-request.ts';
import { readMessages } from '../../../../firmware-shim/kernel/message-reader.ts';
import type { KernelOperation } from '../../../../firmware-shim/kernel/operations.ts';
import { parseAnswer } from '../../../../firmware-shim/kernel/parse-answer.ts';
import { parseObject } from '../../../../firmware-shim/kernel/parse-object.ts';
import { netlinkVectors } from '../../../kit/netlink-vectors.ts';
import { anyAddress, anyNexthop, anyRoute, anyRule } from './arbitraries.ts';

/** What the kernel would tell about an object if it kept exactly what the request says. */
function echoed(operation: KernelOperation): unknown {
  const built = buildOperation(operation);
  expect(built).toMatchObject({ ok: true });
  const events: unknown[] = [];
  if (built.ok) readMessages(built.bytes, (message) => events.push(parseObject(message)));
  return events[0];
}

/** Reads bytes as everything they might be. */
function readAsAnything(bytes: Uint8Array): void {
  readMessages(bytes, (message) => {
    parseObject(message);
    parseAnswer(message);
  });
}

test('an address reads as it was asked for', () => {
  fc.assert(
    fc.property(anyAddress, (address) => {
      expect(echoed({ op: 'addressReplace', address })).toEqual({ type: 'addressAdded', address });
    }),
  );
});

test('a route reads as it was asked for', () => {
  fc.assert(
    fc.property(anyRoute, (route) => {
      expect(echoed({ op: 'routeAdd', route })).toEqual({ type: 'routeAdded', route });
      expect(echoed({ op: 'routeDelete', route })).toEqual({ type: 'routeRemoved', route });
    }),
  );
});

test('an IPv4 route through an IPv6 gateway reads as it was asked for', () => {
  const route = {
    family: 'ipv4',
    destination: '10.0.0.0/8',
    table: 254,
    protocol: 196,
    type: 'unicast',
    gateway: 'fd01::2',
    deviceIndex: 3,
  } as const;
  expect(echoed({ op: 'routeReplace', route })).toEqual({
    type: 'routeAdded',
    route,
    replaces: true,
  });
});

test('a rule reads as it was asked for', () => {
  fc.assert(
    fc.property(anyRule, (rule) => {
      expect(echoed({ op: 'ruleAdd', rule })).toEqual({ type: 'ruleAdded', rule });
    }),
  );
});

test('a nexthop and a group of any size read as they were asked for', () => {
  fc.assert(
    fc.property(anyNexthop, (nexthop) => {
      const event = { type: 'nexthopAdded', nexthop };
      expect(echoed({ op: 'nexthopReplace', nexthop })).toEqual(event);
    }),
  );
});

test('text that is no address is a refusal with the text in it, not an exception', () => {
  const operation: KernelOperation = {
    op: 'nexthopReplace',
    nexthop: { id: 1, family: 'ipv4', protocol: 196, deviceIndex: 2, gateway: 'fe80::1' },
  };
  expect(buildOperation(operation)).toEqual({
    ok: false,
    problem: 'not an ipv4 address: "fe80::1"',
  });
});

test('a device is never given a name that somebody could misread', () => {
  const names = [
    'eth0;reboot',
    'sixteen-letters-',
    '..',
    '.',
    '',
    'a b',
    'wan1/../x',
    'wän1',
    '-n',
    'a\n',
  ];
  for (const name of names) {
    const problem = `not a device name: ${JSON.stringify(name)}`;
    const veth = { kind: 'veth', peerName: name } as const;
    const operations: readonly KernelOperation[] = [
      { op: 'linkAdd', name, details: { kind: 'bridge' } },
      { op: 'linkAdd', name: 'near0', details: veth },
      { op: 'linkSet', index: 2, name },
    ];
    for (const operation of operations) {
      expect(buildOperation(operation)).toEqual({ ok: false, problem });
    }
  }
});

test('a device of somebody else is told by whatever name it has', () => {
  const bytes = netlinkVectors('events').map((one) => one.bytes);
  const renamed = bytes.flatMap((one) => {
    const at = Buffer.from(one).indexOf('wan1\0');
    if (at < 0) return [];
    const changed = Uint8Array.from(one);
    changed.set(Buffer.from(';rm*'), at);
    return [changed];
  });
  expect(renamed.length).toBeGreaterThan(0);
  const told = renamed.flatMap((one) => {
    const events: unknown[] = [];
    readMessages(one, (message) => events.push(parseObject(message)));
    return events;
  });
  expect(JSON.stringify(told)).toContain('"name":";rm*"');
});

test('arbitrary bytes are never an exception', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), readAsAnything), { numRuns: 2000 });
});

test('a real message with any bytes changed, cut or repeated is never an exception', () => {
  const real = [...netlinkVectors('events'), ...netlinkVectors('answers')].map((one) => one.bytes);
  const change = fc.tuple(fc.nat(2000), fc.integer({ min: 0, max: 255 }));
  fc.assert(
    fc.property(
      fc.constantFrom(...real),
      fc.array(change, { maxLength: 6 }),
      fc.nat(2000),
      (bytes, changes, cutAt) => {
        const damaged = Uint8Array.from(bytes);
        for (const [at, value] of changes) damaged[at % damaged.length] = value;
        readAsAnything(damaged);
        readAsAnything(damaged.subarray(0, cutAt % (damaged.length + 1)));
        readAsAnything(Uint8Array.from([...damaged, ...bytes]));
      },
    ),
    { numRuns: 3000 },
  );
});

test('messages before a broken length are read, and the break is counted once', () => {
  const [first] = netlinkVectors('events');
  const bytes = Uint8Array.from([...(first?.bytes ?? []), 5, 0, 0, 0, 1, 2, 3, 4]);
  let read = 0;
  expect(readMessages(bytes, () => (read += 1))).toBe(1);
  expect(read).toBe(1);
});
