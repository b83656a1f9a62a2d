/**
 * What a person or a scenario can do to a simulated board.
 */
export type BoardAction =
  /** A cable is pulled out of a port, or put back in. */
  | { readonly do: 'pull'; readonly port: number }
  | { readonly do: 'plug'; readonly port: number }
  /** The LTE signal changes; without `dBm` it is gone. */
  | { readonly do: 'lte'; readonly dBm?: number }
  /** The MCU starts again, with a new boot epoch. */
  | { readonly do: 'reboot' }
  /** Noise on the line, `bytes` long. */
  | { readonly do: 'garbage'; readonly bytes: number }
  /** The MCU neither hears nor speaks for `ms`, with its port still open. */
  | { readonly do: 'silence'; readonly ms: number }
  /** The next `count` acknowledgements are not sent. */
  | { readonly do: 'loseAcks'; readonly count: number }
  /** The next `count` frames are sent twice. */
  | { readonly do: 'duplicate'; readonly count: number }
  /** The RESET button is held for `heldMs` and let go. */
  | { readonly do: 'button'; readonly heldMs: number };
