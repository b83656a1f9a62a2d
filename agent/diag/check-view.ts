/**
 * The report of a check for people: the ladder with its evidence, what to do about the first broken rung, and the
 * verdict of the inspection rules.
 */
import type { CheckReport } from './check/check-report.ts';
import type { Outcome, Text } from './check/finding.ts';
import type { RuleColour } from './check/inspection-rules.ts';
import { type Block, cell, line, type Tone } from './text-table.ts';

export type Language = keyof Text;

/** As many sentences of evidence as keep the ladder readable; `--json` has all. */
const EVIDENCE_SHOWN = 4;

const TONES: Readonly<Record<Outcome, Tone>> = {
  passed: 'good',
  degraded: 'warning',
  failed: 'bad',
  unknown: 'dim',
  blocked: 'dim',
};
const WORDS: Readonly<Record<Outcome, Text>> = {
  passed: { en: 'ok', zh: '正常' },
  degraded: { en: 'degraded', zh: '部分异常' },
  failed: { en: 'FAILED', zh: '故障' },
  unknown: { en: 'unknown', zh: '未知' },
  blocked: { en: 'blocked', zh: '受阻' },
};
const COLOUR_TONES: Readonly<Record<RuleColour, Tone>> = {
  green: 'good',
  yellow: 'warning',
  red: 'bad',
  grey: 'dim',
};
const PHRASES = {
  ladder: { en: 'From this box to the cloud', zh: '从本机到云端' },
  first: { en: 'Mend first', zh: '首先处理' },
  well: { en: 'Every rung stands.', zh: '全部正常。' },
  by: { en: 'blocked by', zh: '受阻于' },
  inspection: { en: 'Inspection', zh: '巡检' },
} as const satisfies Record<string, Text>;

export function checkBlocks(report: CheckReport, language: Language): readonly Block[] {
  const say = (phrase: Text): string => phrase[language];
  const broken = report.ladder.find(({ id }) => id === report.firstBroken?.id);
  const { overall, rules } = report.inspection;
  return [
    { block: 'heading', text: say(PHRASES.ladder) },
    {
      block: 'table',
      rows: report.ladder.map(({ title, outcome, evidence, blockedBy }) => [
        cell(say(title)),
        cell(say(WORDS[outcome]), TONES[outcome]),
        cell(
          blockedBy === undefined
            ? evidence.slice(0, EVIDENCE_SHOWN).map(say).join('; ')
            : `${say(PHRASES.by)} ${blockedBy}`,
          blockedBy === undefined ? 'plain' : 'dim',
        ),
      ]),
      none: '',
    },
    { block: 'heading', text: `${say(PHRASES.inspection)}: ${overall}` },
    {
      block: 'table',
      rows: rules
        .filter(({ colour }) => colour !== 'green' && colour !== 'grey')
        .map(({ title, colour, evidence }) => [
          cell(say(title)),
          cell(colour, COLOUR_TONES[colour]),
          cell(say(evidence)),
        ]),
      none: '-',
    },
    ...(broken === undefined
      ? [line(''), line(cell(say(PHRASES.well), 'good'))]
      : [
          { block: 'heading', text: `${say(PHRASES.first)}: ${say(broken.title)}` } as const,
          ...broken.advice.map((advice) => line('  ', cell(say(advice), 'warning'))),
        ]),
  ];
}
