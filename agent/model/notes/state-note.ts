/** Notes about desired state, the steps towards it, and what is observed. */
import type { ResyncNote } from '../../../firmware-shim/kernel/mirror-news.ts';
import type { DataStop } from '../data-stop.ts';

export type StateNote =
  | { readonly code: 'desiredAccepted'; readonly level: 'notice'; readonly revision: number }
  | {
      readonly code: 'desiredRefused';
      readonly level: 'warning';
      readonly revision: number;
      readonly reason: string;
      readonly pointer: string;
      readonly because: string;
    }
  /** It has proved itself and is kept. */
  | { readonly code: 'desiredConfirmed'; readonly level: 'notice'; readonly revision: number }
  /** It has not; `to` is in force again, 0 for none. */
  | {
      readonly code: 'desiredUndone';
      readonly level: 'warning';
      readonly revision: number;
      readonly to: number;
      readonly reason: string;
      readonly because: string;
    }
  /** The agent crashed too often in a row. */
  | {
      readonly code: 'safeModeEntered';
      readonly level: 'error';
      readonly mode: 'safe' | 'bare';
      readonly crashes: number;
      /** Set aside, unread. */
      readonly events: number;
      readonly commands: number;
      readonly documents: number;
      readonly stayMs: number;
    }
  | {
      readonly code: 'safeModeLeft';
      readonly level: 'notice';
      /** What was set aside is tried again. */
      readonly givesBack: boolean;
    }
  /** Everything the document asks for exists. */
  | { readonly code: 'desiredReached'; readonly level: 'notice'; readonly revision: number }
  | {
      readonly code: 'planSent';
      readonly level: 'info';
      readonly revision: number;
      readonly tunnels: number;
      readonly prefixes: number;
    }
  | { readonly code: 'dataStopped'; readonly level: 'warning'; readonly why: DataStop }
  | { readonly code: 'dataResumed'; readonly level: 'notice' }
  | { readonly code: 'stepDone'; readonly level: 'info'; readonly step: string }
  | {
      readonly code: 'stepFailed';
      readonly level: 'warning';
      readonly step: string;
      readonly because: string;
      readonly retryInMs: number;
    }
  /** Somebody removed or changed them; they are written again. */
  | { readonly code: 'packetRulesGone'; readonly level: 'warning' }
  | { readonly code: 'dhcpEnded'; readonly level: 'warning'; readonly why: string }
  | {
      readonly code: 'packetRuleRefused';
      readonly level: 'warning';
      readonly rule: string;
      readonly because: string;
    }
  /** Without it all flows return at failback; not tried again before the tunnels change. */
  | { readonly code: 'flowsUnmarked'; readonly level: 'warning'; readonly because: string }
  /** By the document; then that of the configuration returns. */
  | {
      readonly code: 'logLevelHeld';
      readonly level: 'notice';
      readonly held: string;
      readonly forMs: number;
    }
  | ResyncNote;
