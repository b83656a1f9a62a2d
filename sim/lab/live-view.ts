/**
 * The live view: the whole demo running, on one screen, with keys that break and repair it.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { renderBlocks } from '../../agent/diag/text-table.ts';
import type { AgentSnapshot } from '../../agent/model/snapshot.ts';
import { LabFailed } from './command.ts';
import { DemoLab } from './demo-lab.ts';
import { activeUplink } from './failover-watch.ts';
import type { InsideRun } from './inside-run.ts';
import type { LabEngine } from './lab-engines.ts';
import { switchOrder } from './lab-operator.ts';
import { relayPage } from './page-relay.ts';
import type { PingFlow } from './ping-flow.ts';
import { REDRAW_EVERY_MS, TerminalScreen } from './terminal-screen.ts';
import { type LabUplinkId, UPLINKS } from './topology.ts';
import { type ViewState, viewFrame } from './view-frame.ts';

/** Without a terminal one frame now and then is enough for a log. */
const PLAIN_EVERY_MS = 5_000;
/** Enough noise to fill the longest frame twice. */
const GARBAGE_BYTES = 512;
const QUIT_KEYS = ['q', '\u0003', '\u0004'];

export async function runLiveView(
  run: InsideRun,
  { engine, outDirectory }: { readonly engine: LabEngine; readonly outDirectory: string },
): Promise<number> {
  const view = new LiveView(run);
  const lab = await DemoLab.open({
    engine,
    logDirectory: join(outDirectory, 'demo-logs'),
    onTrouble: (sentence) => view.tell(sentence),
  });
  try {
    await lab.startAgent();
    await view.show(lab);
    return view.failed === undefined ? 0 : 1;
  } finally {
    view.close();
    await lab.close();
    if (view.failed !== undefined)
      console.error(`demo: ${view.failed}; look at ${join(outDirectory, 'demo-logs/agent.log')}`);
  }
}

class LiveView {
  readonly #run: InsideRun;
  readonly #screen = new TerminalScreen();
  #snapshot: AgentSnapshot | undefined;
  #ping: PingFlow | undefined;
  #message = '';
  #quit = false;
  #closeRelay: () => void = () => {};
  failed: string | undefined;

  constructor(run: InsideRun) {
    this.#run = run;
  }

  tell(sentence: string): void {
    this.#message = sentence;
  }

  /** Until a key, a signal or the agent's end ends it. */
  async show(lab: DemoLab): Promise<void> {
    const { pageServer, stop } = this.#run;
    if (pageServer !== undefined) this.#closeRelay = relayPage(pageServer, lab.config.pageSocket);
    this.#screen.open((key) => this.#onKey(lab, key));
    let plainAtMs = 0;
    while (!this.#quit && !stop.aborted) {
      this.#snapshot = (await lab.snapshot()) ?? this.#snapshot;
      // What is sent before there is a way to the VPC says nothing about the product.
      if (this.#snapshot?.fastPath.active !== undefined) this.#ping ??= lab.startPings();
      const frame = viewFrame(this.#stateOf(lab));
      if (this.#screen.interactive)
        this.#screen.draw(renderBlocks(frame, true).split('\n').slice(0, -1));
      else if (lab.nowMs() >= plainAtMs) {
        plainAtMs = lab.nowMs() + PLAIN_EVERY_MS;
        console.log(renderBlocks(frame, false));
      }
      if (lab.agentExit !== undefined) {
        this.failed = `the agent ended (${lab.agentExit})`;
        return;
      }
      await sleep(REDRAW_EVERY_MS, undefined, { signal: stop }).catch(() => {});
    }
  }

  close(): void {
    this.#closeRelay();
    this.#screen.close();
  }

  #stateOf(lab: DemoLab): ViewState {
    const last = this.#ping?.record.last();
    const totals = this.#ping?.record.totals() ?? { sent: 0, received: 0, lost: 0 };
    return {
      leds: lab.board.state().leds,
      ping: { ...totals, ...(last !== undefined && { rttMs: last.rttMs }) },
      faults: UPLINKS.flatMap(({ id }) => [
        ...(lab.faults.pulled(id) ? [`cable of ${id} pulled`] : []),
        ...(lab.faults.dark(id) ? [`black hole on ${id}`] : []),
      ]),
      stored: lab.storedEvents(),
      message: this.#message,
      ...(this.#snapshot !== undefined && { snapshot: this.#snapshot }),
      ...(this.#run.begin.pageUrl !== undefined && { pageUrl: this.#run.begin.pageUrl }),
    };
  }

  #onKey(lab: DemoLab, key: string): void {
    if (QUIT_KEYS.includes(key)) {
      this.#quit = true;
      return;
    }
    this.#act(lab, key).catch((error: unknown) => {
      if (!(error instanceof LabFailed)) throw error;
      this.#message = error.message;
    });
  }

  async #act(lab: DemoLab, key: string): Promise<void> {
    switch (key) {
      case '1':
      case '2':
        return this.#toggleCable(lab, key === '1' ? 'wan1' : 'wan2');
      case 'b':
        return this.#toggleBlackHole(lab);
      case 's':
        return this.#commandSwitch(lab);
      case 'r':
        this.#message = 'the MCU reboots';
        return lab.board.reboot();
      case 'g':
        this.#message = `${GARBAGE_BYTES} bytes of garbage on the serial line`;
        return lab.board.garbage(GARBAGE_BYTES);
      default:
        return undefined;
    }
  }

  #commandSwitch(lab: DemoLab): void {
    const order = switchOrder(this.#snapshot);
    this.#message = order === undefined ? 'no other tunnel is up' : `commanded: ${order.tunnel}`;
    if (order !== undefined) lab.operator.send(lab.cloud, lab.operator.signed(order));
  }

  async #toggleCable(lab: DemoLab, uplink: LabUplinkId): Promise<void> {
    const pulled = lab.faults.pulled(uplink);
    this.#message = `the cable of ${uplink} is ${pulled ? 'plugged in' : 'pulled'}`;
    if (pulled) await lab.faults.plugCable(uplink);
    else await lab.faults.pullCable(uplink);
  }

  /** On the path in use; pressed again it lifts the one there is. */
  async #toggleBlackHole(lab: DemoLab): Promise<void> {
    const dark = UPLINKS.find(({ id }) => lab.faults.dark(id));
    if (dark !== undefined) {
      this.#message = `the black hole on ${dark.id} is lifted`;
      await lab.faults.clearBlackHole(dark.id);
      return;
    }
    const active = this.#snapshot === undefined ? undefined : activeUplink(this.#snapshot);
    const uplink = UPLINKS.find(({ id }) => id === active);
    if (uplink === undefined) {
      this.#message = 'no path is in use';
      return;
    }
    this.#message = `a silent black hole on ${uplink.id}`;
    await lab.faults.blackHole(uplink.id);
  }
}
