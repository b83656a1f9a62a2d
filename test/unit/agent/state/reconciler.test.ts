/** The reconciler in virtual time: one step at a time, patient with failures, static without a gateway. */
import { beforeEach, describe, expect, it } from 'vitest';
import { ROUTE_PROTOCOL } from '../../../../firmware-shim/kernel/types.ts';
import { config, desired, tunnel, uplinksPresent } from '../../../kit/branch.ts';
import { ReconcilerScene } from '../../../kit/reconciler-scene.ts';
import { aclRule, snatRule } from '../../../kit/traffic.ts';

describe('the reconciler', () => {
  let scene: ReconcilerScene;
  beforeEach(() => {
    scene = new ReconcilerScene();
  });

  it('tells the fast path of the uplinks before any document is known', () => {
    scene.start();
    expect(scene.plans).toHaveLength(1);
    expect(scene.plans[0]).toMatchObject({
      revision: 0,
      role: 'branch',
      tunnels: [],
      prefixes: [],
    });
    expect(scene.plans[0]?.uplinks).toEqual(config.uplinks);
  });

  it('makes the tunnels of a new document, then sends the plan, and says once that it is settled', () => {
    scene.start();
    scene.hear({ type: 'adopted', document: desired() });
    expect([...scene.tunnels]).toEqual(['wan1-gwa', 'wan2-gwa']);
    expect(scene.plans.at(-1)).toMatchObject({
      revision: 1,
      prefixes: ['172.16.0.0/16'],
      table: 254,
    });
    scene.pass(60_000);
    expect(scene.told).toEqual(['settled']);
    expect(scene.core.reachedRevision).toBe(1);
    expect(scene.core.snapshot().pendingSteps).toEqual([]);
    expect(scene.notes).toContain('desiredReached');
  });

  it('gives the fast path the kept document at once after a restart, without any gateway', () => {
    scene.hear({ type: 'restored', document: desired() });
    expect(scene.plans[0]?.tunnels.map(({ id }) => id)).toEqual(['wan1-gwa', 'wan2-gwa']);
    scene.hear({ type: 'tunnelsFound', tunnels: ['wan1-gwa', 'wan2-gwa'] });
    scene.hear({ type: 'kernelChanged', events: uplinksPresent });
    expect(scene.done.filter((step) => step.startsWith('remove'))).toEqual([]);
  });

  it('removes a tunnel only after the fast path has had time to leave it', () => {
    scene.start();
    scene.hear({ type: 'adopted', document: desired() });
    scene.pass(5_000);
    const document = desired({ revision: 2, tunnels: [tunnel('wan2-gwa')] });
    scene.hear({ type: 'adopted', document });
    expect(scene.plans.at(-1)?.tunnels.map(({ id }) => id)).toEqual(['wan2-gwa']);
    scene.pass(999);
    expect([...scene.tunnels]).toEqual(['wan1-gwa', 'wan2-gwa']);
    scene.pass(1);
    expect([...scene.tunnels]).toEqual(['wan2-gwa']);
  });

  it('removes nothing that a former run left while no document is known', () => {
    scene.start();
    scene.hear({ type: 'tunnelsFound', tunnels: ['old'] });
    scene.pass(60_000);
    expect(scene.done).not.toContain('remove old');
    scene.hear({ type: 'adopted', document: desired() });
    scene.pass(5_000);
    expect(scene.done).toContain('remove old');
  });

  it('goes on with the other tunnel when one fails, and tries that again with patience', () => {
    scene.refuses.add('wan1-gwa');
    scene.start();
    scene.hear({ type: 'adopted', document: desired() });
    expect([...scene.tunnels]).toEqual(['wan2-gwa']);
    expect(scene.plans.at(-1)?.revision).toBe(1);
    scene.pass(120_000);
    const tries = scene.done.filter((step) => step === 'ensure wan1-gwa').length;
    expect(tries).toBeGreaterThan(4);
    expect(tries).toBeLessThan(40);
    expect(scene.core.reachedRevision).toBe(0);
    scene.refuses.clear();
    scene.pass(30_000);
    expect(scene.tunnels.has('wan1-gwa')).toBe(true);
    expect(scene.core.reachedRevision).toBe(1);
  });

  it('takes an engine that never answers for one that failed', () => {
    scene.start();
    scene.hangs = true;
    scene.hear({ type: 'adopted', document: desired() });
    scene.pass(30_000);
    expect(scene.notes).toContain('stepFailed');
    scene.hangs = false;
    scene.pass(90_000);
    expect([...scene.tunnels].toSorted()).toEqual(['wan1-gwa', 'wan2-gwa']);
  });

  it('makes a tunnel again that its engine lost', () => {
    scene.start();
    scene.hear({ type: 'adopted', document: desired() });
    scene.pass(2_000);
    scene.tunnels.clear();
    scene.hear({ type: 'engineLost', tunnel: 'wan1-gwa' });
    expect([...scene.tunnels]).toEqual(['wan1-gwa']);
  });

  it('puts back a route that somebody removed, within a second', () => {
    scene.start();
    scene.pass(5_000);
    const before = scene.done.length;
    const route = {
      family: 'ipv4',
      destination: '0.0.0.0/0',
      table: 19_600,
      protocol: ROUTE_PROTOCOL,
      type: 'unicast',
    } as const;
    scene.hear({ type: 'kernelChanged', events: [{ type: 'routeRemoved', route }] });
    scene.pass(1_000);
    expect(scene.done.slice(before)).toEqual(['routeReplace']);
  });

  it('says of what the kernel refuses twice that it is refused, and not before that it is settled', () => {
    scene.start();
    scene.pass(5_000);
    scene.kernelRefuses = true;
    const uplinks = [{ id: 'wan1', gateway: '10.91.1.9' }];
    scene.hear({ type: 'adopted', document: desired({ uplinks }) });
    expect(scene.told).toEqual([]);
    scene.pass(1_000);
    expect(scene.told[0]).toBe('stepRefused');
  });

  it('takes away what it made for the first document when that is undone', () => {
    scene.start();
    scene.hear({ type: 'adopted', document: desired() });
    scene.pass(2_000);
    scene.hear({ type: 'adopted', document: undefined });
    scene.pass(2_000);
    expect([...scene.tunnels]).toEqual([]);
    expect(scene.core.reachedRevision).toBe(0);
  });

  it('says once that flows cannot be marked, and reaches the document all the same', () => {
    scene.nftRefuses = 'sag_flows';
    scene.start();
    scene.hear({ type: 'adopted', document: desired() });
    scene.pass(600_000);
    expect(scene.notes.filter((code) => code === 'flowsUnmarked')).toHaveLength(1);
    expect(scene.notes).toContain('desiredReached');
    expect(scene.notes).not.toContain('stepFailed');
  });

  it('ignores the late answer of a step it has given up', () => {
    scene.start();
    scene.pass(2_000);
    scene.hear({ type: 'stepAnswered', stepId: 999, result: { ok: true } });
    expect(scene.notes.at(-1)).not.toBe('stepFailed');
  });

  it('tells what became of the identity a tunnel was turned to, and tries again what went back', () => {
    scene.start(desired());
    scene.refuses.add('wan1-gwa');
    const turned = tunnel('wan1-gwa', { ownKey: { generation: 1, accepted: 'key' } });
    scene.hear({ type: 'adopted', document: desired({ revision: 2, tunnels: [turned] }) });
    const meant = { tunnel: 'wan1-gwa', generation: 1 };
    expect(scene.core.identities).toEqual([{ ...meant, stage: 'back', code: 'EENGINE' }]);
    scene.refuses.clear();
    scene.pass(10_000);
    expect(scene.core.identities).toEqual([{ ...meant, stage: 'inUse', publicKey: 'key' }]);
    expect(scene.core.reachedRevision).toBe(2);
  });

  it('tells of each rule that it is applied, and of one the kernel does not take that it is left out', () => {
    const acl = [aclRule(), aclRule({ id: 'odd' })];
    scene.nftRefuses = 'acl/odd';
    scene.start();
    scene.hear({ type: 'adopted', document: desired({ traffic: { acl, snat: [snatRule()] } }) });
    scene.pass(2_000);
    expect(scene.core.ruleResults).toEqual([
      { kind: 'acl', id: 'no-telnet', state: 'applied' },
      { kind: 'acl', id: 'odd', state: 'error', code: 'ERULES' },
      { kind: 'snat', id: 'office', state: 'applied' },
    ]);
    expect(scene.rules).toContain('acl/no-telnet');
    expect(scene.notes).toContain('packetRuleRefused');
    expect(scene.core.reachedRevision).toBe(1);
    const { ruleResults } = scene.core;
    const next = desired({ revision: 2, prefixes: [], traffic: { acl, snat: [snatRule()] } });
    scene.hear({ type: 'adopted', document: next });
    expect(scene.core.ruleResults).toEqual(ruleResults);
  });

  it('writes the rules again that somebody removed, within half a minute', () => {
    scene.start();
    scene.hear({ type: 'adopted', document: desired({ traffic: { acl: [aclRule()] } }) });
    scene.pass(2_000);
    const written = scene.rules;
    scene.rules = '';
    scene.pass(30_000);
    expect(scene.rules).toBe(written);
    expect(scene.notes.filter((code) => code === 'packetRulesGone')).toHaveLength(1);
  });

  it('writes them again at once when the kernel tells that somebody touched them, and looks twice a second at most', () => {
    scene.start(desired({ traffic: { acl: [aclRule()] } }));
    scene.pass(2_000);
    const written = scene.rules;
    scene.rules = '';
    scene.done.length = 0;
    scene.hear({ type: 'rulesTouched' });
    scene.pass(499);
    scene.hear({ type: 'rulesTouched' });
    expect(scene.done).toEqual([]);
    scene.pass(1);
    expect(scene.rules).toBe(written);
    // Those of the packets and those of the flows.
    expect(scene.done).toEqual(['rules', 'rules']);
    scene.hear({ type: 'rulesTouched' });
    scene.pass(1_000);
    expect(scene.done).toEqual(['rules', 'rules']);
  });

  it('takes the rules of a document away with it', () => {
    scene.start();
    scene.hear({ type: 'adopted', document: desired({ traffic: { acl: [aclRule()] } }) });
    scene.pass(2_000);
    scene.hear({ type: 'adopted', document: desired() });
    scene.pass(2_000);
    expect(scene.rules).not.toContain('acl/');
    expect(scene.core.ruleResults).toBeUndefined();
  });
});
