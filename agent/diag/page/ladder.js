/**
 * The check ladder: rung by rung from the box to the cloud, with evidence and what to mend first.
 */
import { by, make, pill } from './nodes.js';
import { say, sayBoth } from './texts.js';

const TONES = { passed: 'good', degraded: 'waiting', failed: 'bad', unknown: 'plain', blocked: 'plain' };

let last;

export function checkBegins() {
  by('check').disabled = true;
  by('check-says').textContent = say('checking');
}

export function checkIsOff() {
  by('check').disabled = false;
  by('check-says').textContent = '';
}

/** What is certain from below; the rest is still asked for. */
export function showRungs({ ladder, toCome }) {
  const open = toCome.map(({ title }) => make('li', 'to-come', make('div', 'row', make('span', 'id', sayBoth(title)), pill('…', 'plain'))));
  by('ladder').replaceChildren(...ladder.map((rung) => rungOf(rung, false)), ...open);
  by('check-says').textContent = `${say('checking')} ${ladder.length}/${ladder.length + toCome.length}`;
}

export function showReport(report = last) {
  if (report === undefined) return;
  last = report;
  by('check').disabled = false;
  const broken = report.ladder.find(({ id }) => id === report.firstBroken?.id);
  by('check-says').textContent =
    broken === undefined ? say('well') : `${say('mend')}: ${sayBoth(broken.title)}`;
  by('ladder').replaceChildren(...report.ladder.map((rung) => rungOf(rung, rung === broken)));
}

function rungOf({ title, outcome, evidence, advice, blockedBy }, isFirst) {
  const word = say(outcome === 'failed' ? 'rungFailed' : outcome);
  const words = blockedBy === undefined ? evidence.map(sayBoth) : [`${say('by')} ${blockedBy}`];
  return make(
    'li',
    isFirst ? 'first' : '',
    make('div', 'row', make('span', 'id', sayBoth(title)), pill(word, TONES[outcome])),
    ...words.map((each) => make('p', 'small', each)),
    ...(isFirst ? advice.map((each) => make('p', 'advice', sayBoth(each))) : []),
  );
}
