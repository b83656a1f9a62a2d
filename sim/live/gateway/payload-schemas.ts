/**
 * Where the bytes of devices become values: by the schemas of the contract, compiled once.
 *
 * Unknown fields are let through: a newer agent may say more than this gateway understands.
 */
import { type Static, type TSchema, Type } from '@sinclair/typebox';
import { TypeCompiler } from '@sinclair/typebox/compiler';
import { CHANNELS, type Channel } from '../../../agent/contract/channels.ts';
import { readJson } from '../../../agent/contract/payload-json.ts';

export const readLife = readerOf(CHANNELS.life);
export const readReported = readerOf(CHANNELS.reported);
export const readLink = readerOf(CHANNELS.link);
export const readEvent = readerOf(CHANNELS.event);
export const readTelemetry = readerOf(CHANNELS.telemetry);
export const readIdentityAsk = readerOf(CHANNELS.identityAsk);
export const readRoutes = readerOf(CHANNELS.routes);
export const readDiagnosis = readerOf(CHANNELS.diagnosis);
export const readCommandStatus = readerOf(CHANNELS.commandStatus);

export type ReadPayload<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly sentence: string };

type Members<Schemas> = Schemas[keyof Schemas] extends infer Schema extends TSchema
  ? Static<Schema>
  : never;

function readerOf<Schemas extends Readonly<Record<string, TSchema>>>(
  channel: Channel & { readonly messages: Schemas },
) {
  const { bytesMax, messages } = channel;
  const check = TypeCompiler.Compile(Type.Union(Object.values<TSchema>(messages)));
  return (payload: Uint8Array): ReadPayload<Members<Schemas>> => {
    if (payload.length > bytesMax) {
      return { ok: false, sentence: `The payload is larger than ${bytesMax} bytes.` };
    }
    const json = readJson(payload);
    if (!json.ok)
      return { ok: false, sentence: `The payload is refused: ${json.refusal.sentence}.` };
    if (check.Check(json.value)) return { ok: true, value: json.value as Members<Schemas> };
    const first = check.Errors(json.value).First();
    return { ok: false, sentence: `The payload is wrong at ${first?.path ?? ''}/.` };
  };
}
