/**
 * Whether the access points of a well-formed document are gateways this device knows and may use.
 */
import { accessPointsOf } from '../model/access-point.ts';
import type { AgentConfig } from '../model/config.ts';
import type { DesiredDocument, Refusal } from '../model/desired.ts';

/** The code is the SmartAG API's own. */
export function judgeAccessPoints(
  { accessPoints }: DesiredDocument,
  config: AgentConfig,
): Refusal | undefined {
  const known = accessPointsOf(config).map(({ id }) => id);
  const { candidates = known, chosen } = accessPoints ?? {};
  for (const [index, id] of candidates.entries()) {
    const pointer = `/accessPoints/candidates/${index}`;
    if (!known.includes(id)) {
      const sentence = `${id} is no access point of this device's area`;
      return { code: 'AccessPointInvalid', pointer, sentence };
    }
    if (candidates.indexOf(id) !== index) {
      return { code: 'EDESIRED_DUPLICATE', pointer, sentence: `${id} is listed twice` };
    }
  }
  if (chosen === undefined || candidates.includes(chosen)) return undefined;
  const sentence = `${chosen} is none of the candidates`;
  return { code: 'AccessPointInvalid', pointer: '/accessPoints/chosen', sentence };
}
