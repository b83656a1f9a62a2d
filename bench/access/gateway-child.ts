/**
 * The access gateway of the bench, as a process of its own: it must not share an event loop with what is measured.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startAccessGateway } from '../../sim/live/gateway/access-gateway.ts';
import { SqliteEventStore } from '../../sim/live/gateway/sqlite-event-store.ts';

const directory = process.argv[2] ?? '';
const text = (name: string): string => readFileSync(join(directory, name), 'utf8');
const gateway = await startAccessGateway({
  id: 'gwa',
  area: 'Mainland China',
  tenant: 'acme',
  tls: {
    certificatePem: text('gateway.crt'),
    keyPem: text('gateway.key'),
    caPem: text('ca.crt'),
  },
  listen: { host: '127.0.0.1', port: 0 },
  store: new SqliteEventStore(join(directory, 'events.sqlite')),
});
process.send?.({ port: gateway.port });
process.once('disconnect', () => process.exit(0));
