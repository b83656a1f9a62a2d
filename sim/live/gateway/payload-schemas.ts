/**
 * The shapes of what devices send, compiled once, and the one place where their bytes become values.
 *
 * Unknown fields are let through: a newer agent may say more than this gateway understands.
 */
import { type Static, type TSchema, Type } from '@sinclair/typebox';
import { TypeCompiler } from '@sinclair/typebox/compiler';
import { UPLINKS_MAX } from '../../../agent/model/uplink.ts';

const Id = Type.String({ minLength: 1, maxLength: 64 });
const Text = Type.String({ maxLength: 1024 });
const Version = Type.Literal(1);
const BdSeq = Type.Integer({ minimum: 0, maximum: 255 });

const Birth = Type.Object({
  v: Version,
  state: Type.Literal('online'),
  bdSeq: BdSeq,
  bootId: Id,
  serialNumber: Id,
  area: Text,
  tunnelPublicKey: Text,
  uplinks: Type.Array(Type.Object({ id: Id, kind: Text }), {
    maxItems: UPLINKS_MAX,
  }),
});
const Death = Type.Object({
  v: Version,
  state: Type.Literal('offline'),
  bdSeq: BdSeq,
  bootId: Id,
  why: Type.Union([Type.Literal('lost'), Type.Literal('bye')]),
});
const Life = Type.Union([Birth, Death]);
const Reported = Type.Object({
  v: Version,
  revision: Type.Integer({ minimum: 0 }),
  controllerState: Text,
  vpnState: Text,
  tunnels: Type.Record(Type.String(), Text),
});
const Link = Type.Object({
  v: Version,
  uplink: Id,
  verdict: Type.Object({ state: Type.Union([Type.Literal('up'), Type.Literal('down')]) }),
  wallMs: Type.Number(),
});
const SagEventMessage = Type.Object({
  v: Version,
  id: Id,
  bootId: Id,
  seq: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
  name: Id,
  atMs: Type.Number(),
  wallMs: Type.Number(),
  content: Type.Record(Type.String(), Type.Union([Text, Type.Number(), Type.Boolean()])),
  statusCode: Text,
  level: Text,
  type: Text,
});
const CommandStatus = Type.Object({ v: Version, id: Id, state: Id, errorCode: Text });

export const readLife = readerOf(Life);
export const readReported = readerOf(Reported);
export const readLink = readerOf(Link);
export const readEvent = readerOf(SagEventMessage);
export const readCommandStatus = readerOf(CommandStatus);

export type ReadPayload<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly sentence: string };

function readerOf<Schema extends TSchema>(schema: Schema) {
  const check = TypeCompiler.Compile(schema);
  return (payload: Uint8Array): ReadPayload<Static<Schema>> => {
    const value = parseJson(payload);
    if (value === undefined) return { ok: false, sentence: 'The payload is not JSON.' };
    if (check.Check(value)) return { ok: true, value };
    const first = check.Errors(value).First();
    return { ok: false, sentence: `The payload is wrong at ${first?.path ?? ''}/.` };
  };
}

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** Undefined when the bytes are not UTF-8, not JSON, or nested deeper than the parser goes. */
function parseJson(payload: Uint8Array): unknown {
  try {
    return JSON.parse(UTF8.decode(payload));
  } catch {
    return undefined;
  }
}
