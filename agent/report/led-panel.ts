/**
 * What the LEDs on the front show, and which of them must be set anew.
 *
 * CLOUD: on when registered, blinking while we try, off otherwise. SYS: blinking means healthy, steady on means
 * stopped. An LED is set when its mode changes or the board has started anew.
 */
import type { BoardCommand, Led, LedMode } from '../../firmware-shim/wire/messages.ts';
import type { RegistrationSnapshot } from '../model/snapshot.ts';

const CLOUD_BY_STATE: Readonly<Record<RegistrationSnapshot['state'], LedMode>> = {
  idle: 'off',
  waiting: 'blink',
  connecting: 'blink',
  registering: 'blink',
  registered: 'on',
};

export class LedPanel {
  readonly #shown = new Map<Led, LedMode>();
  #boardIsUp = false;

  boardUp(): void {
    this.#boardIsUp = true;
    this.#shown.clear();
  }

  boardLost(): void {
    this.#boardIsUp = false;
  }

  /** The commands that make the panel show this state; none when it already does. */
  show(registration: RegistrationSnapshot['state'], isStopping: boolean): readonly BoardCommand[] {
    if (!this.#boardIsUp) return [];
    return [
      ...this.#set('CLOUD', CLOUD_BY_STATE[registration]),
      ...this.#set('SYS', isStopping ? 'on' : 'blink'),
    ];
  }

  #set(led: Led, mode: LedMode): readonly BoardCommand[] {
    if (this.#shown.get(led) === mode) return [];
    this.#shown.set(led, mode);
    return [{ kind: 'ledSet', led, mode }];
  }
}
