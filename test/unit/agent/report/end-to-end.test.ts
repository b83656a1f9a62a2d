/** Whether the far side is reached is known by a probe of its own, and by nothing else. */
import { beforeEach, describe, expect, it } from 'vitest';
import {
  EndToEnd,
  type EndToEndEffect,
  type EndToEndEvent,
} from '../../../../agent/report/end-to-end.ts';
import { advance } from '../../../kit/advance.ts';
import { desired, received } from '../../../kit/branch.ts';
import { ControlScene } from '../../../kit/control-scene.ts';

const TARGET = { address: '172.16.0.10', port: 9 };
const LAN = ['192.168.10.0/24'];
const LOST = { ok: false, because: 'no answer in time' } as const;

describe('the end-to-end probe', () => {
  let core: EndToEnd;
  let nowMs: number;
  let sent: number[];
  let changes: number;

  beforeEach(() => {
    core = new EndToEnd();
    nowMs = 0;
    sent = [];
    changes = 0;
  });

  const see = (effects: readonly EndToEndEffect[]): void => {
    for (const effect of effects) {
      if (effect.type === 'probePath') sent.push(effect.probeId);
      else changes += 1;
    }
  };
  const hear = (event: EndToEndEvent): void => see(core.handle(event, nowMs));
  const pass = (ms: number): void => {
    see(advance(core, nowMs, nowMs + ms).map(({ effect }) => effect));
    nowMs += ms;
  };
  const answer = (rttMs: number | undefined): void =>
    hear({
      type: 'pathProbed',
      probeId: sent.at(-1) ?? -1,
      answer: rttMs === undefined ? LOST : { ok: true, rttMs },
    });

  it('knows nothing without a target, and then asks at once', () => {
    pass(3_600_000);
    expect([core.state, sent]).toEqual(['Unknown', []]);
    hear({ type: 'planned', target: TARGET, lanPrefixes: LAN });
    expect([core.state, sent.length]).toEqual(['Unknown', 1]);
    answer(8);
    expect(core.snapshot()).toEqual({ state: 'Normal', target: '172.16.0.10:9', rttMs: 8 });
    expect(changes).toBe(1);
  });

  it('calls it abnormal after three failures in a row, asking faster while in doubt', () => {
    hear({ type: 'planned', target: TARGET, lanPrefixes: LAN });
    answer(8);
    pass(10_000);
    answer(undefined);
    pass(2_000);
    answer(undefined);
    expect(core.state).toBe('Normal');
    pass(2_000);
    answer(undefined);
    expect(core.snapshot()).toMatchObject({ state: 'Abnormal', because: LOST.because });
    pass(10_000);
    answer(9);
    expect(core.state).toBe('Normal');
    expect(changes).toBe(3);
  });

  it('asks at once when traffic takes another way, and takes no answer of the way before', () => {
    hear({ type: 'planned', target: TARGET, lanPrefixes: LAN });
    const before = sent.at(-1) ?? -1;
    hear({ type: 'wayChanged' });
    expect(sent).toHaveLength(2);
    hear({ type: 'pathProbed', probeId: before, answer: { ok: true, rttMs: 1 } });
    expect(core.state).toBe('Unknown');
    answer(20);
    expect(core.state).toBe('Normal');
  });

  it('forgets what it knew when the target is another, and stops when there is none', () => {
    hear({ type: 'planned', target: TARGET, lanPrefixes: LAN });
    answer(8);
    hear({ type: 'planned', target: { ...TARGET }, lanPrefixes: LAN });
    expect(core.state).toBe('Normal');
    hear({ type: 'planned', target: undefined, lanPrefixes: LAN });
    expect(core.snapshot()).toEqual({ state: 'Unknown' });
    const count = sent.length;
    pass(60_000);
    expect(sent).toHaveLength(count);
  });

  it('tells latency and loss of a period under their published names, each period anew', () => {
    hear({ type: 'planned', target: TARGET, lanPrefixes: LAN });
    answer(8);
    pass(10_000);
    answer(12);
    pass(10_000);
    answer(undefined);
    pass(2_000);
    answer(10);
    expect(core.takeMetrics()).toEqual({
      sag_box_nqa_latency: 10,
      sag_box_nqa_loss_data: 1,
      sag_box_nqa_loss_percent: 25,
    });
    expect(core.takeMetrics()).toEqual({});
  });

  it('leaves from the LAN where the document in force has it', () => {
    const scene = new ControlScene();
    scene.start();
    scene.register();
    const document = { ...desired(), endToEnd: { address: '172.16.0.10', port: 9 } };
    scene.hear(received(document));
    scene.pass(20_000);
    const lan = [{ id: 'lan0', ipType: 'STATIC', address: '192.168.30.1/24' }] as const;
    scene.hear(received({ ...document, revision: 2, lan }));
    scene.pass(20_000);
    const probes = scene.of('probePath').filter(({ of }) => of === 'end-to-end');
    expect(probes[0]?.target.sourceWithin).toEqual(['192.168.10.0/24']);
    expect(probes.at(-1)?.target.sourceWithin).toEqual(['192.168.30.0/24']);
  });

  it('is a field of its own in the report, beside the gateway connection and the tunnels', () => {
    const scene = new ControlScene();
    scene.start();
    scene.register();
    const document = { ...desired(), endToEnd: { address: '172.16.0.10', port: 9 } };
    scene.hear(received(document));
    scene.pass(1_000);
    expect(scene.published('state/reported').at(-1)).toMatchObject({
      controllerState: 'Normal',
      vpnState: 'Abnormal',
      endToEndState: 'Normal',
    });
  });
});
