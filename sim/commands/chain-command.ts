/**
 * `sag-sim chain SERIAL`: the way of a branch to the cloud, hop by hop, and the link that is missing.
 */
import { type Block, type Cell, cell, line } from '../../agent/diag/text-table.ts';
import { type Chain, chainOf } from '../ccn/chain.ts';
import { type Answer, runConsole, type Screen, TERMINAL, type Verb } from './cloud-console.ts';

const SHOW: Verb = {
  words: ['SERIAL'],
  options: [],
  tells: 'SAG → CCN → CEN → VPC, and what is missing',
  run: ({ words: [serialNumber = ''] }, plane) => {
    const chain = chainOf(plane().network, serialNumber);
    return answer(serialNumber, chain);
  },
};

/** There is but one verb, so it goes without saying. */
export async function runChainCommand(
  argv: readonly string[],
  screen: Screen = TERMINAL,
): Promise<number> {
  return runConsole('chain', { of: SHOW }, argv[0] === 'of' ? argv : ['of', ...argv], screen);
}

function answer(serialNumber: string, chain: Chain): Answer {
  const { sag, ccn, cen, vpcs, missing } = chain;
  const rows: (readonly Cell[])[] = [
    sag === undefined
      ? hop('SAG', serialNumber, 'not bought', 'bad')
      : hop('SAG', serialNumber, `${sag.area}, ${sag.cidrs.join(' ') || 'no LAN prefix'}`),
  ];
  if (sag !== undefined) {
    rows.push(
      ccn === undefined
        ? hop('CCN', '-', 'not bound', 'bad')
        : hop('CCN', ccn.id, `${ccn.area}, ${ccn.name}`),
    );
  }
  if (ccn !== undefined) {
    rows.push(
      cen === undefined ? hop('CEN', '-', 'not bound', 'bad') : hop('CEN', cen.id, cen.name),
    );
  }
  for (const { vpc, coverage } of vpcs) {
    const where = `${vpc.regionId} ${vpc.cidr}`;
    rows.push(
      coverage.covered
        ? hop('VPC', vpc.id, `${where}: reached`)
        : hop('VPC', vpc.id, `${where}: ${coverage.code}: ${coverage.sentence}`, 'warning'),
    );
  }
  const table: Block = { block: 'table', rows, none: '' };
  const last =
    missing === undefined
      ? [line(cell('The chain is complete.', 'good'))]
      : [
          line(cell(`missing: ${missing.link}: ${missing.code}: ${missing.sentence}`, 'bad')),
          line(`next: ${missing.next}`),
        ];
  const value = { serialNumber, complete: missing === undefined, ...chain };
  return { ok: true, value, blocks: [table, ...last], isNo: missing !== undefined };
}

function hop(
  noun: string,
  id: string,
  text: string,
  tone: Cell['tone'] = 'plain',
): readonly Cell[] {
  return [cell(noun, 'dim'), cell(id, 'strong'), cell(text, tone)];
}
