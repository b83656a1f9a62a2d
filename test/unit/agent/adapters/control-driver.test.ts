/** What the body of the control wiring does with effects and answers, on ports that only write down. */
import { beforeEach, describe, expect, it } from 'vitest';
import { ControlDriver } from '../../../../agent/adapters/control-driver.ts';
import type { ControlPorts } from '../../../../agent/adapters/control-ports.ts';
import { EngineRefused } from '../../../../agent/engine-port.ts';
import type { EngineTunnelStatus } from '../../../../agent/model/engine-status.ts';
import type { FastPathFact, FastPathOrder } from '../../../../agent/model/fast-path.ts';
import type { Note } from '../../../../agent/model/note.ts';
import type { AccessChannel, AccessEvent, StoredRecord } from '../../../../agent/ports.ts';
import { DESIRED_KEY, DESIRED_SHELF } from '../../../../agent/state/commit-confirm.ts';
import { ControlWiring } from '../../../../agent/wiring/control-wiring.ts';
import { SeededRandom } from '../../../../firmware-shim/base/random.ts';
import type { MirrorNews } from '../../../../firmware-shim/kernel/mirror-news.ts';
import {
  BOOT_ID,
  config,
  desired,
  hello,
  inventory,
  PUBLIC_KEY,
  up,
  uplinksPresent,
} from '../../../kit/branch.ts';
import { WORN } from '../../../kit/netlink-counters.ts';

/** Answers of ports come as resolved promises: some turns later they have all been heard. */
const TURNS = 20;

class Ports {
  readonly done: string[] = [];
  readonly notes: Note[] = [];
  readonly orders: FastPathOrder[] = [];
  tunnels: EngineTunnelStatus[] = [];
  records: StoredRecord[] = [];
  diskRefuses = false;
  listener: ((event: AccessEvent) => void) | undefined;
  kernelSays: ((news: MirrorNews) => void) | undefined;
  readonly wiring: ControlWiring;
  readonly driver: ControlDriver;

  constructor() {
    const wall = { wallMs: () => 1_000_000 };
    const random = new SeededRandom(1);
    // One access point: none is measured before it is tried.
    const access = { ...config.access, gateways: config.access.gateways.slice(0, 1) };
    const shared = {
      config: { ...config, access },
      inventory,
      publicKey: PUBLIC_KEY,
      bootId: BOOT_ID,
    };
    this.wiring = new ControlWiring({ ...shared, random, wall });
    this.driver = new ControlDriver(this.wiring, this.#ports(wall));
  }

  codes(): readonly string[] {
    return this.notes.map(({ code }) => code);
  }

  fact(fact: FastPathFact): void {
    this.driver.fastPathTold(fact);
  }

  #ports(wall: ControlPorts['wall']): ControlPorts {
    const channel: AccessChannel = {
      open: (target, _will, listener) => {
        this.done.push(`open ${target.gateway}`);
        this.listener = listener;
      },
      publish: (message) => void this.done.push(`publish ${message.topic}`),
      subscribe: () => undefined,
      close: (how) => void this.done.push(`close ${how}`),
    };
    const spare: AccessChannel = { ...channel, open: () => undefined, close: () => undefined };
    return {
      wan: { order: () => undefined },
      hands: {
        diagnosis: { startDiagnosis: async () => undefined },
        logLevelFor: (level, durationMs) => void this.done.push(`log ${level} ${durationMs}`),
        reboot: () => undefined,
      },
      dhcp: {
        serve: async () => undefined,
        endFormer: async () => undefined,
        onEnded: () => undefined,
      },
      prober: { probe: () => undefined },
      echoes: { echo: () => undefined },
      wall,
      board: { command: () => 0 },
      identity: { perform: () => undefined },
      kernel: {
        mirror: (tell) => {
          this.done.push('mirror');
          this.kernelSays = tell;
          return { isSure: true };
        },
        perform: (operation, answer) => {
          this.done.push(operation.op);
          answer?.({ ok: true });
        },
        counters: () => WORN,
      },
      channels: [channel, spare],
      engine: {
        ensure: async ({ id }) => {
          throw new EngineRefused('EENGINE_MISSING', `no engine for ${id}`);
        },
        status: async () => undefined,
        rotateIdentity: async () => undefined,
        initiate: async (id) => {
          throw new EngineRefused('EENGINE_NOT_UP', `${id} does not answer`);
        },
        setEndpoint: async (id, { remote, localAddress }) => {
          this.done.push(`move ${id} ${remote?.address} ${localAddress}`);
        },
        rekeyNow: async () => undefined,
        remove: async () => undefined,
        list: async () => {
          this.done.push('list');
          return this.tunnels;
        },
        onEvent: () => undefined,
      },
      filter: {
        apply: async () => undefined,
        check: async () => undefined,
        watch: () => undefined,
      },
      store: {
        loadNow: (shelf) => {
          if (shelf === DESIRED_SHELF) this.done.push('load');
          return shelf === DESIRED_SHELF ? this.records : [];
        },
        load: async () => [],
        put: async () => {
          if (this.diskRefuses) throw Object.assign(new Error('full'), { code: 'ESTORAGE' });
        },
        remove: async () => undefined,
        close: async () => undefined,
      },
      orderFastPath: (order) => void this.orders.push(order),
      onNote: ({ note }) => void this.notes.push(note),
      onCrashBook: () => void this.done.push('crash book'),
      onStartAnew: () => void this.done.push('start anew'),
      onStopped: () => void this.done.push('stopped'),
    };
  }
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn += 1) await Promise.resolve();
}

describe('the control driver', () => {
  let ports: Ports;
  beforeEach(() => {
    ports = new Ports();
    return () => ports.driver.halt();
  });

  it('knows what the engine and the disk hold before it hears the kernel', async () => {
    await ports.driver.start();
    const order = ports.done.filter((each, index, all) => each !== all[index - 1]);
    expect(order.slice(0, 3)).toEqual(['list', 'load', 'mirror']);
    const plan = ports.orders.find(({ type }) => type === 'planReceived');
    expect(plan).toMatchObject({ plan: { revision: 0, tunnels: [] } });
  });

  it('hands a refusal of the engine back as the answer to its step', async () => {
    const value = JSON.stringify(desired());
    ports.records = [{ key: DESIRED_KEY, value }];
    await ports.driver.start();
    ports.kernelSays?.({ cause: 'view', changes: uplinksPresent });
    await settled();
    const failed = ports.notes.find(({ code }) => code === 'stepFailed');
    expect(failed).toMatchObject({ because: expect.stringContaining('EENGINE_MISSING') });
  });

  it('notes once what was different after messages of the kernel were lost', async () => {
    const ports = new Ports();
    await ports.driver.start();
    ports.kernelSays?.({ cause: 'view', changes: uplinksPresent });
    const change = { type: 'linkRemoved', index: 3, name: 'wan2' } as const;
    const counts = { added: 0, removed: 1, changed: 0 };
    const note = {
      code: 'kernelResynced',
      level: 'warning',
      ...counts,
      objects: [change],
    } as const;
    ports.kernelSays?.({ cause: 'overrun', changes: [change], note });
    expect(ports.notes.filter(({ code }) => code === 'kernelResynced')).toEqual([note]);
  });

  it('asks an engine that comes late what it holds, and says birth with its key', async () => {
    await ports.driver.start();
    await ports.driver.engineFound('late key');
    expect(ports.done.filter((each) => each === 'list')).toHaveLength(2);
  });

  it('turns a disk that refuses into an answer', async () => {
    ports.diskRefuses = true;
    await ports.driver.start();
    ports.fact({ type: 'uplinkChanged', uplink: 'wan1', verdict: up('10.91.1.2'), atMs: 1 });
    await settled();
    expect(ports.done).toContain('open gwa');
    expect(ports.codes()).toContain('storeRefused');
  });

  it('answers a snapshot as soon as the fast path has described itself', async () => {
    await ports.driver.start();
    const asked = ports.driver.snapshot();
    const order = ports.orders.at(-1);
    const requestId = order?.type === 'snapshotRequested' ? order.requestId : -1;
    const snapshot = ports.wiring.snapshot(1).fastPath;
    const netlink = { ...WORN, overruns: 99 };
    ports.fact({ type: 'snapshotTaken', requestId, snapshot, netlink });
    expect(await asked).toMatchObject({
      agent: { bootId: BOOT_ID },
      netlink: { overruns: 3 },
      fastPath: { netlink: { overruns: 99 } },
    });
  });

  it('asks no engine for other keys of a tunnel that is not there', async () => {
    await ports.driver.start();
    expect(await ports.driver.rekey('t9')).toEqual({
      ok: false,
      code: 'EREKEY_UNKNOWN',
      because: 'there is no tunnel t9',
    });
  });

  it('gives each switch its own answer', async () => {
    await ports.driver.start();
    const first = ports.driver.switchTo('a');
    const second = ports.driver.switchTo('b');
    const requests = ports.orders.flatMap((order) =>
      order.type === 'switchRequested' ? [order.requestId] : [],
    );
    for (const requestId of requests.toReversed()) {
      const because = `told about ${requestId}`;
      ports.fact({ type: 'switchAnswered', requestId, ok: true, because });
    }
    const answers = await Promise.all([first, second]);
    expect(answers.map(({ because }) => because)).toEqual(requests.map((id) => `told about ${id}`));
  });

  it('says what the board made of the wish that its lamps blink', async () => {
    await ports.driver.start();
    const blinking = ports.driver.blink(5_000);
    ports.driver.boardTold({
      type: 'boardCommandDone',
      id: 0,
      ok: false,
      code: 'EMCU_UNSUPPORTED',
    });
    expect(await blinking).toEqual({
      ok: false,
      because: 'the board does not: EMCU_UNSUPPORTED',
    });
  });

  it('waits at its end for what the board was told last, and not for more', async () => {
    await ports.driver.start();
    await ports.driver.boardSettled();
    ports.driver.boardTold({ type: 'boardUp', hello });
    let isSettled = false;
    const settledLater = ports.driver.boardSettled().then(() => {
      isSettled = true;
    });
    await settled();
    expect(isSettled).toBe(false);
    ports.driver.boardTold({ type: 'boardCommandDone', id: 0, ok: true });
    await settledLater;
    expect(isSettled).toBe(true);
  });

  it('says when everything has been said, and performs nothing once halted', async () => {
    await ports.driver.start();
    ports.driver.requestStop();
    await settled();
    expect(ports.done).toContain('stopped');
    ports.driver.halt();
    const before = ports.done.length;
    ports.fact({ type: 'uplinkChanged', uplink: 'wan1', verdict: up('10.91.1.2'), atMs: 1 });
    await settled();
    expect(ports.done).toHaveLength(before);
  });
});
