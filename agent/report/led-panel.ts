/**
 * Which LEDs on the front must be set anew: those whose mode changed, and all after the board has started anew.
 */
import type { BoardCommand, Led, LedMode } from '../../firmware-shim/wire/messages.ts';
import { type PanelOf, type PanelState, panelModes } from './led-panel-modes.ts';

export class LedPanel {
  readonly #shown = new Map<Led, LedMode>();
  #panel: PanelOf | undefined;

  boardUp(panel: PanelOf): void {
    this.#panel = panel;
    this.#shown.clear();
  }

  boardLost(): void {
    this.#panel = undefined;
  }

  /** The commands that make the panel show this state; none when it already does. */
  show(state: PanelState): readonly BoardCommand[] {
    if (this.#panel === undefined) return [];
    return panelModes(this.#panel, state).flatMap(({ led, mode }) => this.#set(led, mode));
  }

  #set(led: Led, mode: LedMode): readonly BoardCommand[] {
    if (this.#shown.get(led) === mode) return [];
    this.#shown.set(led, mode);
    return [{ kind: 'ledSet', led, mode }];
  }
}
