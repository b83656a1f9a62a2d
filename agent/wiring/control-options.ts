/** What the control wiring is made of: who this device is, and chance and wall time as arguments. */
import type { WallClock } from '../../firmware-shim/base/clock.ts';
import type { Random } from '../../firmware-shim/base/random.ts';
import type { IdentityFacts } from '../model/certificate.ts';
import type { AgentConfig } from '../model/config.ts';
import type { Inventory } from '../model/inventory.ts';

export interface ControlOptions {
  readonly config: AgentConfig;
  /** Tells this run of the agent from every other. */
  readonly bootId: string;
  /** Tells this start of the machine from every other; absent: each run of the agent counts as one. */
  readonly machineBootId?: string;
  readonly inventory: Inventory;
  /** This device's WireGuard public key, base64; empty until `tunnelKeyKnown` while the engine is missing. */
  readonly publicKey: string;
  readonly random: Random;
  readonly wall: WallClock;
  /** Absent in a world without certificates. */
  readonly identity?: IdentityFacts;
}
