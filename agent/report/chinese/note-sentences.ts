/** One Chinese sentence for each code of a note; what the agent quotes of others in it stays as it was said. */
import type { Note } from '../../model/note.ts';
import type { Sentences } from '../render-sentences.ts';
import { accessSentences } from './access-sentences.ts';
import { boardSentences } from './board-sentences.ts';
import { doorSentences } from './door-sentences.ts';
import { engineSentences } from './engine-sentences.ts';
import { healthSentences } from './health-sentences.ts';
import { identitySentences } from './identity-sentences.ts';
import { nameSentences } from './name-sentences.ts';
import { routeSentences } from './route-sentences.ts';
import { stateSentences } from './state-sentences.ts';
import { tunnelSentences } from './tunnel-sentences.ts';
import { uplinkSentences } from './uplink-sentences.ts';
import { wanSentences } from './wan-sentences.ts';

export const CHINESE_SENTENCES: Sentences<Note> = {
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
