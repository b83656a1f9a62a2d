/**
 * Has the box do what a command asks of it, and posts what came of it.
 */
import type { Done } from '../../diag/control-answer.ts';
import type { Rekeyed } from '../../engine/rekey-answer.ts';
import type { DeviceWork, RebootRefusal } from '../../model/device-work.ts';
import type { NoteLevel } from '../../model/note.ts';
import type { TunnelId } from '../../model/tunnel.ts';
import type { DiagnosisPort } from '../../ports.ts';
import type { ControlEvent } from '../../wiring/control-events.ts';

export interface DeviceHands {
  readonly blink: (durationMs: number) => Promise<Done>;
  readonly logLevelFor: (level: NoteLevel, durationMs: number) => void;
  readonly rekey: (tunnel: TunnelId) => Promise<Rekeyed>;
  readonly diagnosis: DiagnosisPort;
  /** Nothing is left to say when it goes well. */
  readonly reboot: () => RebootRefusal | undefined;
}

type Answer = Omit<
  Extract<ControlEvent, { readonly type: 'actionAnswered' }>,
  'type' | 'requestId'
>;
type Post = (event: ControlEvent) => void;

/** Never rejects. */
export async function performDeviceWork(
  requestId: string,
  work: DeviceWork,
  hands: DeviceHands,
  post: Post,
): Promise<void> {
  const answer = await answerOf(work, hands, post);
  if (answer !== undefined) post({ type: 'actionAnswered', requestId, ...answer });
}

async function answerOf(
  work: DeviceWork,
  hands: DeviceHands,
  post: Post,
): Promise<Answer | undefined> {
  switch (work.do) {
    case 'blink': {
      const done = await hands.blink(work.durationMs);
      return done.ok ? done : { ...done, code: 'EBOARD', fault: 'hardware' };
    }
    case 'setLogLevel':
      hands.logLevelFor(work.level, work.durationMs);
      return { ok: true, because: `the log level is ${work.level} for ${work.durationMs} ms` };
    case 'reboot': {
      const refusal = hands.reboot();
      return refusal && { ok: false, ...refusal };
    }
    case 'rekey':
      return hands.rekey(work.tunnel);
    case 'diagnose': {
      let isFinished = false;
      await hands.diagnosis.startDiagnosis(work.diagnoseId, (report) => {
        isFinished = report.State === 'finished';
        post({ type: 'diagnosisReported', report });
      });
      if (isFinished) return { ok: true, because: 'its report is on the way' };
      return { ok: false, code: 'EDIAGNOSIS', because: 'the checks broke off', fault: 'hardware' };
    }
  }
}
