/**
 * F-40: hours of an uneventful life, with the whole box paused for a minute at the end of each, as a machine that is moved
 * is: no burst of what was due meanwhile follows the pause, everything converges, and nothing grows from hour to hour.
 */
import { expect, it } from 'vitest';
import { notConverged } from '../../sim/checks/liveness.ts';
import { CalmTime } from '../../sim/world/calm-time.ts';
import { Story } from '../../sim/world/story.ts';

/** Two weeks are `SIMULATED_HOURS=336`. */
const HOURS = Number(process.env['SIMULATED_HOURS'] ?? 1);
const HOUR_MS = 3_600_000;
const PAUSE_MS = 60_000;
const RECOVERED_MS = 90_000;
/** Four tunnels that were lost and came back, a registration, and what is retained, once more. */
const MESSAGES_MAX = 60;
/** What a box remembers of its last pauses is bounded; an hour adds no more than that. */
const GROWTH_MAX = 1.5;

it(`${HOURS} h of calm with a pause of a minute after each leave nothing behind`, async () => {
  const story = new Story(40);
  const { cast, watch, world } = story;
  const calm = new CalmTime(cast, watch, 'rate');
  let messages = 0;
  const publish = cast.store.publish.bind(cast.store);
  cast.store.publish = (message) => {
    messages += 1;
    return publish(message);
  };
  cast.branch.start();
  cast.echoes.start();
  await story.pass(10_000);
  let firstSize: number | undefined;
  for (let hour = 0; hour < HOURS; hour += 1) {
    await calm.pass(world.nowMs + HOUR_MS);
    messages = 0;
    cast.branch.stall('control', PAUSE_MS);
    cast.branch.stall('fast path', PAUSE_MS);
    // The world outside goes on, and a box that stands still keeps no promise.
    await world.run(world.nowMs + PAUSE_MS + RECOVERED_MS);
    expect(messages).toBeLessThan(MESSAGES_MAX);
    expect(notConverged(cast, watch.events)).toEqual([]);
    const size = JSON.stringify([cast.branch.snapshot(), cast.branch.fastPathSnapshot()]).length;
    firstSize ??= size;
    expect(size).toBeLessThan(firstSize * GROWTH_MAX);
  }
}, 600_000);
