import { beforeAll, describe, expect, it } from 'vitest';
import type { DemoReport, FailoverFigures } from '../../sim/lab/demo-report.ts';
import { DETECT_MS } from '../../sim/models/branch/branch-site.ts';
import { runScenario, type ScenarioResult } from '../../sim/scenarios/run-scenario.ts';

/** The hub must learn that the branch has moved before it answers over the new tunnel: a way there and back. */
const ANNOUNCEMENT_MS = 30;

describe('a cable is pulled and a path goes silent', () => {
  let result: ScenarioResult;
  let report: DemoReport;

  beforeAll(async () => {
    result = await runScenario('cable-pull', 4_711);
    if (result.report === undefined) throw new Error(result.failed.join('; '));
    report = result.report;
  });

  function figures(cause: FailoverFigures['cause']): FailoverFigures {
    const found = report.failovers.find((failover) => failover.cause === cause);
    if (found === undefined) throw new Error(`no ${cause} failover`);
    return found;
  }

  it('everything the story promises holds', () => {
    expect(result.failed).toEqual([]);
    expect(result.held).toBe(true);
    expect(report.mode).toBe('simulated');
  });

  it('the branch registers with a gateway of its area, with its board', () => {
    expect(report.registered).toMatchObject({ area: 'Mainland China', gateway: 'agw-hangzhou-a' });
    expect(report.board).toMatchObject({ model: 'sag-1000', ports: 6 });
  });

  it('no packet is lost before anything is broken', () => {
    expect(report.reach.pingsSent).toBeGreaterThan(100);
    expect(report.reach.pingsLost).toBe(0);
  });

  it('a pulled cable stops traffic for less than 50 ms', () => {
    const { detectMs, trafficGapMs, from, to } = figures('carrier');
    expect(detectMs).toBeLessThan(5);
    expect(trafficGapMs).toBeLessThan(50);
    expect(from).toContain('wan1');
    expect(to).toContain('wan2');
  });

  it('a silent path is noticed by its session alone, within the detection time', () => {
    const { detectMs, trafficGapMs, swallowedPackets = 0, to } = figures('blackhole');
    expect(swallowedPackets).toBeGreaterThan(0);
    expect(detectMs).toBeGreaterThan(DETECT_MS - 50);
    expect(detectMs).toBeLessThan(DETECT_MS + 50);
    expect(trafficGapMs).toBeGreaterThan(100);
    expect(trafficGapMs).toBeLessThan(DETECT_MS + 50 + ANNOUNCEMENT_MS);
    expect(to).toContain('wan2');
  });

  it('traffic returns to the better uplink without a gap', () => {
    for (const { trafficGapMs } of report.recovery ?? []) expect(trafficGapMs).toBeLessThan(20);
  });

  it('the gateway has stored what happened, in order', () => {
    const names = report.gatewayStored;
    expect(names[0]).toBe('DeviceOnline');
    expect(names.indexOf('DeviceWanLinkDown')).toBeGreaterThan(0);
    expect(names.indexOf('DeviceWanLinkUp')).toBeGreaterThan(names.indexOf('DeviceWanLinkDown'));
    expect(names.filter((name) => name === 'AccessGatewayFailover').length).toBe(2);
  });

  it('a CEN of another area is refused', () => {
    expect(report.crossArea).toMatchObject({ refused: true, code: 'CrossAreaNotSupported' });
  });

  it('the same seed gives the same run, byte for byte', async () => {
    const again = await runScenario('cable-pull', 4_711);
    expect(again.transcript).toBe(result.transcript);
    const other = await runScenario('cable-pull', 4_712);
    expect(other.transcript).not.toBe(result.transcript);
  });

  it('the diagram shows who told whom', () => {
    expect(result.diagram).toContain('sequenceDiagram');
    expect(result.diagram).toMatch(/branch->>gateway: .*DeviceWanLinkDown/);
  });
});
