/** A branch whose device has no certificate yet: a board with a factory key on a pty, and a gateway with its desk. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FirstStart } from '../../../agent/adapters/identity/first-start.ts';
import { GatewayFinder } from '../../../agent/adapters/names/gateway-finder.ts';
import { DirectoryFiles } from '../../../agent/adapters/store/directory-files.ts';
import { SqliteStore } from '../../../agent/adapters/store/sqlite-store.ts';
import { IdentityPairs } from '../../../agent/durable/identity-pairs.ts';
import type { AgentConfig, GatewayAddress } from '../../../agent/model/config.ts';
import type { Note } from '../../../agent/model/note.ts';
import { loadNative } from '../../../firmware-shim/adapters/native.ts';
import { SeededRandom } from '../../../firmware-shim/base/random.ts';
import { type Authority, createAuthority } from '../../../sim/live/certificates.ts';
import {
  type AccessGateway,
  type AccessGatewayOptions,
  startAccessGateway,
} from '../../../sim/live/gateway/access-gateway.ts';
import {
  type EnrolmentGateway,
  startEnrolmentGateway,
} from '../../../sim/live/gateway/enrolment-gateway.ts';
import { MemoryEventStore } from '../../../sim/live/gateway/event-store.ts';
import type { ListenAt } from '../../../sim/live/gateway/listen-tls.ts';
import { IdentityDesk } from '../../../sim/live/identity-desk.ts';
import { startPtyBoard } from '../../../sim/live/pty-board.ts';
import { SERVER_NAME, TENANT } from '../gateway/foreign-client.ts';

export const SERIAL_NUMBER = 'SAG1000-0001';
export const FACTORY_KEY = Uint8Array.from({ length: 32 }, (_, index) => 0x10 + index);

export interface Device {
  readonly config: AgentConfig;
  readonly pairs: IdentityPairs;
  readonly notes: Note[];
  /** Asks for a certificate, until `close` of the room if need be. */
  enrol(): Promise<void>;
}

export interface Room {
  readonly authority: Authority;
  readonly desk: IdentityDesk;
  readonly enrolment: EnrolmentGateway;
  readonly gateway: AccessGateway;
  /** What the desk refused, and the clones it saw. */
  readonly refused: string[];
  readonly clones: string[];
  readonly scratch: string;
  /** Of the certificates the desk issues from now on. */
  lifeDays: number;
  /** How the devices from now on find the gateway. */
  finding: { readonly gateway: string; readonly finder: GatewayFinder };
  /** A board on a pty, and the configuration of the device around it. */
  device(name: string, factoryKey?: Uint8Array, trust?: Authority): Promise<Device>;
  close(): Promise<void>;
}

export async function openRoom(
  on: AccessGatewayOptions['on'] = {},
  /** Where the gateways listen; this network namespace unless told otherwise. */
  netnsPath?: string,
  address = '127.0.0.1',
): Promise<Room> {
  const scratch = mkdtempSync(join(tmpdir(), 'sag-identity-'));
  const authority = await createAuthority();
  const issued = await authority.issueGateway({ name: SERVER_NAME, addresses: [address] });
  const tls = { ...issued, caPem: authority.certificatePem };
  const refused: string[] = [];
  const clones: string[] = [];
  const desk = new IdentityDesk({
    authority,
    lifeDays: () => room.lifeDays,
    nowMs: () => Date.now(),
    onClone: (serialNumber) => clones.push(serialNumber),
    onRefused: (_serialNumber, code) => refused.push(code),
  });
  const listen = (port: number): ListenAt =>
    netnsPath === undefined
      ? { host: address, port: 0 }
      : { fd: loadNative().tcpListen({ netnsPath, address, port }) };
  const enrolment = await startEnrolmentGateway({
    tenant: TENANT,
    tls,
    listen: listen(8444),
    desk,
  });
  const gateway = await startAccessGateway({
    id: 'gwa',
    area: 'Mainland China',
    tenant: TENANT,
    tls,
    listen: listen(8443),
    store: new MemoryEventStore(),
    on,
  });
  /** Whatever must end before the room does, in this order. */
  const open: { close(): Promise<void> }[] = [];

  const device: Room['device'] = async (name, factoryKey, trust = authority) => {
    const boardPath = join(scratch, `${name}-board`);
    const board = await startPtyBoard({
      linkPath: boardPath,
      model: 'sag-1000',
      serialNumber: SERIAL_NUMBER,
      ...(factoryKey === undefined ? {} : { factoryKey }),
    });
    open.push(board);
    const caFile = join(scratch, `${name}-ca.pem`);
    writeFileSync(caFile, trust.certificatePem);
    const config = configOf(scratch, name, boardPath, caFile, {
      id: 'gwa',
      address: room.finding.gateway,
      port: gateway.port,
      serverName: SERVER_NAME,
      enrolmentPort: enrolment.port,
    });
    const pairs = new IdentityPairs(new DirectoryFiles(config.stateDirectory));
    const notes: Note[] = [];
    const { finder } = room.finding;
    return {
      config,
      pairs,
      notes,
      enrol: async () => {
        const store = new SqliteStore({
          // Apart, so that a test sees what is kept of the identity alone.
          directory: join(scratch, `${name}-store`),
          onQuarantine: () => undefined,
          onVolatile: () => undefined,
        });
        open.push(store);
        const start = new FirstStart({
          config,
          store,
          finder,
          pairs,
          random: new SeededRandom(7),
          floorMs: 0,
          agentVersion: '0.0.0',
          onNote: ({ note }) => notes.push(note),
        });
        open.push(start);
        await start.done;
        await start.close();
      },
    };
  };

  const close = async (): Promise<void> => {
    for (const each of open.toReversed()) await each.close();
    await enrolment.close();
    await gateway.close();
    rmSync(scratch, { recursive: true, force: true });
  };
  const room: Room = {
    authority,
    desk,
    enrolment,
    gateway,
    refused,
    clones,
    scratch,
    lifeDays: 90,
    finding: { gateway: address, finder: new GatewayFinder() },
    device,
    close,
  };
  return room;
}

function configOf(
  scratch: string,
  name: string,
  boardPath: string,
  caFile: string,
  gateway: GatewayAddress,
): AgentConfig {
  return {
    tenant: TENANT,
    area: 'Mainland China',
    stateDirectory: join(scratch, `${name}-state`),
    controlSocket: join(scratch, `${name}.sock`),
    board: { path: boardPath, baudRate: 115_200 },
    uplinks: [],
    lanPrefixes: ['192.168.10.0/24'],
    access: { caFile, keepAliveS: 30, gateways: [gateway] },
    logLevel: 'debug',
  };
}
