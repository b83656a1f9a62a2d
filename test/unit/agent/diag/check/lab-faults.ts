/**
 * The faults that the live test really makes in the network lab; all others are judged from facts alone.
 */
export const LAB_FAULTS: readonly string[] = [];
