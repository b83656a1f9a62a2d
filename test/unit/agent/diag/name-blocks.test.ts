/** What a technician sees of a gateway's name. */
import { describe, expect, it } from 'vitest';
import { nameBlocks, nameTexts } from '../../../../agent/diag/name-blocks.ts';
import { renderBlocks } from '../../../../agent/diag/text-table.ts';
import type { GatewayNameSnapshot } from '../../../../agent/model/gateway-name.ts';

const KEPT: GatewayNameSnapshot = {
  name: 'gwa.ccn.example',
  addresses: [{ address: '192.0.2.1', provedAgoMs: 3 * 86_400_000 }],
  setAside: ['198.51.100.66'],
  inUse: { address: '192.0.2.1', from: 'kept' },
  trouble: 'no name server answered in time',
};

describe('the name of a gateway', () => {
  it('is shown with its address, how that was learnt, how old it is and what is wrong', () => {
    const text = renderBlocks(nameBlocks([KEPT]), false);
    for (const words of [
      'gwa.ccn.example',
      '192.0.2.1',
      'kept from before',
      '3 d ago',
      '198.51.100.66',
      'no name server answered in time',
    ]) {
      expect(text).toContain(words);
    }
  });

  it('needs attention while name servers are of no use, and while somebody else answers', () => {
    expect(nameTexts([KEPT]).map(({ en }) => en)).toEqual([
      'Gateway name gwa.ccn.example: at the last look-up no name server answered in time; the last connection went to 192.0.2.1.',
      'Gateway name gwa.ccn.example: somebody else answers at 198.51.100.66; a name server may be poisoned.',
    ]);
    const { trouble: _trouble, ...well } = KEPT;
    expect(nameTexts([{ ...well, setAside: [] }])).toEqual([]);
  });

  it('is not shown where gateways have none', () => {
    expect([nameBlocks(), nameBlocks([]), nameTexts()]).toEqual([[], [], []]);
  });

  it('says so when it has not been used in this run', () => {
    const [name, addresses] = [KEPT.name, KEPT.addresses];
    const text = renderBlocks(nameBlocks([{ name, addresses, setAside: [] }]), false);
    expect(text).toContain('not used yet');
    const unknown = nameBlocks([{ name, addresses: [], setAside: [] }]);
    expect(renderBlocks(unknown, false)).toContain('never');
  });
});
