/**
 * A simulated board on a real pseudo terminal, in real time, with a control socket.
 */
import { randomBytes } from 'node:crypto';
import { liveClock, timeoutAlarm } from '../../firmware-shim/adapters/live-clock.ts';
import { Driver } from '../../firmware-shim/base/drive.ts';
import { SeededRandom } from '../../firmware-shim/base/random.ts';
import type {
  BoardModel as BoardModelName,
  PortDescription,
} from '../../firmware-shim/wire/messages.ts';
import {
  BoardModel,
  type BoardModelEffect,
  type BoardModelEvent,
  type BoardModelOptions,
} from '../models/board/board.ts';
import type { BoardAction } from '../models/board/board-action.ts';
import { identityProof } from '../models/board/board-secret.ts';
import { type BoardControl, listenForControl } from './board-control.ts';
import type { BoardRequest } from './board-control-request.ts';
import { PtyLine } from './pty-line.ts';

export interface PtyBoardOptions {
  /** The serial path a host opens; a symlink that this board makes and removes. */
  readonly linkPath: string;
  /** Unix socket for requests; absent means the methods are the only way. */
  readonly controlSocket?: string;
  readonly model: BoardModelName;
  readonly serialNumber: string;
  /** Absent means those of the model. */
  readonly ports?: readonly PortDescription[];
  /** Makes noise and sensor readings repeatable. */
  readonly seed?: number;
  /** The line takes the time of a UART of this speed; absent means as fast as the pty is. */
  readonly pacedBaudRate?: number;
  /** Absent means those of the model; `none` is a board of version 1 of the protocol. */
  readonly capabilities?: BoardModelOptions['capabilities'];
  /** Absent means that none was written into this board. */
  readonly factoryKey?: Uint8Array;
  readonly onLog?: (text: string) => void;
}

export interface PtyBoard {
  pull(port: number): void;
  plug(port: number): void;
  /** Without `dBm` the signal is gone. */
  lte(dBm?: number): void;
  reboot(): void;
  garbage(bytes: number): void;
  silence(ms: number): void;
  /** Anything else that can be done to a board. */
  act(action: BoardAction): void;
  /** Takes the whole serial adapter away. */
  unplug(): void;
  /** Puts it back: another pty under the same path. */
  replug(): void;
  state(): PtyBoardState;
  close(): Promise<void>;
}

export type PtyBoardState = ReturnType<BoardModel['snapshot']> & {
  readonly linkPath: string;
  readonly slavePath: string | null;
};

/** Resolves when the path exists and the control socket listens. */
export async function startPtyBoard(options: PtyBoardOptions): Promise<PtyBoard> {
  const running = new RunningBoard(options);
  await running.start();
  return running;
}

class RunningBoard implements PtyBoard {
  readonly #options: PtyBoardOptions;
  readonly #board: BoardModel;
  readonly #line: PtyLine;
  readonly #driver: Driver<BoardModelEvent, BoardModelEffect>;
  #control: BoardControl | undefined;

  constructor(options: PtyBoardOptions) {
    const seed = options.seed ?? randomBytes(4).readUInt32LE(0);
    this.#options = options;
    this.#board = new BoardModel({
      model: options.model,
      serialNumber: options.serialNumber,
      random: new SeededRandom(seed),
      ...(options.ports === undefined ? {} : { ports: options.ports }),
      ...(options.factoryKey === undefined ? {} : { proveIdentity: proverOf(options) }),
      ...(options.capabilities === undefined ? {} : { capabilities: options.capabilities }),
    });
    this.#line = new PtyLine(options.linkPath, (bytes) =>
      this.#driver.post({ type: 'bytesArrived', bytes }),
    );
    this.#driver = new Driver<BoardModelEvent, BoardModelEffect>({
      core: this.#board,
      clock: liveClock,
      alarm: timeoutAlarm,
      perform: (effect) => {
        if (effect.type === 'writeBytes') this.#line.write(effect.bytes);
        else options.onLog?.(effect.text);
      },
    });
  }

  async start(): Promise<void> {
    const path = this.#options.controlSocket;
    const ports = this.#board.ports.map(({ port }) => port);
    const carryOut = (request: BoardRequest) => this.#carryOut(request);
    if (path !== undefined) this.#control = await listenForControl({ path, ports, carryOut });
    this.#line.plug();
    const { pacedBaudRate } = this.#options;
    if (pacedBaudRate !== undefined) this.act({ do: 'pace', baudRate: pacedBaudRate });
    this.#driver.post({ type: 'powered' });
  }

  pull(port: number): void {
    this.act({ do: 'pull', port });
  }

  plug(port: number): void {
    this.act({ do: 'plug', port });
  }

  lte(dBm?: number): void {
    this.act({ do: 'lte', ...(dBm === undefined ? {} : { dBm }) });
  }

  reboot(): void {
    this.act({ do: 'reboot' });
  }

  garbage(bytes: number): void {
    this.act({ do: 'garbage', bytes });
  }

  silence(ms: number): void {
    this.act({ do: 'silence', ms });
  }

  act(action: BoardAction): void {
    this.#driver.post({ type: 'actionAsked', action });
  }

  unplug(): void {
    this.#options.onLog?.('the serial adapter is unplugged');
    this.#line.unplug();
  }

  replug(): void {
    this.#line.plug();
    this.#options.onLog?.(`the serial adapter is plugged in: ${this.#line.slavePath ?? ''}`);
  }

  state(): PtyBoardState {
    return {
      ...this.#board.snapshot(),
      linkPath: this.#options.linkPath,
      slavePath: this.#line.slavePath ?? null,
    };
  }

  async close(): Promise<void> {
    this.#driver.stop();
    this.#line.unplug();
    await this.#control?.close();
  }

  #carryOut(request: BoardRequest): Readonly<Record<string, unknown>> {
    if (request.do === 'unplug') this.unplug();
    else if (request.do === 'replug') this.replug();
    else if (request.do !== 'state') this.act(request);
    return { state: this.state() };
  }
}

function proverOf({ factoryKey = new Uint8Array(), serialNumber }: PtyBoardOptions) {
  return (digest: Uint8Array): Uint8Array => identityProof(factoryKey, serialNumber, digest);
}
