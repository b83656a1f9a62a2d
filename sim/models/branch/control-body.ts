/**
 * The simulated body of the control thread: the shipped control wiring on virtual time, with the branch's
 * board, access channel, disk, engine and kernel as its ports.
 */
import { ChannelPair } from '../../../agent/access/channel-pair.ts';
import { readAccessEvent } from '../../../agent/contract/access-intake.ts';
import { readEvents } from '../../../agent/contract/restored.ts';
import type { DeviceWork } from '../../../agent/model/device-work.ts';
import type { FastPathOrder } from '../../../agent/model/fast-path.ts';
import type { Note } from '../../../agent/model/note.ts';
import type {
  AccessChannel,
  AccessEvent,
  AccessSlot,
  EchoProber,
  IdentityPort,
  PathProber,
} from '../../../agent/ports.ts';
import type {
  ControlEffect,
  ControlEvent,
  ProbeEffect,
} from '../../../agent/wiring/control-events.ts';
import type { ControlWiring } from '../../../agent/wiring/control-wiring.ts';
import { Driver } from '../../../firmware-shim/base/drive.ts';
import { ROUTE_PROTOCOL } from '../../../firmware-shim/kernel/types.ts';
import type { Board, Kernel } from '../../../firmware-shim/ports.ts';
import { assertContract } from '../../checks/contract.ts';
import { EventLoop } from '../../world/event-loop.ts';
import type { World } from '../../world/world.ts';
import type { MemoryStore } from '../disk/memory-store.ts';
import type { BranchEngine } from './branch-engine.ts';
import type { BranchStarts } from './branch-starts.ts';
import { takeStep } from './branch-steps.ts';

export interface ControlPorts {
  readonly board: () => Board | undefined;
  readonly channels: readonly [AccessChannel, AccessChannel];
  /** Undefined: it obeys no command, digests whatever comes and never ends by itself. */
  readonly life?: {
    readonly starts: BranchStarts;
    /** The process ends, by a fault of its own or well, and is started anew. */
    readonly onEnded: () => void;
  };
  readonly store: MemoryStore;
  readonly engine: BranchEngine;
  readonly kernel: Kernel;
  readonly prober: PathProber & EchoProber;
  /** Undefined: it has no certificate, and the clock is nobody's to set. */
  readonly identity?: IdentityPort;
  readonly orderFastPath: (order: FastPathOrder) => void;
  readonly onNote: (note: Note) => void;
  /** Told of everything the thread is about to do. */
  readonly onEffect?: (effect: ControlEffect) => void;
}

export class ControlBody {
  readonly #ports: ControlPorts;
  readonly #channels: ChannelPair;
  readonly #driver: Driver<ControlEvent, ControlEffect>;
  readonly #loop: EventLoop;
  /** The process dies when so many more effects are done. */
  #death: { after: number; readonly onDead: () => void } | undefined;

  constructor(world: World, core: ControlWiring, ports: ControlPorts) {
    this.#ports = ports;
    this.#channels = new ChannelPair(ports.channels);
    this.#loop = new EventLoop(world, 'control timer');
    this.#driver = new Driver({
      core,
      clock: world.clock,
      alarm: this.#loop.alarm,
      perform: (effect) => this.#perform(effect),
    });
    this.#driver.start();
    const ours = { protocol: ROUTE_PROTOCOL };
    ports.kernel.mirror(({ changes: events, note }) => {
      this.post({ type: 'kernelChanged', events, ...(note !== undefined && { note }) });
    }, ours);
    this.post({ type: 'tunnelsFound', tunnels: ports.engine.tunnels });
  }

  post(event: ControlEvent): void {
    this.#loop.take(() => this.#driver.post(event));
  }

  stall(forMs: number): void {
    this.#loop.stall(forMs);
  }

  /** The thread is gone, without a goodbye to anyone. */
  stop(): void {
    this.#driver.stop();
    this.#ports.kernel.close();
    this.#channels.drop();
  }

  /** The process dies between two effects, so many from now, as it may at any await. */
  killAfter(effects: number, onDead: () => void): void {
    this.#death = { after: effects, onDead };
  }

  spare(): void {
    if (this.#death?.after !== 0) this.#death = undefined;
  }

  #perform(effect: ControlEffect): void {
    if (this.#death?.after === 0) return;
    this.#act(effect);
    if (this.#death === undefined) return;
    this.#death.after -= 1;
    if (this.#death.after === 0) this.#death.onDead();
  }

  /** A simulated branch has no log, no process that could crash by itself, and nobody in front of it. */
  #act(effect: ControlEffect): void {
    const { store, engine } = this.#ports;
    this.#ports.onEffect?.(effect);
    switch (effect.type) {
      case 'openAccess':
      case 'publish':
      case 'subscribe':
      case 'closeAccess':
      case 'accessPromoted':
        if (effect.type === 'publish') assertContract(effect.message);
        return this.#channels.perform(effect, (event, slot) => this.#hear(event, slot));
      case 'boardCommand':
        return void this.#ports.board()?.command(effect.command);
      case 'orderFastPath':
        return this.#ports.orderFastPath(effect.order);
      case 'ensureTunnel':
      case 'turnIdentity':
      case 'moveTunnel':
      case 'removeTunnel':
      case 'serveDhcp':
      case 'applyRules':
      case 'checkRules':
      case 'performKernel':
        return takeStep(effect, this.#ports, (result) =>
          this.post({ type: 'stepAnswered', stepId: effect.stepId, result }),
        );
      case 'initiateTunnel':
        return engine.initiate(effect.tunnel, (result) =>
          this.post({ type: 'tunnelInitiated', tunnel: effect.tunnel, result }),
        );
      case 'readEngines':
        return this.post({ type: 'enginesRead', tunnels: engine.list() });
      case 'storePut':
        return this.#put(effect);
      case 'probePath':
      case 'sendEcho':
        return this.#probe(effect);
      case 'storeRead':
        return this.#read(effect);
      case 'storeRemove':
        return store.remove(effect.shelf, effect.keys);
      case 'deviceWork':
        return this.#work(effect.requestId, effect.work);
      case 'identityWork':
        this.#ports.identity?.perform(effect.work, (event) => this.post(event));
        return undefined;
      case 'keepCrashBook':
      case 'startAnew':
        return this.#live(effect);
      case 'holdLogLevel':
      case 'orderWan':
      case 'wanAnswered':
        return undefined;
      case 'noted':
        return this.#ports.onNote(effect.note);
      case 'stopped':
        return this.stop();
    }
  }

  #hear(event: AccessEvent, slot: AccessSlot): void {
    const { life } = this.#ports;
    const read = life === undefined ? readAccessEvent(event) : life.starts.read(event);
    if (read === undefined) life?.onEnded();
    else this.post({ ...read, slot });
  }

  #live(effect: Extract<ControlEffect, { readonly type: 'keepCrashBook' | 'startAnew' }>): void {
    const { life } = this.#ports;
    if (effect.type === 'keepCrashBook') {
      life?.starts.keep(effect.book);
      return;
    }
    life?.starts.leave(effect.book, effect.givesBack);
    life?.onEnded();
  }

  #probe(effect: ProbeEffect): void {
    const { prober } = this.#ports;
    if (effect.type === 'probePath')
      return prober.probe(effect.target, (answer) =>
        this.post({ ...effect, type: 'pathProbed', answer }),
      );
    return prober.echo(effect.target, (answer) =>
      this.post({ ...effect, type: 'echoAnswered', answer }),
    );
  }

  #read({ shelf, keys }: Extract<ControlEffect, { readonly type: 'storeRead' }>): void {
    this.#ports.store.read(shelf, keys, (records) => {
      const events = readEvents(records ?? []);
      this.post({ type: 'eventsRead', ok: records !== undefined, events });
    });
  }

  #put({ shelf, key, value }: Extract<ControlEffect, { readonly type: 'storePut' }>): void {
    this.#ports.store.put(shelf, key, value, (code) => {
      const answer = code === undefined ? { ok: true } : { ok: false, code };
      this.post({ type: 'storeAnswered', shelf, key, ...answer });
    });
  }

  /** A simulated box has no log and nothing to diagnose; its board has lamps. */
  #work(requestId: string, work: DeviceWork): void {
    const ok = work.do === 'blink';
    if (ok) this.#ports.board()?.command({ kind: 'findMe', durationMs: work.durationMs });
    const because = ok ? 'the board was told' : 'a simulated box does no such thing';
    this.post({ type: 'actionAnswered', requestId, ok, because });
  }
}
