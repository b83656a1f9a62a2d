/**
 * What a bundle holds, as named texts: everything the agent says, worded and raw, and a README for who opens it.
 */
import type { AgentConfig } from '../../model/config.ts';
import type { AgentSnapshot } from '../../model/snapshot.ts';
import { renderNote } from '../../report/render-note.ts';
import { utcMinute } from '../../report/render-utc.ts';
import type { CheckReport } from '../check/check-report.ts';
import { checkBlocks } from '../check-view.ts';
import { metricsText } from '../metrics-text.ts';
import { renderBlocks } from '../text-table.ts';
import type { ViewName } from '../view.ts';
import { viewOf } from '../view-of.ts';
import type { KnownWord } from './anonymise.ts';

export interface BundlePart {
  /** Its path inside the bundle. */
  readonly name: string;
  readonly text: string;
}

const VIEWS: readonly ViewName[] = [
  'status',
  'links',
  'tunnels',
  'routes',
  'board',
  'sensors',
  'why',
];

export function readme(wallMs: number, names: readonly string[], level: string): string {
  return `# Support bundle of a Smart Access Gateway

Made ${utcMinute(wallMs)}; anonymised: ${level}. Secrets are withheld at every level.

Read \`check.txt\` first: it names what is broken first and what to do. Then \`views/why.txt\` and \`notes.txt\`.
A word such as \`public-ip-1\` stands for the same thing in every file.

${names.map((name) => `- \`${name}\``).join('\n')}
`;
}

export function snapshotParts(snapshot: AgentSnapshot): readonly BundlePart[] {
  const { notes, ...rest } = snapshot;
  const lines = notes.map(
    ({ wallMs, note }) => `${utcMinute(wallMs)} ${note.level} ${renderNote(note)}\n`,
  );
  return [
    { name: 'snapshot.json', text: pretty(rest) },
    { name: 'board.json', text: pretty(snapshot.board) },
    { name: 'notes.txt', text: lines.join('') },
    { name: 'notes.json', text: pretty(notes) },
    { name: 'metrics.txt', text: metricsText(snapshot) },
    ...VIEWS.map((view) => ({
      name: `views/${view}.txt`,
      text: renderBlocks(viewOf(view, snapshot).blocks, false),
    })),
  ];
}

export function checkParts(report: CheckReport): readonly BundlePart[] {
  return [
    { name: 'check.txt', text: renderBlocks(checkBlocks(report, 'en'), false) },
    { name: 'check.json', text: pretty(report) },
  ];
}

/** Words that tell whose box this is. */
export function knownWords(
  config: AgentConfig | undefined,
  snapshot: AgentSnapshot | undefined,
  hostName: string,
): readonly KnownWord[] {
  const gateways = config?.access.gateways ?? [];
  const serial = snapshot?.board.hello?.serialNumber;
  const ccn = snapshot?.desired.ccn;
  return [
    { word: hostName, kind: 'host' },
    ...(serial === undefined ? [] : [{ word: serial, kind: 'serial' } as const]),
    ...(config === undefined ? [] : [{ word: config.tenant, kind: 'tenant' } as const]),
    ...(ccn === undefined ? [] : [{ word: ccn, kind: 'ccn' } as const]),
    ...gateways.flatMap(({ id, serverName, address }) =>
      [...new Set([id, serverName, address])].map((word) => ({ word, kind: 'gateway' }) as const),
    ),
  ];
}

function pretty(value: unknown): string {
  return `${JSON.stringify(value, null, 1)}\n`;
}
