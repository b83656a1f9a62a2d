/**
 * What a person or a scenario can do to a simulated board.
 */
import type { Duplex, SensorKind } from '../../../firmware-shim/wire/messages.ts';

export type BoardAction =
  /** A cable is pulled out of a port, or put back in. */
  | { readonly do: 'pull'; readonly port: number }
  | { readonly do: 'plug'; readonly port: number }
  /** What the far end of a plugged cable can do changes. */
  | {
      readonly do: 'link';
      readonly port: number;
      readonly speedMbps: number;
      readonly duplex: Duplex;
    }
  /** The LTE signal changes; without `dBm` it is gone. */
  | { readonly do: 'lte'; readonly dBm?: number }
  /** The SIM card is taken out (0) or put in (1); so is the whole LTE module. */
  | { readonly do: 'sim'; readonly ready: number }
  | { readonly do: 'lteModule'; readonly present: number }
  /** A sensor reads something else from now on. */
  | {
      readonly do: 'sensor';
      readonly sensor: SensorKind;
      readonly index: number;
      readonly value: number;
    }
  /** The MCU starts again by itself, with a new boot epoch. */
  | { readonly do: 'reboot' }
  /** The MCU loses its power for a moment. */
  | { readonly do: 'powerCut' }
  /** The next command makes the MCU start again, before or after it has acted on it. */
  | { readonly do: 'rebootAtCommand'; readonly when: 'before' | 'after' }
  /** The next image that is started on trial never says a word. */
  | { readonly do: 'badImage' }
  /** One burst of noise on the line, `bytes` long. */
  | { readonly do: 'garbage'; readonly bytes: number }
  /** Steady noise: so many bytes in a million are changed, in both directions; 0 ends it. */
  | { readonly do: 'noise'; readonly ppm: number }
  /** What the board writes is cut into parts of at most so many bytes; 0 ends it. */
  | { readonly do: 'splits'; readonly bytes: number }
  /** The line takes the time a UART of this speed takes, in both directions; 0 ends it. */
  | { readonly do: 'pace'; readonly baudRate: number }
  /** The MCU neither hears nor speaks for `ms`, with its port still open. */
  | { readonly do: 'silence'; readonly ms: number }
  /** The MCU hangs until it is reset. */
  | { readonly do: 'wedge' }
  /** The next `count` acknowledgements are not sent. */
  | { readonly do: 'loseAcks'; readonly count: number }
  /** The next `count` frames are sent twice. */
  | { readonly do: 'duplicate'; readonly count: number }
  /** The next `count` frames are sent `ms` late. */
  | { readonly do: 'delay'; readonly count: number; readonly ms: number }
  /** The next `count` frames change places with the one that follows each. */
  | { readonly do: 'swap'; readonly count: number }
  /** The RESET button is held for `heldMs` and let go. */
  | { readonly do: 'button'; readonly heldMs: number };
