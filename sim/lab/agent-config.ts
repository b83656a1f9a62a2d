/**
 * The appliance's configuration file for the lab: what a technician would write for this branch.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentConfig } from '../../agent/model/config.ts';
import { type BranchPlaces, branchConfig } from './branch-config.ts';
import { LAB_INTERNET, LAB_RESOLVER, LAN_ADDRESS, VPC_HOST } from './topology.ts';

export interface AgentPlaces extends Omit<BranchPlaces, 'stateDirectory' | 'controlSocket'> {
  readonly directory: string;
  readonly commandKeyFile: string;
}

export interface WrittenConfig {
  readonly configFile: string;
  readonly controlSocket: string;
  readonly pageSocket: string;
}

export async function writeAgentConfig(places: AgentPlaces): Promise<WrittenConfig> {
  const controlSocket = join(places.directory, 'agent.sock');
  const pageSocket = join(places.directory, 'page.sock');
  const stateDirectory = join(places.directory, 'state');
  const branch = branchConfig({ ...places, stateDirectory, controlSocket });
  const config: AgentConfig = {
    ...branch,
    lanPorts: [{ id: 'lan0', deviceName: 'lan0', address: LAN_ADDRESS }],
    access: { ...branch.access, commandKeyFile: places.commandKeyFile },
    diagnosis: {
      internetTarget: LAB_INTERNET,
      name: 'www.aliyun.com',
      resolvers: [LAB_RESOLVER],
      endToEnd: [VPC_HOST],
    },
    page: { unixSocket: pageSocket, hosts: ['127.0.0.1', 'localhost'] },
    logLevel: 'debug',
  };
  const configFile = join(places.directory, 'agent.yaml');
  // JSON is YAML, and needs no writer.
  await writeFile(
    configFile,
    `# Written by the network lab.\n${JSON.stringify(config, null, 2)}\n`,
  );
  return { configFile, controlSocket, pageSocket };
}
