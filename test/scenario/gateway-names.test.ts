/**
 * F-24 in the simulated world: whatever is wrong with the name servers, a branch that has been registered once is again
 * within ten seconds, after a crash as after a power cut.
 */
import { expect, it } from 'vitest';
import { NAME_TROUBLES, type NameTrouble } from '../../sim/models/far-end/name-servers.ts';
import { Story } from '../../sim/world/story.ts';

const REGISTERED_MS_MAX = 10_000;

async function registered(story: Story): Promise<number> {
  const sinceMs = story.world.nowMs;
  await story.until('the agent is registered', () =>
    story.cast.branch.snapshot()?.registration.state === 'registered' ? true : undefined,
  );
  return story.world.nowMs - sinceMs;
}

async function registeredOnce(): Promise<Story> {
  const story = new Story(7);
  story.cast.branch.start();
  await registered(story);
  // It has lasted, and every tunnel is there.
  await story.pass(5_000);
  return story;
}

function notesOf(story: Story): string {
  return story.world.transcript.lines
    .filter(({ kind }) => kind === 'note')
    .map(({ text }) => text)
    .join('\n');
}

const USED = /Gateway agw-hangzhou-a.ccn.example was reached at 10.91.11.2, which proved itself/;
const SET_ASIDE = /Who answers at 10.91.12.2 is not gateway agw-hangzhou-a.ccn.example: ETLS_NAME/;

it.each(NAME_TROUBLES)(
  'name servers that are %s keep no branch away from its gateway',
  async (how) => {
    for (const strike of ['crash', 'cutPower'] as const) {
      const story = await registeredOnce();
      const { branch, nameServers } = story.cast;
      expect(notesOf(story)).not.toMatch(USED);
      nameServers.trouble = how;
      branch[strike]();
      branch.start();
      expect(await registered(story)).toBeLessThan(REGISTERED_MS_MAX);
      expect(notesOf(story)).toMatch(USED);
      expect(SET_ASIDE.test(notesOf(story))).toBe(how === 'poisoned');
      expect(JSON.stringify(branch.identity.keptNames())).not.toContain('10.91.11.99');
    }
  },
);

it('a branch whose gateway restarts is registered again without name servers', async () => {
  const story = await registeredOnce();
  const { nameServers } = story.cast;
  nameServers.trouble = 'silent' satisfies NameTrouble;
  story.cast.gateway('agw-hangzhou-a')?.restart(200);
  await story.pass(500);
  expect(await registered(story)).toBeLessThan(REGISTERED_MS_MAX);
});

it('a branch that was never registered is, as soon as name servers are of use', async () => {
  const story = new Story(8);
  const { branch, nameServers } = story.cast;
  nameServers.trouble = 'servfail';
  branch.start();
  await story.pass(20_000);
  expect(branch.snapshot()?.registration).toMatchObject({ lastError: { code: 'EDNS' } });
  nameServers.trouble = undefined;
  await registered(story);
  expect(branch.identity.keptNames()).toHaveLength(1);
});
