/**
 * Matches the kernel's answers to requests, keeps a window of them in flight and repeats torn dumps.
 *
 * Operations go out at once while the window has room. Of dumps the socket bears one at a time: the kernel
 * answers EBUSY to a second one. Answers are called back in the order of the calls, per lane: a resync of
 * the whole view, which may take long, never holds up an operation's answer.
 */
import { assert } from '../base/assert.ts';
import { errnoNumber } from './errno.ts';
import { Fifo } from './fifo.ts';
import type { NetlinkMessage } from './message-reader.ts';
import { setSequence } from './message-writer.ts';
import { NLM_F, NLMSG_DONE, NLMSG_ERROR } from './netlink-numbers.ts';
import type { KernelDumpResult, KernelRefusal, KernelResult } from './operations.ts';
import { parseAnswer } from './parse-answer.ts';
import { parseObject } from './parse-object.ts';
import type { KernelEvent } from './types.ts';

/** Enough to hide the round trip (64 in flight measured twice as fast as one by one). */
export const IN_FLIGHT_MAX = 64;
/** Room for a whole table of the largest branch put in one go; each waiting request is some 100 bytes. */
export const WAITING_MAX = 65_536;
/** A dump torn this often in a row meets a table that never rests; the caller decides what to do. */
export const DUMP_ATTEMPTS_MAX = 8;
/** More objects than any table an appliance holds; a dump beyond it is refused, not stored. */
const DUMP_OBJECTS_MAX = 1_000_000;

export type Lane = 'caller' | 'view';

export interface RequesterPort {
  /** Sends one message; returns '' or the errno name of the failure. */
  send(bytes: Uint8Array): string;
  /** Calls back soon, after the present call stack. */
  defer(run: () => void): void;
}

export interface DumpRequest {
  /** Sent one after the other; the answer is all of theirs together. */
  readonly messages: readonly Uint8Array[];
  /** An errno that means "there is nothing". */
  readonly emptyErrno: string | undefined;
  readonly belongs: (event: KernelEvent) => boolean;
}

interface Request {
  readonly lane: Lane;
  readonly messages: readonly Uint8Array[];
  readonly dump: DumpRequest | undefined;
  /** Which of `messages` is being answered. */
  at: number;
  attempts: number;
  torn: boolean;
  objects: KernelEvent[];
  /** Calls the caller back; set once the answer is known. */
  deliver: (() => void) | undefined;
  readonly done: (result: KernelDumpResult) => void;
}

export interface RequesterCounters {
  /** Operations, dumps not counted among them, by what the kernel said. */
  readonly acknowledged: number;
  readonly refused: number;
  readonly malformed: number;
  readonly unexpected: number;
  readonly tornDumps: number;
  readonly refusedForRoom: number;
}

export class Requester {
  readonly #port: RequesterPort;
  readonly #lanes: Record<Lane, Fifo<Request>> = { caller: new Fifo(), view: new Fifo() };
  readonly #inFlight = new Map<number, Request>();
  readonly #waiting = new Fifo<Request>();
  readonly #dumpsWaiting: Request[] = [];
  readonly #counters = {
    acknowledged: 0,
    refused: 0,
    malformed: 0,
    unexpected: 0,
    tornDumps: 0,
    refusedForRoom: 0,
  };
  #dumping = false;
  #closed = false;
  #sequence = 0;

  constructor(port: RequesterPort) {
    this.#port = port;
  }

  get counters(): RequesterCounters {
    return this.#counters;
  }

  operate(bytes: Uint8Array, done: (result: KernelResult) => void): void {
    const finish = (result: KernelDumpResult): void => done(result.ok ? { ok: true } : result);
    const request = this.#enlist('caller', [bytes], undefined, finish);
    if (!this.#hasRoom(request)) return;
    this.#waiting.push(request);
    this.#sendMore();
  }

  dump(lane: Lane, dump: DumpRequest, done: (result: KernelDumpResult) => void): void {
    const request = this.#enlist(lane, dump.messages, dump, done);
    if (!this.#hasRoom(request)) return;
    this.#dumpsWaiting.push(request);
    this.#sendMore();
  }

  /** Answers in turn with a refusal of our own making: the request could not even be written. */
  refuse(refusal: KernelRefusal, done: (result: KernelResult) => void): void {
    const finish = (result: KernelDumpResult): void => done(result.ok ? { ok: true } : result);
    this.#refuse(this.#enlist('caller', [], undefined, finish), refusal);
  }

  /** One message from the request socket. */
  receive(message: NetlinkMessage): void {
    const request = this.#inFlight.get(message.sequence);
    if (request === undefined) {
      this.#counters.unexpected += 1;
      return;
    }
    if ((message.flags & NLM_F.DUMP_INTR) !== 0) request.torn = true;
    if (message.type === NLMSG_ERROR || message.type === NLMSG_DONE) {
      const answer = parseAnswer(message);
      if (answer === undefined) this.#counters.malformed += 1;
      else this.#answered(message.sequence, request, answer);
    } else if (request.dump !== undefined) this.#collect(request, request.dump, message);
    this.#sendMore();
  }

  /** Answers were lost: nobody knows which, so every one on its way is refused and may have been granted. */
  overrun(): void {
    this.#refuseInFlight('ENOBUFS', 'the answer was lost: the socket overran');
    this.#sendMore();
  }

  /** Refuses everything that is not answered yet. */
  close(): void {
    this.#closed = true;
    this.#refuseInFlight('ESHUTDOWN', 'closed');
    for (;;) {
      const request = this.#dumpsWaiting.shift() ?? this.#waiting.shift();
      if (request === undefined) return;
      this.#refuse(request, refusalOf('ESHUTDOWN', 'closed'));
    }
  }

  #enlist(
    lane: Lane,
    messages: readonly Uint8Array[],
    dump: DumpRequest | undefined,
    done: (result: KernelDumpResult) => void,
  ): Request {
    const request: Request = {
      lane,
      messages,
      dump,
      at: 0,
      attempts: 1,
      torn: false,
      objects: [],
      deliver: undefined,
      done,
    };
    this.#lanes[lane].push(request);
    return request;
  }

  #hasRoom(request: Request): boolean {
    if (this.#closed) {
      this.#refuse(request, refusalOf('ESHUTDOWN', 'closed'));
      return false;
    }
    if (this.#waiting.size + this.#dumpsWaiting.length < WAITING_MAX) return true;
    this.#counters.refusedForRoom += 1;
    this.#refuse(request, refusalOf('ENOBUFS', 'too many requests are waiting'));
    return false;
  }

  #sendMore(): void {
    while (this.#inFlight.size < IN_FLIGHT_MAX) {
      const dump = this.#dumping ? undefined : this.#dumpsWaiting.shift();
      const request = dump ?? this.#waiting.shift();
      if (request === undefined) return;
      if (request.dump !== undefined) this.#dumping = true;
      this.#send(request);
    }
  }

  #send(request: Request): void {
    const message = request.messages[request.at];
    assert(message !== undefined, 'a request without a message to send');
    this.#sequence = this.#sequence === 0xffff_ffff ? 1 : this.#sequence + 1;
    setSequence(message, this.#sequence);
    this.#inFlight.set(this.#sequence, request);
    const failure = this.#port.send(message);
    if (failure === '') return;
    this.#retire(this.#sequence, request);
    this.#refuse(request, refusalOf(failure, 'could not be sent'));
  }

  #collect(request: Request, dump: DumpRequest, message: NetlinkMessage): void {
    const event = parseObject(message);
    if (event === 'malformed') this.#counters.malformed += 1;
    else if (
      event !== 'ignored' &&
      request.objects.length < DUMP_OBJECTS_MAX &&
      dump.belongs(event)
    ) {
      request.objects.push(event);
    }
  }

  #answered(sequence: number, request: Request, answer: KernelResult): void {
    this.#retire(sequence, request);
    const { dump } = request;
    if (dump === undefined) {
      this.#counters[answer.ok ? 'acknowledged' : 'refused'] += 1;
      this.#settle(request, answer.ok ? { ok: true, objects: [] } : answer);
      return;
    }
    if (!answer.ok && answer.refusal.code !== dump.emptyErrno) this.#settle(request, answer);
    else if (request.torn) this.#repeat(request);
    else if (request.at + 1 < request.messages.length) {
      request.at += 1;
      this.#dumpsWaiting.unshift(request);
    } else this.#settle(request, dumpResult(request.objects));
  }

  #repeat(request: Request): void {
    this.#counters.tornDumps += 1;
    if (request.attempts >= DUMP_ATTEMPTS_MAX) {
      this.#refuse(request, refusalOf('EINTR', 'the dump was interrupted again and again'));
      return;
    }
    request.attempts += 1;
    request.at = 0;
    request.torn = false;
    request.objects = [];
    this.#dumpsWaiting.unshift(request);
  }

  #retire(sequence: number, request: Request): void {
    this.#inFlight.delete(sequence);
    if (request.dump !== undefined) this.#dumping = false;
  }

  #refuseInFlight(code: string, text: string): void {
    for (const [sequence, request] of this.#inFlight) {
      this.#retire(sequence, request);
      this.#refuse(request, refusalOf(code, text));
    }
  }

  #refuse(request: Request, refusal: KernelRefusal): void {
    // Never while the caller is on the stack: it has not yet returned from asking.
    request.deliver = () => request.done({ ok: false, refusal });
    this.#port.defer(() => this.#flush(request.lane));
  }

  #settle(request: Request, result: KernelDumpResult): void {
    request.deliver = () => request.done(result);
    this.#flush(request.lane);
  }

  /** Delivers every answer that has nothing unanswered before it. */
  #flush(lane: Lane): void {
    const requests = this.#lanes[lane];
    for (;;) {
      const deliver = requests.peek()?.deliver;
      if (deliver === undefined) return;
      requests.shift();
      deliver();
    }
  }
}

function dumpResult(objects: readonly KernelEvent[]): KernelDumpResult {
  if (objects.length < DUMP_OBJECTS_MAX) return { ok: true, objects };
  return { ok: false, refusal: refusalOf('EMSGSIZE', 'more objects than can be kept') };
}

function refusalOf(code: string, text: string): KernelRefusal {
  return { code, errno: errnoNumber(code), text };
}
