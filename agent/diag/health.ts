/**
 * Three separate truths about a device, and what a person should look at.
 *
 * The board answers or not; the control channel stands or not (`ControllerState`); user traffic has a tunnel
 * or not (`VpnState`). They fail apart from each other and are never folded into one bit.
 */
import { isColdStandby } from '../model/ha.ts';
import type { EventLosses } from '../model/sag-event.ts';
import type { AgentSnapshot, SafeModeSnapshot } from '../model/snapshot.ts';
import { NEVER_FORWARDS } from '../model/uplink.ts';
import { dataStopWords } from '../report/render-data-stop.ts';
import { duration, since } from '../report/render-duration.ts';
import { counted } from '../report/render-sentences.ts';
import { documentInForce, setAsideWords } from '../report/render-state-note.ts';
import { downReason } from '../report/render-uplink-note.ts';
import { enrolmentWords } from './enrolment-words.ts';
import { endToEndWords } from './reach-blocks.ts';

export interface Truth {
  readonly state: 'Normal' | 'Abnormal';
  /** A clause without a full stop. */
  readonly because: string;
  readonly sinceMs: number;
}

export interface Health {
  readonly board: Truth;
  readonly control: Truth;
  readonly data: Truth;
}

/** A fast path that has not spoken for longer is worth a look: it answers a snapshot in milliseconds. */
const FAST_PATH_SILENCE_MAX_MS = 3_000;

export function healthOf(snapshot: AgentSnapshot): Health {
  return { board: boardOf(snapshot), control: controlOf(snapshot), data: dataOf(snapshot) };
}

function boardOf({ board, nowMs }: AgentSnapshot): Truth {
  const { hello, sinceMs } = board;
  if (board.state === 'lost') {
    const before = hello === undefined ? 'has not answered yet' : 'is silent';
    return {
      state: 'Abnormal',
      because: `the board ${before}, for ${since(sinceMs, nowMs)}`,
      sinceMs,
    };
  }
  const name = hello === undefined ? 'it' : `${hello.model} ${hello.serialNumber}`;
  return { state: 'Normal', because: `${name} answers, for ${since(sinceMs, nowMs)}`, sinceMs };
}

function controlOf({ registration, enrolment, nowMs }: AgentSnapshot): Truth {
  if (enrolment !== undefined) {
    const { sinceMs } = enrolment;
    return { state: 'Abnormal', because: enrolmentWords(enrolment, nowMs), sinceMs };
  }
  const { state, gateway = 'a gateway', overUplink, sinceMs, lastError, retryAtMs } = registration;
  const length = since(sinceMs, nowMs);
  if (state === 'registered') {
    const over = overUplink === undefined ? '' : ` over ${overUplink}`;
    return {
      state: 'Normal',
      because: `registered with ${gateway}${over}, for ${length}`,
      sinceMs,
    };
  }
  const doing = {
    idle: 'not trying to register',
    connecting: `connecting to ${gateway}, for ${length}`,
    registering: `registering with ${gateway}, for ${length}`,
    waiting:
      retryAtMs === undefined
        ? `waiting to try again, for ${length}`
        : `next attempt in ${duration(retryAtMs - nowMs)}`,
  }[state];
  const last = lastError === undefined ? '' : `; last error ${lastError.code}: ${lastError.text}`;
  return { state: 'Abnormal', because: `${doing}${last}`, sinceMs };
}

function dataOf({ fastPath, desired }: AgentSnapshot): Truth {
  const { active, tunnels, routes, choice, nowMs } = fastPath;
  const tunnel = tunnels.find(({ id }) => id === active);
  const abnormal = (because: string, sinceMs = nowMs): Truth => ({
    state: 'Abnormal',
    because,
    sinceMs,
  });
  if (tunnels.length === 0) {
    if (desired.revision === 0) {
      return abnormal('no gateway has said yet what is desired; what a former run left stays');
    }
    if (isColdStandby(desired.ha)) {
      return abnormal('this device is a cold standby and carries nothing');
    }
    return abnormal(
      desired.ccn === undefined ? 'this SAG is bound to no CCN' : 'no tunnel is planned',
    );
  }
  if (routes.stop !== undefined) return abnormal(dataStopWords(routes.stop));
  if (tunnel === undefined) return abnormal(`no tunnel is active: ${choice.because}`);
  if (tunnel.state !== 'up')
    return abnormal(`${tunnel.id} is active but ${tunnel.state}`, tunnel.sinceMs);
  if (routes.prefixes.length > 0 && !routes.installed) {
    return abnormal(`${tunnel.id} is active but its routes are not installed`, tunnel.sinceMs);
  }
  const length = since(tunnel.sinceMs, nowMs);
  return {
    state: 'Normal',
    because: `${tunnel.id} over ${tunnel.uplink} is active, up for ${length}`,
    sinceMs: tunnel.sinceMs,
  };
}

function lossesOf(losses: EventLosses): string {
  const words = {
    full: 'no room',
    expired: 'too old',
    refused: 'refused by the gateway',
    unreadable: 'damaged on the disk',
  } as const;
  return (Object.keys(words) as (keyof EventLosses)[])
    .filter((why) => losses[why] > 0)
    .map((why) => `${losses[why]} ${words[why]}`)
    .join(', ');
}

function safeModeWords(safe: SafeModeSnapshot | undefined, nowMs: number): readonly string[] {
  if (safe === undefined) return [];
  const { mode, crashes, setAside, untilMs = nowMs } = safe;
  const end = `; it starts anew in ${duration(untilMs - nowMs)}`;
  return [
    `Safe mode after ${counted(crashes, 'crash', 'crashes')} in a row: ${documentInForce(mode)}, ${setAsideWords(setAside)} set aside${end}.`,
  ];
}

/** What a person should look at, most urgent first; empty when all is well. */
/** What was set at the box and is not settled: whoever set it may have gone, and the cloud's people look here. */
function wanWords({ wan, nowMs }: AgentSnapshot): readonly string[] {
  if (wan === undefined) return [];
  const { uplinks, trial } = wan;
  return [
    ...(trial === undefined
      ? []
      : [
          `The address of ${trial.uplink} was set at the box and is undone in ${duration(trial.untilMs - nowMs)} unless it is kept: ${trial.lacks}.`,
        ]),
    ...uplinks.flatMap(({ uplink, trouble }) =>
      trouble === undefined ? [] : [`${uplink} is given no address: ${trouble}.`],
    ),
  ];
}

export function attentionOf(snapshot: AgentSnapshot): readonly string[] {
  const { board, control, data } = healthOf(snapshot);
  const { fastPath, desired, outbox, nowMs } = snapshot;
  const found: string[] = [...safeModeWords(desired.safeMode, nowMs)];
  if (data.state === 'Abnormal') found.push(`User traffic: ${data.because}.`);
  if (control.state === 'Abnormal') found.push(`Control channel: ${control.because}.`);
  const far = endToEndWords(snapshot.endToEnd);
  if (far.state === 'Abnormal') found.push(`End to end: ${far.because}.`);
  for (const { id, destination, status, round } of snapshot.healthChecks ?? []) {
    if (status !== 'failed') continue;
    found.push(
      `Health check ${id}: ${destination} fails, ${round?.because ?? 'answers too late'}.`,
    );
  }
  if (board.state === 'Abnormal') found.push(`Board: ${board.because}.`);
  found.push(...wanWords(snapshot));
  for (const { id, use, priority, verdict } of fastPath.uplinks) {
    if (verdict.state === 'up' || use !== 'data' || priority === NEVER_FORWARDS) continue;
    found.push(`Uplink ${id} is down: ${downReason(verdict.reason)}.`);
  }
  for (const { id, state } of fastPath.tunnels) {
    if (state === 'up' || id === fastPath.active) continue;
    found.push(`Tunnel ${id} is ${state}; it could not take over.`);
  }
  const { refused } = desired;
  if (refused !== undefined) {
    found.push(
      `Desired revision ${refused.revision} was refused: ${refused.code} at ${refused.pointer || 'its root'}.`,
    );
  }
  for (const { kind, id, state, code } of desired.rules ?? []) {
    if (state === 'error') found.push(`The rule ${kind}/${id} is not applied: ${code}.`);
  }
  if (outbox.dropped > 0)
    found.push(`${outbox.dropped} events were never told: ${lossesOf(outbox.losses)}.`);
  const silentMs = nowMs - fastPath.nowMs;
  if (silentMs > FAST_PATH_SILENCE_MAX_MS) {
    found.push(
      `The fast path has not answered for ${duration(silentMs)}; what is shown of it is old.`,
    );
  }
  return found;
}
