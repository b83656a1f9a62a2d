/**
 * `sagctl board update`: hands a firmware image to the agent and shows how its update goes.
 *
 * The file is read here, with the rights of the person who asks, and travels over the control socket: the agent
 * opens no path that somebody else has named.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { parseFirmwareImage } from '../../firmware-shim/wire/firmware-image.ts';
import { IMAGE_BYTES_MAX } from '../../firmware-shim/wire/limits.ts';
import type { ControlAnswer } from '../diag/control-answer.ts';
import { IMAGE_PART_BYTES_MAX } from '../diag/control-protocol.ts';
import { printable } from '../report/render-printable.ts';
import { AgentUnreachable, type Conversation, converse } from './control-client.ts';
import { showNote } from './note-line.ts';
import { EXIT, type ExitCode, refused, type Terminal } from './terminal.ts';

export async function updateBoard(
  imageFile: string,
  json: boolean,
  socket: string,
  terminal: Terminal,
): Promise<ExitCode> {
  const image = readImage(imageFile);
  if (typeof image === 'string') {
    terminal.err(`sagctl: ${printable(imageFile)}: ${printable(image)}\n`);
    return EXIT.usage;
  }
  const ended = Promise.withResolvers<ExitCode>();
  const conversation = converse(socket, partOf(image, 0), (answer) => {
    if (!('note' in answer)) return;
    showNote(answer.note, json, terminal);
    const { note } = answer.note;
    if (note.code !== 'firmwareUpdateEnded') return;
    ended.resolve(note.failure === undefined ? EXIT.well : EXIT.attention);
  });
  terminal.stop.addEventListener('abort', () => conversation.close(), { once: true });
  try {
    const answer = await sent(image, conversation);
    if (!('update' in answer)) return refused(answer, terminal);
    const gone = conversation.ended.then(() => leave(terminal));
    return await Promise.race([ended.promise, gone]);
  } finally {
    conversation.close();
  }
}

/** The image, or what is wrong with the file. */
function readImage(path: string): Uint8Array | string {
  // One byte more than there may be, so that what is too large shows; whatever else it is, it is read no further.
  const room = new Uint8Array(IMAGE_BYTES_MAX + 1);
  let sizeBytes = 0;
  try {
    const fd = openSync(path, 'r');
    try {
      for (let read = -1; read !== 0 && sizeBytes < room.length; sizeBytes += read) {
        read = readSync(fd, room, sizeBytes, room.length - sizeBytes, null);
      }
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    return `cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)})`;
  }
  const bytes = room.subarray(0, sizeBytes);
  const parsed = parseFirmwareImage(bytes);
  if (parsed.ok) return bytes;
  return `no firmware image: ${parsed.refusal.code} in ${parsed.refusal.field}`;
}

/** Part by part, the first being on its way; answers with what the agent says to the update, or to a part. */
async function sent(image: Uint8Array, conversation: Conversation): Promise<ControlAnswer> {
  let answer = await conversation.first;
  for (let at = IMAGE_PART_BYTES_MAX; at < image.length && 'receivedBytes' in answer; ) {
    answer = await conversation.ask(partOf(image, at));
    at += IMAGE_PART_BYTES_MAX;
  }
  return 'receivedBytes' in answer ? conversation.ask({ id: 1, op: 'boardUpdate' }) : answer;
}

function partOf(image: Uint8Array, offset: number) {
  const part = Buffer.from(image.subarray(offset, offset + IMAGE_PART_BYTES_MAX));
  return { id: 1, op: 'boardImage', offset, part: part.toString('base64') } as const;
}

function leave(terminal: Terminal): ExitCode {
  if (!terminal.stop.aborted) throw new AgentUnreachable('the agent has gone');
  terminal.err(`sagctl: the update goes on; follow it with 'sagctl notes --follow'\n`);
  return EXIT.attention;
}
