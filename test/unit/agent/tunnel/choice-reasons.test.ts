import { describe, expect, test } from 'vitest';
import type { ChangeCause } from '../../../../agent/model/tunnel-change.ts';
import type { BfdCause } from '../../../../agent/tunnel/bfd/bfd-cause.ts';
import type { SessionMove } from '../../../../agent/tunnel/bfd/bfd-events.ts';
import {
  adoption,
  evidenceOf,
  moveEvidence,
  provedItself,
  reasonOf,
} from '../../../../agent/tunnel/choice/change-evidence.ts';
import { DecisionLog } from '../../../../agent/tunnel/choice/decision-log.ts';
import { followBranch } from '../../../../agent/tunnel/choice/hub-choice.ts';
import type { Choice } from '../../../../agent/tunnel/choice/tunnel-choice.ts';
import { candidate, choose } from '../../../kit/choice-scene.ts';
import { branchTunnel } from '../../../kit/fast-path-lab.ts';

const move = (cause: BfdCause): SessionMove => ({
  type: 'sessionMoved',
  from: 'Up',
  to: 'Down',
  cause,
  diagnostic: 'Path Down',
  peerDiagnostic: 'Echo Function Failed',
  silentForMs: 151.6,
});

describe('evidence', () => {
  test.each([
    ['silence', 'silence', 'its session heard nothing for 152 ms', 151.6],
    ['heardDown', 'session-down', 'its far end says Down (Echo Function Failed)', 0],
    ['heardAdminDown', 'session-down', 'its far end is being restarted or switched off', 0],
    ['pathDown', 'engine', 'its engine lost it', 0],
    ['disabled', 'session-down', 'its session is Down (Path Down)', 0],
  ] as const)('of a session that moved by %s is %s', (cause, is, because, silentForMs) => {
    expect(moveEvidence(move(cause), 7)).toEqual({
      cause: is,
      because,
      detectedAtMs: 7,
      silentForMs,
    });
  });

  test('of time is that a tunnel proved itself', () => {
    expect(provedItself(9)).toEqual({
      cause: 'better',
      because: 'it proved itself',
      detectedAtMs: 9,
      silentForMs: 0,
    });
  });

  test('of a former run is its choice, which costs no time', () => {
    expect(adoption('t1', 9)).toEqual({
      from: undefined,
      to: 't1',
      cause: 'first-choice',
      because: 't1 carried traffic before the restart of the agent and keeps it',
      detectedAtMs: 9,
      silentForMs: 0,
      decideMs: 0,
      installMs: 0,
    });
  });
});

describe('the reason of a change', () => {
  const silence = { ...evidenceOf('silence', 'it was silent', 5), silentForMs: 150 };
  const choice = (over: Partial<Choice> = {}): Choice => ({
    tunnel: 't2',
    members: [{ tunnel: 't2', weight: 1 }],
    rule: 'priority',
    because: 'it is best',
    candidates: [
      { tunnel: 't1', eligible: true, why: 'standby' },
      { tunnel: 't2', eligible: true, why: 'it is best' },
    ],
    ...over,
  });
  const lost = { candidates: [{ tunnel: 't1', eligible: false, why: 'its session is Down' }] };
  const command = evidenceOf('command', 'an operator asked for it', 5);

  test.each([
    [undefined, choice(), silence, 'first-choice', 0, 't2 carries traffic: it is best'],
    [
      't1',
      choice(lost),
      silence,
      'silence',
      150,
      't1 is lost: it was silent; t2 takes over: it is best',
    ],
    [
      't1',
      choice({ ...lost, tunnel: undefined, because: 'no tunnel is usable' }),
      silence,
      'silence',
      150,
      't1 is lost: it was silent; no tunnel is usable',
    ],
    ['t1', choice({ rule: 'sla' }), silence, 'quality', 0, 't2 takes over from t1: it is best'],
    [
      't1',
      choice({ rule: 'sla-gain' }),
      silence,
      'quality',
      0,
      't2 takes over from t1: it is best',
    ],
    ['t1', choice(), command, 'command', 0, 't2 takes over from t1: an operator asked for it'],
    ['t1', choice(), silence, 'better', 0, 'traffic returns from t1 to t2: it is best'],
  ] as const)(
    'from %s is told by what is left: %#',
    (from, made, evidence, cause: ChangeCause, silentForMs, because) => {
      expect(reasonOf(from, made, evidence)).toMatchObject({
        cause,
        because,
        detectedAtMs: 5,
        silentForMs,
        rule: made.rule,
      });
    },
  );

  test('names those that were rejected and carry nothing, eight at most', () => {
    const many = Array.from({ length: 12 }, (_, at) => ({
      tunnel: `t${at}`,
      eligible: true,
      why: `why ${at}`,
    }));
    const members = [
      { tunnel: 't2', weight: 1 },
      { tunnel: 't3', weight: 1 },
    ];
    const { rejected } = reasonOf('t1', choice({ members, candidates: many }), silence);
    expect(rejected).toEqual(
      [0, 1, 4, 5, 6, 7, 8, 9].map((at) => ({ tunnel: `t${at}`, why: `why ${at}` })),
    );
  });

  test('of a decision is kept when answer, rule or members change, the last 32 of them', () => {
    const log = new DecisionLog();
    log.decided('t1', choice(), silence, 1);
    log.decided('t1', choice({ because: 'in other words' }), silence, 2);
    expect(log.records()).toEqual([
      {
        atMs: 1,
        cause: 'silence',
        evidence: 'it was silent',
        from: 't1',
        to: 't2',
        members: [{ tunnel: 't2', weight: 1 }],
        rule: 'priority',
        because: 'it is best',
        candidates: choice().candidates,
      },
    ]);
    log.decided('t1', choice({ rule: 'weight' }), silence, 3);
    const members = [
      { tunnel: 't2', weight: 1 },
      { tunnel: 't1', weight: 1 },
    ];
    log.decided('t1', choice({ rule: 'weight', members }), silence, 4);
    log.decided('t1', choice({ rule: 'weight', members, tunnel: 't1' }), silence, 5);
    const replaced = [members[0], { tunnel: 't3', weight: 1 }].flatMap((each) => each ?? []);
    log.decided('t1', choice({ rule: 'weight', members: replaced, tunnel: 't1' }), silence, 6);
    expect(log.records().map(({ atMs }) => atMs)).toEqual([1, 3, 4, 5, 6]);
    for (let each = 0; each < 40; each += 1) {
      log.decided('t1', choice({ tunnel: `t${each}` }), silence, 100 + each);
    }
    expect(log.records()).toHaveLength(32);
    expect(log.records().at(-1)?.atMs).toBe(139);
  });
});

describe('a hub', () => {
  const order = (index: number, gatewayOrder: number, over = {}) =>
    candidate(index, { plan: { ...branchTunnel(index), gatewayOrder }, ...over });
  const down = { state: 'down' } as const;

  test.each([
    ['the one the branch named', { active: 't1', named: 't2' }, [1, 2], 't2', 'the branch uses it'],
    [
      'its own while that is Up',
      { active: 't2', named: undefined },
      [1, 2],
      't2',
      'its session is Up',
    ],
    [
      'the nearest when its own is lost',
      { active: 't3', named: 't3' },
      [1, 2],
      't1',
      'its session is Up',
    ],
    [
      'what it had when none is Up',
      { active: 't2', named: undefined },
      [],
      't2',
      'no session is Up, so traffic stays where it was',
    ],
    [
      'none when it never had one',
      { active: undefined, named: 't1' },
      [],
      undefined,
      'no session is Up',
    ],
    [
      'none when its own is gone',
      { active: 't9', named: undefined },
      [],
      undefined,
      'no session is Up',
    ],
  ] as const)('uses %s', (_, known, up, tunnel, because) => {
    const candidates = [2, 1, 3].map((index) =>
      order(index, 1, up.some((each) => each === index) ? {} : down),
    );
    const choice = followBranch({ candidates, ...known });
    expect(choice).toMatchObject({ tunnel, because, rule: 'branch' });
    expect(choice.members).toEqual(tunnel === undefined ? [] : [{ tunnel, weight: 1 }]);
  });

  test('takes the order of gateways before the name, and says why of each', () => {
    const candidates = [order(1, 2), order(2, 1), order(3, 0, down)];
    const choice = followBranch({ candidates, active: undefined, named: undefined });
    expect(choice.tunnel).toBe('t2');
    expect(choice.candidates).toEqual([
      { tunnel: 't1', eligible: true, why: 'standby' },
      { tunnel: 't2', eligible: true, why: 'its session is Up' },
      { tunnel: 't3', eligible: false, why: 'its state is down' },
    ]);
  });
});

test('an operator is told in the reason that it was he', () => {
  const made = choose([candidate(1), candidate(2)], { active: 't1', pinned: 't2' });
  expect(made).toMatchObject({ tunnel: 't2', rule: 'pinned', because: 'an operator asked for it' });
});
