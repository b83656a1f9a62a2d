/**
 * Fills the page from the live WebSocket. Every value becomes a text node; nothing here formats or decides.
 */
import { drawCharts, hearHistory } from './chart.js';
import { checkBegins, checkIsOff, showReport, showRungs } from './ladder.js';
import { ask, post, showLogon, whenLoggedOn } from './logon.js';
import { forgetMoving, sayMoving, showMoving, wonderWhere } from './moving.js';
import { by, make, pill } from './nodes.js';
import { drawPanel } from './panel.js';
import { otherLanguage, say, sayAll, sayBoth } from './texts.js';
import { forgetWan, showWan } from './wan.js';

/** As many rows as the list keeps; the log has all of them. */
const NOTES_KEPT = 200;
/** Without a word for this long, what is shown is old and says so. */
const STALE_MS = 3_000;
const RETRY_MIN_MS = 1_000;
const RETRY_MAX_MS = 15_000;

const TRUTHS = ['board', 'control', 'data'];
const SESSION_ENDED = 4401;
const BLINK_S = 60;
const STATE_TONES = { up: 'good', down: 'bad', absent: 'bad', establishing: 'waiting' };

const shown = new Map();
let state;
let socket;
let stage = 'logon';
let liveKey = 'connecting';
let heardAtMs = 0;
let retryMs = RETRY_MIN_MS;

/** Rebuilds a section only when its content changed, so that a selection and a scroll survive. */
function fill(id, content, build) {
  const key = JSON.stringify(content);
  if (shown.get(id) === key) return;
  shown.set(id, key);
  by(id).replaceChildren(...[build(content)].flat());
}

function showState(now) {
  state = now;
  by('enrolment').hidden = state.enrolment === undefined;
  by('enrolment-says').textContent = state.enrolment === undefined ? '' : sayBoth(state.enrolment.because);
  document.title = state.title;
  by('title').textContent = state.title;
  by('subtitle').textContent = sayBoth(state.subtitle);
  fill('truths', state.health, truths);
  by('attention').hidden = state.attention.length === 0;
  fill('attention', state.attention, attention);
  fill('panel', state.panel, drawPanel);
  showWan(state.wan);
  fill('uplinks', state.uplinks, (uplinks) => listOf(uplinks.map(uplink), 'noUplink'));
  fill('tunnels', state.tunnels, (tunnels) => listOf(tunnels.map(tunnel), 'noTunnel'));
  fill('why', [state.because, state.candidates], why);
  fill('routes', state.routes, routes);
  fill('changes', state.changes, changes);
  fill('events', state.events, events);
}

function truths(health) {
  return TRUTHS.map((name) => {
    const { state, because } = health[name];
    return make(
      'div',
      state === 'Normal' ? 'truth' : 'truth bad',
      make('p', 'name', say(name)),
      make('p', 'state', say(state)),
      make('p', 'why', sayBoth(because)),
    );
  });
}

function attention(sentences) {
  return [make('h2', '', say('attention')), make('ul', '', ...sentences.map((each) => make('li', '', sayBoth(each))))];
}

function listOf(nodes, none) {
  return nodes.length === 0 ? make('p', 'small', say(none)) : nodes;
}

function item(className, row, ...lines) {
  return make('div', `item ${className}`, make('div', 'row', ...row), ...lines.map((line) => make('p', 'small', line)));
}

function uplink({ id, kind, state, text, board, probes }) {
  const row = [make('span', 'id', id), pill(say(state), STATE_TONES[state] ?? 'plain'), make('span', 'small', kind)];
  const shownItem = item('', row, sayBoth(text), `${say('board')}: ${sayBoth(board)}`);
  if (probes !== undefined) {
    shownItem.append(make('p', probes.held ? 'small' : 'small error', `${say('probes')}: ${probes.sentence}`));
  }
  const charts = make('div', 'charts');
  charts.dataset.uplink = id;
  shownItem.append(charts);
  drawCharts(charts);
  return shownItem;
}

function figures({ rttMs, jitterMs, lossPercent }) {
  const word = (key, value, unit) => `${say(key)} ${value === undefined ? '–' : `${value.toFixed(1)} ${unit}`}`;
  return [word('rtt', rttMs, 'ms'), word('jitter', jitterMs, 'ms'), word('loss', lossPercent, '%')].join(' · ');
}

function tunnel({ id, role, state, life, session, packets, quality }) {
  const row = [make('span', 'id', id), pill(say(state), STATE_TONES[state] ?? 'plain')];
  if (role !== '-') row.push(pill(say(role), 'plain'));
  return item(role, row, sayBoth(life), figures(quality), sayBoth(session), sayBoth(packets));
}

function why([because, candidates]) {
  const rows = candidates.map(({ tunnel: name, eligible, why: reason }) =>
    item('', [make('span', 'id', name), pill(say(eligible ? 'mayCarry' : 'mayNot'), eligible ? 'good' : 'bad')], sayBoth(reason)),
  );
  return [make('p', 'lead', sayBoth(because)), ...rows];
}

function routes({ summary, prefixes }) {
  const codes = prefixes.map((prefix) => make('code', '', prefix));
  return [make('p', '', sayBoth(summary)), codes.length === 0 ? make('p', 'small', say('noRoute')) : make('div', 'prefixes', ...codes)];
}

function changes(list) {
  if (list.length === 0) return make('p', 'small', say('noChange'));
  const head = ['when', 'moved', 'because', 'silentFor', 'decided', 'installed'].map(say);
  const rows = list.map(({ ago, from, to, cause, silent, decide, install, because }) =>
    make(
      'tr',
      '',
      make('td', 'tight', sayBoth(ago)),
      make('td', 'tight', `${from} → ${to}`),
      make('td', 'wide', sayBoth(because), make('span', 'small', ` (${say(`cause_${cause}`)})`)),
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

const EVENT_TONES = { delivered: 'good', waiting: 'waiting', refused: 'bad' };

function events({ waiting, newest }) {
  const rows = newest.map(({ name, level, wallMs, state: told }) =>
    make(
      'li',
      '',
      make('time', '', new Date(wallMs).toLocaleTimeString([], { hour12: false })),
      make('span', 'row', make('span', level === 'CRITICAL' ? 'error' : '', name), pill(say(told), EVENT_TONES[told])),
    ),
  );
  const lead = make('p', 'lead', waiting === 0 ? say('noneWaits') : `${waiting} ${say('wait')}`);
  return [lead, rows.length === 0 ? make('p', 'small', say('noEvent')) : make('ol', 'notes', ...rows)];
}

/** Newest first. */
function showNotes(notes) {
  const list = by('notes');
  for (const { wallMs, level, code, sentence } of notes) {
    const time = make('time', '', new Date(wallMs).toLocaleTimeString([], { hour12: false }));
    const said = make('span', level, sayBoth(sentence));
    Object.assign(said.dataset, sentence);
    const row = make('li', '', time, said);
    row.title = `${level} · ${code}`;
    list.prepend(row);
  }
  while (list.childElementCount > NOTES_KEPT) list.lastElementChild.remove();
}

function live(key, tone) {
  liveKey = key;
  by('live').textContent = say(key);
  by('live').className = `pill ${tone}`;
  document.body.classList.toggle('stale', tone !== 'good');
}

/** Asks where this browser stands: first logon, logon, or in. */
async function begin() {
  const answer = await ask('/session', {});
  if (answer.stage === undefined) return again();
  enter(answer);
}

function enter(answer) {
  stage = answer.stage;
  const isIn = answer.ticket !== undefined;
  document.querySelector('main').hidden = !isIn;
  by('logout').hidden = !isIn;
  by('live').hidden = !isIn;
  document.body.classList.toggle('viewing', stage === 'viewer');
  if (isIn) connect(answer.ticket);
  else showLogon(stage);
}

function again() {
  live('lost', 'bad');
  if (retryMs === RETRY_MAX_MS) wonderWhere();
  setTimeout(() => void begin(), retryMs);
  retryMs = Math.min(RETRY_MAX_MS, retryMs * 2);
}

function connect(ticket) {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  const opened = new WebSocket(`${scheme}://${location.host}/live`, ['sag-live', ticket]);
  socket = opened;
  let first = true;
  opened.addEventListener('open', forgetMoving);
  opened.addEventListener('message', ({ data }) => {
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
    } else if (message.type === 'moving') {
      showMoving(message.to);
    } else if (message.type === 'history') {
      hearHistory(message);
    } else if (message.type === 'rungs') {
      showRungs(message);
    } else if (message.type === 'checked') {
      showReport(message.report);
    } else if (message.type === 'done') {
      done(message);
    }
  });
  opened.addEventListener('close', ({ code }) => {
    if (opened !== socket) return;
    checkIsOff();
    if (code === SESSION_ENDED) void begin();
    else again();
  });
}

/** The agent's own sentence only where it refused. */
function done({ op, ok, because }) {
  if (op === 'blink') by('blink-says').textContent = ok ? say('blinking') : because;
  else checkIsOff();
}

function send(message) {
  if (socket?.readyState !== WebSocket.OPEN) return false;
  socket.send(JSON.stringify(message));
  return true;
}

async function fetchBundle() {
  by('fetch-bundle').disabled = true;
  by('bundle-says').textContent = say('bundling');
  try {
    const answer = await post('/bundle', { anonymise: by('anonymise').value });
    if (!answer.ok) throw new Error((await answer.json()).code);
    const link = make('a', '');
    link.href = URL.createObjectURL(await answer.blob());
    link.download = `sag-bundle-${new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z.tar.gz`;
    link.click();
    URL.revokeObjectURL(link.href);
    by('bundle-says').textContent = '';
  } catch ({ message }) {
    by('bundle-says').textContent = say(message.startsWith('EPAGE_') ? message : 'failed');
  }
  by('fetch-bundle').disabled = false;
}

function speak() {
  sayAll();
  sayMoving();
  by('live').textContent = say(liveKey);
  shown.clear();
  forgetWan();
  if (state !== undefined) showState(state);
  for (const said of document.querySelectorAll('[data-zh]')) said.textContent = sayBoth(said.dataset);
  showReport();
  if (!by('logon').hidden) showLogon(stage);
}

setInterval(() => {
  const silentMs = performance.now() - heardAtMs;
  if (heardAtMs > 0 && silentMs > STALE_MS && liveKey === 'live') live('silent', 'waiting');
}, 1_000);
by('language').addEventListener('click', () => {
  otherLanguage();
  speak();
});
by('logout').addEventListener('click', () => void ask('/logout', {}).then(() => location.reload()));
by('check').addEventListener('click', () => {
  if (send({ op: 'check' })) checkBegins();
});
by('blink').addEventListener('click', () => send({ op: 'blink', seconds: BLINK_S }));
by('fetch-bundle').addEventListener('click', () => void fetchBundle());
whenLoggedOn(enter);
speak();
void begin();
