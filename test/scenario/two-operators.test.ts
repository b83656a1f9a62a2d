/** F-39: two hands order at once; one wins, both are answered, and nothing is half of each. */
import { expect, test } from 'vitest';
import { Story } from '../../sim/world/story.ts';

test('of two operators who want different tunnels at once the later wins, and both are told', async () => {
  const { cast, watch, world, ...story } = await atRest();
  const answers = () =>
    watch.notes.flatMap((note) => (note.code === 'commandAnswered' ? [note.state] : []));
  const fromMs = world.nowMs;
  cast.clerk.command({ verb: 'switchActiveTunnel', tunnel: 'wan2-agw-hangzhou-a' }, 'none');
  cast.clerk.command({ verb: 'switchActiveTunnel', tunnel: 'wan2-agw-hangzhou-b' }, 'none');
  await story.until('both are answered', () => (answers().length === 2 ? true : undefined));
  expect(answers()).toEqual(['Succeed', 'Succeed']);
  await story.pass(2_000);
  expect(cast.branch.egress()).toBe('wan2-agw-hangzhou-b');
  expect(cast.branch.fastPathSnapshot()?.active).toBe('wan2-agw-hangzhou-b');
  expect(cast.echoes.longestGapMs(fromMs, world.nowMs)).toBeLessThan(100);
});

test('of two documents that come at once the later is in force, alone, and the disk holds no other', async () => {
  const { cast, ...story } = await atRest();
  cast.desk.attachVpc({ id: 'vpc-1', regionId: 'cn-beijing', cidr: '172.20.0.0/24' });
  cast.desk.resizeTunnels(1_380);
  const { revision } = cast.controller;
  await story.until('it is confirmed', () => {
    const { revision: running, trial } = cast.branch.snapshot()?.desired ?? {};
    return running === revision && trial === undefined ? true : undefined;
  });
  const kept = JSON.parse(cast.branch.store.value('desired', 'document') ?? '{}') as object;
  expect(kept).toEqual(cast.controller.document);
});

async function atRest() {
  const story = new Story(39);
  const { cast, watch, world } = story;
  cast.branch.start();
  cast.echoes.start();
  await story.pass(8_000);
  const until = story.until.bind(story);
  return { cast, watch, world, until, pass: (ms: number) => story.pass(ms) };
}
