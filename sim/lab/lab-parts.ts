/**
 * Stands up the parts of the demo: board, gateways with their hubs, the cloud above them, and the agent's configuration.
 *
 * The network must be there; the agent is started by whoever wants it to run.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DeviceIdentity } from '../../agent/adapters/ipsec/ipsec-credentials.ts';
import { liveClock } from '../../firmware-shim/adapters/live-clock.ts';
import { openKernel } from '../../firmware-shim/open-kernel.ts';
import type { Kernel } from '../../firmware-shim/ports.ts';
import { createAuthority, writeCertificate } from '../live/certificates.ts';
import { branchIdentity, type CloudHub } from '../live/cloud-desired.ts';
import type { TlsMaterial } from '../live/gateway/listen-tls.ts';
import { type PtyBoard, startPtyBoard } from '../live/pty-board.ts';
import { type WrittenConfig, writeAgentConfig } from './agent-config.ts';
import { Faults } from './faults.ts';
import { GATEWAY_PORT, type LabCloud, startLabCloud, tlsOf } from './lab-cloud.ts';
import { enginesByUplink, type LabEngine } from './lab-engines.ts';
import { LabHub } from './lab-hub.ts';
import { LabOperator } from './lab-operator.ts';
import { LAB_DIRECTORY } from './network-lab.ts';
import { GATEWAYS, netnsPath, UPLINKS } from './topology.ts';
import { VpcReturnRoute } from './vpc-return-route.ts';

export const SERIAL_NUMBER = 'sag1000hz0001';

export interface LabOptions {
  /** WireGuard when absent. */
  readonly engine?: LabEngine;
  /** Kept after the run. */
  readonly logDirectory: string;
  /** Something of the lab itself, not of the product, went wrong. */
  readonly onTrouble: (sentence: string) => void;
}

export interface LabParts {
  readonly board: PtyBoard;
  readonly faults: Faults;
  readonly cloud: LabCloud;
  readonly hubs: readonly LabHub[];
  readonly config: WrittenConfig;
  readonly operator: LabOperator;
  readonly births: readonly { readonly gateway: string; readonly atMs: number }[];
  readonly logDirectory: string;
  readonly engine: LabEngine;
  readonly kernels: readonly Kernel[];
}

export async function standUp({
  logDirectory,
  onTrouble,
  engine = 'wireguard',
}: LabOptions): Promise<LabParts> {
  const boardPath = join(LAB_DIRECTORY, 'board');
  const board = await startPtyBoard({
    linkPath: boardPath,
    model: 'sag-1000',
    serialNumber: SERIAL_NUMBER,
  });
  const inet = openKernel({ netnsPath: netnsPath('inet') });
  const vpc = openKernel({ netnsPath: netnsPath('vpc') });
  const faults = await Faults.open(inet, board, () => liveClock.nowMs());
  const returnRoute = new VpcReturnRoute(vpc, onTrouble);
  const authority = await createAuthority();
  const gatewayTls = new Map<string, TlsMaterial>();
  for (const gateway of GATEWAYS) gatewayTls.set(gateway.id, await tlsOf(authority, gateway));
  const engines = [...new Set(Object.values(enginesByUplink(engine)))];
  const hubs = await Promise.all(
    GATEWAYS.map(async (gateway) =>
      LabHub.open({
        gateway,
        engines,
        identity: identityOf(gatewayTls.get(gateway.id)),
        onTrouble,
        onServing: () => returnRoute.moveTo(gateway),
        onClosed: async () => returnRoute.withdraw(gateway),
      }),
    ),
  );
  const births: { gateway: string; atMs: number }[] = [];
  const operator = new LabOperator(SERIAL_NUMBER);
  const cloud = await startLabCloud({
    directory: LAB_DIRECTORY,
    planeDirectory: logDirectory,
    serialNumber: SERIAL_NUMBER,
    authority,
    gatewayTls,
    engine,
    hubs: new Map(hubs.map((hub) => [hub.gateway.id, cloudHubOf(hub)])),
    on: (gateway) => ({
      onBirth: () => {
        births.push({ gateway, atMs: liveClock.nowMs() });
        operator.metAt(gateway);
      },
      onCommandStatus: (_, status) => operator.hears(status),
      onRefused: (_, code, sentence) => onTrouble(`${gateway} refused (${code}): ${sentence}`),
    }),
    onHubTunnels: (gateway, tunnels) =>
      hubs.find((hub) => hub.gateway.id === gateway)?.carry(tunnels),
  });
  const config = await configureAgent(cloud, boardPath, operator);
  const kernels = [inet, vpc];
  return { board, faults, cloud, hubs, config, operator, births, logDirectory, engine, kernels };
}

function cloudHubOf({ publicKey, ipsecPort }: LabHub): Pick<CloudHub, 'publicKey' | 'ipsecPort'> {
  return { publicKey, ...(ipsecPort === undefined ? {} : { ipsecPort }) };
}

function identityOf(tls: TlsMaterial | undefined): DeviceIdentity {
  const { certificatePem: certificate = '', keyPem: key = '', caPem: ca = '' } = tls ?? {};
  return { certificate, key, ca };
}

async function configureAgent(
  cloud: LabCloud,
  boardPath: string,
  operator: LabOperator,
): Promise<WrittenConfig> {
  const directory = join(LAB_DIRECTORY, 'agent');
  const caFile = join(directory, 'ca.crt');
  const issued = await cloud.authority.issueDevice({
    serialNumber: SERIAL_NUMBER,
    dnsNames: UPLINKS.map(({ id }) => branchIdentity(id, SERIAL_NUMBER)),
  });
  const written = await writeCertificate(directory, 'device', issued);
  await writeFile(caFile, cloud.authority.certificatePem);
  const commandKeyFile = join(directory, 'command.pub');
  await writeFile(commandKeyFile, operator.publicKeyPem);
  const files = { caFile, commandKeyFile, ...written };
  return writeAgentConfig({ directory, boardPath, gatewayPort: GATEWAY_PORT, ...files });
}
