/**
 * What a configuration says of the branch, wherever its agent runs: in the network lab or in a simulated world.
 */
import type { AgentConfig } from '../../agent/model/config.ts';
import { GATEWAYS, LAN_PREFIX, UPLINKS } from './topology.ts';

export const TENANT = 'acme';

export interface BranchPlaces {
  readonly stateDirectory: string;
  readonly controlSocket: string;
  readonly boardPath: string;
  readonly certificateFile: string;
  readonly keyFile: string;
  readonly caFile: string;
  readonly gatewayPort: number;
  /** Gateways are given by these names; absent: by their addresses. */
  readonly gatewayName?: (id: string) => string;
}

export function branchConfig(places: BranchPlaces): AgentConfig {
  const { stateDirectory, controlSocket, boardPath, certificateFile, keyFile, caFile } = places;
  return {
    tenant: TENANT,
    area: 'Mainland China',
    stateDirectory,
    controlSocket,
    board: { path: boardPath, baudRate: 115_200 },
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
    lanPrefixes: [LAN_PREFIX],
    access: {
      certificateFile,
      keyFile,
      caFile,
      keepAliveS: 30,
      gateways: GATEWAYS.map(({ id, address }) => ({
        id,
        address: places.gatewayName?.(id) ?? address,
        port: places.gatewayPort,
        serverName: id,
      })),
    },
    logLevel: 'info',
  };
}
