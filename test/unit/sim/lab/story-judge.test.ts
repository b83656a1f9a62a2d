/** What a failover story must show, and what is said when it does not. */
import { expect, it } from 'vitest';
import type { ActiveTunnelChange } from '../../../../agent/model/tunnel-change.ts';
import type { Expectation } from '../../../../sim/lab/stories/story.ts';
import {
  judgeStory,
  outageBoundMs,
  type StoryFigures,
} from '../../../../sim/lab/stories/story-judge.ts';

const CHANGE: ActiveTunnelChange = {
  from: 'wan1-a',
  to: 'wan2-a',
  cause: 'silence',
  because: 'wan1-a is lost: its session heard nothing for 150 ms; wan2-a takes over: it is next',
  detectedAtMs: 1_140,
  silentForMs: 150,
  decideMs: 0.2,
  installMs: 0.3,
  rule: 'rank',
  rejected: [{ tunnel: 'wan1-a', why: 'its session is Down' }],
};

const GOOD: StoryFigures = {
  promisedMs: 150,
  detectMs: 140,
  outageMs: 160,
  machineLateMs: 5,
  changes: [CHANGE],
  stored: ['AccessGatewayFailover'],
};

const MOVES: Expectation = { kind: 'moves', away: 'uplink', causes: ['silence'] };
const STAYS: Expectation = { kind: 'stays', forMs: 1_000 };
const SETTLES: Expectation = { kind: 'settles', forMs: 1_000, changesMax: 0 };
const DISCONNECTS: Expectation = { kind: 'disconnects' };

function withChange(over: Partial<ActiveTunnelChange>): StoryFigures {
  return { ...GOOD, changes: [{ ...CHANGE, ...over }] };
}

it('finds nothing wrong with a failover that was fast, told and explained', () => {
  expect(judgeStory(MOVES, GOOD)).toEqual([]);
});

it('bounds an outage by the detection time of this run and the lateness of this machine', () => {
  const late = { ...GOOD, outageMs: 900 };
  expect(judgeStory(MOVES, late)).toEqual([expect.stringContaining('is longer than 702.0 ms')]);
  expect(judgeStory(MOVES, { ...late, machineLateMs: 100 })).toEqual([]);
  expect(outageBoundMs({ ...GOOD, promisedMs: 900 })).toBeGreaterThan(4 * 900);
});

it.each<[Expectation, Partial<StoryFigures>, string]>([
  [MOVES, { changes: [] }, 'traffic did not move'],
  [MOVES, { stored: [] }, 'the gateway was not told of the failover'],
  [STAYS, {}, 'traffic moved: wan1-a is lost'],
  [SETTLES, {}, 'traffic moved 1 times'],
  [DISCONNECTS, {}, 'no change says that no tunnel was left'],
  [DISCONNECTS, {}, 'the gateway was not told of the disconnection'],
])('holds %j against %j', (expects, over, sentence) => {
  expect(judgeStory(expects, { ...GOOD, ...over }).join('; ')).toContain(sentence);
});

it.each<[Partial<ActiveTunnelChange>, string]>([
  [{ because: '' }, 'has no reason'],
  [{ because: 'something happened' }, 'does not name its tunnel'],
  [{ silentForMs: 0 }, 'tells no silence'],
  [{ cause: 'carrier' }, 'tells a silence of 150.0 ms'],
  [{ decideMs: -1 }, 'has times before its evidence'],
  [{ rejected: [] }, 'does not say why wan1-a was rejected'],
])('takes no report for whole that has %j', (over, sentence) => {
  const expects: Expectation = { kind: 'settles', forMs: 1_000, changesMax: 1 };
  expect(judgeStory(expects, withChange(over)).join('; ')).toContain(sentence);
});
