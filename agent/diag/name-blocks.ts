/**
 * What is behind the names of access gateways, for people at a terminal: where the last connection went, how that
 * address was learnt, and what name servers have to say.
 */
import type { AddressSource, GatewayNameSnapshot } from '../model/gateway-name.ts';
import { duration } from '../report/render-duration.ts';
import { type Text, text } from './check/finding.ts';
import { type Block, type Cell, cell } from './text-table.ts';

const SOURCES: Readonly<Record<AddressSource, string>> = {
  given: 'configuration',
  hosts: 'hosts file',
  answer: 'name server',
  kept: 'kept from before',
  heard: 'heard before',
};

/** Nothing where gateways have no names. */
export function nameBlocks(names: readonly GatewayNameSnapshot[] = []): readonly Block[] {
  if (names.length === 0) return [];
  return [
    { block: 'heading', text: 'Gateway names' },
    {
      block: 'table',
      head: ['NAME', 'ADDRESS', 'FROM', 'PROVED', 'SET ASIDE', 'NAME SERVERS'],
      rows: names.map(row),
      none: '',
    },
  ];
}

/** Who is reached without name servers shall know that it hangs on what was kept. */
export function nameTexts(names: readonly GatewayNameSnapshot[] = []): readonly Text[] {
  return names.flatMap(({ name, inUse, trouble, setAside }) => {
    const texts: Text[] = [];
    if (trouble !== undefined) {
      const at = inUse?.address;
      texts.push(
        text(
          `Gateway name ${name}: at the last look-up ${trouble}${at === undefined ? '' : `; the last connection went to ${at}`}.`,
          `网关名称 ${name}：最近一次查询时 ${trouble}${at === undefined ? '' : `；最近一次连接的地址为 ${at}`}。`,
        ),
      );
    }
    if (setAside.length > 0) {
      const all = setAside.join(', ');
      texts.push(
        text(
          `Gateway name ${name}: somebody else answers at ${all}; a name server may be poisoned.`,
          `网关名称 ${name}：${all} 的应答方不是该网关，域名服务器可能被投毒。`,
        ),
      );
    }
    return texts;
  });
}

function row({ name, addresses, inUse, setAside, trouble }: GatewayNameSnapshot): readonly Cell[] {
  const shown = inUse?.address ?? addresses[0]?.address;
  const proved = addresses.find(({ address }) => address === shown);
  const isOld = inUse?.from === 'kept' || inUse?.from === 'heard';
  return [
    cell(name, 'strong'),
    cell(shown ?? '-'),
    inUse === undefined
      ? cell('not used yet', 'dim')
      : cell(SOURCES[inUse.from], isOld ? 'warning' : 'plain'),
    cell(proved === undefined ? 'never' : `${duration(proved.provedAgoMs)} ago`),
    cell(setAside.join(' ') || '-', setAside.length > 0 ? 'warning' : 'plain'),
    trouble === undefined ? cell('-') : cell(trouble, 'bad'),
  ];
}
