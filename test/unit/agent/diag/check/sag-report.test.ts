import { describe, expect, it } from 'vitest';
import { checkReport } from '../../../../../agent/diag/check/check-report.ts';
import type { CheckFacts, InstanceFacts } from '../../../../../agent/diag/check/facts.ts';
import { inspect, type Overall } from '../../../../../agent/diag/check/inspection-rules.ts';
import {
  SAG_ITEMS_TOTAL,
  sagReport,
  sagReportBegun,
} from '../../../../../agent/diag/check/sag-report.ts';
import { FAULTS } from './fault-table.ts';
import { answering, HEALTHY_SNAPSHOT, healthyFacts, WALL_MS } from './healthy-facts.ts';
import { LTE_SIGNAL, lteOnly } from './ill-facts.ts';

const DIAGNOSIS = {
  diagnoseId: 'd-1',
  startMs: WALL_MS,
  boxType: 'sag-1000',
  boxVersion: '2.3.1',
  monitorVersion: '0.1.0',
};

describe("the report in SAG's shape", () => {
  it('has fifteen items in three types, and counts them', () => {
    const report = sagReport(DIAGNOSIS, checkReport(healthyFacts()), WALL_MS + 900);
    expect(report).toMatchObject({
      DiagnoseId: 'd-1',
      State: 'finished',
      Percent: 100,
      FinishedNumber: SAG_ITEMS_TOTAL,
      TotalNumber: 15,
      EndTime: WALL_MS + 900,
      StoreType: 'both',
      Statistics: { Total: 15, Error: 0 },
    });
    const { config, biz, internet } = report.Statistics.Types;
    expect([config.Total, biz.Total, internet.Total]).toEqual([7, 6, 2]);
    expect(report.Items.map(({ ItemName }) => ItemName)).toContain('eccConfigCheck');
  });

  it('says what is wrong, and what to do, in both languages', () => {
    const facts = FAULTS.find(({ name }) => name === 'DNS dead')?.facts ?? healthyFacts();
    const report = sagReport(DIAGNOSIS, checkReport(facts), WALL_MS);
    const dns = report.Items.find(({ ItemName }) => ItemName === 'dnsCheck');
    expect(dns).toMatchObject({
      Type: 'internet',
      Level: 'error',
      EN: { Type: 'Internet', Level: 'ERROR' },
      CN: { Level: '错误' },
    });
    expect(dns?.EN.Details[0]).toContain('www.aliyun.com does not resolve');
    expect(dns?.CN.Advice[0]).toContain('/etc/resolv.conf');
  });

  it('says which HA role the document gives, and nothing of it where there is none', () => {
    const item = (facts: CheckFacts) =>
      sagReport(DIAGNOSIS, checkReport(facts), WALL_MS).Items.find(
        ({ ItemName }) => ItemName === 'haConfigCheck',
      )?.EN.Details[0];
    const { desired } = HEALTHY_SNAPSHOT;
    const ha = { type: 'cold_backup', role: 'standby' } as const;
    const agent = answering({ desired: { ...desired, ha } });
    expect(item(healthyFacts({ agent }))).toBe('This device: cold_backup, standby');
    expect(item(healthyFacts())).toBe('Not used on this device');
  });

  it('begins with nothing found', () => {
    expect(sagReportBegun(DIAGNOSIS)).toMatchObject({
      State: 'processing',
      Percent: 0,
      FinishedNumber: 0,
      TotalNumber: 15,
    });
  });
});

describe('the inspection rules', () => {
  const colourOf = (facts: CheckFacts, rule: string) =>
    inspect(facts).rules.find(({ id }) => id === rule)?.colour;
  const of = (instance: InstanceFacts) => healthyFacts({ instance });

  it.each([
    [31, 'green'],
    [30, 'yellow'],
    [8, 'yellow'],
    [7, 'red'],
  ])('call %i days to expiry %s', (expiresInDays, colour) => {
    expect(colourOf(of({ expiresInDays }), 'expiry')).toBe(colour);
  });

  it.each([
    [99, 'green'],
    [1_000, 'yellow'],
    [4_999, 'yellow'],
    [5_000, 'red'],
  ])('call %i drops of 100,000 packets %s', (dropped, colour) => {
    const healthy = healthyFacts();
    const drops = { wan1: { packets: 100_000 - dropped, drops: dropped } };
    const kernel = healthy.kernel && { ...healthy.kernel, drops };
    expect(colourOf({ ...healthy, ...(kernel && { kernel }) }, 'drops')).toBe(colour);
  });

  it.each([
    [-85, 'green'],
    [-86, 'yellow'],
    [-100, 'yellow'],
    [-101, 'red'],
  ])('call %i dBm %s', (dBm, colour) => {
    expect(colourOf(healthyFacts(lteOnly({ ...LTE_SIGNAL, dBm })), 'lte')).toBe(colour);
  });

  it('call what only the cloud knows grey, and count it for nothing', () => {
    const { overall, rules } = inspect(healthyFacts());
    const grey = rules.filter(({ colour }) => colour === 'grey').map(({ id }) => id);
    expect(grey).toEqual(['ha', 'expiry', 'lte', 'acl', 'flowLog']);
    expect([overall, rules.length]).toEqual(['HEALTHY', 10]);
  });

  it.each<[Overall, InstanceFacts]>([
    ['HEALTHY', { status: 'Active', acl: 'whitelist', flowLog: 'active', ha: 'fine' }],
    ['MOSTLY HEALTHY', { acl: 'no-final-deny', flowLog: 'none' }],
    ['ATTENTION NEEDED', { acl: 'no-final-deny', flowLog: 'none', ha: 'flapping' }],
    ['CRITICAL', { acl: 'deny-all' }],
  ])('sum up to %s', (overall, instance) => {
    expect(inspect(of(instance)).overall).toBe(overall);
  });

  it('say in which order to mend', () => {
    const { fastPath, registration } = HEALTHY_SNAPSHOT;
    const { active: _active, ...idle } = fastPath;
    const agent = answering({
      registration: { ...registration, state: 'waiting' },
      fastPath: idle,
    });
    const instance = { acl: 'deny-all', expiresInDays: 3 } as const;
    expect(inspect(healthyFacts({ agent, instance })).fixOrder).toEqual([
      'online',
      'tunnel',
      'expiry',
      'acl',
    ]);
  });
});
