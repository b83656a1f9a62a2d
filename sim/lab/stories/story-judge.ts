/**
 * Whether what came of a story is what must hold: figures in, sentences of what did not hold out.
 *
 * No bound is a bare time: an outage is held against the detection time of the session it hit, the figures of the
 * failover report, and how late this machine woke its processes meanwhile.
 */
import type { ActiveTunnelChange } from '../../../agent/model/tunnel-change.ts';
import type { Expectation } from './story.ts';

export interface StoryFigures {
  /** Of the active session when the fault began. */
  readonly promisedMs: number;
  /** From the fault to the evidence that moved the traffic away; 0 where nothing was silent. */
  readonly detectMs: number;
  /** The longest hole in a flow of one packet a millisecond. */
  readonly outageMs: number;
  readonly machineLateMs: number;
  /** Of the active tunnel, since the fault began. */
  readonly changes: readonly ActiveTunnelChange[];
  /** Names of the SAG events the gateway has stored since. */
  readonly stored: readonly string[];
}

/** An outage beside what it consists of: detection, decision, the far end's following, and lateness in each of them. */
const OUTAGE_RATIO_MAX = 4;
/** The far end hears of it, and both kernels forward: what an idle machine needs for that. */
const HANDOVER_MS = 20;

export function outageBoundMs({
  promisedMs,
  detectMs,
  machineLateMs,
  changes,
}: StoryFigures): number {
  const ownMs = changes.reduce((sum, { decideMs, installMs }) => sum + decideMs + installMs, 0);
  const partsMs = Math.max(promisedMs, detectMs) + ownMs + machineLateMs + HANDOVER_MS;
  return OUTAGE_RATIO_MAX * partsMs;
}

export function judgeStory(expects: Expectation, figures: StoryFigures): readonly string[] {
  const { outageMs, changes, stored } = figures;
  const failed = changes.flatMap(judgeReport);
  const must = (held: boolean, sentence: string): void => {
    if (!held) failed.push(sentence);
  };
  const boundMs = outageBoundMs(figures);
  const mustBeShort = (): void =>
    must(outageMs <= boundMs, `the outage of ${ms(outageMs)} is longer than ${ms(boundMs)}`);
  const causes = changes.map(({ cause }) => cause);
  switch (expects.kind) {
    case 'moves':
      must(changes.length > 0, 'traffic did not move');
      must(
        causes.some((cause) => expects.causes.includes(cause)),
        `it moved by ${causes.join(', ')} and not by ${expects.causes.join(' or ')}`,
      );
      must(stored.includes('AccessGatewayFailover'), 'the gateway was not told of the failover');
      mustBeShort();
      break;
    case 'stays':
      must(
        changes.length === 0,
        `traffic moved: ${changes.map((each) => each.because).join('; ')}`,
      );
      mustBeShort();
      break;
    case 'settles':
      must(changes.length <= expects.changesMax, `traffic moved ${changes.length} times`);
      mustBeShort();
      break;
    case 'disconnects':
      must(
        changes.some(({ to }) => to === undefined),
        'no change says that no tunnel was left',
      );
      must(
        stored.includes('ConnectionDisconnect'),
        'the gateway was not told of the disconnection',
      );
  }
  return failed;
}

/** A failover report that explains nothing is none. */
function judgeReport(change: ActiveTunnelChange): string[] {
  const {
    from,
    to,
    cause,
    because,
    silentForMs,
    decideMs,
    installMs,
    rule,
    rejected = [],
  } = change;
  const name = `the report of ${from ?? 'nothing'} to ${to ?? 'nothing'}`;
  const failed: string[] = [];
  const must = (held: boolean, sentence: string): void => {
    if (!held) failed.push(`${name} ${sentence}`);
  };
  must(because !== '', 'has no reason');
  must(because.includes(to ?? from ?? ''), `does not name its tunnel: ${because}`);
  must(cause !== 'silence' || silentForMs > 0, 'tells no silence');
  must(cause === 'silence' || silentForMs === 0, `tells a silence of ${ms(silentForMs)}`);
  must(decideMs >= 0 && installMs >= 0, `has times before its evidence`);
  must(rule !== undefined, 'names no rule');
  const explained = rejected.some(({ tunnel, why }) => tunnel === from && why !== '');
  must(from === undefined || explained, `does not say why ${from} was rejected`);
  return failed;
}

function ms(valueMs: number): string {
  return `${valueMs.toFixed(1)} ms`;
}
