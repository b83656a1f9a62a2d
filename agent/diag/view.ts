/**
 * A view: one snapshot as `sagctl`, the demo's terminal and scripts show it.
 */
import type { Block } from './text-table.ts';

export interface View {
  /** For scripts; keys are stable, times are milliseconds. */
  readonly json: unknown;
  /** For people. */
  readonly blocks: readonly Block[];
  /** What a person should look at within this view; empty when all is well. */
  readonly attention: readonly string[];
}

const VIEWS = [
  'status',
  'links',
  'tunnels',
  'routes',
  'board',
  'sensors',
  'events',
  'why',
] as const;
export type ViewName = (typeof VIEWS)[number];

export function isViewName(name: string): name is ViewName {
  return (VIEWS as readonly string[]).includes(name);
}
