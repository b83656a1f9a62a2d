/**
 * The appliance's configuration file for the lab: what a technician would write for this branch.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentConfig } from '../../agent/model/config.ts';
import {
  GATEWAYS,
  LAB_INTERNET,
  LAB_RESOLVER,
  LAN_ADDRESS,
  LAN_PREFIX,
  UPLINKS,
  VPC_HOST,
} from './topology.ts';

export interface AgentPlaces {
  readonly directory: string;
  readonly boardPath: string;
  readonly certificateFile: string;
  readonly keyFile: string;
  readonly caFile: string;
  readonly commandKeyFile: string;
  readonly gatewayPort: number;
}

export const TENANT = 'acme';

export interface WrittenConfig {
  readonly configFile: string;
  readonly controlSocket: string;
  readonly pageSocket: string;
}

export async function writeAgentConfig(places: AgentPlaces): Promise<WrittenConfig> {
  const controlSocket = join(places.directory, 'agent.sock');
  const pageSocket = join(places.directory, 'page.sock');
  const config: AgentConfig = {
    tenant: TENANT,
    area: 'Mainland China',
    stateDirectory: join(places.directory, 'state'),
    controlSocket,
    board: { path: places.boardPath, baudRate: 115_200 },
    uplinks: UPLINKS.map(({ id, port, priority, gateway }) => ({
      id,
      kind: 'wired',
      port,
      deviceName: id,
      priority,
      weight: 100,
      use: 'data',
      gateway,
    })),
    lanPorts: [{ id: 'lan0', deviceName: 'lan0', address: LAN_ADDRESS }],
    lanPrefixes: [LAN_PREFIX],
    access: {
      certificateFile: places.certificateFile,
      keyFile: places.keyFile,
      caFile: places.caFile,
      commandKeyFile: places.commandKeyFile,
      keepAliveS: 30,
      gateways: GATEWAYS.map(({ id, address }) => ({
        id,
        address,
        port: places.gatewayPort,
        serverName: id,
      })),
    },
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
