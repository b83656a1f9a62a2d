/** The dump of flows: our request byte by byte, and what a kernel answered to it. */
import { expect, it } from 'vitest';
import { flowDumpRequest, parseFlow } from '../../../../firmware-shim/kernel/flow-dump.ts';
import { readMessages } from '../../../../firmware-shim/kernel/message-reader.ts';

const NEW = 0x100;

function parsed(type: number, hex: string) {
  return parseFlow({ type, flags: 0, sequence: 0, payload: Buffer.from(hex, 'hex') });
}

it('asks for the flows of a mask of marks', () => {
  const hex = Buffer.from(flowDumpRequest({ value: 0xc5_00_00, mask: 0xff_ff_00_00 })).toString(
    'hex',
  );
  expect(hex).toBe(
    '24000000' +
      '0101' +
      '0103' +
      '00000000' +
      '00000000' + // length, IPCTNL_MSG_CT_GET, REQUEST DUMP
      '00000000' + // nfgenmsg
      '08000800' +
      '00c50000' + // CTA_MARK
      '08001500' +
      'ffff0000', // CTA_MARK_MASK
  );
});

it('reads the mark of a flow, and leaves out connections that both ends have closed', () => {
  const mark = '0800080000c50002';
  const tcp = (state: string): string => `10000480` + `0c000180` + `05000100` + `0${state}000000`;
  expect(parsed(NEW, `02000000${mark}`)).toEqual({ type: 'flow', mark: 0xc5_00_02 });
  expect(parsed(NEW, `02000000${tcp('3')}${mark}`)).toEqual({ type: 'flow', mark: 0xc5_00_02 });
  expect(parsed(NEW, `02000000${tcp('7')}${mark}`)).toEqual({ type: 'ignored' });
});

it('knows the end of a dump and a refusal', () => {
  expect(parsed(3, '00000000')).toEqual({ type: 'done' });
  expect(parsed(2, 'ffffffff')).toEqual({ type: 'refused', errno: 1 });
});

it('takes bytes that contradict themselves for nothing', () => {
  for (const hex of [
    '',
    '02',
    '02000000',
    '02000000ff000800',
    '020000000600080000c5',
    '0200000004000800',
  ]) {
    expect(parsed(NEW, hex)).toEqual({ type: 'ignored' });
  }
  expect(parsed(2, '00')).toEqual({ type: 'ignored' });
  expect(readMessages(flowDumpRequest({ value: 1, mask: 1 }), () => undefined)).toBe(0);
});
