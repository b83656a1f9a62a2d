/**
 * The long answer: why the active tunnel is the active one, why the others are not, what changed last, and
 * what stands between this device and what the gateway wants.
 */
import type { CandidateRecord } from '../model/decision.ts';
import type { AgentSnapshot } from '../model/snapshot.ts';
import type { ActiveTunnelChange } from '../model/tunnel-change.ts';
import { since } from '../report/render-duration.ts';
import { changeSentence } from '../report/render-tunnel-note.ts';
import { attentionOf } from './attention.ts';
import { engineBlocks } from './engines-block.ts';
import { healthOf } from './health.ts';
import { livenessBlocks, livenessFigures } from './liveness-block.ts';
import { probesBlocks } from './probes-block.ts';
import { strandedBlocks } from './stranded-block.ts';
import { type Block, type Cell, cell, line } from './text-table.ts';
import type { View } from './view.ts';

/** As many changes as a screen holds; the snapshot and the log have more. */
const CHANGES_SHOWN = 8;

/** Of one tunnel: its own candidacy, and the changes it took part in. */
export function whyView(whole: AgentSnapshot, tunnel?: string): View {
  const snapshot = tunnel === undefined ? whole : onlyOf(whole, tunnel);
  const { fastPath, registration, desired } = snapshot;
  const health = healthOf(snapshot);
  const attention = attentionOf(snapshot);
  return {
    attention,
    json: {
      v: 1,
      nowMs: fastPath.nowMs,
      active: fastPath.active ?? null,
      choice: fastPath.choice,
      stranded: fastPath.stranded ?? [],
      changes: fastPath.changes,
      decisions: fastPath.decisions ?? [],
      liveness: livenessFigures(snapshot),
      probes: desired.probes ?? [],
      health,
      registration,
      desired,
      attention,
    },
    blocks: [
      { block: 'heading', text: `Active tunnel: ${fastPath.active ?? 'none'}` },
      line('  ', fastPath.choice.because),
      {
        block: 'table',
        rows: fastPath.choice.candidates.map((candidate) => [
          cell(candidate.tunnel),
          fitness(candidate),
          cell(candidate.rule ?? ''),
          cell(candidate.why),
          cell(inputWords(candidate), 'dim'),
        ]),
        none: 'there is no tunnel to choose from',
      },
      ...strandedBlocks(fastPath),
      { block: 'heading', text: 'Last changes' },
      ...changeBlocks(snapshot),
      ...livenessBlocks(snapshot),
      ...probesBlocks(snapshot),
      ...engineBlocks(snapshot),
      { block: 'heading', text: 'Control channel' },
      line('  ', health.control.because),
      ...desiredBlocks(snapshot),
    ],
  };
}

function onlyOf(snapshot: AgentSnapshot, tunnel: string): AgentSnapshot {
  const { fastPath } = snapshot;
  const { choice, changes, decisions } = fastPath;
  const took = ({
    from,
    to,
  }: {
    readonly from: string | undefined;
    readonly to: string | undefined;
  }) => from === tunnel || to === tunnel;
  const candidates = choice.candidates.filter((candidate) => candidate.tunnel === tunnel);
  return {
    ...snapshot,
    fastPath: {
      ...fastPath,
      choice: { ...choice, candidates },
      changes: changes.filter(took),
      ...(decisions !== undefined && { decisions: decisions.filter(took) }),
    },
  };
}

function fitness({ eligible, suspect }: CandidateRecord): Cell {
  if (!eligible) return cell('may not', 'bad');
  return suspect === true ? cell('suspect', 'warning') : cell('may carry', 'good');
}

/** What was known of it, without what the reason already says. */
function inputWords({ inputs = {}, holdLeftMs }: CandidateRecord): string {
  const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
  const { priority, weight, heardAgoMs, sla, scoreMs } = inputs;
  return [
    ...(priority === undefined ? [] : [`priority ${priority}`]),
    ...(weight === undefined ? [] : [`weight ${weight}`]),
    ...(typeof heardAgoMs === 'number' ? [`heard ${heardAgoMs.toFixed(0)} ms ago`] : []),
    ...(sla === undefined ? [] : [`class ${sla}`]),
    ...(typeof scoreMs === 'number' ? [`score ${scoreMs.toFixed(1)} ms`] : []),
    ...(holdLeftMs === undefined ? [] : [`hold left ${seconds(holdLeftMs)}`]),
  ].join(', ');
}

function changeBlocks({ fastPath }: AgentSnapshot): readonly Block[] {
  const changes = fastPath.changes.slice(-CHANGES_SHOWN).toReversed();
  return [
    {
      block: 'table',
      rows: changes.map((change) => [
        cell(`${since(change.detectedAtMs, fastPath.nowMs)} ago`, 'dim'),
        cell(change.cause),
        cell(changeSentence(change)),
        cell(rejectedWords(change), 'dim'),
      ]),
      none: 'the active tunnel has not changed yet',
    },
  ];
}

/** Why nobody else carries the traffic since. */
function rejectedWords({ rejected = [] }: ActiveTunnelChange): string {
  return rejected.map(({ tunnel, why }) => `not ${tunnel}: ${why}`).join('; ');
}

function desiredBlocks({ desired }: AgentSnapshot): readonly Block[] {
  const { revision, pendingSteps, refused } = desired;
  const reached = pendingSteps.length === 0;
  const blocks: Block[] = [
    { block: 'heading', text: `Desired revision ${revision}` },
    reached
      ? line('  ', cell('reached: nothing is left to do', 'good'))
      : line('  ', cell('on its way; still to do:', 'warning')),
    ...pendingSteps.map((step) => line('  - ', step)),
  ];
  if (refused !== undefined) {
    const { code, pointer } = refused;
    const place = pointer === '' ? '' : ` at ${pointer}`;
    blocks.push(
      line('  ', cell(`revision ${refused.revision} was refused: ${code}${place}`, 'bad')),
    );
  }
  return blocks;
}
