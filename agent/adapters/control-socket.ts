/**
 * The control socket: `sagctl` and scripts of this machine ask here, one JSON object a line.
 *
 * Whoever may open the file may ask; the file's mode (0660) is the whole access rule. Clients, line lengths,
 * waiting times and unsent bytes are bounded, and a client that breaks a bound loses its connection, not us.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { BoundedLines } from '../diag/bounded-lines.ts';
import type { CheckReport } from '../diag/check/check-report.ts';
import {
  type ControlAnswer,
  type ControlErrorCode,
  type ControlRequest,
  NOTES_MAX,
  parseControlRequest,
  REQUEST_BYTES_MAX,
  refusal,
} from '../diag/control-protocol.ts';
import { ImageUpload } from '../diag/image-upload.ts';
import type { AgentSnapshot, TimedNote } from '../model/snapshot.ts';
import type { UpdateAnswer, UpdateDesk } from './board-update.ts';
import { listenAtPath } from './control-socket-claim.ts';

export interface ControlSocketOptions {
  readonly path: string;
  readonly snapshot: () => Promise<AgentSnapshot>;
  readonly onSwitch?: (tunnel: string) => Promise<{ ok: boolean; because: string }>;
  readonly check: () => Promise<CheckReport>;
  /** Takes a firmware image to the board; without it `sagctl board` is refused. */
  readonly updates?: Pick<UpdateDesk, 'begin' | 'abort'>;
  /** Told each time a client broke a rule. */
  readonly refused: (code: ControlErrorCode) => void;
}

export interface ControlSocket {
  /** Where it listens, for people. */
  readonly places: readonly string[];
  noted(timed: TimedNote): void;
  close(): Promise<void>;
}

/** A person, a page and some scripts; more is a loop gone wild. */
const CLIENTS_MAX = 32;
/** A client that says nothing for this long, and follows nothing, has been forgotten. */
const IDLE_MAX_MS = 60_000;
/** A follower that lets this much lie unread is cut off. */
const UNSENT_BYTES_MAX = 1024 * 1024;
/** Requests one client may have waiting; it is expected to wait for its answers. */
const WAITING_MAX = 16;

/** How the codes of all notes of a firmware update begin. */
const UPDATE_NOTES = 'firmwareUpdate';

export async function openControlSocket(options: ControlSocketOptions): Promise<ControlSocket> {
  const clients = new Set<Client>();
  const server = createServer((socket) => {
    const client = new Client(socket, options, () => clients.delete(client));
    if (clients.size >= CLIENTS_MAX)
      client.refuse('ECONTROL_CLIENTS', 'too many clients; try later');
    else clients.add(client);
  });
  await listenAtPath(server, options.path);
  return {
    places: [options.path],
    noted: (timed) => {
      for (const client of clients) client.noted(timed);
    },
    close: async () => {
      for (const client of clients) client.destroy();
      await closed(server);
    },
  };
}

async function closed(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
}

class Client {
  readonly #socket: Socket;
  readonly #options: ControlSocketOptions;
  readonly #lines = new BoundedLines(REQUEST_BYTES_MAX);
  readonly #waiting: string[] = [];
  /** The request that asked to follow notes, and whether only those of a firmware update. */
  #following: { readonly id: number; readonly updateOnly: boolean } | undefined;
  #upload: ImageUpload | undefined;
  #answering = false;

  constructor(socket: Socket, options: ControlSocketOptions, gone: () => void) {
    this.#socket = socket;
    this.#options = options;
    socket.setTimeout(IDLE_MAX_MS, () => {
      if (this.#following === undefined) socket.destroy();
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', gone);
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
    this.#options.refused(code);
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
      this.#options.refused(request.code);
      return request;
    }
    switch (request.op) {
      case 'switch':
        return this.#switch(request.id, request.tunnel);
      case 'check':
        return this.#check(request.id);
      case 'boardImage':
        return this.#receive(request);
      case 'boardUpdate':
        return this.#update(request.id);
      case 'boardAbort':
        return updateAnswer(request.id, this.#options.updates?.abort());
      case 'snapshot':
      case 'notes':
        return this.#show(request);
    }
  }

  async #show(
    request: Extract<ControlRequest, { readonly op: 'snapshot' | 'notes' }>,
  ): Promise<ControlAnswer> {
    let snapshot: AgentSnapshot;
    try {
      snapshot = await this.#options.snapshot();
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
    this.#send({ id, ok: true, checking: true });
    try {
      return { id, ok: true, report: await this.#options.check() };
    } catch {
      return refusal(id, 'ECONTROL_CHECK', 'the check could not be made; look at the log');
    }
  }

  async #switch(id: number, tunnel: string): Promise<ControlAnswer> {
    const { onSwitch } = this.#options;
    if (onSwitch === undefined) {
      return refusal(id, 'ECONTROL_SWITCH', 'this agent takes no switch from here');
    }
    try {
      return { id, ok: true, switched: await onSwitch(tunnel) };
    } catch {
      return refusal(id, 'ECONTROL_SWITCH', 'the agent did not answer; look before trying again');
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
    const answer = updateAnswer(id, this.#options.updates?.begin(image));
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
