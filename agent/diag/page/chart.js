/**
 * What the paths over each uplink measured during the last hour: round trip, jitter and loss, as small drawings that also
 * say in words what they show.
 */
import { make, shape } from './nodes.js';
import { say } from './texts.js';

/** An hour at the agent's own pace. */
const POINTS_MAX = 360;
const WIDTH = 240;
const HEIGHT = 44;
/** Name, member of a point, unit, and the least that the whole height stands for. */
const KINDS = [
  ['rtt', 'rttMs', 'ms', 5],
  ['jitter', 'jitterMs', 'ms', 5],
  ['loss', 'lossPercent', '%', 1],
];

const histories = new Map();

export function hearHistory({ isWhole, uplinks }) {
  if (isWhole) histories.clear();
  for (const { id, points } of uplinks) {
    const all = isWhole ? points : [...(histories.get(id) ?? []), ...points];
    histories.set(id, all.slice(-POINTS_MAX));
  }
  for (const node of document.querySelectorAll('[data-uplink]')) drawCharts(node);
}

export function drawCharts(node) {
  const points = histories.get(node.dataset.uplink) ?? [];
  node.replaceChildren(...KINDS.map((kind) => chart(node.dataset.uplink, points, kind)));
}

function chart(uplink, points, [name, key, unit, least]) {
  const values = points.flatMap((point) => point?.[key] ?? []);
  const most = Math.max(least, ...values);
  const figure = (value) => (value === undefined ? '–' : `${value.toFixed(1)} ${unit}`);
  const svg = shape('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: 'chart', preserveAspectRatio: 'none', role: 'img' });
  const words =
    values.length === 0
      ? say('gaps')
      : `${say('now')} ${figure(points.at(-1)?.[key])}, ${say('least')} ${figure(Math.min(...values))}, ${say('most')} ${figure(Math.max(...values))}`;
  svg.setAttribute('aria-label', `${say(name)}, ${uplink}, ${say('lastHour')}: ${words}`);
  svg.append(...lines(points, key, most));
  const head = make('div', 'axis', make('span', '', say(name)), make('strong', '', figure(points.at(-1)?.[key])));
  const foot = make('div', 'axis', make('span', '', '−60 min'), make('span', '', `${say('most')} ${values.length === 0 ? '–' : figure(Math.max(...values))}`));
  foot.setAttribute('aria-hidden', 'true');
  return make('div', '', head, svg, foot);
}

/** A line for each stretch without a gap: what was not measured is not drawn. The newest point is at the right edge. */
function lines(points, key, most) {
  const stretches = [[]];
  const first = POINTS_MAX - points.length;
  for (const [at, point] of points.entries()) {
    const value = point?.[key];
    if (value === undefined) stretches.push([]);
    else stretches.at(-1).push([((first + at) / (POINTS_MAX - 1)) * (WIDTH - 2), HEIGHT - 2 - (value / most) * (HEIGHT - 5)]);
  }
  return stretches
    .filter((stretch) => stretch.length > 0)
    .map((stretch) =>
      stretch.length === 1
        ? shape('circle', { cx: stretch[0][0], cy: stretch[0][1], r: 1.5 })
        : shape('polyline', { points: stretch.map((each) => each.map((number) => number.toFixed(1)).join(',')).join(' ') }),
    );
}
