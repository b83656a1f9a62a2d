/**
 * Says where the page is when the LAN of the box gets another address, and where to look when nothing answers any more.
 */
import { by, make } from './nodes.js';
import { say } from './texts.js';

let key;

export function showMoving(to) {
  key = 'moving';
  by('moving-to').replaceWith(link(to));
  sayMoving();
}

/** Nothing has answered for a while. Where it is, is known already when the box has said so. */
export function wonderWhere() {
  key ??= 'goneAway';
  sayMoving();
}

export function forgetMoving() {
  key = undefined;
  by('moving-to').replaceWith(link());
  sayMoving();
}

export function sayMoving() {
  by('moving').hidden = key === undefined;
  by('moving-says').textContent = key === undefined ? '' : say(key);
}

function link(to) {
  const made = make('a', '', to ?? '');
  made.id = 'moving-to';
  if (to !== undefined) made.href = to;
  return made;
}
