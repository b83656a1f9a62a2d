/**
 * An access gateway as a process of its own, so that it can be killed: its events in a file, its socket in the namespace
 * of the crash room. One line on standard output for each event it was sent again.
 */
import { readFileSync } from 'node:fs';
import { loadNative } from '../../firmware-shim/adapters/native.ts';
import { startAccessGateway } from '../../sim/live/gateway/access-gateway.ts';
import type { EventStore, StoredEvent } from '../../sim/live/gateway/event-store.ts';
import { SqliteEventStore } from '../../sim/live/gateway/sqlite-event-store.ts';
import type { CrashPlaces } from './room.ts';

const places = JSON.parse(process.argv[2] ?? '') as CrashPlaces;
const file = new SqliteEventStore(places.eventsFile);

const store: EventStore = {
  append: async (entry: StoredEvent) => {
    const appended = await file.append(entry);
    if (appended === 'duplicate') process.stdout.write('duplicate\n');
    return appended;
  },
  all: () => file.all(),
  close: () => file.close(),
};

const gateway = await startAccessGateway({
  id: 'gwa',
  area: 'Mainland China',
  tenant: 'acme',
  tls: {
    certificatePem: readFileSync(places.gatewayCertificate, 'utf8'),
    keyPem: readFileSync(places.gatewayKey, 'utf8'),
    caPem: readFileSync(places.caFile, 'utf8'),
  },
  listen: {
    fd: loadNative().tcpListen({
      netnsPath: places.netnsPath,
      address: places.address,
      port: places.port,
    }),
  },
  store,
});
process.stdout.write('listening\n');
process.once('SIGTERM', () => {
  void gateway.close().then(() => {
    store.close();
    process.exit(0);
  });
});
