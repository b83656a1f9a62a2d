/** What configuration, document and settings at the box together want, apart from tunnels. */
import type { AgentConfig } from '../model/config.ts';
import type { DesiredDocument } from '../model/desired.ts';
import type { WanLine } from '../model/wan.ts';
import { effectiveLan } from './effective-lan.ts';
import { effectiveUplinks } from './effective-uplinks.ts';
import type { Wanted } from './next-steps.ts';

export function wantedBy(
  config: AgentConfig,
  document: DesiredDocument | undefined,
  lines: readonly WanLine[],
): Pick<Wanted, 'uplinks' | 'lan' | 'traffic' | 'lines'> {
  const { uplinks, lan, traffic } = document ?? {};
  return {
    uplinks: effectiveUplinks(config.uplinks, uplinks, lines),
    lan: effectiveLan(config.lanPorts, lan),
    traffic,
    lines,
  };
}
