/**
 * The only two reasons for which user traffic is stopped: SAG's lock of a device that was too long without its
 * controller (`SecurityLockThreshold`), and arrears (`BusinessState`). Losing the gateway alone never is one.
 */
export const DATA_STOPS = ['securityLock', 'arrears'] as const;
export type DataStop = (typeof DATA_STOPS)[number];

/** How long this device has been without its gateway, as the disk knows it. */
export interface LockRecord {
  readonly v: 1;
  readonly locked: boolean;
  /** Tells one start of the machine from another: monotonic times of two starts cannot be compared. */
  readonly machineBoot: string;
  /** On the monotonic clock of that start; absent while the gateway is reached. */
  readonly sinceMs?: number;
  /** Before `sinceMs`. */
  readonly offlineMs: number;
}
