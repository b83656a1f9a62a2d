/**
 * Why a pipe is closed, as a stable code.
 */
const CODES: Readonly<Record<string, string>> = {
  missing: 'ESERIAL_MISSING',
  'not-a-tty': 'ESERIAL_NOT_A_TTY',
  locked: 'ESERIAL_LOCKED',
  'no-permission': 'ESERIAL_PERMISSION',
  'baud-rate': 'ESERIAL_BAUD_RATE',
  unplugged: 'ESERIAL_UNPLUGGED',
  silent: 'EMCU_SILENT',
  'no-hello': 'EMCU_NO_HELLO',
  unacknowledged: 'EMCU_UNACKNOWLEDGED',
};

/** The code for a word a pipe or the line gives; `ESERIAL_FAILED` for one that has none of its own. */
export function portFaultCode(why: string): string {
  return CODES[why] ?? 'ESERIAL_FAILED';
}
