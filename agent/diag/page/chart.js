/**
 * What a tunnel's path measured since this page was opened: round trip, jitter and loss, as small drawings.
 */
import { make, shape } from './nodes.js';
import { say } from './texts.js';

/** Five minutes at two states a second. */
const POINTS_MAX = 600;
const WIDTH = 120;
const HEIGHT = 26;
const KINDS = [
  ['rtt', 'rttMs', 'ms', 1],
  ['jitter', 'jitterMs', 'ms', 1],
  ['loss', 'lossPercent', '%', 1],
];

const histories = new Map();

export function remember(tunnels) {
  for (const { id, quality } of tunnels) {
    const points = histories.get(id) ?? [];
    points.push(quality);
    if (points.length > POINTS_MAX) points.shift();
    histories.set(id, points);
  }
  const known = new Set(tunnels.map(({ id }) => id));
  for (const id of histories.keys()) if (!known.has(id)) histories.delete(id);
}

export function charts(id) {
  const points = histories.get(id) ?? [];
  return make('div', 'charts', ...KINDS.map((kind) => chart(points, kind)));
}

function chart(points, [name, key, unit, least]) {
  const last = points.at(-1)?.[key];
  const most = Math.max(least, ...points.map((point) => point[key] ?? 0));
  const figure = last === undefined ? '–' : `${last.toFixed(1)} ${unit}`;
  const svg = shape('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: 'chart', preserveAspectRatio: 'none', 'aria-hidden': 'true' });
  svg.append(...lines(points, key, most));
  return make('div', '', make('span', 'small', `${say(name)} ${figure}`), svg);
}

/** A line for each stretch without a gap: what was not measured is not drawn. */
function lines(points, key, most) {
  const stretches = [[]];
  for (const [at, point] of points.entries()) {
    const value = point[key];
    if (value === undefined) stretches.push([]);
    else stretches.at(-1).push(`${((at + 1) / points.length) * WIDTH},${HEIGHT - 1 - (value / most) * (HEIGHT - 3)}`);
  }
  return stretches.filter((stretch) => stretch.length > 1).map((stretch) => shape('polyline', { points: stretch.join(' ') }));
}
