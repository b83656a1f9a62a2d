/**
 * The configuration a command goes by without the agent, or what is wrong with it.
 */
import { ConfigRefused, readConfig } from '../adapters/config/config-file.ts';
import type { AgentConfig } from '../model/config.ts';
import type { Invocation } from './arguments.ts';

const DEFAULT_CONFIG = '/etc/sag-agent/sag-agent.yaml';

export interface OfflineConfig {
  readonly file: string;
  readonly config: AgentConfig | undefined;
  readonly configProblem?: string;
}

export function configOf({ options }: Pick<Invocation, 'options'>): OfflineConfig {
  const file = options.get('config') ?? DEFAULT_CONFIG;
  try {
    return { file, config: readConfig(file) };
  } catch (error) {
    if (!(error instanceof ConfigRefused)) throw error;
    return { file, config: undefined, configProblem: error.message.split('\n', 1)[0] ?? '' };
  }
}
