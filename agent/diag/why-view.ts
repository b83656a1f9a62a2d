/**
 * The long answer: why the active tunnel is the active one, why the others are not, what changed last, and
 * what stands between this device and what the gateway wants.
 */
import type { AgentSnapshot } from '../model/snapshot.ts';
import { since } from '../report/render-duration.ts';
import { changeSentence } from '../report/render-tunnel-note.ts';
import { attentionOf, healthOf } from './health.ts';
import { type Block, cell, line } from './text-table.ts';
import type { View } from './view.ts';

/** As many changes as a screen holds; the snapshot and the log have more. */
const CHANGES_SHOWN = 8;

export function whyView(snapshot: AgentSnapshot): View {
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
      changes: fastPath.changes,
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
        rows: fastPath.choice.candidates.map(({ tunnel, eligible, why }) => [
          cell(tunnel),
          cell(eligible ? 'may carry' : 'may not', eligible ? 'good' : 'bad'),
          cell(why),
        ]),
        none: 'there is no tunnel to choose from',
      },
      { block: 'heading', text: 'Last changes' },
      ...changeBlocks(snapshot),
      { block: 'heading', text: 'Control channel' },
      line('  ', health.control.because),
      ...desiredBlocks(snapshot),
    ],
  };
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
      ]),
      none: 'the active tunnel has not changed yet',
    },
  ];
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
