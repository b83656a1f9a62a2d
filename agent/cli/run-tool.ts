/**
 * The diagnostics of `sagctl`: run by the agent, which checks and bounds them; shown here as they go.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import type { ControlAnswer } from '../diag/control-answer.ts';
import type { ToolEnd } from '../diag/tool/tool-end.ts';
import { TOOL_BOUNDS } from '../diag/tool/tool-request.ts';
import { printable } from '../report/render-printable.ts';
import { type Invocation, WrongUsage, wholeOption } from './arguments.ts';
import { AgentUnreachable, converse } from './control-client.ts';
import { EXIT, printableJson, refused, type Terminal } from './terminal.ts';

type Asked = Readonly<Record<string, string | number>>;

export async function runTool(invocation: Invocation, terminal: Terminal): Promise<number> {
  const asked = askedOf(invocation);
  const sink = sinkOf(invocation, terminal);
  try {
    const answer = await use(invocation.socket, asked, sink.put, terminal);
    if (!('ended' in answer)) return refused(answer, terminal);
    sink.end(answer.ended);
    return answer.ended.ok ? EXIT.well : EXIT.attention;
  } finally {
    sink.close();
  }
}

/** The answer that ends it. */
async function use(
  socket: string,
  asked: Asked,
  put: (bytes: Buffer) => void,
  terminal: Terminal,
): Promise<ControlAnswer> {
  const end = Promise.withResolvers<ControlAnswer>();
  const conversation = converse(socket, { id: 1, op: 'tool', ask: asked }, (answer) => {
    if ('output' in answer) put(Buffer.from(answer.output, 'base64'));
    else end.resolve(answer);
  });
  terminal.stop.addEventListener('abort', () => conversation.close(), { once: true });
  try {
    const first = await conversation.first;
    if (!('began' in first)) return first;
    const gone = conversation.ended.then(() => {
      throw new AgentUnreachable(terminal.stop.aborted ? 'stopped' : 'the agent has gone');
    });
    return await Promise.race([end.promise, gone]);
  } finally {
    conversation.close();
  }
}

/** What the agent is asked; it checks everything again. */
function askedOf(invocation: Invocation): Asked {
  const { command, words, options } = invocation;
  const [word = ''] = words;
  const text = (name: string): Asked => {
    const value = options.get(name);
    return value === undefined ? {} : { [name]: value };
  };
  const whole = (name: string, member: keyof typeof TOOL_BOUNDS): Asked =>
    options.has(name) ? { [member]: wholeOption(invocation, name, TOOL_BOUNDS[member]) } : {};
  const via = text('via');
  switch (command) {
    case 'ping':
      return {
        tool: command,
        target: word,
        ...via,
        ...whole('count', 'count'),
        ...whole('size', 'sizeBytes'),
      };
    case 'dns':
      return { tool: command, name: word, ...via, ...text('server'), ...text('type') };
    case 'probe':
      return { tool: command, target: word, ...via, ...whole('port', 'port') };
    case 'capture': {
      const bounds = { ...whole('seconds', 'seconds'), ...whole('packets', 'packets') };
      const filter = { ...text('host'), ...whole('port', 'port'), ...text('protocol') };
      return { tool: command, ...via, ...bounds, ...filter };
    }
    default:
      return { tool: command, target: word, ...via };
  }
}

interface Sink {
  readonly put: (bytes: Buffer) => void;
  readonly end: (end: ToolEnd) => void;
  readonly close: () => void;
}

/** A capture goes to a file or, untouched, to a pipe; everything else is text that a terminal may see. */
function sinkOf(invocation: Invocation, terminal: Terminal): Sink {
  const { command, json, options } = invocation;
  const told = ({ ok, summary, cut }: ToolEnd): void => {
    const words = `${printable(summary)}${cut ? ' (cut short)' : ''}\n`;
    if (json) terminal.out(printableJson({ v: 1, ok, summary, cut }));
    else if (command === 'capture') terminal.err(`sagctl: ${words}`);
    else terminal.out(words);
  };
  const file = options.get('write');
  if (command === 'capture' && file !== undefined) {
    const fd = created(file);
    return { put: (bytes) => void writeSync(fd, bytes), end: told, close: () => closeSync(fd) };
  }
  const put = (bytes: Buffer): void => {
    if (command === 'capture' && !json) terminal.out(bytes);
    else if (!json) terminal.out(linesOf(bytes));
  };
  return { put, end: told, close: () => undefined };
}

function linesOf(bytes: Buffer): string {
  const lines = bytes.toString('utf8').split('\n');
  return lines.map((each) => printable(each)).join('\n');
}

/** A new file for its owner only: it holds traffic of the branch. */
function created(file: string): number {
  try {
    return openSync(file, 'wx', 0o600);
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    throw new WrongUsage(`${file} cannot be made (${code}); name one that is not there yet`);
  }
}
