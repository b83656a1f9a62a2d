/**
 * The shape of the life topic: a birth, or a death.
 *
 * Unlike documents and commands a birth may say more than we know: it may come from a newer version of ourselves. Of a
 * foreign birth the device reads only the part it judges it by.
 */
import { type Static, Type } from '@sinclair/typebox';
import type { LifeSign } from '../access/intake.ts';
import type { Birth, Death } from '../access/payloads.ts';
import { CCN_AREAS } from '../model/area.ts';
import { UPLINKS_MAX } from '../model/uplink.ts';
import { type Read, readJson } from './payload-json.ts';
import { oneOf, text, version, whole, word } from './payload-parts.ts';
import { readShape } from './payload-shape.ts';
import type { Assert, Same } from './same-type.ts';

/** What a birth says of the host: a dozen facts of one line each. */
const HOST_FACTS_MAX = 32;

const shared = {
  v: version,
  bdSeq: whole(0, 255, 'the number of this connection'),
  bootId: word('the id of this run of the agent'),
};

export const BirthSchema = Type.Object(
  {
    ...shared,
    state: Type.Literal('online'),
    serialNumber: word('the serial number, as in the certificate'),
    model: text('the model of the board, or unknown'),
    hardwareRevision: text('the hardware revision of the board, or unknown'),
    firmwareVersion: text('the firmware version of the board, or unknown'),
    agentVersion: text('the version of the agent'),
    area: oneOf(CCN_AREAS, 'the name of a CCN area'),
    tunnelPublicKey: text('a WireGuard public key in base64, or nothing'),
    uplinks: Type.Array(
      Type.Object({
        id: word('an uplink id'),
        kind: oneOf(['wired', 'lte', 'leased-line'], 'the kind of an uplink'),
      }),
      { maxItems: UPLINKS_MAX, description: `a list of at most ${UPLINKS_MAX} uplinks` },
    ),
    host: Type.Record(Type.String(), text('one fact about the host'), {
      maxProperties: HOST_FACTS_MAX,
      description: `at most ${HOST_FACTS_MAX} facts about the host`,
    }),
  },
  { description: 'The device is there.' },
);

export const DeathSchema = Type.Object(
  {
    ...shared,
    state: Type.Literal('offline'),
    why: oneOf(['lost', 'bye'], 'lost as the will, bye when the device said it itself'),
  },
  { description: 'The device is gone; counts only with bdSeq and bootId of the birth in force.' },
);

const LifeSignSchema = Type.Union(
  [Type.Object({ ...shared, state: Type.Literal('online') }), DeathSchema],
  { description: 'a birth or a death' },
);

export function readLifeSign(bytes: Uint8Array): Read<LifeSign> {
  const json = readJson(bytes);
  return json.ok ? readShape(LifeSignSchema, json.value) : json;
}

export type LifeSchemasAreTheModel = [
  Assert<Same<Static<typeof BirthSchema>, Birth>>,
  Assert<Same<Static<typeof DeathSchema>, Death>>,
];
