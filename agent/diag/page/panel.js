/**
 * Draws the front panel: the LEDs and each port with its two lamps, as pictures in a row that breaks where the screen ends.
 */
import { make, shape } from './nodes.js';
import { say } from './texts.js';

const LED_WIDTH = 34;
const LEDS_HEIGHT = 56;
const PORT_WIDTH = 74;
const PORT_HEIGHT = 100;

/** The panel of one state; without a board there is only a sentence. */
export function drawPanel(panel) {
  if (!panel.known) return document.createTextNode(say('boardUnknown'));
  const leds = picture('leds', panel.leds.length * LED_WIDTH, LEDS_HEIGHT, ...panel.leds.map(drawLed));
  const node = make('div', 'panel', leds, make('div', 'ports', ...panel.ports.map(drawPort)));
  node.setAttribute('role', 'img');
  node.setAttribute('aria-label', label(panel));
  return node;
}

function picture(className, width, height, ...shapes) {
  const svg = shape('svg', { viewBox: `0 0 ${width} ${height}`, class: className });
  svg.append(...shapes);
  return svg;
}

function drawLed({ led, mode, says }, index) {
  const group = shape('g', { transform: `translate(${(index + 0.5) * LED_WIDTH} 20)` });
  const colour = led === 'LTE' ? 'yellow' : 'green';
  const lit = mode === 'off' ? '' : mode === 'on' ? ` ${colour}` : ` ${colour} blink`;
  group.append(
    title(`${led}: ${mode}${says === undefined ? '' : `, ${says}`}`),
    shape('circle', { class: `lamp${lit}`, r: 6 }),
    words(led, 0, 24, 'minor'),
  );
  return group;
}

function drawPort(port) {
  const up = port.carrier === 'up';
  const fast = up && port.speedMbps >= 1000;
  const socket = port.carriesTraffic ? 'socket used' : 'socket';
  const speed = port.carrier === 'unknown' ? say('unknown') : up ? `${port.speedMbps} Mbit/s` : say('noCable');
  return picture(
    port.carrier === 'unknown' ? 'port unknown' : 'port',
    PORT_WIDTH,
    PORT_HEIGHT,
    title(`${say('port')} ${port.port}, ${port.role}: ${speed}`),
    shape('rect', { class: socket, x: 9, y: 15, width: 56, height: 42, rx: 4 }),
    ...(port.copper ? copper() : [shape('rect', { class: 'contact', x: 19, y: 29, width: 36, height: 14, rx: 2 })]),
    shape('circle', { class: up ? 'lamp green' : 'lamp', cx: 17, cy: 8, r: 4 }),
    shape('circle', { class: fast ? 'lamp yellow' : 'lamp', cx: 57, cy: 8, r: 4 }),
    words(`${port.port} ${port.role === 'NONE' ? '' : port.role}`, 37, 72),
    words(port.uplink ?? '', 37, 84, 'minor'),
    words(speed, 37, 96, 'minor'),
  );
}

function copper() {
  return Array.from({ length: 8 }, (_, pin) =>
    shape('rect', { class: 'contact', x: 17 + pin * 5, y: 20, width: 2.5, height: 11 }),
  );
}

function label(panel) {
  const up = panel.ports.filter(({ carrier }) => carrier === 'up').map(({ port }) => port);
  return `${panel.title}; ${say('cableIn')} ${up.join(', ') || '–'}`;
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
