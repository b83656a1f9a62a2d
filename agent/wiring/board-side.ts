/** What the board's words mean for the others, and what its LEDs are told: translation only. */
import { nothing } from '../../firmware-shim/base/core.ts';
import type { BoardEvent } from '../../firmware-shim/ports.ts';
import type { BoardReport } from '../../firmware-shim/wire/messages.ts';
import type { FastPathOrder } from '../model/fast-path.ts';
import type { RegistrationSnapshot } from '../model/snapshot.ts';
import { LedPanel } from '../report/led-panel.ts';
import type { ControlEffect } from './control-events.ts';

export class BoardSide {
  readonly #leds = new LedPanel();

  hear(event: BoardEvent): readonly ControlEffect[] {
    switch (event.type) {
      case 'boardUp': {
        this.#leds.boardUp();
        const { model, serialNumber } = event.hello;
        return [{ type: 'noted', note: { code: 'boardUp', level: 'notice', model, serialNumber } }];
      }
      case 'boardLost':
        this.#leds.boardLost();
        return [
          { type: 'noted', note: { code: 'boardLost', level: 'warning', why: event.why } },
          { type: 'orderFastPath', order: { type: 'boardLost' } },
        ];
      case 'boardReported': {
        const order = orderOf(event.report);
        return order === undefined ? nothing : [{ type: 'orderFastPath', order }];
      }
      case 'boardCommandDone':
        return nothing;
    }
  }

  show(registration: RegistrationSnapshot['state'], isStopping: boolean): readonly ControlEffect[] {
    return this.#leds
      .show(registration, isStopping)
      .map((command) => ({ type: 'boardCommand', command }));
  }
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
