/** What a budget of bytes a month buys is said wherever a person looks at an uplink. */
import { expect, it } from 'vitest';
import { linksView } from '../../../../agent/diag/links-view.ts';
import { metricsText } from '../../../../agent/diag/metrics-text.ts';
import { pageStateOf } from '../../../../agent/diag/page-state.ts';
import { probesBlocks } from '../../../../agent/diag/probes-block.ts';
import { whyView } from '../../../../agent/diag/why-view.ts';
import { SAMPLE } from './sample-snapshot.ts';

const LTE = SAMPLE.desired.probes?.find(({ uplink }) => uplink === 'lte');

it.each([
  ['links', linksView(SAMPLE)],
  ['why', whyView(SAMPLE)],
])(
  '%s tells cost, cadence and detection time of each uplink, and what does not hold in red',
  (_name, view) => {
    const text = JSON.stringify(view.blocks);
    expect(text).toContain('unmetered: a probe every 500 ms, silence is noticed within 2.5 s');
    expect(text).toContain(`"text":"${LTE?.sentence}","tone":"bad"`);
    expect(JSON.stringify(view.json)).toContain('"budgetBytesPerMonth":1000000');
  },
);

it('the page has the sentence of each uplink that has tunnels, and whether its budget holds', () => {
  const uplinks = pageStateOf(SAMPLE).uplinks.map(({ id, probes }) => [id, probes]);
  expect(uplinks).toContainEqual(['lte', { sentence: LTE?.sentence, held: false }]);
  expect(uplinks).toContainEqual(['wan2', undefined]);
});

it('the metrics have the cost of every uplink and the budget of a metered one', () => {
  const text = metricsText(SAMPLE);
  expect(text).toContain('sag_uplink_probe_month_bytes{uplink="wan1"} 1520000000');
  expect(text).toContain('sag_uplink_probe_budget_bytes{uplink="lte"} 1000000');
  expect(text).not.toContain('sag_uplink_probe_budget_bytes{uplink="wan1"}');
});

it('nothing is said while no tunnel is wanted', () => {
  const { probes: _, ...desired } = SAMPLE.desired;
  expect(probesBlocks({ ...SAMPLE, desired })).toEqual([]);
});
