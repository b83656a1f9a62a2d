/**
 * What the page shows, fully worded: the browser only places texts, it decides and formats nothing.
 */

import type { UplinkProbes } from '../model/probe-budget.ts';
import type { AgentSnapshot, TimedNote, TunnelSnapshot } from '../model/snapshot.ts';
import type { TunnelState } from '../model/tunnel.ts';
import type { WanSnapshot } from '../model/wan.ts';
import { duration } from '../report/render-duration.ts';
import { renderNote } from '../report/render-note.ts';
import { printable } from '../report/render-printable.ts';
import { attentionTexts } from './attention.ts';
import { boardTexts } from './board-words.ts';
import type { CheckReport } from './check/check-report.ts';
import { type Text, text } from './check/finding.ts';
import type { LadderSoFar } from './check/ladder.ts';
import { enrolmentTexts } from './enrolment-words.ts';
import { eventTrail, type ShownEvent } from './event-trail.ts';
import { type FrontPanel, frontPanelOf } from './front-panel.ts';
import { type Health, healthTexts } from './health.ts';
import {
  agoText,
  lifeText,
  packetsText,
  reasonText,
  routesText,
  sessionText,
  subtitleText,
  verdictText,
} from './page-words.ts';
import type { UplinkHistory } from './path-history.ts';
import { probesOf } from './probes-block.ts';
import { roleOf } from './tunnels-view.ts';

/** As many changes and notes as a page shows; the log has all of them. */
const CHANGES_SHOWN = 8;
const NOTES_SHOWN = 60;

export type PageMessage =
  | { readonly type: 'state'; readonly state: PageState }
  | { readonly type: 'notes'; readonly notes: readonly PageNote[] }
  /** At once the last hour, then each point as it comes. */
  | {
      readonly type: 'history';
      readonly stepMs: number;
      readonly isWhole: boolean;
      readonly uplinks: readonly UplinkHistory[];
    }
  /** The ladder while its probes are under way. */
  | ({ readonly type: 'rungs' } & LadderSoFar)
  | { readonly type: 'checked'; readonly report: CheckReport }
  /** The LAN is given another address; there the page is as well. */
  | { readonly type: 'moving'; readonly to: string }
  /** What an act came to. */
  | {
      readonly type: 'done';
      readonly op: string;
      readonly ok: boolean;
      readonly because: string;
    };

export interface PageNote {
  readonly wallMs: number;
  readonly level: string;
  readonly code: string;
  readonly sentence: Text;
}

export interface PageState {
  readonly title: string;
  readonly subtitle: Text;
  readonly health: Health<Text>;
  readonly attention: readonly Text[];
  /** While the device asks for a certificate; `because` says how far it is and what stopped it last. */
  readonly enrolment?: { readonly state: string; readonly because: Text };
  readonly panel: FrontPanel;
  /** How uplinks get their addresses. */
  readonly wan?: PageWan;
  readonly uplinks: readonly PageUplink[];
  readonly tunnels: readonly PageTunnel[];
  readonly because: Text;
  readonly candidates: readonly PageCandidate[];
  readonly changes: readonly PageChange[];
  readonly events: { readonly waiting: number; readonly newest: readonly ShownEvent[] };
  readonly routes: { readonly summary: Text; readonly prefixes: readonly string[] };
}

interface PageWan extends Pick<WanSnapshot, 'uplinks' | 'last'> {
  readonly trial?: { readonly uplink: string; readonly leftMs: number; readonly lacks: string };
}

interface PageUplink {
  readonly id: string;
  readonly kind: string;
  readonly state: 'up' | 'down';
  readonly text: Text;
  readonly board: Text;
  /** What its probes cost and buy, and whether a budget holds; absent while no tunnel is wanted on it. */
  readonly probes?: Pick<UplinkProbes, 'sentence' | 'held'>;
}

interface PageTunnel {
  readonly id: string;
  readonly role: string;
  readonly state: TunnelState;
  readonly life: Text;
  readonly session: Text;
  readonly packets: Text;
  /** Numbers for the drawings; absent while nothing is measured. */
  readonly quality: {
    readonly rttMs?: number;
    readonly jitterMs?: number;
    readonly lossPercent?: number;
  };
}

interface PageCandidate {
  readonly tunnel: string;
  readonly eligible: boolean;
  readonly why: Text;
}

interface PageChange {
  readonly ago: Text;
  readonly from: string;
  readonly to: string;
  readonly cause: string;
  readonly because: Text;
  readonly silent: string;
  readonly decide: string;
  readonly install: string;
}

export function pageStateOf(snapshot: AgentSnapshot): PageState {
  const { fastPath, nowMs, enrolment } = snapshot;
  const { routes, nowMs: pathNowMs } = fastPath;
  const panel = frontPanelOf(snapshot);
  const { hello } = snapshot.board;
  const name =
    hello === undefined ? 'Smart Access Gateway' : `${hello.model} ${hello.serialNumber}`;
  const state: PageState = {
    title: name,
    subtitle: subtitleText(snapshot),
    health: healthTexts(snapshot),
    attention: attentionTexts(snapshot),
    ...(enrolment !== undefined && {
      enrolment: { state: enrolment.state, because: enrolmentTexts(enrolment, nowMs) },
    }),
    panel,
    ...(snapshot.wan !== undefined && { wan: wanOf(snapshot.wan, nowMs) }),
    uplinks: fastPath.uplinks.map((uplink) => uplinkOf(uplink, snapshot)),
    tunnels: fastPath.tunnels.map((tunnel) => ({
      id: tunnel.id,
      role: roleOf(tunnel, fastPath.active),
      state: tunnel.state,
      life: lifeText(tunnel, pathNowMs),
      session: sessionText(tunnel),
      packets: packetsText(tunnel),
      quality: figuresOf(tunnel),
    })),
    because: reasonText(fastPath.choice.rule, fastPath.choice.because),
    candidates: fastPath.choice.candidates.map(({ tunnel, eligible, rule, why }) => ({
      tunnel,
      eligible,
      why: reasonText(rule, why),
    })),
    changes: fastPath.changes
      .slice(-CHANGES_SHOWN)
      .toReversed()
      .map((change) => ({
        ago: agoText(change.detectedAtMs, pathNowMs),
        from: change.from ?? 'none',
        to: change.to ?? 'none',
        cause: change.cause,
        because: reasonText(change.rule, change.because),
        silent: change.silentForMs > 0 ? duration(change.silentForMs) : '–',
        decide: duration(change.decideMs),
        install: duration(change.installMs),
      })),
    events: { waiting: snapshot.outbox.pending, newest: eventTrail(snapshot.notes) },
    routes: { summary: routesText(routes), prefixes: routes.prefixes },
  };
  return printableParts(state) as PageState;
}

function wanOf({ uplinks, trial, last }: WanSnapshot, nowMs: number): PageWan {
  return {
    uplinks,
    ...(last !== undefined && { last }),
    ...(trial !== undefined && {
      trial: { uplink: trial.uplink, leftMs: trial.untilMs - nowMs, lacks: trial.lacks },
    }),
  };
}

function uplinkOf(
  uplink: AgentSnapshot['fastPath']['uplinks'][number],
  snapshot: AgentSnapshot,
): PageUplink {
  const probes = probesOf(snapshot, uplink.id);
  return {
    id: uplink.id,
    kind: uplink.use === 'data' ? uplink.kind : `${uplink.kind}, management only`,
    state: uplink.verdict.state,
    text: verdictText(uplink.verdict, snapshot.fastPath.nowMs),
    board: boardTexts(uplink, snapshot.board.reports),
    ...(probes !== undefined && {
      probes: { sentence: probes.sentence, held: probes.held },
    }),
  };
}

function figuresOf({ quality }: TunnelSnapshot): PageTunnel['quality'] {
  const { rtt, lossPercent, jitterUpMs, jitterDownMs } = quality ?? {};
  const jitterMs = Math.max(jitterUpMs ?? 0, jitterDownMs ?? 0);
  const isJitterKnown = jitterUpMs !== undefined || jitterDownMs !== undefined;
  return {
    ...(rtt !== undefined && { rttMs: rtt.p50Ms }),
    ...(isJitterKnown && { jitterMs }),
    ...(lossPercent !== undefined && { lossPercent }),
  };
}

export function pageNoteOf({ wallMs, note }: TimedNote): PageNote {
  const sentence = text(renderNote(note), renderNote(note, 'zh'));
  return { wallMs, level: note.level, code: printable(note.code), sentence };
}

/** The newest notes, oldest first. */
export function pageNotesOf(snapshot: AgentSnapshot): readonly PageNote[] {
  return snapshot.notes.slice(-NOTES_SHOWN).map(pageNoteOf);
}

/** Every string of the value escaped: text nodes cannot carry markup, but they can carry bidirectional marks. */
function printableParts(value: unknown): unknown {
  if (typeof value === 'string') return printable(value);
  if (Array.isArray(value)) return value.map(printableParts);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, printableParts(member)]),
  );
}
