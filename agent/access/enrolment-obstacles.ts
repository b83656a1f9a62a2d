/** What keeps a device from its certificate, in words. */
import type { Failing } from './enrolment-events.ts';

/** No attempt can put these two right. */
export const KEYLESS: Failing = {
  code: 'EENROL_BOARD',
  text: 'its board has no factory key to prove itself with',
};
export const NOWHERE: Failing = {
  code: 'EENROL_NOWHERE',
  text: 'no gateway of the configuration has an enrolment port',
};

export function notTaken(reasonCode: number): Failing {
  const code = `EMQTT_0x${reasonCode.toString(16).padStart(2, '0')}`;
  return { code, text: 'the gateway did not take what we published' };
}
