/**
 * The front panel as a picture would show it: ports with their sockets' lamps, and the LEDs.
 *
 * Port lamps follow what the board last reported. The LEDs are in the modes the agent gives them on this very
 * panel, with what they say there, so that a technician can compare the picture with the box.
 */
import type { BoardReport, Led, PortCarrier, PortRole } from '../../firmware-shim/wire/messages.ts';
import type { AgentSnapshot } from '../model/snapshot.ts';
import { lampIn, panelModes, type ShownLamp } from '../report/led-panel-modes.ts';

const LAMPS_IN_ORDER: readonly Led[] = ['PWR', 'SYS', 'CLOUD', 'LTE'];
const NO_LTE = { present: false, registered: false };

export interface FrontPanel {
  readonly known: boolean;
  readonly title: string;
  readonly ports: readonly PanelPort[];
  readonly leds: readonly ShownLamp[];
}

export interface PanelPort {
  readonly port: number;
  readonly role: PortRole;
  readonly copper: boolean;
  /** Unknown until the board has reported it, and again while the board is silent. */
  readonly carrier: 'up' | 'down' | 'unknown';
  readonly speedMbps: number;
  /** Uplink behind the port, and whether the active tunnel leaves through it. */
  readonly uplink?: string;
  readonly carriesTraffic: boolean;
}

export function frontPanelOf(snapshot: AgentSnapshot): FrontPanel {
  const { board, fastPath } = snapshot;
  const { hello } = board;
  const activeUplink = fastPath.tunnels.find(({ id }) => id === fastPath.active)?.uplink;
  const ports = (hello?.ports ?? []).map((description): PanelPort => {
    const report = carrierOf(description.port, board.reports);
    const uplink = fastPath.uplinks.find(({ port }) => port === description.port)?.id;
    const known = board.state === 'up' && report !== undefined;
    return {
      ...description,
      carrier: known ? (report.carrier ? 'up' : 'down') : 'unknown',
      speedMbps: known && report.carrier ? report.speedMbps : 0,
      ...(uplink !== undefined && { uplink }),
      carriesTraffic: uplink !== undefined && uplink === activeUplink,
    };
  });
  return {
    known: hello !== undefined,
    title: hello === undefined ? 'Board unknown' : `${hello.model} · ${hello.serialNumber}`,
    ports,
    leds: ledsOf(snapshot),
  };
}

function carrierOf(port: number, reports: readonly BoardReport[]): PortCarrier | undefined {
  return reports.find(
    (report): report is PortCarrier => report.kind === 'portCarrier' && report.port === port,
  );
}

/** While the board is silent its lamps are shown dark, but for CLOUD, which is about the agent. */
function ledsOf({ board, registration, fastPath }: AgentSnapshot): FrontPanel['leds'] {
  const { hello } = board;
  if (hello === undefined) return [];
  const up = board.state === 'up';
  const lte = board.reports.find((report) => report.kind === 'lteSignal') ?? NO_LTE;
  const isDataStopped = fastPath.routes.stop !== undefined;
  const state = { registration: registration.state, isStopping: false, isDataStopped, lte };
  const shown = panelModes(hello, state);
  const modes = new Map(shown.map((lamp) => [lamp.led, lamp]));
  return LAMPS_IN_ORDER.map((led) => {
    if (led === 'PWR') return lampIn(hello, led, up ? 'on' : 'off');
    const lamp = up || led === 'CLOUD' ? modes.get(led) : undefined;
    return lamp ?? lampIn(hello, led, 'off');
  });
}
