/**
 * The front panel as a picture would show it: ports with their sockets' lamps, and the LEDs.
 *
 * Port lamps follow what the board last reported. The LEDs show what they mean (SAG "Indicators": CLOUD on is
 * connected and blinking is trying, SYS blinking is healthy, LTE blinking is fine), so that a technician can
 * compare the picture with the box.
 */
import type {
  BoardReport,
  Led,
  LedMode,
  PortCarrier,
  PortRole,
} from '../../firmware-shim/wire/messages.ts';
import type { AgentSnapshot } from '../model/snapshot.ts';

export interface FrontPanel {
  readonly known: boolean;
  readonly title: string;
  readonly ports: readonly PanelPort[];
  readonly leds: readonly { readonly led: Led; readonly mode: LedMode }[];
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

function ledsOf({ board, registration }: AgentSnapshot): FrontPanel['leds'] {
  const up = board.state === 'up';
  const lte = board.reports.find((report) => report.kind === 'lteSignal');
  return [
    { led: 'PWR', mode: up ? 'on' : 'off' },
    { led: 'SYS', mode: up ? 'blink' : 'off' },
    { led: 'CLOUD', mode: cloudMode(registration.state) },
    { led: 'LTE', mode: up && lte?.registered === true ? 'blink' : 'off' },
  ];
}

function cloudMode(state: AgentSnapshot['registration']['state']): LedMode {
  if (state === 'registered') return 'on';
  return state === 'idle' ? 'off' : 'blink';
}
