import { beforeEach, describe, expect, test } from 'vitest';
import {
  type NetlinkMessage,
  readMessages,
} from '../../../../firmware-shim/kernel/message-reader.ts';
import { MessageWriter } from '../../../../firmware-shim/kernel/message-writer.ts';
import {
  NLM_F,
  NLMSG_DONE,
  NLMSG_ERROR,
  RTM,
} from '../../../../firmware-shim/kernel/netlink-numbers.ts';
import {
  DUMP_ATTEMPTS_MAX,
  type DumpRequest,
  IN_FLIGHT_MAX,
  Requester,
  WAITING_MAX,
} from '../../../../firmware-shim/kernel/requester.ts';

let sent: NetlinkMessage[];
let deferred: (() => void)[];
let answers: string[];
let failure: string;
let requester: Requester;

beforeEach(() => {
  sent = [];
  deferred = [];
  answers = [];
  failure = '';
  requester = new Requester({
    send: (bytes) => {
      if (failure === '') readMessages(bytes, (message) => sent.push(message));
      return failure;
    },
    defer: (run) => deferred.push(run),
  });
});

function runDeferred(): void {
  for (const run of deferred.splice(0)) run();
}

function operate(name: string): void {
  const writer = new MessageWriter(RTM.NEWROUTE, NLM_F.ACK);
  requester.operate(writer.finish(), (result) => {
    answers.push(`${name} ${result.ok ? 'ok' : result.refusal.code}`);
  });
}

function dump(name: string, lane: 'caller' | 'view' = 'caller', parts = 1): void {
  const request: DumpRequest = {
    messages: Array.from({ length: parts }, () =>
      new MessageWriter(RTM.GETLINK, NLM_F.DUMP).finish(),
    ),
    emptyErrno: undefined,
    belongs: () => true,
  };
  requester.dump(lane, request, (result) => {
    answers.push(`${name} ${result.ok ? result.objects.length : result.refusal.code}`);
  });
}

/** The kernel's answer to the message sent at this place. */
function answer(at: number, errno = 0): void {
  const payload = new Uint8Array(20);
  new DataView(payload.buffer).setInt32(0, -errno, true);
  requester.receive({ type: NLMSG_ERROR, flags: 0, sequence: sequenceAt(at), payload });
}

/** One rule of a dump, then its end. */
function answerDump(at: number, flags = 0): void {
  const sequence = sequenceAt(at);
  const payload = Uint8Array.of(2, 0, 0, 0, 254, 0, 0, 1, 0, 0, 0, 0);
  requester.receive({ type: RTM.NEWRULE, flags: NLM_F.MULTI | flags, sequence, payload });
  requester.receive({ type: NLMSG_DONE, flags: NLM_F.MULTI, sequence, payload: new Uint8Array(4) });
}

function sequenceAt(at: number): number {
  expect(sent.length).toBeGreaterThan(at);
  return sent[at]?.sequence ?? 0;
}

describe('operations', () => {
  test('go out at once, and are answered by sequence number in the order of the calls', () => {
    operate('a');
    operate('b');
    expect(sent).toHaveLength(2);
    answer(1, 17);
    expect(answers).toEqual([]);
    answer(0);
    expect(answers).toEqual(['a ok', 'b EEXIST']);
    expect(requester.counters).toMatchObject({ acknowledged: 1, refused: 1 });
  });

  test('beyond the window wait, and go out as answers come', () => {
    for (let at = 0; at < IN_FLIGHT_MAX + 2; at += 1) operate(String(at));
    expect(sent).toHaveLength(IN_FLIGHT_MAX);
    answer(0);
    expect(sent).toHaveLength(IN_FLIGHT_MAX + 1);
  });

  test('beyond the queue are refused later, never within the call', () => {
    for (let at = 0; at < IN_FLIGHT_MAX + WAITING_MAX; at += 1) operate('early');
    operate('late');
    expect(requester.counters.refusedForRoom).toBe(1);
    expect(answers).toEqual([]);
    for (let at = 0; at < IN_FLIGHT_MAX + WAITING_MAX; at += 1) answer(at);
    runDeferred();
    expect(answers.at(-1)).toBe('late ENOBUFS');
    expect(answers).toHaveLength(IN_FLIGHT_MAX + WAITING_MAX + 1);
  });

  test('that cannot be sent are refused with the reason', () => {
    failure = 'EMSGSIZE';
    operate('a');
    expect(answers).toEqual([]);
    runDeferred();
    expect(answers).toEqual(['a EMSGSIZE']);
  });

  test('on their way when the socket overruns are refused, and later ones work', () => {
    operate('a');
    requester.overrun();
    operate('b');
    answer(1);
    runDeferred();
    expect(answers).toEqual(['a ENOBUFS', 'b ok']);
    answer(0);
    expect(requester.counters.unexpected).toBe(1);
  });

  test('are refused when the socket is closed, waiting or not', () => {
    for (let at = 0; at < IN_FLIGHT_MAX + 1; at += 1) operate('a');
    dump('d');
    requester.close();
    operate('b');
    runDeferred();
    expect(answers).toHaveLength(IN_FLIGHT_MAX + 3);
    expect(new Set(answers)).toEqual(new Set(['a ESHUTDOWN', 'd ESHUTDOWN', 'b ESHUTDOWN']));
  });
});

describe('dumps', () => {
  test('go one at a time, and an operation between them keeps its place', () => {
    dump('one');
    operate('between');
    dump('two');
    expect(sent).toHaveLength(2);
    answer(1);
    expect(answers).toEqual([]);
    answerDump(0);
    answerDump(2);
    expect(answers).toEqual(['one 1', 'between ok', 'two 1']);
  });

  test('of several families are one answer', () => {
    dump('both', 'caller', 2);
    answerDump(0);
    expect(answers).toEqual([]);
    answerDump(1);
    expect(answers).toEqual(['both 2']);
  });

  test('for the view do not hold up an operation', () => {
    dump('view', 'view');
    operate('flip');
    answer(1);
    expect(answers).toEqual(['flip ok']);
  });

  test('that were torn are repeated from the start and tell nothing twice', () => {
    dump('links', 'caller', 2);
    answerDump(0);
    answerDump(1, NLM_F.DUMP_INTR);
    answerDump(2);
    answerDump(3);
    expect(answers).toEqual(['links 2']);
    expect(requester.counters.tornDumps).toBe(1);
  });

  test('that are torn again and again end in a refusal', () => {
    dump('links');
    for (let at = 0; at < DUMP_ATTEMPTS_MAX; at += 1) answerDump(at, NLM_F.DUMP_INTR);
    runDeferred();
    expect(answers).toEqual(['links EINTR']);
    expect(sent).toHaveLength(DUMP_ATTEMPTS_MAX);
  });

  test('with a malformed object in them tell the rest and count it', () => {
    dump('links');
    const sequence = sequenceAt(0);
    requester.receive({ type: RTM.NEWRULE, flags: 0, sequence, payload: new Uint8Array(3) });
    answerDump(0);
    expect(answers).toEqual(['links 1']);
    expect(requester.counters.malformed).toBe(1);
  });
});
