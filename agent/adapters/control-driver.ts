/**
 * Gives the control wiring its real ports: performs its effects and hands it their answers.
 *
 * One switch, no decisions. What a port rejects comes back as an event; whatever the world does, nothing here throws.
 */
import { liveClock, timeoutAlarm } from '../../firmware-shim/adapters/live-clock.ts';
import { Driver } from '../../firmware-shim/base/drive.ts';
import type { HostMetrics } from '../../firmware-shim/host/host-metrics.ts';
import { ROUTE_PROTOCOL } from '../../firmware-shim/kernel/types.ts';
import type { BoardEvent } from '../../firmware-shim/ports.ts';
import { ChannelPair } from '../access/channel-pair.ts';
import { readAccessEvent, readSafely } from '../contract/access-intake.ts';
import { readRestored } from '../contract/restored.ts';
import type { Done } from '../diag/control-answer.ts';
import type { Rekeyed } from '../engine/rekey-answer.ts';
import type { DeviceWork } from '../model/device-work.ts';
import type { FastPathFact } from '../model/fast-path.ts';
import type { Note } from '../model/note.ts';
import type { AgentSnapshot } from '../model/snapshot.ts';
import type { WanAnswer, WanAsk } from '../model/wan.ts';
import type { WanTold } from '../state/wan/wan-events.ts';
import type { ControlEffect, ControlEvent, StepResult } from '../wiring/control-events.ts';
import type { ControlWiring } from '../wiring/control-wiring.ts';
import type { Prepared } from './agent-start.ts';
import type { ControlPorts } from './control-ports.ts';
import { type EngineOrders, performEngineEffect, rekeyTunnel } from './engine/engine-effects.ts';
import { performDeviceWork } from './host/device-work.ts';
import { resultOf } from './port-result.ts';
import { performProbe } from './probe-effects.ts';
import { Questions } from './questions.ts';
import { performStoreEffect } from './store/store-effects.ts';
import { WanQuestions } from './wan/wan-questions.ts';
import { within } from './within.ts';

/** A fast path that has not described itself by then is shown as it was last. */
const SNAPSHOT_WAIT_MS = 500;
/** A switch asked for at the box is answered within milliseconds, or not at all. */
const SWITCH_WAIT_MS = 2_000;
/** A board line retransmits for a few seconds before it gives the board up. */
const BLINK_WAIT_MS = 4_000;
/** What is said to the board last is answered within a round trip; a board that has gone shall not keep us. */
const BOARD_WAIT_MS = 1_000;

/** Routes of others may be a whole routing table, and are not this side's to care for. */
const OURS = { protocol: ROUTE_PROTOCOL };

export class ControlDriver {
  readonly #wiring: ControlWiring;
  readonly #ports: ControlPorts;
  readonly #channels: ChannelPair;
  readonly #engineOrders: EngineOrders;
  readonly #driver: Driver<ControlEvent, ControlEffect>;
  readonly #snapshots = new Questions<number, void>();
  readonly #switches = new Questions<string, Done>();
  readonly #wans = new WanQuestions();
  readonly #blinks = new Questions<number, Done>();
  /** Commands of the board that have not ended; each ends once. */
  readonly #commanded = new Set<number>();
  #boardSettled: (() => void) | undefined;
  #serial = 0;
  #read = readAccessEvent;

  constructor(wiring: ControlWiring, ports: ControlPorts) {
    this.#wiring = wiring;
    this.#ports = ports;
    this.#channels = new ChannelPair(ports.channels);
    this.#engineOrders = {
      engine: ports.engine,
      post: (event) => this.#driver.post(event),
      sessions: wiring.engines,
    };
    this.#driver = new Driver({
      core: wiring,
      clock: liveClock,
      alarm: timeoutAlarm,
      perform: (effect, nowMs) => this.#perform(effect, nowMs),
    });
  }

  /** Everything that is known before the first event of the outside world. */
  async start(prepared?: Prepared): Promise<void> {
    const { dhcp, engine, filter, kernel, store } = this.#ports;
    if (prepared !== undefined && prepared.start.mode !== 'normal') this.#read = readSafely;
    this.#driver.start();
    engine.onEvent((event) => this.#driver.post(event));
    dhcp.onEnded((why) => this.#driver.post({ type: 'dhcpEnded', why }));
    await dhcp.endFormer();
    await this.#findTunnels();
    const { load = (shelf: string) => store.loadNow(shelf), start } = prepared ?? {};
    this.#driver.post(readRestored(load, start));
    filter.watch(() => this.#driver.post({ type: 'rulesTouched' }));
    kernel.mirror(({ changes: events, note }) => {
      this.#driver.post({ type: 'kernelChanged', events, ...(note !== undefined && { note }) });
    }, OURS);
  }

  /** The engine was missing at start: only now it can say what a former run left. */
  async engineFound(publicKey: string): Promise<void> {
    await this.#findTunnels();
    if (publicKey !== '') this.#driver.post({ type: 'tunnelKeyKnown', publicKey });
  }

  boardTold(event: BoardEvent): void {
    this.#driver.post(event);
    if (event.type !== 'boardCommandDone') return;
    this.#commanded.delete(event.id);
    const { id, ok, code = 'EMCU_REFUSED' } = event;
    const because = ok ? 'the lamps of the box blink as asked' : `the board does not: ${code}`;
    this.#blinks.answered(id, { ok, because });
    if (this.#commanded.size === 0) this.#boardSettled?.();
  }

  /** Resolves once the board has answered all it was told, its watchdog's end above all; soon in any case. */
  async boardSettled(): Promise<void> {
    if (this.#commanded.size === 0) return;
    const settled = new Promise<void>((resolve) => {
      this.#boardSettled = resolve;
    });
    await within(settled, BOARD_WAIT_MS, undefined);
  }

  hostSampled(metrics: HostMetrics): void {
    this.#driver.post({ type: 'hostSampled', metrics });
  }

  fastPathTold(fact: FastPathFact): void {
    this.#driver.post(fact);
    if (fact.type === 'snapshotTaken') this.#snapshots.answered(fact.requestId);
    if (fact.type === 'switchAnswered') {
      const { ok, because } = fact;
      this.#switches.answered(fact.requestId, { ok, because });
    }
  }

  /** A note of an adapter takes the way of all notes. */
  note(note: Note): void {
    this.#driver.post({ type: 'noted', note });
  }

  requestStop(): void {
    this.#driver.post({ type: 'stopRequested' });
  }

  /** Nothing is performed from now on. */
  halt(): void {
    this.#driver.stop();
  }

  async snapshot(): Promise<AgentSnapshot> {
    const requestId = this.#nextSerial();
    await this.#snapshots.ask(requestId, SNAPSHOT_WAIT_MS, undefined, () =>
      this.#ports.orderFastPath({ type: 'snapshotRequested', requestId }),
    );
    const enrolment = this.#ports.identity.enrolment?.();
    const gatewayNames = this.#ports.finder?.snapshot() ?? [];
    return {
      ...this.#wiring.snapshot(liveClock.nowMs()),
      netlink: this.#ports.kernel.counters(),
      ...(enrolment !== undefined && { enrolment }),
      ...(gatewayNames.length > 0 && { gatewayNames }),
    };
  }

  /** A technician at the box asks for another active tunnel. */
  async switchTo(tunnel: string): Promise<Done> {
    const requestId = `local-${this.#nextSerial()}`;
    const silence = { ok: false, because: 'the fast path did not answer' };
    return this.#switches.ask(requestId, SWITCH_WAIT_MS, silence, () =>
      this.#ports.orderFastPath({ type: 'switchRequested', requestId, tunnel }),
    );
  }

  /** A technician at the box sets how an uplink gets its address. */
  async wan(ask: WanAsk): Promise<WanAnswer> {
    return this.#wans.ask(ask, (event) => this.#driver.post(event));
  }

  readonly wanTold = (uplink: string, told: WanTold): void =>
    this.#driver.post({ type: 'wanTold', uplink, told });

  /** Every lamp of the box blinks for so long; 0 ends it. */
  async blink(durationMs: number): Promise<Done> {
    const id = this.#ports.board.command({ kind: 'findMe', durationMs });
    if (id === undefined) return { ok: false, because: 'there is no board' };
    const silence = { ok: false, because: 'the board did not answer' };
    return this.#blinks.ask(id, BLINK_WAIT_MS, silence, () => undefined);
  }

  /** Other session keys for a tunnel, asked for at the box or by a command. */
  async rekey(tunnel: string): Promise<Rekeyed> {
    return rekeyTunnel(this.#ports.engine, tunnel, this.#wiring.engines.stateOf(tunnel));
  }

  async #findTunnels(): Promise<void> {
    const tunnels = (await this.#ports.engine.list()).map(({ id }) => id);
    this.#driver.post({ type: 'tunnelsFound', tunnels });
  }

  #work(requestId: string, work: DeviceWork): void {
    const [blink, rekey] = [this.blink.bind(this), this.rekey.bind(this)];
    const hands = { ...this.#ports.hands, blink, rekey };
    void performDeviceWork(requestId, work, hands, (event) => this.#driver.post(event));
  }

  #nextSerial(): number {
    this.#serial += 1;
    return this.#serial;
  }

  #perform(effect: ControlEffect, nowMs: number): void {
    const { kernel, store, wall } = this.#ports;
    switch (effect.type) {
      case 'openAccess':
      case 'publish':
      case 'subscribe':
      case 'closeAccess':
      case 'accessPromoted':
        return this.#channels.perform(effect, (event, slot) =>
          this.#driver.post({ ...this.#read(event, this.#ports.verifyCommand), slot }),
        );
      case 'boardCommand':
        return this.#command(effect.command);
      case 'orderFastPath':
        return this.#ports.orderFastPath(effect.order);
      case 'ensureTunnel':
      case 'moveTunnel':
      case 'turnIdentity':
      case 'removeTunnel':
      case 'initiateTunnel':
      case 'readEngines':
        return performEngineEffect(effect, this.#engineOrders);
      case 'applyRules':
        return this.#answer(effect.stepId, this.#ports.filter.apply(effect.rules));
      case 'serveDhcp':
        return this.#answer(effect.stepId, this.#ports.dhcp.serve(effect.servers));
      case 'checkRules':
        return this.#answer(effect.stepId, this.#ports.filter.check());
      case 'performKernel':
        return kernel.perform(effect.operation, (result) =>
          this.#stepped(effect.stepId, result.ok ? result : { ok: false, ...result.refusal }),
        );
      case 'orderWan':
        return this.#ports.wan.order(effect.clients, effect.nameServers);
      case 'wanAnswered':
        return this.#wans.answered(effect);
      case 'deviceWork':
        return this.#work(effect.requestId, effect.work);
      case 'identityWork':
        return this.#ports.identity.perform(effect.work, (done) => this.#driver.post(done));
      case 'probePath':
      case 'sendEcho':
        return performProbe(effect, this.#ports, (event) => this.#driver.post(event));
      case 'storePut':
      case 'storeRead':
      case 'storeRemove':
        return performStoreEffect(effect, store, (event) => this.#driver.post(event));
      case 'noted':
        return this.#ports.onNote({ atMs: nowMs, wallMs: wall.wallMs(), note: effect.note });
      case 'holdLogLevel':
        return this.#ports.hands.logLevelFor(effect.level, effect.forMs);
      case 'keepCrashBook':
        return this.#ports.onCrashBook(effect.book);
      case 'startAnew':
        return this.#ports.onStartAnew(effect);
      case 'stopped':
        return this.#ports.onStopped();
    }
  }

  #command(command: Parameters<ControlPorts['board']['command']>[0]): void {
    const id = this.#ports.board.command(command);
    if (id !== undefined) this.#commanded.add(id);
  }

  #answer(stepId: number, work: Promise<void>): void {
    void resultOf(work).then((result) => this.#stepped(stepId, result));
  }

  #stepped(stepId: number, result: StepResult): void {
    this.#driver.post({ type: 'stepAnswered', stepId, result });
  }
}
