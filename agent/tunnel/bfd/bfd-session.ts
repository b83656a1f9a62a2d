/**
 * One BFD session in asynchronous mode: decides from packets and silence whether a tunnel is alive (RFC 5880).
 *
 * The socket below binds one tunnel between two addresses, so a packet without Your Discriminator can only be
 * for this session (RFC 5881 section 3). Whatever the far end does wrong is counted by the rule it broke.
 * Our own lateness is not the far end's silence: after a late wake-up the judgement waits for one more of its
 * packets, a bounded number of times.
 */
import { type Core, type Deadline, nothing } from '../../../firmware-shim/base/core.ts';
import type { Random } from '../../../firmware-shim/base/random.ts';
import { Timers } from '../../../firmware-shim/base/timers.ts';
import type { BfdAuthentication, BfdTimers, TunnelId } from '../../model/tunnel.ts';
import { BfdAuthenticator } from './bfd-authentication.ts';
import { BfdBurst } from './bfd-burst.ts';
import type { BfdCause } from './bfd-cause.ts';
import type { BfdEffect, BfdEvent, SessionMove } from './bfd-events.ts';
import { BfdFarEnd } from './bfd-far-end.ts';
import { BfdIntervals } from './bfd-intervals.ts';
import { BFD_MOVES, DIAGNOSTIC_OF, HEARD, moveNote } from './bfd-moves.ts';
import { type BfdPacket, type BfdState, diagnosticName } from './bfd-packet.ts';
import { BfdReception } from './bfd-reception.ts';
import {
  detectionTimeMs,
  jitteredMs,
  mustNotTransmit,
  peerIntervalMs,
  transmitIntervalMs,
} from './bfd-timing.ts';
import { BfdTransmission } from './bfd-transmission.ts';

/** Nobody repeats a farewell, so it is said thrice: three losses in a row are rare where packets pass at all. */
const FAREWELLS = 3;
/** How often our own lateness may put off a judgement between two packets: a thread that is always late must still judge. */
const GRACES_MAX = 2;

export class BfdSession implements Core<BfdEvent, BfdEffect> {
  readonly #tunnel: TunnelId;
  readonly #random: Random;
  readonly #timers = new Timers<'transmit' | 'detect' | 'rest' | 'forget'>();
  readonly #reception: BfdReception;
  readonly #transmission: BfdTransmission;
  readonly #intervals: BfdIntervals;
  readonly #burst = new BfdBurst();
  readonly #farEnd = new BfdFarEnd();
  #authenticator: BfdAuthenticator | undefined;
  #state: { readonly name: BfdState; readonly sinceMs: number } = { name: 'AdminDown', sinceMs: 0 };
  #diagnostic = 0;
  #sentAtMs = 0;
  #graces = 0;

  constructor(
    tunnel: TunnelId,
    timers: BfdTimers,
    random: Random,
    authentication?: BfdAuthentication,
  ) {
    this.#tunnel = tunnel;
    this.#random = random;
    this.#intervals = new BfdIntervals(timers);
    // Section 6.8.1: "It MUST be unique across all BFD sessions on this system, and nonzero"; random, so that
    // nobody outside can guess it (section 9).
    const discriminator = random.u32() || 1;
    this.#reception = new BfdReception(discriminator);
    this.#transmission = new BfdTransmission(discriminator);
    this.#authenticate(authentication);
  }

  handle(event: BfdEvent, nowMs: number): readonly BfdEffect[] {
    switch (event.type) {
      case 'enabled':
      case 'disabled':
        return this.#move(event.type, nowMs);
      case 'packetArrived':
        return this.#hear(event.bytes, nowMs);
      case 'timersPlanned':
        return this.#plan(event.timers, nowMs);
      case 'authenticationPlanned':
        this.#authenticate(event.authentication);
        return nothing;
      case 'pathLost':
        return this.#move(event.because ?? 'pathDown', nowMs);
      case 'uplinkJudged':
        this.#transmission.uplinkJudged(event.usable);
        return nothing;
      case 'wokeLate':
        return this.#grant(nowMs);
    }
  }

  tick(nowMs: number): readonly BfdEffect[] {
    const effects: BfdEffect[] = [];
    if (this.#timers.take('detect', nowMs)) effects.push(...this.#expire(nowMs));
    if (this.#timers.take('forget', nowMs)) this.#authenticator?.forget();
    if (this.#timers.take('rest', nowMs)) this.#rested(nowMs);
    if (this.#timers.take('transmit', nowMs)) effects.push(...this.#transmitPeriodic(nowMs));
    return effects;
  }

  deadline(): Deadline | undefined {
    return this.#timers.deadline();
  }

  /** The moment of `deadline`; Infinity when there is none. */
  get dueAtMs(): number {
    return this.#timers.firstAtMs;
  }

  get state(): BfdState {
    return this.#state.name;
  }

  /** Valid packets so far. */
  get heard(): number {
    return this.#reception.accepted;
  }

  /** How far apart the far end's packets are at most. */
  get peerIntervalMs(): number {
    return this.#farEnd.peer
      ? peerIntervalMs(this.#intervals.inForce.requiredMinRxMs, this.#farEnd.peer)
      : 0;
  }

  get farEnd(): Pick<BfdFarEnd, 'peer' | 'hasBrokenLink'> {
    return this.#farEnd;
  }

  snapshot(nowMs: number) {
    return {
      state: this.#state.name,
      remoteState: this.#farEnd.state,
      detectMs: this.#detectMs() ?? 0,
      ...(this.#farEnd.heardAtMs === undefined
        ? {}
        : { lastPacketAgoMs: nowMs - this.#farEnd.heardAtMs }),
      rxPackets: this.#reception.accepted,
      txPackets: this.#transmission.written,
      discarded: this.#reception.counts(),
    };
  }

  /** Section 6.8.6, in its order: discard rules first, then state variables, then the machine, then Poll. */
  #hear(bytes: Uint8Array, nowMs: number): readonly BfdEffect[] {
    const packet = this.#reception.read(bytes, this.#authenticator);
    if (packet === undefined) return nothing;
    this.#learn(packet, nowMs);
    // "If bfd.SessionState is AdminDown, discard the packet."
    if (this.#state.name === 'AdminDown') {
      this.#reception.discard('admin-down');
      return nothing;
    }
    const effects = this.#move(HEARD[packet.state], nowMs);
    // "If the Poll (P) bit is set, send a BFD Control packet … with the Poll (P) bit clear, and the Final (F)
    // bit set", without regard to the transmission timer (section 6.8.7).
    const answers = packet.poll && this.#burst.allows(nowMs);
    return answers ? [...effects, this.#packet('final')] : effects;
  }

  #learn(packet: BfdPacket, nowMs: number): void {
    const intervalBeforeMs = this.#transmitMs();
    this.#timers.clear('forget');
    this.#graces = 0;
    this.#farEnd.learn(packet, nowMs);
    // "If a Poll Sequence is being transmitted by the local system and the Final (F) bit in the received packet
    // is set, the Poll Sequence MUST be terminated."
    if (packet.final && this.#intervals.finalHeard()) this.#rest(nowMs);
    // The Detection Time follows the peer's packet at once, also when it shrinks (section 6.8.4).
    this.#armDetect(nowMs);
    if (this.#transmitMs() !== intervalBeforeMs) this.#armTransmit(nowMs);
  }

  #expire(nowMs: number): readonly BfdEffect[] {
    const effects = this.#move('silence', nowMs);
    if (this.#authenticator) this.#timers.set('forget', nowMs + (this.#detectMs() ?? 0));
    this.#farEnd.forget();
    return effects;
  }

  /** We were late, so what the peer sent may be on its way through our own stack. */
  #grant(nowMs: number): readonly BfdEffect[] {
    const dueMs = this.#timers.at('detect');
    if (dueMs === undefined || this.#farEnd.peer === undefined || this.#graces >= GRACES_MAX)
      return nothing;
    const graceUntilMs =
      nowMs + peerIntervalMs(this.#intervals.inForce.requiredMinRxMs, this.#farEnd.peer);
    if (graceUntilMs > dueMs) {
      this.#graces += 1;
      this.#timers.set('detect', graceUntilMs);
    }
    return nothing;
  }

  #plan(timers: BfdTimers, nowMs: number): readonly BfdEffect[] {
    this.#intervals.plan(timers);
    if (this.#farEnd.peer !== undefined) this.#armDetect(nowMs);
    if (this.#state.name !== 'AdminDown') this.#armTransmit(nowMs);
    return nothing;
  }

  /** Finals that answer the same Poll Sequence may still be on their way: longer than this they are lost. */
  #rest(nowMs: number): void {
    this.#timers.set('rest', nowMs + (this.#detectMs() ?? 0));
  }

  #rested(nowMs: number): void {
    this.#intervals.rested();
    this.#armDetect(nowMs);
    this.#armTransmit(nowMs);
  }

  #authenticate(plan: BfdAuthentication | undefined): void {
    if (plan === undefined) this.#authenticator = undefined;
    else if (this.#authenticator === undefined) {
      this.#authenticator = new BfdAuthenticator(plan, this.#random);
    } else this.#authenticator.plan(plan);
  }

  /** The one door for changes of state: what the table does not list does nothing. */
  #move(cause: BfdCause, nowMs: number): readonly BfdEffect[] {
    const to = BFD_MOVES[this.#state.name][cause];
    return to === undefined ? nothing : this.#become(to, cause, nowMs);
  }

  #become(to: BfdState, cause: BfdCause, nowMs: number): readonly BfdEffect[] {
    const from = this.#state.name;
    this.#state = { name: to, sinceMs: nowMs };
    if (to !== 'Init') this.#diagnostic = DIAGNOSTIC_OF[cause] ?? 0;
    this.#intervals.moved(to === 'Up');
    this.#timers.clear('rest');
    if (from === 'AdminDown') this.#authenticator?.forget();
    if (to === 'AdminDown') this.#timers.clear('detect');
    else if (this.#farEnd.peer !== undefined && cause !== 'silence') this.#armDetect(nowMs);
    const moved = this.#moved(from, cause, nowMs);
    // Section 6.8.7: a packet SHOULD be sent at once when its contents differ from the previous one.
    const repeats = to === 'AdminDown' && from !== 'AdminDown' ? FAREWELLS : 1;
    const sends = this.#burst.allows(nowMs) ? repeats : 0;
    const packets = Array.from({ length: sends }, () => this.#packet('plain'));
    if (sends > 0) this.#sentAtMs = nowMs;
    this.#armTransmit(nowMs);
    return [...packets, moved, { type: 'note', note: moveNote(this.#tunnel, moved) }];
  }

  #moved(from: BfdState, cause: BfdCause, nowMs: number): SessionMove {
    return {
      type: 'sessionMoved',
      from,
      to: this.#state.name,
      cause,
      diagnostic: diagnosticName(this.#diagnostic),
      peerDiagnostic: diagnosticName(this.#farEnd.diagnostic),
      silentForMs: this.#farEnd.heardAtMs === undefined ? 0 : nowMs - this.#farEnd.heardAtMs,
    };
  }

  #transmitPeriodic(nowMs: number): readonly BfdEffect[] {
    this.#sentAtMs = nowMs;
    this.#armTransmit(nowMs);
    const bothUp = this.#state.name === 'Up' && this.#farEnd.state === 'Up';
    const silenced = mustNotTransmit(this.#farEnd.peer, bothUp, this.#intervals.polling);
    return silenced ? nothing : [this.#packet('plain')];
  }

  #packet(kind: 'plain' | 'final'): BfdEffect {
    const saying = {
      diagnostic: this.#diagnostic,
      state: this.#state.name,
      poll: kind === 'plain' && this.#intervals.polling,
      final: kind === 'final',
      yourDiscriminator: this.#farEnd.peer?.discriminator ?? 0,
      timers: this.#intervals.told,
    };
    const bytes = this.#transmission.write(saying, this.#authenticator);
    return { type: 'sendPacket', bytes };
  }

  #transmitMs(): number {
    return transmitIntervalMs(this.#intervals.inForce.desiredMinTxMs, this.#farEnd.peer);
  }

  /** Counted from the last packet, so that a shorter interval takes effect within itself. */
  #armTransmit(nowMs: number): void {
    const waitMs = jitteredMs(this.#transmitMs(), this.#intervals.wanted.detectMult, this.#random);
    this.#timers.set('transmit', Math.max(nowMs, this.#sentAtMs + waitMs));
  }

  #detectMs(): number | undefined {
    return (
      this.#farEnd.peer &&
      detectionTimeMs(this.#intervals.inForce.requiredMinRxMs, this.#farEnd.peer)
    );
  }

  #armDetect(nowMs: number): void {
    const detectMs = this.#detectMs();
    if (detectMs !== undefined)
      this.#timers.set('detect', (this.#farEnd.heardAtMs ?? nowMs) + detectMs);
  }
}
