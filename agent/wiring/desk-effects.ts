/** What a command asks for, as work for whoever does it. */
import type { Command } from '../access/payloads.ts';
import type { DeviceWork } from '../model/device-work.ts';
import type { AccessSideEvent } from './access-side.ts';
import type { WiredEffect } from './control-events.ts';

const SECOND_MS = 1_000;

export type Wanted =
  | { readonly of: 'others'; readonly effect: WiredEffect }
  | { readonly of: 'access'; readonly event: AccessSideEvent };

export function wantedOf(command: Command): Wanted {
  const requestId = command.id;
  switch (command.verb) {
    case 'switchActiveTunnel': {
      const { tunnel } = command;
      const order = { type: 'switchRequested', requestId, tunnel } as const;
      return { of: 'others', effect: { type: 'orderFastPath', order } };
    }
    case 'switchAccessPoint': {
      const { accessPoint } = command;
      const type = 'accessPointSwitchRequested';
      return { of: 'access', event: { type, requestId, accessPoint } };
    }
    case 'probeAccessPoints':
      return { of: 'access', event: { type: 'probeRequested', requestId } };
    case 'startDiagnosis':
      return ofDevice(requestId, { do: 'diagnose', diagnoseId: requestId });
    case 'rekeyTunnel':
      return ofDevice(requestId, { do: 'rekey', tunnel: command.tunnel });
    case 'unlock':
      return { of: 'others', effect: { type: 'unlockRequested', requestId } };
    case 'reboot':
      return ofDevice(requestId, { do: 'reboot' });
    case 'blink':
      return ofDevice(requestId, { do: 'blink', durationMs: command.durationS * SECOND_MS });
    case 'setLogLevel': {
      const { level, durationS } = command;
      return ofDevice(requestId, { do: 'setLogLevel', level, durationMs: durationS * SECOND_MS });
    }
  }
}

function ofDevice(requestId: string, work: DeviceWork): Wanted {
  return { of: 'others', effect: { type: 'deviceWork', requestId, work } };
}
