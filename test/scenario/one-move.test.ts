import { expect, it } from 'vitest';
import { runScenario } from '../../sim/scenarios/run-scenario.ts';

const SEEDS = [1, 2, 3, 4, 5];

/** `from>to` of each change of the active tunnel, once the branch has found its first place. */
function movesAfterStart(transcript: string): readonly string[] {
  const moves = [...transcript.matchAll(/Traffic moved from (\S+) to (\S+?):/g)].map(
    ([, from, to]) => `${from}>${to}`,
  );
  return moves.filter((move) => move.includes('wan1') && move.includes('wan2')).slice(-4);
}

it('a fault that takes both tunnels of an uplink along moves traffic once, and it returns once', async () => {
  for (const seed of SEEDS) {
    const { transcript, failed } = await runScenario('cable-pull', seed);
    expect(failed).toEqual([]);
    const [away, back] = [
      'wan1-agw-hangzhou-a>wan2-agw-hangzhou-a',
      'wan2-agw-hangzhou-a>wan1-agw-hangzhou-a',
    ];
    expect(movesAfterStart(transcript)).toEqual([away, back, away, back]);
    // What began on the backup stays with each return, and is let go before the next.
    const held = [
      ...transcript.matchAll(/(Flows that began|Nothing is kept) on wan2-agw-hangzhou-a/g),
    ].map(([, what]) => what);
    expect(held.length).toBeGreaterThanOrEqual(3);
    expect(
      held.filter((what, at) => what !== ['Flows that began', 'Nothing is kept'][at % 2]),
    ).toEqual([]);
  }
}, 60_000);
