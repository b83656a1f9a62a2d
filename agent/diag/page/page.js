/**
 * Fills the page from the live WebSocket. Every value becomes a text node; nothing here formats or decides.
 */
import { drawPanel } from './panel.js';

/** As many rows as the list keeps; the log has all of them. */
const NOTES_KEPT = 200;
/** Without a word for this long, what is shown is old and says so. */
const STALE_MS = 3_000;
const RETRY_MIN_MS = 1_000;
const RETRY_MAX_MS = 15_000;

const TRUTHS = [
  ['board', 'Board'],
  ['control', 'Control channel'],
  ['data', 'User traffic'],
];
const STATE_TONES = { up: 'good', down: 'bad', absent: 'bad', establishing: 'waiting' };

const shown = new Map();
let heardAtMs = 0;
let retryMs = RETRY_MIN_MS;

function by(id) {
  return document.getElementById(id);
}

function make(tag, className, ...children) {
  const node = document.createElement(tag);
  if (className !== '') node.className = className;
  node.append(...children.map((child) => (child instanceof Node ? child : String(child))));
  return node;
}

function pill(text, tone) {
  return make('span', `pill ${tone}`, text);
}

/** Rebuilds a section only when its content changed, so that a selection and a scroll survive. */
function fill(id, content, build) {
  const key = JSON.stringify(content);
  if (shown.get(id) === key) return;
  shown.set(id, key);
  by(id).replaceChildren(...[build(content)].flat());
}

function showState(state) {
  document.title = state.title;
  by('title').textContent = state.title;
  by('subtitle').textContent = state.subtitle;
  fill('truths', state.health, truths);
  by('attention').hidden = state.attention.length === 0;
  fill('attention', state.attention, attention);
  fill('panel', state.panel, drawPanel);
  fill('uplinks', state.uplinks, (uplinks) => listOf(uplinks.map(uplink), 'No uplink is planned yet.'));
  fill('tunnels', state.tunnels, (tunnels) => listOf(tunnels.map(tunnel), 'No tunnel is planned yet.'));
  fill('why', [state.because, state.candidates], why);
  fill('routes', state.routes, routes);
  fill('changes', state.changes, changes);
}

function truths(health) {
  return TRUTHS.map(([name, words]) => {
    const { state, because } = health[name];
    return make(
      'div',
      state === 'Normal' ? 'truth' : 'truth bad',
      make('p', 'name', words),
      make('p', 'state', state),
      make('p', 'why', because),
    );
  });
}

function attention(sentences) {
  return [make('h2', '', 'Needs attention'), make('ul', '', ...sentences.map((each) => make('li', '', each)))];
}

function listOf(nodes, none) {
  return nodes.length === 0 ? make('p', 'small', none) : nodes;
}

function item(className, row, ...lines) {
  return make('div', `item ${className}`, make('div', 'row', ...row), ...lines.map((line) => make('p', 'small', line)));
}

function uplink({ id, kind, state, text, board }) {
  const row = [make('span', 'id', id), pill(state, STATE_TONES[state] ?? 'plain'), make('span', 'small', kind)];
  return item('', row, text, `board: ${board}`);
}

function tunnel({ id, role, state, via, lived, session, packets }) {
  const row = [make('span', 'id', id), pill(state, STATE_TONES[state] ?? 'plain')];
  if (role !== '-') row.push(pill(role, 'plain'));
  return item(role, row, `${via}, ${state} for ${lived}`, session, packets);
}

function why([because, candidates]) {
  const rows = candidates.map(({ tunnel: name, eligible, why: reason }) =>
    item('', [make('span', 'id', name), pill(eligible ? 'may carry' : 'may not', eligible ? 'good' : 'bad')], reason),
  );
  return [make('p', 'lead', because), ...rows];
}

function routes({ summary, prefixes }) {
  const codes = prefixes.map((prefix) => make('code', '', prefix));
  return [make('p', '', summary), codes.length === 0 ? make('p', 'small', 'No prefix is published to this branch.') : make('div', 'prefixes', ...codes)];
}

function changes(list) {
  if (list.length === 0) return make('p', 'small', 'The active tunnel has not changed yet.');
  const head = ['When', 'Moved', 'Because', 'Silent', 'Decided in', 'Installed in'];
  const rows = list.map(({ ago, from, to, cause, silent, decide, install, because }) =>
    make(
      'tr',
      '',
      make('td', 'tight', ago),
      make('td', 'tight', `${from} → ${to}`),
      make('td', 'wide', because, make('span', 'small', ` (${cause})`)),
      ...[silent, decide, install].map((text) => make('td', 'tight', text)),
    ),
  );
  return make(
    'table',
    '',
    make('thead', '', make('tr', '', ...head.map((text) => make('th', '', text)))),
    make('tbody', '', ...rows),
  );
}

/** Newest first. */
function showNotes(notes) {
  const list = by('notes');
  for (const { wallMs, level, code, sentence } of notes) {
    const time = make('time', '', new Date(wallMs).toLocaleTimeString([], { hour12: false }));
    const row = make('li', '', time, make('span', level, sentence));
    row.title = `${level} · ${code}`;
    list.prepend(row);
  }
  while (list.childElementCount > NOTES_KEPT) list.lastElementChild.remove();
}

function live(text, tone) {
  by('live').textContent = text;
  by('live').className = `pill ${tone}`;
  document.body.classList.toggle('stale', tone !== 'good');
}

function connect() {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  const socket = new WebSocket(`${scheme}://${location.host}/live`);
  let first = true;
  socket.addEventListener('message', ({ data }) => {
    const message = JSON.parse(data);
    heardAtMs = performance.now();
    retryMs = RETRY_MIN_MS;
    if (message.type === 'state') {
      showState(message.state);
      live('live', 'good');
    } else if (message.type === 'notes') {
      if (first) by('notes').replaceChildren();
      first = false;
      showNotes(message.notes);
    }
  });
  socket.addEventListener('close', () => {
    live('not connected', 'bad');
    setTimeout(connect, retryMs);
    retryMs = Math.min(RETRY_MAX_MS, retryMs * 2);
  });
}

setInterval(() => {
  const silentMs = performance.now() - heardAtMs;
  if (heardAtMs > 0 && silentMs > STALE_MS && by('live').textContent === 'live') {
    live('no answer', 'waiting');
  }
}, 1_000);
connect();
