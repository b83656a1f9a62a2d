/** Notes about the health checks of the desired document. */
import type { HealthStatus } from '../health-check.ts';

export type HealthNote = {
  readonly code: 'healthCheckChanged';
  readonly level: 'notice' | 'warning';
  readonly id: string;
  readonly destination: string;
  readonly status: HealthStatus;
  /** What became of the last probe that was lost; empty when all were answered. */
  readonly because: string;
};
