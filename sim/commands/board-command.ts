/**
 * `sag-sim board --link PATH`: a simulated board on a pty, for an agent that runs elsewhere on this machine.
 */
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { startPtyBoard } from '../live/pty-board.ts';

const USAGE = `usage: sag-sim board --link PATH [--control SOCKET] [--model sag-1000|sag-100wm] [--serial-number TEXT]

It takes one JSON object a line on its control socket, such as {"do":"pull","port":5}.`;

export async function runBoardCommand(argv: readonly string[]): Promise<number> {
  const options = readOptions(argv);
  if (typeof options === 'string') {
    console.error(`sag-sim board: EUSAGE: ${options}\n${USAGE}`);
    return 2;
  }
  const board = await startPtyBoard({ ...options, onLog: (text) => console.log(`board: ${text}`) });
  const { linkPath, slavePath } = board.state();
  console.log(`board: ${options.model} ${options.serialNumber} at ${linkPath} (${slavePath})`);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  await board.close();
  return 0;
}

interface BoardRequest {
  readonly linkPath: string;
  readonly controlSocket?: string;
  readonly model: 'sag-1000' | 'sag-100wm';
  readonly serialNumber: string;
}

function readOptions(argv: readonly string[]): BoardRequest | string {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        link: { type: 'string' },
        control: { type: 'string' },
        model: { type: 'string', default: 'sag-1000' },
        'serial-number': { type: 'string', default: 'sag-sim-0001' },
      },
    });
    const { link, control, model } = values;
    if (link === undefined) return '--link says where the serial path shall be';
    if (model !== 'sag-1000' && model !== 'sag-100wm') return `there is no model "${model}"`;
    return {
      linkPath: link,
      model,
      serialNumber: values['serial-number'],
      ...(control !== undefined && { controlSocket: control }),
    };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
