/** What a well-behaved device says, for the tests of the access gateway. */
import type { Birth, Death, EventMessage } from '../../../agent/access/payloads.ts';
import { SAG_EVENTS } from '../../../agent/model/sag-event.ts';
import { topic } from './foreign-client.ts';

export function birthOf(serialNumber: string, bdSeq: number): Birth {
  return {
    v: 1,
    state: 'online',
    bdSeq,
    bootId: 'boot-1',
    serialNumber,
    model: 'sag-1000',
    hardwareRevision: 'A1',
    firmwareVersion: '1.0.0',
    agentVersion: '0.1.0',
    area: 'Mainland China',
    tunnelPublicKey: 'a2V5',
    uplinks: [{ id: 'wan1', kind: 'wired' }],
    host: {},
  };
}

export function deathOf(bdSeq: number, why: Death['why'] = 'lost'): Death {
  return { v: 1, state: 'offline', bdSeq, bootId: 'boot-1', why };
}

export function willOf(serialNumber: string, bdSeq: number) {
  const payload = Buffer.from(JSON.stringify(deathOf(bdSeq)));
  return { topic: topic(serialNumber, 'life'), payload, qos: 1, retain: true } as const;
}

export function eventOf(seq: number): EventMessage {
  return {
    v: 1,
    id: `boot-1-${seq}`,
    bootId: 'boot-1',
    seq,
    name: 'DeviceWanLinkDown',
    atMs: seq * 10,
    wallMs: 1_700_000_000_000 + seq,
    content: { uplink: 'wan1' },
    ...SAG_EVENTS.DeviceWanLinkDown,
  };
}
