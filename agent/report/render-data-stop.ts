/** Why user traffic is stopped, as a clause. */
import type { DataStop } from '../model/data-stop.ts';

export function dataStopWords(stop: DataStop): string {
  return stop === 'arrears'
    ? 'this SAG is in arrears'
    : 'this device was too long without its gateway and is locked until it is unlocked';
}
