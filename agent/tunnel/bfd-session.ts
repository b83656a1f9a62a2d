/**
 * One BFD session in asynchronous mode: decides from packets and silence whether a tunnel is alive (RFC 5880).
 *
 * The socket below binds one tunnel between two addresses, so a packet without Your Discriminator can only be
 * for this session (RFC 5881 section 3). Whatever the far end does wrong is counted by the rule it broke.
 * Our own lateness is not the far end's silence: after a late wake-up the judgement waits for one more of its
 * packets, a bounded number of times.
 */
import { type Core, type Deadline, nothing } from '../../firmware-shim/base/core.ts';
import type { Random } from '../../firmware-shim/base/random.ts';
import { Timers } from '../../firmware-shim/base/timers.ts';
import type { BfdTimers, TunnelId } from '../model/tunnel.ts';
import type { BfdEffect, BfdEvent, SessionMove } from './bfd-events.ts';
import { BFD_MOVES, type BfdCause, DIAGNOSTIC_OF, HEARD } from './bfd-moves.ts';
import {
  type BfdDiscard,
  type BfdPacket,
  type BfdState,
  decodeBfdPacket,
  diagnosticName,
  encodeBfdPacket,
  sessionDiscard,
} from './bfd-packet.ts';
import {
  type BfdPeer,
  detectionTimeMs,
  type IntervalsInForce,
  intervalsWhilePolling,
  jitteredMs,
  mustNotTransmit,
  peerIntervalMs,
  slowed,
  transmitIntervalMs,
} from './bfd-timing.ts';

/** Nobody repeats a farewell, so it is said thrice: three losses in a row are rare where packets pass at all. */
const FAREWELLS = 3;
/** How often our own lateness may put off a judgement between two packets: a thread that is always late must still judge. */
const GRACES_MAX = 2;

export class BfdSession implements Core<BfdEvent, BfdEffect> {
  readonly #tunnel: TunnelId;
  readonly #random: Random;
  readonly #discriminator: number;
  readonly #timers = new Timers<'transmit' | 'detect'>();
  readonly #discarded = new Map<BfdDiscard, number>();
  #state: { readonly name: BfdState; readonly sinceMs: number } = { name: 'AdminDown', sinceMs: 0 };
  #wanted: BfdTimers;
  #inForce: IntervalsInForce;
  #polling = false;
  #peer: BfdPeer | undefined;
  #peerState: BfdState = 'Down';
  #peerDiagnostic = 0;
  #diagnostic = 0;
  #heardAtMs: number | undefined;
  #sentAtMs = 0;
  #graces = 0;
  #rxPackets = 0;
  #txPackets = 0;

  constructor(tunnel: TunnelId, timers: BfdTimers, random: Random) {
    this.#tunnel = tunnel;
    this.#random = random;
    this.#wanted = timers;
    this.#inForce = slowed(timers);
    // Section 6.8.1: "It MUST be unique across all BFD sessions on this system, and nonzero"; random, so that
    // nobody outside can guess it (section 9).
    this.#discriminator = random.u32() || 1;
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
      case 'pathLost':
        return this.#move('pathDown', nowMs);
      case 'wokeLate':
        return this.#grant(nowMs);
    }
  }

  tick(nowMs: number): readonly BfdEffect[] {
    const effects: BfdEffect[] = [];
    if (this.#timers.take('detect', nowMs)) effects.push(...this.#expire(nowMs));
    if (this.#timers.take('transmit', nowMs)) effects.push(...this.#transmitPeriodic(nowMs));
    return effects;
  }

  deadline(): Deadline | undefined {
    return this.#timers.deadline();
  }

  get state(): BfdState {
    return this.#state.name;
  }

  snapshot(nowMs: number) {
    return {
      state: this.#state.name,
      remoteState: this.#peerState,
      detectMs: this.#detectMs() ?? 0,
      ...(this.#heardAtMs === undefined ? {} : { lastPacketAgoMs: nowMs - this.#heardAtMs }),
      rxPackets: this.#rxPackets,
      txPackets: this.#txPackets,
      discarded: Object.fromEntries(this.#discarded),
    };
  }

  /** Section 6.8.6, in its order: discard rules first, then state variables, then the machine, then Poll. */
  #hear(bytes: Uint8Array, nowMs: number): readonly BfdEffect[] {
    const decoded = decodeBfdPacket(bytes);
    if (!decoded.ok) return this.#discard(decoded.discard);
    const packet = decoded.packet;
    const refused = sessionDiscard(packet, bytes, this.#discriminator);
    if (refused !== undefined) return this.#discard(refused);
    this.#learn(packet, nowMs);
    // "If bfd.SessionState is AdminDown, discard the packet."
    if (this.#state.name === 'AdminDown') return this.#discard('admin-down');
    const effects = [...this.#move(HEARD[packet.state], nowMs)];
    // "If the Poll (P) bit is set, send a BFD Control packet … with the Poll (P) bit clear, and the Final (F)
    // bit set", without regard to the transmission timer (section 6.8.7).
    if (packet.poll) effects.push(this.#packet('final'));
    return effects;
  }

  #learn(packet: BfdPacket, nowMs: number): void {
    const intervalBeforeMs = this.#transmitMs();
    this.#rxPackets += 1;
    this.#heardAtMs = nowMs;
    this.#graces = 0;
    this.#peerState = packet.state;
    this.#peerDiagnostic = packet.diagnostic;
    this.#peer = {
      discriminator: packet.myDiscriminator,
      detectMult: packet.detectMult,
      desiredMinTxMs: packet.desiredMinTxMicros / 1_000,
      requiredMinRxMs: packet.requiredMinRxMicros / 1_000,
      demand: packet.demand,
    };
    // "If a Poll Sequence is being transmitted by the local system and the Final (F) bit in the received packet
    // is set, the Poll Sequence MUST be terminated."
    if (this.#polling && packet.final) this.#endPoll();
    // The Detection Time follows the peer's packet at once, also when it shrinks (section 6.8.4).
    this.#armDetect(nowMs);
    if (this.#transmitMs() !== intervalBeforeMs) this.#armTransmit(nowMs);
  }

  #expire(nowMs: number): readonly BfdEffect[] {
    const effects = this.#move('silence', nowMs);
    // Section 6.8.1, bfd.RemoteDiscr: set to zero once a Detection Time has passed without a valid packet.
    this.#peer = undefined;
    this.#peerState = 'Down';
    return effects;
  }

  /** We were late, so what the peer sent may be on its way through our own stack. */
  #grant(nowMs: number): readonly BfdEffect[] {
    const dueMs = this.#timers.at('detect');
    if (dueMs === undefined || this.#peer === undefined || this.#graces >= GRACES_MAX)
      return nothing;
    const graceUntilMs = nowMs + peerIntervalMs(this.#inForce.requiredMinRxMs, this.#peer);
    if (graceUntilMs > dueMs) {
      this.#graces += 1;
      this.#timers.set('detect', graceUntilMs);
    }
    return nothing;
  }

  #plan(timers: BfdTimers, nowMs: number): readonly BfdEffect[] {
    this.#wanted = timers;
    if (this.#state.name !== 'Up') this.#inForce = slowed(timers);
    else {
      // Section 6.8.3: a change of either interval starts a Poll Sequence.
      this.#inForce = intervalsWhilePolling(this.#inForce, timers);
      this.#polling = true;
    }
    if (this.#peer !== undefined) this.#armDetect(nowMs);
    if (this.#state.name !== 'AdminDown') this.#armTransmit(nowMs);
    return nothing;
  }

  #endPoll(): void {
    this.#polling = false;
    this.#inForce = this.#state.name === 'Up' ? this.#wanted : slowed(this.#wanted);
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
    // Section 6.8.3: slow until Up, then the wanted interval through a Poll Sequence.
    this.#polling = to === 'Up';
    this.#inForce = to === 'Up' ? this.#wanted : slowed(this.#wanted);
    if (to === 'AdminDown') this.#timers.clear('detect');
    else if (this.#peer !== undefined && cause !== 'silence') this.#armDetect(nowMs);
    const moved = this.#moved(from, cause, nowMs);
    // Section 6.8.7: a packet SHOULD be sent at once when its contents differ from the previous one.
    const sends = to === 'AdminDown' && from !== 'AdminDown' ? FAREWELLS : 1;
    const packets = Array.from({ length: sends }, () => this.#packet('plain'));
    this.#sentAtMs = nowMs;
    this.#armTransmit(nowMs);
    return [...packets, moved, this.#noted(moved)];
  }

  #moved(from: BfdState, cause: BfdCause, nowMs: number): SessionMove {
    return {
      type: 'sessionMoved',
      from,
      to: this.#state.name,
      cause,
      diagnostic: diagnosticName(this.#diagnostic),
      peerDiagnostic: diagnosticName(this.#peerDiagnostic),
      silentForMs: this.#heardAtMs === undefined ? 0 : nowMs - this.#heardAtMs,
    };
  }

  #noted(moved: SessionMove): BfdEffect {
    const { from, to, diagnostic } = moved;
    const tunnel = this.#tunnel;
    return {
      type: 'note',
      note: { code: 'sessionStateChanged', level: 'info', tunnel, from, to, diagnostic },
    };
  }

  #transmitPeriodic(nowMs: number): readonly BfdEffect[] {
    this.#sentAtMs = nowMs;
    this.#armTransmit(nowMs);
    const bothUp = this.#state.name === 'Up' && this.#peerState === 'Up';
    const silenced = mustNotTransmit(this.#peer, bothUp, this.#polling);
    return silenced ? nothing : [this.#packet('plain')];
  }

  #packet(kind: 'plain' | 'final'): BfdEffect {
    this.#txPackets += 1;
    const up = this.#state.name === 'Up';
    const desiredMs = up ? this.#wanted.desiredMinTxMs : this.#inForce.desiredMinTxMs;
    const bytes = encodeBfdPacket({
      diagnostic: this.#diagnostic,
      state: this.#state.name,
      // "The Poll and Final bits MUST NOT both be set" follows from section 6.8.7: a Final answers, a Poll asks.
      poll: kind === 'plain' && this.#polling,
      final: kind === 'final',
      demand: false,
      detectMult: this.#wanted.detectMult,
      myDiscriminator: this.#discriminator,
      yourDiscriminator: this.#peer?.discriminator ?? 0,
      desiredMinTxMicros: desiredMs * 1_000,
      requiredMinRxMicros: this.#wanted.requiredMinRxMs * 1_000,
      // Zero: we do not support the Echo function (section 4.1).
      requiredMinEchoRxMicros: 0,
    });
    return { type: 'sendPacket', bytes };
  }

  #transmitMs(): number {
    return transmitIntervalMs(this.#inForce.desiredMinTxMs, this.#peer);
  }

  /** Counted from the last packet, so that a shorter interval takes effect within itself. */
  #armTransmit(nowMs: number): void {
    const waitMs = jitteredMs(this.#transmitMs(), this.#wanted.detectMult, this.#random);
    this.#timers.set('transmit', Math.max(nowMs, this.#sentAtMs + waitMs));
  }

  #detectMs(): number | undefined {
    return this.#peer && detectionTimeMs(this.#inForce.requiredMinRxMs, this.#peer);
  }

  #armDetect(nowMs: number): void {
    const detectMs = this.#detectMs();
    if (detectMs !== undefined) this.#timers.set('detect', (this.#heardAtMs ?? nowMs) + detectMs);
  }

  #discard(rule: BfdDiscard): readonly BfdEffect[] {
    this.#discarded.set(rule, (this.#discarded.get(rule) ?? 0) + 1);
    return nothing;
  }
}
