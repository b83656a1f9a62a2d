/** What the board's words mean for the others, and what the board is told: translation only. */
import { type Deadline, nothing } from '../../firmware-shim/base/core.ts';
import type { BoardEvent } from '../../firmware-shim/ports.ts';
import { pressMeaning } from '../../firmware-shim/wire/button-press.ts';
import type {
  BoardCommand,
  BoardModel,
  BoardReport,
  ButtonEvent,
  LteSignal,
} from '../../firmware-shim/wire/messages.ts';
import type { FastPathOrder } from '../model/fast-path.ts';
import type { BoardNote } from '../model/notes/board-note.ts';
import { LedPanel } from '../report/led-panel.ts';
import type { PanelState } from '../report/led-panel-modes.ts';
import { BoardWatchdog } from './board-side-watchdog.ts';
import type { ControlEffect } from './control-events.ts';

type Effects = readonly ControlEffect[];

export class BoardSide {
  readonly #leds = new LedPanel();
  readonly #watchdog = new BoardWatchdog();
  #model: BoardModel | undefined;
  #lte: LteSignal | undefined;

  hear(event: BoardEvent, nowMs: number): Effects {
    switch (event.type) {
      case 'boardUp': {
        this.#leds.boardUp(event.hello);
        const { model, serialNumber } = event.hello;
        this.#model = model;
        return [
          noted({ code: 'boardUp', level: 'notice', model, serialNumber }),
          ...commanded(this.#watchdog.handle(event, nowMs)),
        ];
      }
      case 'boardLost':
        this.#leds.boardLost();
        return [
          noted({ code: 'boardLost', level: 'warning', why: event.why }),
          { type: 'orderFastPath', order: { type: 'boardLost' } },
          ...commanded(this.#watchdog.handle({ type: 'boardLost' }, nowMs)),
        ];
      case 'boardReported':
        return this.#reported(event.report);
      case 'boardCommandDone':
        return nothing;
    }
  }

  tick(nowMs: number): Effects {
    return commanded(this.#watchdog.tick(nowMs));
  }

  deadline(): Deadline | undefined {
    return this.#watchdog.deadline();
  }

  stop(nowMs: number): Effects {
    return commanded(this.#watchdog.handle({ type: 'stopRequested' }, nowMs));
  }

  show(state: Omit<PanelState, 'lte'>): Effects {
    return commanded(this.#leds.show({ ...state, lte: this.#lte }));
  }

  #reported(report: BoardReport): Effects {
    if (report.kind === 'lteSignal') this.#lte = report;
    const order = orderOf(report);
    return [
      ...(order === undefined ? [] : [{ type: 'orderFastPath', order } as const]),
      ...this.#notesOf(report).map(noted),
    ];
  }

  #notesOf(report: BoardReport): readonly BoardNote[] {
    switch (report.kind) {
      case 'button':
        return this.#model === undefined ? nothing : pressNotes(this.#model, report);
      case 'boardStarted': {
        const { cause } = report;
        if (cause !== 'watchdog' && cause !== 'fault') return nothing;
        return [{ code: 'mcuStarted', level: 'warning', cause }];
      }
      case 'portCarrier':
      case 'lteSignal':
      case 'sensors':
        return nothing;
    }
  }
}

function pressNotes(
  model: BoardModel,
  { button, heldMs, refused }: ButtonEvent,
): readonly BoardNote[] {
  if (refused === true) return [{ code: 'pressRefused', level: 'notice', button, heldMs }];
  switch (pressMeaning(model, heldMs)) {
    case 'passwordReset':
      return [{ code: 'passwordResetAsked', level: 'warning', button, heldMs }];
    case 'factoryReset':
      return [{ code: 'factoryResetAsked', level: 'warning', button, heldMs }];
    case 'nothing':
      return nothing;
  }
}

function noted(note: BoardNote): ControlEffect {
  return { type: 'noted', note };
}

function commanded(commands: readonly BoardCommand[]): Effects {
  return commands.map((command) => ({ type: 'boardCommand', command }));
}

function orderOf(report: BoardReport): FastPathOrder | undefined {
  switch (report.kind) {
    case 'portCarrier':
      return { type: 'portCarrierChanged', port: report.port, carrier: report.carrier };
    case 'lteSignal':
      return { type: 'lteRegistrationChanged', registered: report.registered };
    case 'sensors':
    case 'button':
    case 'boardStarted':
      return undefined;
  }
}
