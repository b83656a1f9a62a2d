import { describe, expect, it } from 'vitest';
import { attentionOf } from '../../../../agent/diag/attention.ts';
import { frontPanelOf } from '../../../../agent/diag/front-panel.ts';
import { healthOf } from '../../../../agent/diag/health.ts';
import { pageStateOf } from '../../../../agent/diag/page-state.ts';
import { renderBlocks } from '../../../../agent/diag/text-table.ts';
import type { ViewName } from '../../../../agent/diag/view.ts';
import { viewOf } from '../../../../agent/diag/view-of.ts';
import type { AgentSnapshot, FastPathSnapshot } from '../../../../agent/model/snapshot.ts';
import { SAMPLE } from './sample-snapshot.ts';

function textOf(name: ViewName, snapshot: AgentSnapshot): string {
  return renderBlocks(viewOf(name, snapshot).blocks, false);
}

function withFastPath(change: Partial<FastPathSnapshot>): AgentSnapshot {
  return { ...SAMPLE, fastPath: { ...SAMPLE.fastPath, ...change } };
}

const { active: _active, ...noneActive } = SAMPLE.fastPath;
const withoutTunnel: AgentSnapshot = {
  ...SAMPLE,
  fastPath: {
    ...noneActive,
    tunnels: SAMPLE.fastPath.tunnels.map((tunnel) => ({ ...tunnel, state: 'down' as const })),
    choice: { because: 'every session is down', candidates: [] },
  },
};
const boardSilent: AgentSnapshot = { ...SAMPLE, board: { ...SAMPLE.board, state: 'lost' } };
const unregistered: AgentSnapshot = {
  ...SAMPLE,
  registration: {
    state: 'waiting',
    sinceMs: SAMPLE.nowMs - 9_000,
    attempts: 3,
    lastError: { code: 'ECONNREFUSED', text: 'nobody listens' },
    retryAtMs: SAMPLE.nowMs + 7_000,
  },
};

describe('the three truths about a device', () => {
  const states = (snapshot: AgentSnapshot): string[] =>
    Object.values(healthOf(snapshot)).map(({ state }) => state);

  it('are all normal on a healthy day, and nothing needs attention', () => {
    expect(states(SAMPLE)).toEqual(['Normal', 'Normal', 'Normal']);
    expect(attentionOf(SAMPLE)).toEqual([]);
  });

  it('fail apart from each other', () => {
    expect(states(boardSilent)).toEqual(['Abnormal', 'Normal', 'Normal']);
    expect(states(unregistered)).toEqual(['Normal', 'Abnormal', 'Normal']);
    expect(states(withoutTunnel)).toEqual(['Normal', 'Normal', 'Abnormal']);
  });

  it('say why', () => {
    expect(healthOf(unregistered).control.because).toBe(
      'next attempt in 7 s; last error ECONNREFUSED: nobody listens',
    );
    expect(healthOf(withoutTunnel).data.because).toBe('no tunnel is active: every session is down');
    expect(healthOf(boardSilent).board.because).toBe('the board is silent, for 59 min 50 s');
  });

  it('tell an unbound SAG from one whose tunnels are down', () => {
    const { ccn: _ccn, ...unbound } = SAMPLE.desired;
    const { active: _none, ...rest } = SAMPLE.fastPath;
    expect(
      healthOf({ ...SAMPLE, desired: unbound, fastPath: { ...rest, tunnels: [] } }).data.because,
    ).toBe('this SAG is bound to no CCN');
  });

  it('call user traffic abnormal while the routes are not installed', () => {
    const routes = { ...SAMPLE.fastPath.routes, installed: false };
    expect(healthOf(withFastPath({ routes })).data.state).toBe('Abnormal');
  });
});

describe('what needs attention', () => {
  it('leaves out an uplink that never carries user traffic', () => {
    expect(attentionOf(SAMPLE).join()).not.toContain('lte');
  });

  it('names a standby that could not take over, a refused document, lost events and a silent fast path', () => {
    const found = attentionOf({
      ...withFastPath({
        nowMs: SAMPLE.nowMs - 5_000,
        tunnels: SAMPLE.fastPath.tunnels.map((tunnel) =>
          tunnel.id === 'wan2-agw2' ? { ...tunnel, state: 'establishing' } : tunnel,
        ),
      }),
      desired: {
        ...SAMPLE.desired,
        refused: { revision: 13, code: 'EDESIRED_AREA', pointer: '/ccn/area' },
        rules: [
          { kind: 'acl', id: 'web', state: 'applied' },
          { kind: 'snat', id: 'office', state: 'error', code: 'ERULES' },
        ],
      },
      outbox: { pending: 0, dropped: 4, losses: { ...SAMPLE.outbox.losses, full: 4 } },
    });
    expect(found).toEqual([
      'Tunnel wan2-agw2 is establishing; it could not take over.',
      'Desired revision 13 was refused: EDESIRED_AREA at /ccn/area.',
      'The rule snat/office is not applied: ERULES.',
      '4 events were never told: 4 no room.',
      'The fast path has not answered for 5 s; what is shown of it is old.',
    ]);
  });
});

describe('a view', () => {
  it('of the status shows the truths and the active tunnel', () => {
    const text = textOf('status', SAMPLE);
    expect(text).toContain('sag-1000 SAG1000HZ0001\n');
    expect(text).toMatch(/Control channel {2}Normal {3}registered with agw-hangzhou-1 over wan1/);
    expect(text).toMatch(/Active tunnel {5}wan1-agw1\n/);
    expect(text).toContain('Nothing needs attention.');
  });

  it('of the status shows what is known of the host, and no row for what is not', () => {
    expect(textOf('status', SAMPLE)).not.toMatch(/^ *(CPU|Memory|Disk|Temperature) /m);
    const host: NonNullable<AgentSnapshot['host']> = {
      atMs: 1,
      metrics: { SagMemoryUtilization: 41.6, SagDiskUtilization: 0 },
      temperatures: [
        { sensor: 'board', milliCelsius: 38_000 },
        { sensor: 'x86_pkg_temp', milliCelsius: 61_500 },
      ],
      problems: { cpu: 1, memory: 0, disk: 0, uptime: 0, devices: 0, temperature: 0 },
    };
    const text = textOf('status', { ...SAMPLE, host });
    expect(text).toMatch(/Memory +42 %\n/);
    expect(text).toMatch(/Disk +0 %\n/);
    expect(text).toMatch(/Temperature +61\.5 °C at x86_pkg_temp/);
    expect(text).not.toContain('CPU');
    expect(viewOf('status', { ...SAMPLE, host }).json).toMatchObject({ host });
  });

  it('of the links shows the reason of a verdict and what the board says', () => {
    const text = textOf('links', SAMPLE);
    expect(text).toMatch(/wan1 +wired +5 +wan1 +up +1 min +address 10\.91\.1\.2 +cable, 1000 Mbit/);
    expect(text).toMatch(/lte .*down.*not registered with the mobile network.*Low -104 dBm/);
  });

  it('of the tunnels tells active from standby', () => {
    const text = textOf('tunnels', SAMPLE);
    expect(text).toMatch(/wan1-agw1 +active .*Up\/Up +150 ms +12 ms ago .*3 ttl\n/);
    expect(text).toMatch(/wan2-agw2 +standby .* 0\n/);
    expect(viewOf('tunnels', withoutTunnel).attention).toEqual([
      'no active tunnel',
      'wan1-agw1',
      'wan2-agw2',
    ]);
  });

  it('of the reasons shows the newest change first, with its figures', () => {
    const lines = textOf('why', SAMPLE).split('\n');
    const better = lines.findIndex((each) => each.includes('better'));
    const silence = lines.findIndex((each) => each.includes('silence'));
    expect(better).toBeGreaterThan(0);
    expect(silence).toBeGreaterThan(better);
    expect(lines[silence]).toContain('silent for 151 ms, decided in 0.2 ms, installed in 0.6 ms');
  });

  it('of the reasons tells who was rejected, and how often loss alone would take each session Down', () => {
    const sentence = '50 ms x 4 at 1 % loss: one false Down in 2 days';
    const session = { detectMs: 200, detectMult: 4, lossRatio: 0.01, falseDown: { sentence } };
    const [first, ...others] = SAMPLE.fastPath.tunnels;
    const tunnels = first && [{ ...first, session: { ...first.session, ...session } }, ...others];
    const rejected = [{ tunnel: 'wan9-gone', why: 'its session is Down' }];
    const changes = SAMPLE.fastPath.changes.map((change) => ({ ...change, rejected }));
    const whole = withFastPath({ changes, ...(tunnels && { tunnels }) });
    const text = textOf('why', whole);
    expect(text).toContain('not wan9-gone: its session is Down');
    expect(text).toMatch(/200 ms +4 +1 % +50 ms x 4 at 1 % loss: one false Down in 2 days/);
    expect(text).toContain('too few packets yet');
    const { json } = viewOf('why', whole);
    const [liveness] = (json as { readonly liveness: readonly unknown[] }).liveness;
    expect(liveness).toEqual({ tunnel: first?.id, ...session });
  });

  it.each(['status', 'links', 'tunnels', 'why'] as const)(
    'as JSON (%s) is plain and versioned',
    (name) => {
      const { json } = viewOf(name, SAMPLE);
      expect(JSON.parse(JSON.stringify(json))).toEqual(json);
      expect(json).toHaveProperty('v', 1);
    },
  );

  it('stands before the board and the gateway have spoken', () => {
    const { hello: _hello, ...silent } = SAMPLE.board;
    const { active: _none, ...rest } = SAMPLE.fastPath;
    const early: AgentSnapshot = {
      ...SAMPLE,
      board: { ...silent, state: 'lost', reports: [] },
      registration: { state: 'idle', sinceMs: 0, attempts: 0 },
      fastPath: {
        ...rest,
        uplinks: [],
        tunnels: [],
        changes: [],
        choice: { because: 'there is no plan yet', candidates: [] },
      },
      notes: [],
    };
    expect(textOf('status', early)).toContain('Board unknown');
    expect(textOf('links', early)).toContain('no uplink is planned yet');
    expect(textOf('tunnels', early)).toContain('no tunnel is planned yet');
    expect(textOf('why', early)).toContain('the active tunnel has not changed yet');
    expect(pageStateOf(early).panel.known).toBe(false);
  });

  it('escapes what others named, on the terminal and for the page', () => {
    const forged = withFastPath({
      uplinks: SAMPLE.fastPath.uplinks.map((uplink) => ({
        ...uplink,
        deviceName: 'e\u001b[2J\u202e',
      })),
      choice: { because: 'x\nACTIVE: forged', candidates: [] },
    });
    const printed = textOf('links', forged) + textOf('why', forged);
    expect(printed).toContain('e\\x1b[2J\\u202e');
    expect(printed).toContain('x\\x0aACTIVE: forged');
    expect(printed.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
    expect(JSON.stringify(pageStateOf(forged))).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });
});

describe('text blocks', () => {
  it('use colour only where asked for, and close it', () => {
    const { blocks } = viewOf('status', SAMPLE);
    expect(renderBlocks(blocks, false)).not.toContain('\u001b');
    expect(renderBlocks(blocks, true)).toContain('\u001b[32mNormal\u001b[0m');
  });

  it('align their columns by characters, not by colour codes', () => {
    const [first = '', second = ''] = textOf('tunnels', SAMPLE).split('\n').slice(2);
    expect(first.indexOf('agw-hangzhou-1')).toBe(second.indexOf('agw-hangzhou-2'));
  });
});

describe('the front panel', () => {
  it('shows lamps as the board reported them, and where user traffic leaves', () => {
    const { ports } = frontPanelOf(SAMPLE);
    expect(ports.map(({ port, carrier, speedMbps }) => [port, carrier, speedMbps])).toEqual([
      [1, 'up', 1000],
      [2, 'unknown', 0],
      [3, 'down', 0],
      [4, 'unknown', 0],
      [5, 'up', 1000],
      [6, 'up', 100],
    ]);
    expect(ports.filter(({ carriesTraffic }) => carriesTraffic)).toMatchObject([
      { port: 5, uplink: 'wan1' },
    ]);
  });

  it('forgets the lamps while the board is silent', () => {
    expect(new Set(frontPanelOf(boardSilent).ports.map(({ carrier }) => carrier))).toEqual(
      new Set(['unknown']),
    );
  });

  it('lights CLOUD steadily only while registered, and lets it blink while trying', () => {
    const cloud = (snapshot: AgentSnapshot): string | undefined =>
      frontPanelOf(snapshot).leds.find(({ led }) => led === 'CLOUD')?.mode;
    expect(cloud(SAMPLE)).toBe('on');
    expect(cloud(unregistered)).toBe('blink');
  });

  it('shows a panel of 2018 in its own modes, with what they say there', () => {
    const { hello } = SAMPLE.board;
    if (hello === undefined) throw new Error('the sample has a board');
    const early = { ...hello, hardwareRevision: 'A1' };
    const { leds } = frontPanelOf({ ...SAMPLE, board: { ...SAMPLE.board, hello: early } });
    expect(leds).toEqual([
      { led: 'PWR', mode: 'on', says: 'powered' },
      { led: 'SYS', mode: 'on', says: 'connected' },
      { led: 'CLOUD', mode: 'on', says: 'connected' },
      { led: 'LTE', mode: 'off', says: 'not connected' },
    ]);
    expect(frontPanelOf(SAMPLE).leds).toContainEqual({
      led: 'SYS',
      mode: 'blink',
      says: 'healthy',
    });
  });
});
