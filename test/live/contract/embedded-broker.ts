/** The embedded access gateway as a broker of the contract suite; its operator is its own interface. */
import type { Command } from '../../../agent/access/payloads.ts';
import type { DesiredDocument } from '../../../agent/model/desired.ts';
import { createAuthority } from '../../../sim/live/certificates.ts';
import { startAccessGateway } from '../../../sim/live/gateway/access-gateway.ts';
import type { AccessGatewayListener } from '../../../sim/live/gateway/device-messages.ts';
import { MemoryEventStore } from '../../../sim/live/gateway/event-store.ts';
import { type Broker, HeardSoFar, SERVER_NAME, TENANT } from './broker.ts';

export async function startEmbedded(): Promise<Broker> {
  const authority = await createAuthority();
  const issued = await authority.issueGateway({ name: SERVER_NAME, addresses: ['127.0.0.1'] });
  const heard = new HeardSoFar();
  const gateway = await startAccessGateway({
    id: 'gwa',
    area: 'Mainland China',
    tenant: TENANT,
    tls: { ...issued, caPem: authority.certificatePem },
    listen: { host: '127.0.0.1', port: 0 },
    store: new MemoryEventStore(),
    on: listenerOf(heard),
  });
  return {
    port: gateway.port,
    caPem: authority.certificatePem,
    issue: (serialNumber) => authority.issueDevice({ serialNumber }),
    say: async (topic, payload) => {
      const [, , , serialNumber = '', kind, ...rest] = topic.split('/');
      if (kind === 'state') gateway.publishDesired(serialNumber, payload as DesiredDocument);
      else if (kind === 'ctl') gateway.askRebirth(serialNumber);
      else if (rest.length === 1) gateway.sendCommand(serialNumber, payload as Command);
      else throw new Error(`the embedded gateway says nothing on ${topic}`);
    },
    hear: (topic, isWanted) => heard.next(topic, isWanted),
    heard: () => heard.all,
    close: () => gateway.close(),
  };
}

function listenerOf(heard: HeardSoFar): AccessGatewayListener {
  const add = (serialNumber: string, rest: string, payload: unknown): void =>
    heard.add({ topic: `sag/v1/${TENANT}/${serialNumber}/${rest}`, payload });
  return {
    onBirth: (birth) => add(birth.serialNumber, 'life', birth),
    onDeath: (serialNumber, death) => add(serialNumber, 'life', death),
    onReported: (serialNumber, reported) => add(serialNumber, 'state/reported', reported),
    onLink: (serialNumber, link) => add(serialNumber, `link/${link.uplink}`, link),
    onEventStored: (serialNumber, event) => add(serialNumber, `event/${event.name}`, event),
    onCommandStatus: (serialNumber, status) => add(serialNumber, `cmd/${status.id}/status`, status),
  };
}
