/**
 * What is worth a note of what charon tells.
 */
import { youngestChild } from '../../engine/association-view.ts';
import type { CharonEvent } from '../../engine/vici-event.ts';
import type { EngineNote } from '../../model/notes/engine-note.ts';
import { endpointText } from '../engine/engine-spec.ts';

export function noteOf({ type, ike }: CharonEvent): EngineNote | undefined {
  const tunnel = ike.connection;
  const endpoint = endpointText({ address: ike.remoteAddress, port: ike.remotePort });
  switch (type) {
    case 'childUp': {
      const cipher = youngestChild(ike)?.cipher ?? ike.cipher;
      return { code: 'engineTunnelUp', level: 'info', tunnel, endpoint, cipher };
    }
    case 'childRekeyed':
      return { code: 'engineRekeyed', level: 'debug', tunnel, association: 'CHILD_SA' };
    case 'ikeRekeyed':
      return { code: 'engineRekeyed', level: 'debug', tunnel, association: 'IKE_SA' };
    case 'endpointMoved':
      return { code: 'engineEndpointMoved', level: 'notice', tunnel, endpoint };
    // One going down says little while another stands; the engine tells when the last is gone.
    case 'ikeUp':
    case 'ikeDown':
    case 'childDown':
      return undefined;
  }
}
