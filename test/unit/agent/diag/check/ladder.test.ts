import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkExitCode, checkReport } from '../../../../../agent/diag/check/check-report.ts';
import { climbSoFar, RUNG_IDS } from '../../../../../agent/diag/check/ladder.ts';
import { checkBlocks } from '../../../../../agent/diag/check-view.ts';
import { renderBlocks } from '../../../../../agent/diag/text-table.ts';
import { FAULTS } from './fault-table.ts';
import { answering, HEALTHY_SNAPSHOT, healthyFacts, SILENT } from './healthy-facts.ts';
import { LAB_FAULTS } from './lab-faults.ts';

describe('the ladder', () => {
  it('finds nothing on a healthy branch', () => {
    const report = checkReport(healthyFacts());
    expect(report.ladder.filter(({ outcome }) => outcome !== 'passed')).toMatchObject([
      { id: 'lte', outcome: 'unknown' },
    ]);
    expect(report.firstBroken).toBeNull();
    expect(checkExitCode(report)).toBe(0);
  });

  it('grows from below while its probes are under way, and ends as the report has it', () => {
    const facts = healthyFacts();
    const begun = climbSoFar(facts, new Set());
    expect(begun.ladder.map(({ id }) => id)).toEqual(['box', 'board', 'cable', 'lte', 'address']);
    // What has been answered early waits for what stands below it.
    expect(climbSoFar(facts, new Set(['tls', 'reach'])).ladder).toEqual(begun.ladder);
    const more = climbSoFar(facts, new Set(['nextHops', 'names', 'internet']));
    expect(more.toCome[0]?.id).toBe('tls');
    const all = ['nextHops', 'names', 'internet', 'tls', 'tunnels', 'reach'] as const;
    const ended = climbSoFar(facts, new Set(all));
    expect(ended).toEqual({ ladder: checkReport(facts).ladder, toCome: [] });
  });

  it.each(FAULTS)('sends the technician to the right rung: $name', ({ facts, rung, outcome }) => {
    const report = checkReport(facts);
    expect(report.firstBroken).toEqual({ id: rung, outcome });
    const base = outcome === 'failed' ? 10 : 40;
    expect(checkExitCode(report)).toBe(base + RUNG_IDS.indexOf(rung));
    const broken = report.ladder.find(({ id }) => id === rung);
    expect(broken?.evidence.length).toBeGreaterThan(0);
    expect(broken?.advice.length).toBeGreaterThan(0);
    for (const { en, zh } of [...(broken?.evidence ?? []), ...(broken?.advice ?? [])]) {
      expect(en).not.toBe('');
      expect(zh).not.toBe('');
    }
  });

  it('says "blocked by" above a broken rung, and never a second red line', () => {
    const redLines = FAULTS.map(({ facts, name }) => {
      const red = checkReport(facts).ladder.filter(({ outcome }) => outcome === 'failed');
      return [name, red.map(({ id }) => id).join(' ')];
    });
    expect(redLines.filter(([, red]) => red?.includes(' '))).toEqual([]);
  });

  it('believes a proof more than an assumption', () => {
    const quiet = healthyFacts();
    const { nextHops, ...others } = quiet.probes;
    const probes = { ...others, nextHops: { ...nextHops, wan1: SILENT, wan2: SILENT } };
    const { ladder } = checkReport({ ...quiet, probes });
    expect(ladder.find(({ id }) => id === 'gateway')?.outcome).toBe('failed');
    expect(ladder.find(({ id }) => id === 'tunnels')?.outcome).toBe('passed');
  });

  it('takes a next hop that answers no ping but has shown its hardware address for alive', () => {
    const quiet = healthyFacts();
    const neighbours = ['10.91.1.1', '10.91.2.1'].map((address, at) => ({
      deviceIndex: at + 2,
      family: 'ipv4' as const,
      address,
      hardwareAddress: '02:00:00:00:00:01',
      state: 0x02,
    }));
    const kernel = quiet.kernel && { ...quiet.kernel, neighbours };
    const probes = { ...quiet.probes, nextHops: { wan1: SILENT, wan2: SILENT } };
    const report = checkReport({ ...quiet, ...(kernel && { kernel }), probes });
    expect(report.firstBroken).toBeNull();
  });

  it('judges a dead agent from what it left: everything below and the tunnels still count', () => {
    const { agent: _agent, ...others } = healthyFacts();
    const stored = {
      revision: 3,
      ccn: 'ccn-1',
      prefixes: HEALTHY_SNAPSHOT.desired.prefixes,
      tunnels: [
        {
          id: 'wan1-agw1',
          uplink: 'wan1',
          deviceName: 'sagt1',
          innerLocal: '10.250.0.2',
          innerRemote: '10.250.0.1',
          mtu: 1_420,
        },
      ],
      eventsWaiting: 0,
    };
    const agent = { answers: false, because: 'nobody answers', stored } as const;
    const { ladder, agent: witness } = checkReport({ ...others, agent });
    expect(witness).toBe('silent');
    const outcomes = Object.fromEntries(ladder.map(({ id, outcome }) => [id, outcome]));
    expect(outcomes).toMatchObject({
      box: 'failed',
      cable: 'passed',
      tls: 'passed',
      registration: 'blocked',
      tunnels: 'passed',
      routes: 'passed',
      reach: 'passed',
    });
  });

  it('says little and nothing wrong when nothing at all is known', () => {
    const report = checkReport({
      wallMs: 0,
      agent: { answers: false, because: 'nobody answers' },
      configProblem: 'ECONFIG_MISSING the file does not exist',
      clock: { floorMs: 0, floorFrom: 'nothing is known' },
      probes: { nextHops: {}, names: {}, internet: {}, tls: [], tunnels: {}, reach: [] },
    });
    expect(report.firstBroken).toEqual({ id: 'box', outcome: 'failed' });
  });

  it('is shown in both languages without raw controls of whoever supplied a string', () => {
    const registration = {
      ...HEALTHY_SNAPSHOT.registration,
      state: 'waiting' as const,
      lastError: { code: 'E\u001b[31m', text: 'a\nb\u202e' },
    };
    const report = checkReport(healthyFacts({ agent: answering({ registration }) }));
    for (const language of ['en', 'zh'] as const) {
      const shown = renderBlocks(checkBlocks(report, language), false);
      expect(shown.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      expect(shown).toContain(language === 'en' ? 'Mend first: Registration' : '首先处理: 注册');
    }
  });
});

/** Set to write the table instead of comparing it. */
const IS_WRITING = process.env['SAG_WRITE_DOCS'] !== undefined;
const PAGE = 'docs/DIAGNOSTICS.md';
const MARK = /<!-- faults -->\n[\s\S]*?<!-- \/faults -->/;

describe('docs/DIAGNOSTICS.md', () => {
  it('has the table of faults as this test found them', () => {
    const rows = FAULTS.map(({ name, facts }) => {
      const report = checkReport(facts);
      const { id = '', outcome = '' } = report.firstBroken ?? {};
      const broken = report.ladder.find((rung) => rung.id === id);
      const act = broken?.advice[0]?.en ?? '';
      const proof = LAB_FAULTS.includes(name) ? 'lab and facts' : 'facts';
      return `| ${name} | \`${id}\` | ${outcome} | ${checkExitCode(report)} | ${act} | ${proof} |`;
    });
    const head = [
      '| Fault | First broken rung | Outcome | Exit code | First advice | Proved by |',
      '| --- | --- | --- | --- | --- | --- |',
    ];
    const table = `<!-- faults -->\n${[...head, ...rows].join('\n')}\n<!-- /faults -->`;
    if (IS_WRITING) writeFileSync(PAGE, readFileSync(PAGE, 'utf8').replace(MARK, table));
    expect(MARK.exec(readFileSync(PAGE, 'utf8'))?.[0]).toBe(table);
  });
});
