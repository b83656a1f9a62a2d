/** What a command asks for, as work for whoever does it. */
import type { Command } from '../access/payloads.ts';
import type { FastPathOrder } from '../model/fast-path.ts';
import type { AccessSideEvent } from './access-side.ts';

export type Wanted =
  | { readonly of: 'fast-path'; readonly order: FastPathOrder }
  | { readonly of: 'access'; readonly event: AccessSideEvent };

export function wantedOf(command: Command): Wanted {
  const requestId = command.id;
  switch (command.verb) {
    case 'switchActiveTunnel': {
      const { tunnel } = command;
      return { of: 'fast-path', order: { type: 'switchRequested', requestId, tunnel } };
    }
    case 'switchAccessPoint': {
      const { accessPoint } = command;
      const type = 'accessPointSwitchRequested';
      return { of: 'access', event: { type, requestId, accessPoint } };
    }
    case 'probeAccessPoints':
      return { of: 'access', event: { type: 'probeRequested', requestId } };
  }
}
