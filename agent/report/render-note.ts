/**
 * Each note as one sentence: in English the text of log lines, of transcripts and of rows on the page, which has it in
 * Chinese too.
 *
 * The table has one entry per note code, so a note without a sentence does not compile. Values from outside
 * are escaped once, over the whole sentence.
 */
import type { Note } from '../model/note.ts';
import { CHINESE_SENTENCES } from './chinese/note-sentences.ts';
import { accessSentences } from './render-access-note.ts';
import { boardSentences } from './render-board-note.ts';
import { doorSentences } from './render-door-note.ts';
import { engineSentences } from './render-engine-note.ts';
import { healthSentences } from './render-health-note.ts';
import { identitySentences } from './render-identity-note.ts';
import { nameSentences } from './render-name-note.ts';
import { printable } from './render-printable.ts';
import { routeSentences } from './render-route-note.ts';
import type { Sentences } from './render-sentences.ts';
import { stateSentences } from './render-state-note.ts';
import { tunnelSentences } from './render-tunnel-note.ts';
import { uplinkSentences } from './render-uplink-note.ts';
import { wanSentences } from './render-wan-note.ts';

const ENGLISH_SENTENCES: Sentences<Note> = {
  ...accessSentences,
  ...boardSentences,
  ...doorSentences,
  ...engineSentences,
  ...healthSentences,
  ...identitySentences,
  ...nameSentences,
  ...routeSentences,
  ...stateSentences,
  ...tunnelSentences,
  ...uplinkSentences,
  ...wanSentences,
};

const SENTENCES = { en: ENGLISH_SENTENCES, zh: CHINESE_SENTENCES } as const;

export function renderNote(note: Note, language: keyof typeof SENTENCES = 'en'): string {
  // Notes also arrive over the control socket, from an agent that may know more notes than this program.
  if (!Object.hasOwn(ENGLISH_SENTENCES, note.code))
    return printable(`${note.code}: ${JSON.stringify(note)}`);
  const say = SENTENCES[language][note.code] as (each: Note) => string;
  // A sentence inside ours brings its own full stop.
  return printable(say(note).replace(/\.(?=[.;,])/g, ''));
}
