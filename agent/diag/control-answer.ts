/**
 * The answers of the control socket, and the codes of those that refuse.
 */
import type { AgentSnapshot, TimedNote } from '../model/snapshot.ts';
import type { CheckReport } from './check/check-report.ts';
import type { ToolEnd } from './tool/tool-end.ts';
import type { ToolErrorCode } from './tool/tool-request.ts';

export type ControlErrorCode =
  | 'ECONTROL_LINE'
  | 'ECONTROL_JSON'
  | 'ECONTROL_REQUEST'
  | 'ECONTROL_OP'
  | 'ECONTROL_CLIENTS'
  | 'ECONTROL_PEER'
  | 'ECONTROL_SNAPSHOT'
  | 'ECONTROL_SWITCH'
  | 'ECONTROL_CHECK'
  | 'ECONTROL_ACT'
  | 'ECONTROL_IMAGE'
  | 'ECONTROL_UPDATE';

/** What is on its way to the board, or was called off. */
export interface UpdateBegun {
  readonly model: string;
  readonly version: string;
  readonly sizeBytes: number;
}

/** What was done, or why not. */
export interface Done {
  readonly ok: boolean;
  /** Where there is more than one reason not to. */
  readonly code?: string;
  readonly because: string;
}

type Answered<Members> = { readonly id: number; readonly ok: true } & Members;

export type ControlAnswer =
  | Answered<{ readonly snapshot: AgentSnapshot }>
  | Answered<{ readonly notes: readonly TimedNote[] }>
  | Answered<{ readonly note: TimedNote }>
  /** A check or a diagnostic has begun; more follows. */
  | Answered<{ readonly began: true }>
  | Answered<{ readonly report: CheckReport }>
  | Answered<{ readonly switched: Done }>
  /** What `rekey`, `blink`, `logLevel` and `wan` came to. */
  | Answered<{ readonly done: Done }>
  /** A piece of what a diagnostic puts out, base64. */
  | Answered<{ readonly output: string }>
  | Answered<{ readonly ended: ToolEnd }>
  | Answered<{ readonly receivedBytes: number }>
  | Answered<{ readonly update: UpdateBegun }>
  | {
      /** Null when the request could not be read far enough to know it. */
      readonly id: number | null;
      readonly ok: false;
      readonly code: ControlErrorCode | ToolErrorCode;
      readonly sentence: string;
    };

export type ControlRefusal = Extract<ControlAnswer, { readonly ok: false }>;

export function refusal(
  id: number | null,
  code: ControlErrorCode | ToolErrorCode,
  sentence: string,
): ControlRefusal {
  return { id, ok: false, code, sentence };
}
