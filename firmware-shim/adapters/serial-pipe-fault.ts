/**
 * Why a serial path cannot be used, told apart so that a person knows what to do.
 *
 * The serial library's errors carry no code, so the path is looked at first and its sentences are matched
 * only for what a look cannot tell: a lock, a wrong kind of device, a refused speed.
 */
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';

/** `why` is the word a `BytePipe` closes with; `text` is for people. */
export interface SerialFault {
  readonly why: string;
  readonly text: string;
}

/** What is wrong with `path`, as far as looking at it tells; undefined when nothing is. */
export async function serialPathFault(path: string): Promise<SerialFault | undefined> {
  try {
    const entry = await stat(path);
    if (!entry.isCharacterDevice()) return notATerminal(path);
    await access(path, constants.R_OK | constants.W_OK);
    return undefined;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    if (code === 'ENOENT' || code === 'ENOTDIR') return missing(path);
    if (code === 'EACCES' || code === 'EPERM') return noPermission(path);
    return { why: 'failed', text: `${path} cannot be looked at: ${code}` };
  }
}

/** What the serial library's sentence means. */
export function openingFault(path: string, sentence: string): SerialFault {
  if (/cannot lock/i.test(sentence)) {
    return { why: 'locked', text: `${path} is in use: another program holds its lock` };
  }
  if (/inappropriate ioctl|not a tty|enotty/i.test(sentence)) return notATerminal(path);
  if (/permission denied/i.test(sentence)) return noPermission(path);
  if (/no such (file|device)/i.test(sentence)) return missing(path);
  if (/baud/i.test(sentence)) {
    return { why: 'baud-rate', text: `${path} refuses this baud rate: ${sentence}` };
  }
  return { why: 'failed', text: `${path} cannot be opened: ${sentence}` };
}

function missing(path: string): SerialFault {
  return { why: 'missing', text: `${path} does not exist: is the board plugged in?` };
}

function notATerminal(path: string): SerialFault {
  return { why: 'not-a-tty', text: `${path} is not a serial port` };
}

function noPermission(path: string): SerialFault {
  return {
    why: 'no-permission',
    text: `${path} may not be read and written by this user: add it to group dialout`,
  };
}
