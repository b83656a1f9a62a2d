/** What the set-up of the WAN side hears and asks for. */
import type { KernelChange } from '../../../firmware-shim/kernel/types.ts';
import type { WanNote } from '../../model/notes/wan-note.ts';
import type { UplinkId } from '../../model/uplink.ts';
import type {
  WanAnswer,
  WanAsk,
  WanClient,
  WanLease,
  WanLine,
  WanRecord,
} from '../../model/wan.ts';

export type WanEvent =
  /** The store has been read. */
  | { readonly type: 'wanRestored'; readonly record: WanRecord | undefined }
  /** Somebody at the box; checked against the schema already. */
  | { readonly type: 'wanAsked'; readonly requestId: string; readonly ask: WanAsk }
  | { readonly type: 'storeAnswered'; readonly key: string; readonly ok: boolean }
  | { readonly type: 'kernelChanged'; readonly events: readonly KernelChange[] }
  /** What a client got, lost or complains of. */
  | { readonly type: 'wanTold'; readonly uplink: UplinkId; readonly told: WanTold }
  | { readonly type: 'registrationChanged'; readonly registered: boolean };

export type WanTold =
  | { readonly is: 'leased'; readonly lease: WanLease }
  | { readonly is: 'lost' }
  | { readonly is: 'trouble'; readonly because: string };

export type WanEffect =
  | ({ readonly type: 'wanAnswered'; readonly requestId: string } & WanAnswer)
  /** All that shall run from now on. */
  | {
      readonly type: 'orderWan';
      readonly clients: readonly WanClient[];
      /** To be asked over the uplinks that were set up here. */
      readonly nameServers: readonly string[];
    }
  | { readonly type: 'wanChanged'; readonly lines: readonly WanLine[] }
  | { readonly type: 'reconnect'; readonly because: string }
  | {
      readonly type: 'storePut';
      readonly shelf: string;
      readonly key: string;
      readonly value: string;
    }
  | { readonly type: 'noted'; readonly note: WanNote };
