/** What the page says in two languages. */
import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { attentionTexts } from '../../../../agent/diag/attention.ts';
import { enrolmentTexts } from '../../../../agent/diag/enrolment-words.ts';
import { healthTexts } from '../../../../agent/diag/health.ts';
import { pageNotesOf, pageStateOf } from '../../../../agent/diag/page-state.ts';
import type { Note } from '../../../../agent/model/note.ts';
import type { AgentSnapshot, EnrolmentSnapshot } from '../../../../agent/model/snapshot.ts';
import type { ChangeCause } from '../../../../agent/model/tunnel-change.ts';
import { chineseReason } from '../../../../agent/report/chinese/choice-words.ts';
import { CHINESE_SENTENCES } from '../../../../agent/report/chinese/note-sentences.ts';
import { renderNote } from '../../../../agent/report/render-note.ts';
import type { ChoiceRule } from '../../../../agent/tunnel/choice/tunnel-choice.ts';
import { SAMPLE } from './sample-snapshot.ts';

/** A compiler that knows another cause demands it here. */
const CAUSES: Readonly<Record<ChangeCause, true>> = {
  'first-choice': true,
  carrier: true,
  silence: true,
  'session-down': true,
  better: true,
  quality: true,
  command: true,
  plan: true,
  engine: true,
};
const CHOICE_RULES: Readonly<Record<ChoiceRule, true>> = {
  only: true,
  doubt: true,
  sla: true,
  priority: true,
  isp: true,
  gateway: true,
  weight: true,
  id: true,
  hold: true,
  'sla-gain': true,
  pinned: true,
  stays: true,
  adoption: true,
  restart: true,
  none: true,
  branch: true,
};

/** Those by which a tunnel is rejected are written down where it is. */
function rejectionRules(): readonly string[] {
  const named = globSync('agent/tunnel/**/*.ts').flatMap((path) =>
    [...readFileSync(path, 'utf8').matchAll(/rule: '([a-z-]+)'/g)].map(([, rule = '']) => rule),
  );
  return [...named, 'suspect', 'sibling-lost', 'far-end'];
}

const ENROLMENTS: readonly EnrolmentSnapshot['state'][] = [
  'awaitingBoard',
  'preparing',
  'connecting',
  'asking',
  'proving',
  'claiming',
  'keeping',
  'waiting',
  'enrolled',
];

/** Everything that can be wrong at once. */
const WORST: AgentSnapshot = {
  ...SAMPLE,
  board: { ...SAMPLE.board, state: 'lost' },
  registration: {
    state: 'waiting',
    sinceMs: 0,
    attempts: 3,
    lastError: { code: 'ECONNREFUSED', text: 'nobody listens' },
    retryAtMs: SAMPLE.nowMs + 7_000,
  },
  endToEnd: { state: 'Abnormal', target: '172.16.0.10:9', because: 'no answer in time' },
  healthChecks: [{ id: 'line', destination: '10.0.0.1', status: 'failed' }],
  desired: {
    ...SAMPLE.desired,
    safeMode: {
      mode: 'safe',
      crashes: 3,
      setAside: { events: 2, commands: 1, documents: 0 },
      untilMs: SAMPLE.nowMs + 60_000,
    },
    refused: { revision: 13, code: 'EDESIRED_AREA', pointer: '' },
    rules: [{ kind: 'snat', id: 'office', state: 'error', code: 'ERULES' }],
  },
  wan: {
    uplinks: [{ uplink: 'wan2', ipType: 'DHCP', trouble: 'no DHCP server answers' }],
    trial: { uplink: 'wan1', untilMs: SAMPLE.nowMs + 30_000, lacks: 'nobody has confirmed it' },
  },
  outbox: {
    pending: 0,
    dropped: 10,
    losses: { full: 4, expired: 3, refused: 2, unreadable: 1 },
  },
  fastPath: {
    ...SAMPLE.fastPath,
    nowMs: SAMPLE.nowMs - 5_000,
    routes: { ...SAMPLE.fastPath.routes, stop: 'arrears' },
    uplinks: SAMPLE.fastPath.uplinks.map((uplink) => ({
      ...uplink,
      use: 'data',
      verdict: { state: 'down', reason: 'no-address', sinceMs: 0 },
    })),
    tunnels: SAMPLE.fastPath.tunnels.map((tunnel) => ({ ...tunnel, state: 'down' })),
  },
};

describe('in Chinese the page', () => {
  it('tells the three truths', () => {
    const { board, control, data } = healthTexts(SAMPLE);
    expect([board, control, data].map(({ because }) => because.zh)).toEqual([
      'sag-1000 SAG1000HZ0001 应答正常，已 59 min 50 s',
      '已通过 wan1 注册到 agw-hangzhou-1，已 59 min 45 s',
      'wan1 上的 wan1-agw1 为主用，已连通 55 s',
    ]);
  });

  it('names all that needs attention', () => {
    expect(attentionTexts(WORST).map(({ zh }) => zh)).toEqual([
      '连续崩溃 3 次后处于安全模式：沿用最近一次已确认的配置文档，已搁置 2 条事件、1 条命令、0 份试用中的文档；1 min 后重新启动。',
      '用户流量：本 SAG 已欠费。',
      '控制通道：7 s 后重试；最近错误 ECONNREFUSED: nobody listens。',
      '端到端：172.16.0.10:9: no answer in time。',
      '健康检查 line：10.0.0.1 失败，应答过迟。',
      '主板：主板无响应，已 59 min 50 s。',
      'wan1 的地址已在设备上修改，若未确认保留，30 s 后撤销：nobody has confirmed it。',
      'wan2 未获得地址：no DHCP server answers。',
      '上行链路 wan1 已断开：没有 IP 地址。',
      '上行链路 wan2 已断开：没有 IP 地址。',
      '上行链路 lte 已断开：没有 IP 地址。',
      '隧道 wan2-agw2 已断开，无法接替。',
      '期望配置修订 13 被拒绝：EDESIRED_AREA，位于 根。',
      '规则 snat/office 未生效：ERULES。',
      '10 条事件从未上报：4 条空间不足，3 条过期，2 条被网关拒绝，1 条磁盘上已损坏。',
      '快速通道已 5 s 未应答；所示内容已过时。',
    ]);
  });

  it('says of each uplink how it is', () => {
    const [first] = pageStateOf(WORST).uplinks;
    expect(first?.text).toEqual({
      en: 'its device has no address, for 1 h 6 min',
      zh: '没有 IP 地址，已 1 h 6 min',
    });
  });

  it('says of uplinks, tunnels, routes and changes what it says in English', () => {
    const { subtitle, uplinks, tunnels, routes, changes } = pageStateOf(SAMPLE);
    expect(subtitle.zh).toBe('Mainland China · ccn-hangzhou · 代理 0.1.0，已运行 1 h');
    expect(uplinks.map(({ board }) => board.zh)).toEqual([
      '网线已连接，1000 Mbit/s full',
      '网线已连接，100 Mbit/s full',
      '未注册，Low -104 dBm',
    ]);
    const [first] = tunnels;
    expect([first?.life.zh, first?.session.zh, first?.packets.zh]).toEqual([
      'wan1 至 agw-hangzhou-1，已连通 55 s',
      'BFD Up/Up，检测时间 150 ms',
      '最近 12 ms 前；收 71800，发 71950，丢弃 3 ttl',
    ]);
    expect(routes.summary.zh).toBe('已安装于路由表 254，经由 nexthop group 9001 → sagt1');
    expect(changes.map(({ ago }) => ago.zh)).toEqual(['50 s 前', '2 min 前']);
  });

  it.each(ENROLMENTS)('says how far a device is that enrols: %s', (state) => {
    const lastError = { code: 'ECONNREFUSED', text: 'nobody listens' };
    const { zh } = enrolmentTexts({ state, sinceMs: 0, attempts: 1, lastError }, 1_000);
    expect(zh).toMatch(
      /^正在申请证书，.*\p{Script=Han}.*；最近错误 ECONNREFUSED: nobody listens$/u,
    );
  });

  it('names the rule by which a tunnel was chosen or not, before what the choice said', () => {
    const because = 'uplink wan1 has the best priority (1)';
    expect(chineseReason('priority', because)).toBe(`优先级更高（${because}）`);
    expect(chineseReason('unheard-of', because)).toBe(because);
    expect(chineseReason(undefined, because)).toBe(because);
    const rules = [...Object.keys(CHOICE_RULES), ...rejectionRules()];
    expect(rules.length).toBeGreaterThan(30);
    expect(rules.filter((rule) => chineseReason(rule, '') === '')).toEqual([]);
  });

  it('has a word for every cause of a change', () => {
    const words = readFileSync('agent/diag/page/texts.js', 'utf8');
    const named = [...words.matchAll(/ '?cause_([a-z-]+)'?: \[/g)].map(([, cause]) => cause);
    expect(new Set(named)).toEqual(new Set(Object.keys(CAUSES)));
  });
});

describe('a note of the page', () => {
  it('is a sentence in both languages, with its level', () => {
    expect(pageNotesOf(SAMPLE).at(-1)).toMatchObject({
      level: 'warning',
      sentence: {
        en: 'The route to 172.20.0.0/16 had been removed by somebody else and was put back.',
        zh: '到 172.20.0.0/16 的路由曾被他人删除，已补回。',
      },
    });
  });

  it('quotes a sentence of others without its full stop', () => {
    const because = 'no rule lets it pass.';
    const note = { code: 'packetRuleRefused', level: 'warning', rule: 'acl/web', because } as const;
    expect(renderNote(note, 'zh')).toBe('规则 acl/web 未采用：no rule lets it pass。');
  });

  it('is Chinese whatever its code', () => {
    const codes = Object.keys(CHINESE_SENTENCES) as Note['code'][];
    expect(codes.length).toBeGreaterThan(90);
    for (const code of codes) {
      // No real note: only the words around its values are looked at.
      const change = { because: '' };
      const note = {
        code,
        change,
        because: '',
        text: '',
        step: '',
        why: '',
        members: [],
        objects: [],
        pointer: '',
        stage: 'switch',
      };
      expect(renderNote(note as unknown as Note, 'zh')).toMatch(/\p{Script=Han}.*。$/u);
    }
  });

  it('of a newer agent is shown as it came', () => {
    const note = { code: 'unheardOf', level: 'info' } as unknown as Note;
    expect(renderNote(note, 'zh')).toBe('unheardOf: {"code":"unheardOf","level":"info"}');
  });
});
