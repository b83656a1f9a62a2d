/**
 * What the fast path is to watch, made from the desired document; without one, the uplinks alone.
 */
import type { AgentConfig } from '../model/config.ts';
import type { DesiredDocument } from '../model/desired.ts';
import { DEFAULT_POLICY, type FastPathPlan, NOTHING_DESIRED } from '../model/fast-path.ts';
import type { StateNote } from '../model/notes/state-note.ts';
import type { WanLine } from '../model/wan.ts';
import { carriedDocument } from './carried-document.ts';
import { effectiveLanPrefixes } from './effective-lan.ts';
import { effectiveUplinks } from './effective-uplinks.ts';
import type { DerivedTunnel } from './tunnel-specs.ts';

/** The prefixes live where everybody looks for them: the kernel's main table. */
const MAIN_TABLE = 254;

export function planFor(
  desired: DesiredDocument | undefined,
  tunnels: readonly DerivedTunnel[],
  config: AgentConfig,
  lines: readonly WanLine[] = [],
): FastPathPlan {
  const document = desired && carriedDocument(desired);
  const thresholdS = document?.securityLockThresholdS;
  return {
    revision: document?.revision ?? NOTHING_DESIRED,
    role: 'branch',
    uplinks: effectiveUplinks(config.uplinks, document?.uplinks, lines),
    tunnels: tunnels.map(({ plan }) => plan),
    prefixes: document?.prefixes ?? [],
    table: MAIN_TABLE,
    policy: { ...DEFAULT_POLICY, ...document?.policy },
    ...(document?.ha !== undefined && { ha: document.ha }),
    ...(document?.endToEnd === undefined ? {} : { endToEnd: document.endToEnd }),
    lock: {
      ...(thresholdS === undefined ? {} : { thresholdS }),
      isInArrears: document?.businessState === 'Arrearage',
    },
    lanPrefixes: effectiveLanPrefixes(config, document?.lan),
    ...(document?.routes !== undefined && { routes: document.routes }),
    innerMtus: Object.fromEntries(tunnels.map(({ spec }) => [spec.id, spec.mtu])),
  };
}

export function planNote({ revision, tunnels, prefixes }: FastPathPlan): StateNote {
  const counts = { tunnels: tunnels.length, prefixes: prefixes.length };
  return { code: 'planSent', level: 'info', revision, ...counts };
}
