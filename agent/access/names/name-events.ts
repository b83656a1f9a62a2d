/**
 * What the core of gateway names hears and asks for. A search is one attempt to reach a gateway by its name; a question
 * goes to name servers and may outlive the search that asked it.
 */
import type { Family } from '../../../firmware-shim/kernel/types.ts';
import type { KeptName } from '../../model/gateway-name.ts';
import type { NameNote } from '../../model/notes/name-note.ts';
import type { DialFault } from './address-finder.ts';

export interface GatewayWanted {
  readonly type: 'gatewayWanted';
  readonly searchId: number;
  /** A name, or an address. */
  readonly name: string;
  /** The connection will leave from it; absent: as the system routes, by either family. */
  readonly sourceAddress?: string;
  /** What the hosts file says of the name. */
  readonly hosts: readonly string[];
  /** An address that is known already is as good as one that is asked for: for measurements. */
  readonly inHaste?: boolean;
}

export type NameEvent =
  | GatewayWanted
  | {
      readonly type: 'questionAnswered';
      readonly questionId: number;
      readonly addresses: readonly string[];
    }
  /** Nobody knows or nobody answered; codes of c-ares, `ENOTFOUND` and `ENODATA` among them. */
  | { readonly type: 'questionFailed'; readonly questionId: number; readonly code: string }
  /** TLS stands with the address that was dialled, and the certificate names the gateway. */
  | { readonly type: 'addressAccepted'; readonly searchId: number; readonly wallMs: number }
  | {
      readonly type: 'addressRefused';
      readonly searchId: number;
      readonly fault: DialFault;
    }
  /** Nobody wants its outcome any more. */
  | { readonly type: 'searchLeft'; readonly searchId: number };

export type NameEffect =
  | {
      readonly type: 'askQuestion';
      readonly questionId: number;
      readonly name: string;
      readonly family: Family;
      readonly sourceAddress?: string;
    }
  | { readonly type: 'cancelQuestion'; readonly questionId: number }
  /** Answered by `addressAccepted` or `addressRefused`, unless it is dropped first. */
  | { readonly type: 'dialAddress'; readonly searchId: number; readonly address: string }
  | { readonly type: 'dropDial'; readonly searchId: number }
  | {
      readonly type: 'searchFailed';
      readonly searchId: number;
      readonly fault: DialFault;
    }
  | { readonly type: 'keepNames'; readonly names: readonly KeptName[] }
  | { readonly type: 'noted'; readonly note: NameNote };
