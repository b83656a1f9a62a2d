/** Commands that have the box do something: blink, log otherwise, diagnose itself. */
import { describe, expect, it } from 'vitest';
import { performDeviceWork } from '../../../../agent/adapters/host/device-work.ts';
import {
  sagReport,
  sagReportBegun,
  sagReportFailed,
} from '../../../../agent/diag/check/sag-report.ts';
import type { DeviceWork } from '../../../../agent/model/device-work.ts';
import type { ControlEvent } from '../../../../agent/wiring/control-events.ts';
import { CommandIssuer, type Order } from '../../../../sim/live/command-issuer.ts';
import { ControlScene } from '../../../kit/control-scene.ts';

const WALL_MS = 1_000_000;
const issuer = new CommandIssuer('acme');
const diagnosis = {
  diagnoseId: 'c-1',
  startMs: WALL_MS,
  boxType: 'sag-1000',
  boxVersion: '1.0.0',
  monitorVersion: '0.1.0',
};

function registered(): ControlScene {
  const scene = new ControlScene();
  scene.start();
  scene.register();
  return scene;
}

function command(scene: ControlScene, order: Order): string {
  const issued = issuer.issue('sag00001', order, WALL_MS);
  scene.hear({ type: 'commandReceived', command: issued, proof: 'valid', retained: false });
  return issued.id;
}

const statusOf = (scene: ControlScene, id: string) => scene.published(`cmd/${id}/status`).at(-1);

describe('a command to the box', () => {
  it.each<[Order, DeviceWork]>([
    [
      { verb: 'blink', durationS: 30 },
      { do: 'blink', durationMs: 30_000 },
    ],
    [
      { verb: 'setLogLevel', level: 'debug', durationS: 60 },
      { do: 'setLogLevel', level: 'debug', durationMs: 60_000 },
    ],
    [{ verb: 'reboot' }, { do: 'reboot' }],
    [
      { verb: 'rekeyTunnel', tunnel: 'wan1-gwa' },
      { do: 'rekey', tunnel: 'wan1-gwa' },
    ],
  ])('%o becomes one piece of work and ends with its answer', (order, work) => {
    const scene = registered();
    const requestId = command(scene, order);
    expect(scene.of('deviceWork')).toEqual([{ type: 'deviceWork', requestId, work }]);
    expect(statusOf(scene, requestId)).toMatchObject({ state: 'Processing' });
    scene.hear({ type: 'actionAnswered', requestId, ok: true, because: 'done' });
    expect(statusOf(scene, requestId)).toMatchObject({ state: 'Succeed', errorCode: '200' });
  });

  it('ends as HardwareError when the board does not answer', () => {
    const scene = registered();
    const requestId = command(scene, { verb: 'blink', durationS: 1 });
    const answer = { ok: false, code: 'EBOARD', because: 'there is no board' } as const;
    scene.hear({ type: 'actionAnswered', requestId, ...answer, fault: 'hardware' });
    expect(statusOf(scene, requestId)).toMatchObject({
      state: 'HardwareError',
      errorCode: 'EBOARD',
    });
  });

  it('diagnoses, keeps its last report at the gateway, and not more often than every six seconds', () => {
    const scene = registered();
    const requestId = command(scene, { verb: 'startDiagnosis' });
    scene.hear({ type: 'diagnosisReported', report: sagReportBegun(diagnosis) });
    expect(scene.published('state/diagnosis').at(-1)).toMatchObject({
      v: 1,
      report: { State: 'processing' },
    });
    scene.pass(1_000);
    const report = sagReport(diagnosis, { items: [] }, WALL_MS + 1_000);
    scene.hear({ type: 'diagnosisReported', report });
    scene.hear({ type: 'actionAnswered', requestId, ok: true, because: 'done' });
    expect(scene.published('state/diagnosis').at(-1)).toMatchObject({
      report: { State: 'finished' },
    });
    const hasty = command(scene, { verb: 'startDiagnosis' });
    expect(statusOf(scene, hasty)).toMatchObject({ errorCode: 'ETOO_OFTEN' });
    scene.pass(6_000);
    command(scene, { verb: 'startDiagnosis' });
    expect(scene.of('deviceWork')).toHaveLength(2);
  });
});

describe('the hands of the box', () => {
  const UNUSED = { ok: false, code: 'EREKEY_UNUSED', because: 'it is down' };

  async function answers(work: DeviceWork, isWell: boolean): Promise<readonly ControlEvent[]> {
    const heard: ControlEvent[] = [];
    const hands = {
      blink: async () => ({ ok: isWell, because: 'so the board says' }),
      logLevelFor: () => undefined,
      reboot: () => (isWell ? undefined : { code: 'EUPDATING', because: 'the board is busy' }),
      rekey: async () => (isWell ? { ok: true, because: 'so' } : UNUSED),
      diagnosis: {
        startDiagnosis: async (
          _id: string,
          onReport: (report: ReturnType<typeof sagReportBegun>) => void,
        ) => {
          onReport(sagReportBegun(diagnosis));
          onReport(isWell ? sagReport(diagnosis, { items: [] }, 1) : sagReportFailed(diagnosis, 1));
        },
      },
    };
    await performDeviceWork('c-1', work, hands, (event) => heard.push(event));
    return heard;
  }

  it('tells other session keys, or why there are none, as a wish that makes no sense', async () => {
    const work = { do: 'rekey', tunnel: 't1' } as const;
    const type = 'actionAnswered';
    expect(await answers(work, true)).toMatchObject([{ type, ok: true }]);
    expect(await answers(work, false)).toEqual([{ type, requestId: 'c-1', ...UNUSED }]);
  });

  it.each<[DeviceWork, string]>([
    [{ do: 'blink', durationMs: 1 }, 'EBOARD'],
    [{ do: 'diagnose', diagnoseId: 'c-1' }, 'EDIAGNOSIS'],
  ])('%o answers once, well or with its code', async (work, code) => {
    expect((await answers(work, true)).at(-1)).toMatchObject({ type: 'actionAnswered', ok: true });
    const ill = await answers(work, false);
    expect(ill.at(-1)).toMatchObject({
      type: 'actionAnswered',
      ok: false,
      code,
      fault: 'hardware',
    });
    expect(ill.filter(({ type }) => type === 'actionAnswered')).toHaveLength(1);
  });

  it('says nothing of a reboot that comes, and why of one that does not', async () => {
    expect(await answers({ do: 'reboot' }, true)).toEqual([]);
    expect(await answers({ do: 'reboot' }, false)).toEqual([
      {
        type: 'actionAnswered',
        requestId: 'c-1',
        ok: false,
        code: 'EUPDATING',
        because: 'the board is busy',
      },
    ]);
  });
});
