import { channel } from 'node:diagnostics_channel';
import { expect, test } from 'vitest';
import { OUTBOX_SHELF } from '../../../../agent/access/outbox.ts';
import { publishIdOf } from '../../../../agent/access/publish-lane.ts';
import { topicsOf } from '../../../../agent/access/topics.ts';
import { SAG_EVENTS } from '../../../../agent/model/sag-event.ts';
import { DESIRED_KEY, DESIRED_SHELF } from '../../../../agent/state/commit-confirm.ts';
import { CANARY_SECRET } from '../../../../sim/checks/canary-secret.ts';
import { notConverged } from '../../../../sim/checks/liveness.ts';
import { SafetyWatch } from '../../../../sim/checks/safety.ts';
import { TENANT } from '../../../../sim/lab/branch-config.ts';
import { SERIAL_NUMBER, SITE_PATHS } from '../../../../sim/models/branch/branch-site.ts';
import { BranchWorld } from '../../../../sim/models/branch/branch-world.ts';
import { calmOptions } from '../../../../sim/world/options.ts';
import { World } from '../../../../sim/world/world.ts';

/** A branch that has come up in peace. */
async function atRest() {
  const world = new World(1);
  const watch = new SafetyWatch(world);
  const cast = new BranchWorld(world, calmOptions(SITE_PATHS), watch);
  const run = async (untilMs: number): Promise<void> => {
    await world.run(untilMs, () => watch.afterStep(cast));
  };
  cast.branch.start();
  cast.echoes.start();
  await run(8_000);
  return { world, watch, cast, run };
}

test('a branch in peace breaks no promise and has converged', async () => {
  const { cast, watch } = await atRest();
  expect(notConverged(cast, watch.events)).toEqual([]);
});

test('a note of level error fails the run', async () => {
  const { watch } = await atRest();
  const note = { code: 'kernelSilent', level: 'error', waitedMs: 5 } as const;
  expect(() => watch.onNote(note)).toThrow(/the agent says it is broken/);
});

test('an event that is forgotten but was never stored fails the run', async () => {
  const { watch, cast } = await atRest();
  watch.onEffect({ type: 'storeRemove', shelf: OUTBOX_SHELF, keys: ['boot-1-99'] });
  expect(() => watch.afterStep(cast)).toThrow(/I1: event boot-1-99/);
});

test.each([
  ['I2: .* is number 8', { seq: 8 }],
  ['I13: .* is of 9000 ms', { atMs: 9_000 }],
  ['I13: .* bears another time', { wallMs: 1 }],
])('an event that says what is not so fails the run: %s', async (sentence, change) => {
  const { watch, world } = await atRest();
  const { nowMs: atMs, wall } = world;
  const event = { id: 'boot-1-7', bootId: 'boot-1', seq: 7, atMs, wallMs: wall.wallMs() };
  const value = JSON.stringify({ ...event, name: 'DeviceOnline', content: {}, ...change });
  const put = { type: 'storePut', shelf: OUTBOX_SHELF, key: event.id, value } as const;
  expect(() => watch.onEffect(put)).toThrow(new RegExp(sentence));
});

test('a document that runs though the disk knows of none fails the run', async () => {
  const { watch, cast, world } = await atRest();
  cast.branch.store.remove(DESIRED_SHELF, [DESIRED_KEY]);
  await world.run(world.nowMs + 100);
  watch.onNote({ code: 'desiredConfirmed', level: 'notice', revision: 1 });
  expect(() => watch.afterStep(cast)).toThrow('I3: revision 1 runs, the disk holds 0');
});

test('a trial that outlives its deadline fails the run', async () => {
  const { watch, run, world } = await atRest();
  watch.onNote({ code: 'desiredAccepted', level: 'notice', revision: 1 });
  await run(world.nowMs + 99_000);
  await expect(run(world.nowMs + 2_000)).rejects.toThrow('I4: revision 1 is on trial for 100 s');
});

test('a process that a core starts fails the run', async () => {
  const { watch, cast } = await atRest();
  channel('child_process').publish({});
  expect(() => watch.afterStep(cast)).toThrow('I10: a process was started');
});

const publish = (serial: number, topic: string, text = '') =>
  ({
    type: 'publish',
    message: {
      publishId: publishIdOf('state', serial),
      topic,
      payload: new TextEncoder().encode(text),
      qos: 1,
      retain: true,
    },
  }) as const;

test('a target that is not in the list, and a quarrel with a clone, fail the run', async () => {
  const { watch, cast, run, world } = await atRest();
  const target = { gateway: 'x', address: '192.0.2.9', port: 8_443, serverName: 'x' };
  const will = { topic: 'life', payload: new Uint8Array(), delayS: 0 };
  const open = { type: 'openAccess', target, will } as const;
  expect(() => watch.onEffect(open)).toThrow('F-14: 192.0.2.9:8443 (x) is not in the list');
  const gateway = cast.gateway(cast.branch.snapshot()?.registration.gateway ?? '');
  const mute = (): void => undefined;
  const hasty = { serialNumber: SERIAL_NUMBER, will, deliver: mute, acknowledge: mute, end: mute };
  const id = gateway?.id ?? '';
  watch.struck({ kind: 'cloneAppeared', gateway: id, forMs: 0, goes: 'bye' });
  cast.clone.appear(id);
  const quarrel = async (): Promise<void> => {
    for (let at = 0; at < 6; at += 1) {
      gateway?.accept({ ...hasty });
      await run(world.nowMs + 300);
    }
  };
  await expect(quarrel()).rejects.toThrow('F-15: 5 takeovers within five minutes');
});

test('an address that is kept for a gateway and is not its own fails the run', async () => {
  const { watch, cast } = await atRest();
  watch.afterStep(cast);
  const addresses = [{ address: '10.91.12.2', provedWallMs: 0 }];
  cast.branch.identity.keepNames([{ name: 'agw-hangzhou-a.ccn.example', addresses }]);
  expect(() => watch.afterStep(cast)).toThrow(
    'F-24: 10.91.12.2 is kept for agw-hangzhou-a.ccn.example',
  );
});

test('a command that nobody issued, one obeyed twice and one obeyed late fail the run', async () => {
  const { watch, cast, run, world } = await atRest();
  const work = { do: 'blink', durationMs: 1 } as const;
  const obey = (requestId: string): void => {
    watch.onEffect({ type: 'deviceWork', requestId, work });
    watch.afterStep(cast);
  };
  expect(() => obey('c-x')).toThrow('I8: c-x is carried out without authority');
  cast.clerk.command({ verb: 'blink', durationS: 1 }, 'none');
  await run(world.nowMs + 1_000);
  expect(() => obey('c-id-1')).toThrow('I8: c-id-1 is carried out twice');
  cast.store.publish = () => 1;
  cast.clerk.command({ verb: 'blink', durationS: 1 }, 'none');
  await run(world.nowMs + 250_000);
  expect(() => obey('c-id-3')).toThrow('I8: c-id-3 is carried out after its time');
});

test('a secret in a message or in a note fails the run', async () => {
  const { watch } = await atRest();
  expect(() => watch.onEffect(publish(1, 'a', `{"psk":"${CANARY_SECRET}"}`))).toThrow(
    'I11: a message on a holds a secret',
  );
  const note = { code: 'stepDone', level: 'info', step: CANARY_SECRET } as const;
  expect(() => watch.onNote(note)).toThrow('I11: a note of stepDone');
});

test('a state that is told too often, and too much within ten seconds, fails the run', async () => {
  const { watch } = await atRest();
  watch.onEffect(publish(1, 'a'));
  expect(() => watch.onEffect(publish(2, 'a'))).toThrow('I12: a is told again after 0.0 ms');
  const crowd = (): void => {
    for (let at = 0; at < 120; at += 1) watch.onEffect(publish(at, `topic ${at}`));
  };
  expect(crowd).toThrow('I12: 101 messages within ten seconds');
});

test('traffic that still goes into a tunnel known Down fails the run', async () => {
  const { watch, run, cast, world } = await atRest();
  const tunnel = cast.branch.egress() ?? '';
  const atMs = world.nowMs;
  watch.onFact({ type: 'tunnelStateChanged', tunnel, from: 'up', to: 'down', because: '', atMs });
  await expect(run(atMs + 500)).rejects.toThrow(/I5: traffic goes into/);
});

test('traffic that stands still although a tunnel works fails the run', async () => {
  const { run, cast, world } = await atRest();
  cast.echoes.stop();
  await expect(run(world.nowMs + 2_000)).rejects.toThrow(/stands still .* although .* works/);
});

test('a cable that is out keeps the run from converging, with sentences that say why', async () => {
  const { run, cast, watch, world } = await atRest();
  cast.setCarrier('wan2', false);
  await run(world.nowMs + 1_000);
  expect(notConverged(cast, watch.events).join('; ')).toMatch(/wan2 is down; tunnel wan2-/);
});

test('what the gateway believes is compared with what is, part by part', async () => {
  const { cast, watch } = await atRest();
  const { store } = cast;
  const topics = topicsOf(TENANT, SERIAL_NUMBER);
  const lie = (topic: string, change: object): void => {
    const told = JSON.parse(new TextDecoder().decode(store.retained(topic))) as object;
    const payload = new TextEncoder().encode(JSON.stringify({ ...told, ...change }));
    store.publish({ topic, payload, retain: true });
  };
  lie(topics.life, { model: 'sag-9', agentVersion: 'older' });
  lie(topics.reported, { revision: 7, activeTunnel: 'wan9', losses: { full: 1 } });
  lie(topics.link('wan1'), { verdict: { state: 'down', sinceMs: 1, reason: 'no-carrier-board' } });
  expect(notConverged(cast, watch.events)).toEqual([
    'the gateway believes inventory.model is "sag-9", it is "sag-1000"',
    'the gateway believes inventory.agentVersion is "older", it is "simulated"',
    'the gateway believes report.revision is 7, it is 1',
    'the gateway believes report.activeTunnel is "wan9", it is "wan1-agw-hangzhou-a"',
    'the gateway believes report.losses is {"full":1}, it is undefined',
    'the gateway believes link wan1.state is "down", it is "up"',
    'the gateway believes link wan1.address is undefined, it is "10.91.1.2"',
  ]);
});

test('events that the gateway lacks, or has as they never were, keep the run from converging', async () => {
  const { cast, watch, world } = await atRest();
  const { nowMs: atMs, wall } = world;
  const event = { id: 'boot-1-9', bootId: 'boot-1', seq: 9, name: 'DeviceOnline', atMs } as const;
  const raised = { ...event, wallMs: wall.wallMs(), content: {} };
  const put = { type: 'storePut', shelf: OUTBOX_SHELF, key: event.id } as const;
  watch.onEffect({ ...put, value: JSON.stringify(raised) });
  expect(notConverged(cast, watch.events)).toEqual(['events never stored: boot-1-9']);
  const kept = { ...raised, v: 1, content: { other: true }, ...SAG_EVENTS.DeviceOnline } as const;
  cast.store.keepEvent(kept, world.nowMs);
  expect(notConverged(cast, watch.events)).toEqual(['stored as they never were: boot-1-9']);
});
