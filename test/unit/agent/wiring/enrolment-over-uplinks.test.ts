/** A device whose certificate ended while it was off: it asks for another one over the uplinks it was set up with. */
import { expect, it } from 'vitest';
import { down } from '../../../kit/branch.ts';
import { ControlScene } from '../../../kit/control-scene.ts';

const NOW_MS = 1_780_000_000_000;
const DAY_MS = 86_400_000;
const ENDED = { generation: 1, fromMs: NOW_MS - 100 * DAY_MS, endMs: NOW_MS - 10 * DAY_MS };
const WIRED = { uplink: 'wan1', sourceAddress: '10.91.1.2' };
const LTE = { uplink: 'wan2', sourceAddress: '10.91.2.2' };

it('is told its ways out before it begins to enrol, and when they change', () => {
  const facts = { pairs: [ENDED], renews: true, floorMs: NOW_MS, ceilingMs: 2 * NOW_MS };
  const scene = new ControlScene(facts);
  scene.wallMs = NOW_MS;
  scene.start();
  scene.pass(5_000);
  const works = () => scene.of('identityWork').map(({ work }) => work);
  const begun = works().findIndex(({ what }) => what === 'enrol');
  expect(begun).toBeGreaterThan(-1);
  scene.uplink('wan1', down());
  const ways = works().filter(({ what }) => what === 'takeWays');
  expect(works()[begun - 1]).toBe(ways[0]);
  expect(ways.at(-2)).toEqual({ what: 'takeWays', paths: [WIRED, LTE] });
  expect(ways.at(-1)).toEqual({ what: 'takeWays', paths: [LTE] });
});
