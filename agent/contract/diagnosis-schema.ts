/**
 * The shape of the report of a quick diagnosis on the wire: that of the SAG API, with `v` beside it.
 *
 * The words of the items are for a person; a reader needs the state, the counts and the level of each item.
 */
import { type Static, Type } from '@sinclair/typebox';
import type { DiagnosisMessage } from '../access/payloads.ts';
import { oneOf, text, version, whole } from './payload-parts.ts';
import type { Assert, Readable } from './same-type.ts';

/** Far more than the fifteen of SAG. */
const ITEMS_MAX = 64;
const LINE_MAX = 1_024;
const count = (what: string) => whole(0, ITEMS_MAX, what);
const time = (what: string) => whole(0, Number.MAX_SAFE_INTEGER, what);

const Words = Type.Object({
  ItemName: text('the name of the item'),
  Type: text('the type of the item'),
  Level: text('the level'),
  Details: Type.Array(text('what was found', LINE_MAX), { description: 'what was found' }),
  Advice: Type.Array(text('what to do', LINE_MAX), { description: 'what to do' }),
});

const Item = Type.Object({
  ItemName: text('the id of the item'),
  Type: oneOf(['config', 'biz', 'internet'], 'a type of item'),
  Level: oneOf(['error', 'warning', 'info'], 'a level'),
  StartTime: time('milliseconds since 1970'),
  EndTime: time('milliseconds since 1970'),
  CN: Words,
  EN: Words,
});

const DiagnosisReportSchema = Type.Object(
  {
    DiagnoseId: text('the id of the command that asked'),
    State: oneOf(['processing', 'finished', 'failed'], 'how far it is'),
    Percent: whole(0, 100, 'how far it is'),
    FinishedNumber: count('items that are done'),
    TotalNumber: count('items in all'),
    StartTime: time('milliseconds since 1970'),
    EndTime: Type.Optional(time('milliseconds since 1970')),
    BoxType: text('the model; empty while the board has not told'),
    BoxVersion: text('the firmware of the board'),
    MonitorVersion: text('the version of this agent'),
    Statistics: Type.Object(
      {
        Total: count('items'),
        Error: count('items'),
        Warning: count('items'),
        Info: count('items'),
      },
      { description: 'items by level' },
    ),
    Items: Type.Array(Item, { maxItems: ITEMS_MAX, description: 'the items' }),
  },
  { description: 'A report as DiscribeSmartAccessGatewayDiagnosisReport answers it.' },
);

export const DiagnosisSchema = Type.Object(
  { v: version, report: DiagnosisReportSchema },
  { description: 'The last quick diagnosis.' },
);

/** Fails to compile when a report of ours could not be read by the contract. */
export type DiagnosisIsReadable = Assert<
  Readable<Static<typeof DiagnosisSchema>, DiagnosisMessage>
>;
