/**
 * Draws the front panel as SVG: the ports with their two lamps, and the LEDs.
 */
import { shape } from './nodes.js';

const PORT_WIDTH = 74;
const LEDS_WIDTH = 150;
const HEIGHT = 116;
const EDGE = 14;

/** The panel of one state; without a board there is only a sentence. */
export function drawPanel(panel) {
  if (!panel.known) return document.createTextNode('The board has not said yet what it is.');
  const width = LEDS_WIDTH + panel.ports.length * PORT_WIDTH + 2 * EDGE;
  const svg = shape('svg', { viewBox: `0 0 ${width} ${HEIGHT}`, class: 'panel', role: 'img' });
  svg.append(label(panel), shape('rect', { class: 'case', width, height: HEIGHT, rx: 8 }));
  svg.append(...panel.leds.map(drawLed), ...panel.ports.map(drawPort));
  return svg;
}

function drawLed({ led, mode, says }, index) {
  const group = shape('g', { transform: `translate(${EDGE + 18 + index * 34} 52)` });
  const colour = led === 'LTE' ? 'yellow' : 'green';
  const lit = mode === 'off' ? '' : mode === 'on' ? ` ${colour}` : ` ${colour} blink`;
  group.append(
    title(`${led}: ${mode}${says === undefined ? '' : `, ${says}`}`),
    shape('circle', { class: `lamp${lit}`, r: 6 }),
    words(led, 0, 24, 'minor'),
  );
  return group;
}

function drawPort(port, index) {
  const x = EDGE + LEDS_WIDTH + index * PORT_WIDTH;
  const group = shape('g', { transform: `translate(${x} 18)` });
  const up = port.carrier === 'up';
  if (port.carrier === 'unknown') group.setAttribute('class', 'unknown');
  const fast = up && port.speedMbps >= 1000;
  const socket = port.carriesTraffic ? 'socket used' : 'socket';
  const speed = port.carrier === 'unknown' ? 'unknown' : up ? `${port.speedMbps} Mbit/s` : 'no cable';
  group.append(
    title(`Port ${port.port}, ${port.role}: ${speed}`),
    shape('rect', { class: socket, x: 9, y: 12, width: 56, height: 42, rx: 4 }),
    ...(port.copper ? copper() : [shape('rect', { class: 'contact', x: 19, y: 26, width: 36, height: 14, rx: 2 })]),
    shape('circle', { class: up ? 'lamp green' : 'lamp', cx: 17, cy: 5, r: 4 }),
    shape('circle', { class: fast ? 'lamp yellow' : 'lamp', cx: 57, cy: 5, r: 4 }),
    words(`${port.port} ${port.role === 'NONE' ? '' : port.role}`, 37, 69),
    words(port.uplink ?? '', 37, 81, 'minor'),
    words(speed, 37, 93, 'minor'),
  );
  return group;
}

function copper() {
  return Array.from({ length: 8 }, (_, pin) =>
    shape('rect', { class: 'contact', x: 17 + pin * 5, y: 17, width: 2.5, height: 11 }),
  );
}

function label(panel) {
  const up = panel.ports.filter(({ carrier }) => carrier === 'up').map(({ port }) => port);
  return title(`${panel.title}; cable in port ${up.join(', ') || 'none'}`);
}

function title(text) {
  const node = shape('title', {});
  node.textContent = text;
  return node;
}

function words(text, x, y, className = '') {
  const node = shape('text', { x, y, class: className });
  node.textContent = text;
  return node;
}
