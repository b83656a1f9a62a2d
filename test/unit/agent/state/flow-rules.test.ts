/** The table by which flows remember their tunnel, as text: whole, ours alone, and careful with marks of others. */
import { describe, expect, it } from 'vitest';
import { FLOW_MARKS } from '../../../../agent/model/flow-mark.ts';
import { UPLINKS_MAX } from '../../../../agent/model/uplink.ts';
import { flowRules } from '../../../../agent/state/flow-rules.ts';
import {
  listenPort,
  PORT_COUNT,
  slotMark,
  uplinkNumbers,
} from '../../../../agent/state/number-plan.ts';

const tunnels = [
  { deviceName: 'sag-wan1-gwa', listenPort: listenPort(0) },
  { deviceName: 'sag-wan2-gwa', listenPort: listenPort(7) },
];

describe('the flow rules', () => {
  it('replace their own table as a whole, and leave none where there is no tunnel', () => {
    const fresh = 'add table inet sag_flows\ndelete table inet sag_flows\n';
    expect(flowRules([])).toBe(fresh);
    expect(flowRules(tunnels).startsWith(`${fresh}add table inet sag_flows\n`)).toBe(true);
    for (const line of flowRules(tunnels).trimEnd().split('\n')) {
      expect(line).toContain(' inet sag_flows');
    }
  });

  it('write a mark only where there is none, at the first packet either way', () => {
    const marks = flowRules(tunnels)
      .split('\n')
      .filter((line) => line.includes('"sag-wan2-gwa"') && line.includes('ct mark set'));
    expect(marks).toEqual(
      ['oifname', 'iifname'].map(
        (way) =>
          `add rule inet sag_flows began ${way} "sag-wan2-gwa" ct state new ct mark 0 ct mark set 0xc50007`,
      ),
    );
  });

  it('let packets out of every tunnel pass before any packet takes the mark of its flow', () => {
    const back = flowRules(tunnels)
      .trimEnd()
      .split('\n')
      .filter((line) => line.startsWith('add rule inet sag_flows back'));
    expect(back.slice(0, 2).every((line) => line.endsWith('return'))).toBe(true);
    expect(back.slice(2)).toEqual([
      'add rule inet sag_flows back meta mark 0 ct mark & 0xffff0000 == 0xc50000 meta mark set ct mark',
    ]);
  });

  it('take no number that an uplink marks its packets with', () => {
    for (let index = 0; index < UPLINKS_MAX; index += 1) {
      expect((uplinkNumbers(index).fwmark & FLOW_MARKS.mask) >>> 0).not.toBe(FLOW_MARKS.base);
    }
    const last = slotMark(listenPort(PORT_COUNT - 1));
    expect((last & FLOW_MARKS.mask) >>> 0).toBe(FLOW_MARKS.base);
  });
});
