/**
 * One client of the control socket: its requests one after the other, its notes, its bounds.
 */
import type { Socket } from 'node:net';
import { BoundedLines } from '../../diag/bounded-lines.ts';
import { type ControlAnswer, type ControlErrorCode, refusal } from '../../diag/control-answer.ts';
import {
  type ControlRequest,
  NOTES_MAX,
  parseControlRequest,
  REQUEST_BYTES_MAX,
} from '../../diag/control-protocol.ts';
import { ImageUpload } from '../../diag/image-upload.ts';
import type { AgentSnapshot, TimedNote } from '../../model/snapshot.ts';
import type { UpdateAnswer } from '../host/board-update.ts';
import { act, type ControlDesk, diagnose } from './control-desk.ts';
import { metricsAnswer } from './control-metrics.ts';
import { setUpWan, wanWords } from './control-wan.ts';

/** A client that says nothing for this long, and follows nothing, has been forgotten. */
const IDLE_MAX_MS = 60_000;
/** A follower that lets this much lie unread is cut off. */
const UNSENT_BYTES_MAX = 1024 * 1024;
/** Requests one client may have waiting; it is expected to wait for its answers. */
const WAITING_MAX = 16;
const ACT_CHARACTERS_MAX = 200;
/** How the codes of all notes of a firmware update begin. */
const UPDATE_NOTES = 'firmwareUpdate';

/** What only looks is not worth a note each time, and parts of an image are told once, by the update. */
const LOOKS: readonly ControlRequest['op'][] = ['snapshot', 'notes', 'check', 'boardImage'];

export interface ClientListeners {
  readonly desk: ControlDesk;
  readonly refused: (code: string) => void;
  readonly acted: (what: string) => void;
  readonly gone: () => void;
}

export class ControlClient {
  readonly #socket: Socket;
  readonly #desk: ControlDesk;
  readonly #listeners: ClientListeners;
  /** Ends what runs for this client when it leaves. */
  readonly #stop = new AbortController();
  readonly #lines = new BoundedLines(REQUEST_BYTES_MAX);
  readonly #waiting: string[] = [];
  /** The request that asked to follow notes, and whether only those of a firmware update. */
  #following: { readonly id: number; readonly updateOnly: boolean } | undefined;
  #upload: ImageUpload | undefined;
  #answering = false;

  constructor(socket: Socket, listeners: ClientListeners) {
    this.#socket = socket;
    this.#desk = listeners.desk;
    this.#listeners = listeners;
    socket.setTimeout(IDLE_MAX_MS, () => {
      if (this.#following === undefined && !this.#answering) socket.destroy();
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.#stop.abort();
      listeners.gone();
    });
    socket.on('data', (bytes) => this.#received(bytes));
  }

  noted(timed: TimedNote): void {
    if (this.#following === undefined) return;
    const { id, updateOnly } = this.#following;
    if (updateOnly && !timed.note.code.startsWith(UPDATE_NOTES)) return;
    this.#send({ id, ok: true, note: timed });
  }

  /** Says why and hangs up. */
  refuse(code: ControlErrorCode, sentence: string): void {
    this.#listeners.refused(code);
    this.#socket.end(`${JSON.stringify(refusal(null, code, sentence))}\n`, () =>
      this.#socket.destroy(),
    );
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #received(bytes: Uint8Array): void {
    if (this.#socket.writableEnded) return;
    const lines = this.#lines.push(bytes);
    if (lines === undefined) {
      this.refuse('ECONTROL_LINE', `a line has at most ${REQUEST_BYTES_MAX} bytes`);
      return;
    }
    for (const line of lines) {
      if (line.trim() === '') continue;
      if (line.startsWith('GET ')) return void this.#serve(line);
      if (this.#waiting.length >= WAITING_MAX) {
        this.refuse('ECONTROL_LINE', `at most ${WAITING_MAX} requests may wait for an answer`);
        return;
      }
      this.#waiting.push(line);
    }
    void this.#answerAll();
  }

  /** One at a time, so that answers come in the order of the requests. */
  async #answerAll(): Promise<void> {
    if (this.#answering) return;
    this.#answering = true;
    for (;;) {
      const line = this.#waiting.shift();
      if (line === undefined) break;
      this.#send(await this.#answer(line));
    }
    this.#answering = false;
  }

  async #answer(line: string): Promise<ControlAnswer> {
    const request = parseControlRequest(line);
    if (!('op' in request)) {
      this.#listeners.refused(request.code);
      return request;
    }
    if (!LOOKS.includes(request.op)) this.#listeners.acted(wordsOf(request));
    switch (request.op) {
      case 'switch':
      case 'rekey':
      case 'blink':
      case 'logLevel':
        return act(request, this.#desk);
      case 'wan':
        return setUpWan(request, this.#desk);
      case 'tool':
        return diagnose(request, this.#desk, (answer) => this.#send(answer), this.#stop.signal);
      case 'check':
        return this.#check(request.id);
      case 'boardImage':
        return this.#receive(request);
      case 'boardUpdate':
        return this.#update(request.id);
      case 'boardAbort':
        return updateAnswer(request.id, this.#desk.updates?.abort());
      case 'snapshot':
      case 'notes':
        return this.#show(request);
    }
  }

  /** A scrape by HTTP: one answer, whatever its headers are, and the end. */
  async #serve(requestLine: string): Promise<void> {
    this.#answering = true;
    const answer = await metricsAnswer(requestLine, this.#desk.snapshot);
    this.#socket.end(answer, () => this.#socket.destroy());
  }

  async #show(
    request: Extract<ControlRequest, { readonly op: 'snapshot' | 'notes' }>,
  ): Promise<ControlAnswer> {
    let snapshot: AgentSnapshot;
    try {
      snapshot = await this.#desk.snapshot();
    } catch {
      return refusal(request.id, 'ECONTROL_SNAPSHOT', 'the agent did not answer; try again');
    }
    if (request.op === 'snapshot') return { id: request.id, ok: true, snapshot };
    if (request.follow === true) this.#following = { id: request.id, updateOnly: false };
    const last = request.last ?? NOTES_MAX;
    const notes = last === 0 ? [] : snapshot.notes.slice(-last);
    return { id: request.id, ok: true, notes };
  }

  async #check(id: number): Promise<ControlAnswer> {
    this.#send({ id, ok: true, began: true });
    try {
      return { id, ok: true, report: await this.#desk.check() };
    } catch {
      return refusal(id, 'ECONTROL_CHECK', 'the check could not be made; look at the log');
    }
  }

  #receive({
    id,
    offset,
    part,
  }: Extract<ControlRequest, { readonly op: 'boardImage' }>): ControlAnswer {
    if (offset === 0) this.#upload = new ImageUpload();
    const receivedBytes = this.#upload?.take(offset, Buffer.from(part, 'base64'));
    if (receivedBytes !== undefined) return { id, ok: true, receivedBytes };
    return refusal(id, 'ECONTROL_IMAGE', 'the part does not follow the last one, or is too much');
  }

  /** Followed first: an update that cannot be ends before it is answered. */
  #update(id: number): ControlAnswer {
    const image = this.#upload?.bytes;
    this.#upload = undefined;
    if (image === undefined) return refusal(id, 'ECONTROL_IMAGE', 'no image was sent');
    const followed = this.#following;
    this.#following = { id, updateOnly: true };
    const answer = updateAnswer(id, this.#desk.updates?.begin(image));
    if (!answer.ok) this.#following = followed;
    return answer;
  }

  #send(answer: ControlAnswer): void {
    if (this.#socket.destroyed || this.#socket.writableEnded) return;
    this.#socket.write(`${JSON.stringify(answer)}\n`);
    if (this.#socket.writableLength > UNSENT_BYTES_MAX) this.#socket.destroy();
  }
}

function updateAnswer(
  id: number,
  answer: UpdateAnswer = { ok: false, because: 'this agent takes no firmware from here' },
): ControlAnswer {
  if (!answer.ok) return refusal(id, 'ECONTROL_UPDATE', answer.because);
  const { model, version, sizeBytes } = answer;
  return { id, ok: true, update: { model, version, sizeBytes } };
}

/** `switch wan2-agw1`, `blink 30`: what is asked for, without more of it than fits a line of the log. */
function wordsOf(request: ControlRequest): string {
  if (request.op === 'wan') return wanWords(request).slice(0, ACT_CHARACTERS_MAX);
  const { id: _id, op, ...members } = request;
  const words = Object.values(members).map((value) => JSON.stringify(value));
  return [op, ...words].join(' ').slice(0, ACT_CHARACTERS_MAX);
}
