/**
 * F-18: hours without any gateway, while a cable comes and goes: what happened is kept, and told when a gateway is back;
 * what is now is told first. `sim/checks/publish-budget.ts` judges after every step that what waited goes slowly enough.
 */
import { expect, it } from 'vitest';
import { EVENTS_MAX } from '../../agent/access/outbox-room.ts';
import { TENANT } from '../../sim/lab/branch-config.ts';
import { SERIAL_NUMBER } from '../../sim/models/branch/branch-site.ts';
import type { GatewayMessage } from '../../sim/models/far-end/gateway-store.ts';
import { Story } from '../../sim/world/story.ts';

/** A week is `OFFLINE_HOURS=168`. */
const HOURS = Number(process.env['OFFLINE_HOURS'] ?? 1);
const HOUR_MS = 3_600_000;
/** Of one cable, each told twice; of a week, a little less than is kept. */
const FLAPS_AN_HOUR = Math.min(600, Math.floor((0.49 * EVENTS_MAX) / HOURS));
/** Out, and in for long enough to count. */
const OUT_MS = 20;
const IN_MS = 230;
/** A gateway that is back is found within the cap of the ordinary backoff, and a row of refusals before that. */
const BACK_MS_MAX = 200_000;
/** What is told as soon as it is registered. */
const PRESENT = ['life', 'state/reported', 'link/wan1', 'link/wan2'];
/** Of what waited, at least so much goes out in a second. */
const REPLAYED_MIN = 150;

it(
  `${HOURS} h offline lose no event, and what is now is told before what was`,
  async () => {
    const { cast, watch, world, ...story } = await atRest();
    const topics = topicsHeard(cast.store);
    for (const gateway of cast.gateways) gateway.restart(HOURS * HOUR_MS);
    const backAtMs = world.nowMs + HOURS * HOUR_MS;
    for (let hour = 0; hour < HOURS; hour += 1) {
      for (let flap = 0; flap < FLAPS_AN_HOUR; flap += 1) {
        cast.setCarrier('wan2', false);
        await story.pass(OUT_MS);
        cast.setCarrier('wan2', true);
        await story.pass(IN_MS);
      }
      cast.rest();
      await story.pass(HOUR_MS - FLAPS_AN_HOUR * (OUT_MS + IN_MS));
      cast.goOn();
      expect(cast.branch.egress()).toBe('wan1-agw-hangzhou-a');
    }
    const waiting = story.pending();
    expect(waiting).toBeGreaterThanOrEqual(2 * FLAPS_AN_HOUR * HOURS);

    topics.length = 0;
    const firstEvent = (): number => topics.findIndex((topic) => topic.startsWith('event/'));
    while (firstEvent() < 0 && world.nowMs < backAtMs + BACK_MS_MAX) await story.pass(10);
    expect(topics.slice(0, firstEvent())).toEqual(expect.arrayContaining(PRESENT));
    const pulledAtMs = world.nowMs;
    cast.setCarrier(story.idleUplink(), false);
    await story.pass(500);
    expect(story.pending()).toBeGreaterThan(waiting / 2);
    const told = cast.store.events.flatMap(({ event }) =>
      event.atMs >= pulledAtMs ? [event.name] : [],
    );
    expect(told).toContain('DeviceWanLinkDown');
    await story.pass((waiting / REPLAYED_MIN) * 1_000);
    expect(watch.events.missing(cast)).toEqual([]);
    expect(cast.branch.snapshot()?.outbox).toMatchObject({ pending: 0, dropped: 0 });
  },
  600_000 + HOURS * 10_000,
);

async function atRest() {
  const story = new Story(18);
  const { cast, watch, world } = story;
  cast.branch.start();
  cast.echoes.start();
  await story.pass(10_000);
  return {
    cast,
    watch,
    world,
    pass: (forMs: number) => story.pass(forMs),
    /** The one that the gateway is not reached by. */
    idleUplink: () =>
      cast.branch.snapshot()?.registration.overUplink === 'wan1' ? 'wan2' : 'wan1',
    pending: () => cast.branch.snapshot()?.outbox.pending ?? 0,
  };
}

/** Of everything the gateways keep from now on, in its order. */
function topicsHeard(store: { publish(message: GatewayMessage): number }): string[] {
  const topics: string[] = [];
  const publish = store.publish.bind(store);
  store.publish = (message) => {
    topics.push(message.topic.replace(`sag/v1/${TENANT}/${SERIAL_NUMBER}/`, ''));
    return publish(message);
  };
  return topics;
}
