/** The board's hardware watchdog, fed by the control side: alone, and on the simulated board. */
import { describe, expect, it } from 'vitest';
import {
  BoardWatchdog,
  WATCHDOG_KICK_MS,
  WATCHDOG_TIMEOUT_MS,
  type WatchdogEvent,
} from '../../../../agent/wiring/board-side-watchdog.ts';
import { Driver } from '../../../../firmware-shim/base/drive.ts';
import type { Board } from '../../../../firmware-shim/ports.ts';
import type { BoardCommand } from '../../../../firmware-shim/wire/messages.ts';
import { BranchBoard } from '../../../../sim/models/branch/branch-board.ts';
import { World } from '../../../../sim/world/world.ts';
import { advance } from '../../../kit/advance.ts';

const CAPABLE = { type: 'boardUp', hello: { capabilities: ['watchdog'] } } as const;
const ARM = { kind: 'watchdogArm', timeoutMs: WATCHDOG_TIMEOUT_MS };

describe('the watchdog of a board', () => {
  it('is armed after the greeting and kicked three times within its timeout', () => {
    const watchdog = new BoardWatchdog();
    expect(watchdog.handle(CAPABLE, 500)).toEqual([ARM]);
    const kicks = advance(watchdog, 500, 500 + WATCHDOG_TIMEOUT_MS);
    expect(kicks.map(({ atMs }) => atMs - 500)).toEqual([10_000, 20_000, 30_000]);
    expect(new Set(kicks.map(({ effect }) => effect.kind))).toEqual(new Set(['watchdogKick']));
  });

  it('is left alone on a board that has none', () => {
    const watchdog = new BoardWatchdog();
    expect(watchdog.handle({ type: 'boardUp', hello: {} }, 0)).toEqual([]);
    expect(watchdog.deadline()).toBeUndefined();
    expect(watchdog.handle({ type: 'stopRequested' }, 1)).toEqual([]);
  });

  it('is not kicked while the board is lost, and armed again when it is back', () => {
    const watchdog = new BoardWatchdog();
    watchdog.handle(CAPABLE, 0);
    expect(watchdog.handle({ type: 'boardLost' }, 5_000)).toEqual([]);
    expect(watchdog.deadline()).toBeUndefined();
    expect(watchdog.handle(CAPABLE, 9_000)).toEqual([ARM]);
    expect(watchdog.deadline()?.atMs).toBe(9_000 + WATCHDOG_KICK_MS);
  });

  it('is disarmed once when the agent leaves, also on a board that comes back meanwhile', () => {
    const watchdog = new BoardWatchdog();
    watchdog.handle(CAPABLE, 0);
    expect(watchdog.handle({ type: 'stopRequested' }, 1_000)).toEqual([{ kind: 'watchdogDisarm' }]);
    expect(watchdog.deadline()).toBeUndefined();
    expect(watchdog.handle(CAPABLE, 2_000)).toEqual([{ kind: 'watchdogDisarm' }]);
    expect(watchdog.deadline()).toBeUndefined();
  });
});

/** One agent's life at the simulated board, as far as the watchdog goes. */
class Life {
  readonly reports: string[] = [];
  readonly notes: string[] = [];
  readonly #board: Board;
  readonly #driver: Driver<WatchdogEvent, BoardCommand>;

  constructor(world: World, branch: BranchBoard) {
    this.#driver = new Driver<WatchdogEvent, BoardCommand>({
      core: new BoardWatchdog(),
      clock: world.clock,
      alarm: world.alarm('watchdog'),
      perform: (command) => void this.#board.command(command),
    });
    this.#board = branch.connect({
      onEvent: (event) => {
        if (event.type === 'boardReported' && event.report.kind === 'boardStarted') {
          this.reports.push(event.report.cause);
        }
        if (event.type === 'boardUp' || event.type === 'boardLost') this.#driver.post(event);
      },
      onNote: ({ code }) => this.notes.push(code),
    });
  }

  /** The control thread takes no turn any more; the line is left as it is. */
  hang(): void {
    this.#driver.stop();
  }

  leave(): void {
    this.#driver.post({ type: 'stopRequested' });
  }

  /** Without a word to the board. */
  kill(): void {
    this.#driver.stop();
    this.#board.close();
  }
}

describe('on the simulated board', () => {
  const scene = (): { readonly world: World; readonly branch: BranchBoard } => {
    const world = new World(7);
    const serialNumber = 'SAG1000-0001';
    return { world, branch: new BranchBoard({ world, serialNumber, noisePpm: 0 }) };
  };

  it('an hour of an agent that is well costs no start of the MCU', async () => {
    const { world, branch } = scene();
    const life = new Life(world, branch);
    await world.run(3_600_000);
    expect(life.reports).toEqual(['power']);
    expect(branch.model.snapshot()).toMatchObject({ watchdogMs: WATCHDOG_TIMEOUT_MS });
  });

  it('a control thread that hangs starves it, and the MCU starts once and says why', async () => {
    const { world, branch } = scene();
    const life = new Life(world, branch);
    await world.run(60_000);
    life.hang();
    await world.run(60_000 + 3 * WATCHDOG_TIMEOUT_MS);
    expect(life.reports).toEqual(['power', 'watchdog']);
    expect(branch.model.snapshot()).toMatchObject({ watchdogMs: null });
  });

  it('an agent that is killed and away for long leaves one start of the MCU behind, and no more', async () => {
    const { world, branch } = scene();
    const killed = new Life(world, branch);
    await world.run(60_000);
    killed.kill();
    await world.run(600_000);
    const next = new Life(world, branch);
    await world.run(1_200_000);
    expect(next.reports).toEqual(['watchdog']);
    expect(branch.model.snapshot()).toMatchObject({ watchdogMs: WATCHDOG_TIMEOUT_MS });
  });

  it('an agent that is killed and started again soon costs none', async () => {
    const { world, branch } = scene();
    const killed = new Life(world, branch);
    await world.run(60_000);
    killed.kill();
    await world.run(65_000);
    const next = new Life(world, branch);
    await world.run(600_000);
    expect(next.notes).not.toContain('boardRebooted');
    expect(next.reports).not.toContain('watchdog');
  });

  it('an agent that leaves disarms it, and the MCU runs on', async () => {
    const { world, branch } = scene();
    const life = new Life(world, branch);
    await world.run(60_000);
    life.leave();
    await world.run(600_000);
    expect(branch.model.snapshot()).toMatchObject({ watchdogMs: null });
    expect(life.reports).toEqual(['power']);
  });
});
