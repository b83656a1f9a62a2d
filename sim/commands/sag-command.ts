/**
 * `sag-sim sag`: the SAG instances of the account, one for each branch, and what is ordered for each.
 */
import { type Block, cell } from '../../agent/diag/text-table.ts';
import { said } from './ccn-command.ts';
import { runConsole, type Screen, TERMINAL, type Verb } from './cloud-console.ts';
import { SAG_ORDER_VERBS } from './sag-order-verbs.ts';

const VERBS: Readonly<Record<string, Verb>> = {
  buy: {
    words: ['SERIAL'],
    options: ['area', 'cidr[]'],
    tells: 'buy a SAG for an area; --cidr names a LAN prefix of the branch',
    run: ({ words: [serialNumber = ''], options: { area }, lists: { cidr = [] } }, plane) => {
      const request = { serialNumber, cidrs: cidr, ...(area !== undefined && { area }) };
      const made = plane().change((network) => network.createSag(request));
      return made.ok
        ? said(`SAG ${serialNumber} is bought for ${area}.`, { sag: made.value })
        : made;
    },
  },
  list: {
    words: [],
    options: [],
    tells: 'the SAGs, with the CCN of each',
    run: (_given, plane) => {
      const sags = plane().network.sags();
      const rows = sags.map(({ serialNumber, area, ccnId, cidrs }) =>
        [serialNumber, area, ccnId ?? 'not bound', cidrs.join(' ')].map((text) => cell(text)),
      );
      const head = ['SAG', 'AREA', 'CCN', 'LAN'];
      const table: Block = { block: 'table', head, rows, none: 'No SAG was bought.' };
      return { ok: true, value: { sags }, blocks: [table] };
    },
  },
  ...SAG_ORDER_VERBS,
};

export async function runSagCommand(
  argv: readonly string[],
  screen: Screen = TERMINAL,
): Promise<number> {
  return runConsole('sag', VERBS, argv, screen);
}
