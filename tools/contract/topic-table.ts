/** The table of topics in `docs/PROTOCOL.md`, between two marks. */
import { CHANNELS, type Channel } from '../../agent/contract/channels.ts';

const BEGIN = '<!-- topics: made by make contract -->';
const END = '<!-- topics end -->';

/** The page with its table replaced. */
export function withTopicTable(page: string): string {
  const from = page.indexOf(BEGIN);
  const to = page.indexOf(END);
  if (from < 0 || to < from) throw new Error(`docs/PROTOCOL.md has lost '${BEGIN}' or '${END}'`);
  return `${page.slice(0, from + BEGIN.length)}\n${topicTable()}\n${page.slice(to)}`;
}

function topicTable(): string {
  const rows = Object.values<Channel>(CHANNELS).map((channel) => [
    `\`${channel.address.replaceAll('{', '<').replaceAll('}', '>')}\``,
    channel.from,
    String(channel.qos),
    channel.retained ? 'yes' : 'no',
    channel.expires ?? '–',
    `${channel.bytesMax / 1024} kB`,
    channel.holds,
  ]);
  const head = ['Topic', 'From', 'QoS', 'Retained', 'Expires', 'At most', 'Holds'];
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}
