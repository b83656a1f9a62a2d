/**
 * A technician watches the page while a cable is pulled: real tunnels, a real browser, and the time from the agent's own
 * word on the change to what is drawn.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PASSWORD } from '../diag/page-visitor.ts';
import { type MarkedRun, needLab, processesWith, startMarked, untilTrue } from './marked-run.ts';

const CHROMIUM = '/usr/bin/chromium';
/** Against hanging only. */
const STEP_MS_MAX = 90_000;
/** Four states lie within a second on a quiet machine, where a change is drawn after one. */
const STATES_MAX = 4;

/** In the page: when states came, and when the active tunnel became another one, by the machine's clock. */
const WATCH = `
  window.seen = { states: [], change: undefined, toldMs: undefined };
  const Real = WebSocket;
  window.WebSocket = class extends Real {
    constructor(...words) {
      super(...words);
      this.addEventListener('message', ({ data }) => {
        const { type, notes = [] } = JSON.parse(data);
        if (type === 'state') window.seen.states.push(Date.now());
        const told = notes.find(({ code }) => code === 'activeTunnelChanged');
        if (told !== undefined && window.seen.armed) window.seen.toldMs ??= told.wallMs;
      });
    }
  };
  new MutationObserver(() => {
    const active = document.querySelector('#tunnels .item.active .id')?.textContent;
    if (window.seen.armed && active?.startsWith('wan2')) window.seen.drawnMs ??= Date.now();
    window.seen.grew ||= document.querySelector('#ladder .to-come') !== null;
  }).observe(document, { childList: true, subtree: true, characterData: true, attributes: true });
`;

interface Seen {
  readonly states: readonly number[];
  readonly toldMs?: number;
  readonly drawnMs?: number;
  /** The ladder was seen before all of its rungs were known. */
  readonly grew?: boolean;
}

mkdirSync('out', { recursive: true });
let outDirectory: string;
let run: MarkedRun | undefined;
let browser: Browser | undefined;

beforeEach(async () => {
  outDirectory = await mkdtemp(join(tmpdir(), 'lab-page-'));
});

afterEach(async () => {
  await browser?.close();
  const { child, mark } = run ?? {};
  if (child?.exitCode === null) {
    child.stdin?.write('q');
    await new Promise((resolve) => child.once('close', resolve));
  }
  if (mark !== undefined) expect(await processesWith(mark)).toEqual([]);
  await rm(outDirectory, { recursive: true });
});

async function open(origin: string): Promise<Page> {
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  const page = await browser.newPage({ locale: 'en-GB', viewport: { width: 1000, height: 760 } });
  page.setDefaultTimeout(STEP_MS_MAX);
  await page.addInitScript(WATCH);
  // The relay is there before the agent is.
  const isOpen = async (): Promise<boolean> =>
    page.goto(origin).then(
      () => true,
      () => false,
    );
  await untilTrue('the page opens', isOpen, STEP_MS_MAX);
  for (const id of ['password', 'again']) await page.locator(`#${id}`).fill(PASSWORD);
  await page.locator('#logon-go').click();
  return page;
}

/** Another address of the same network, over which the gateway must be registered with anew. */
async function setsUpWan2(page: Page): Promise<void> {
  await page.locator('#wan-wan2-change summary').click();
  await page.locator('#wan-wan2-ipType').selectOption('STATIC');
  const fields = { address: '10.91.2.7', prefixLength: '24', gateway: '10.91.2.1' };
  for (const [name, value] of Object.entries(fields)) {
    await page.locator(`#wan-wan2-${name}`).fill(value);
  }
  await page.locator('#wan-wan2-gateway').press('Enter');
  await page.locator('#wan-wan2-end', { hasText: 'the gateway has confirmed it' }).waitFor();
  await page.locator('#uplinks .item', { hasText: '10.91.2.7' }).waitFor();
}

test(
  'a pulled cable is on the page as soon as the agent has said so, the ladder grows, and an uplink is set up and proves itself',
  async (ctx) => {
    await needLab(ctx);
    if (!existsSync(CHROMIUM) && process.env['CI'] === undefined) ctx.skip('no chromium');
    const started = startMarked(['demo', '--out', outDirectory]);
    run = started;
    const url = (): string | undefined => /http:\/\/127\.0\.0\.1:\d+/.exec(started.output())?.[0];
    await untilTrue('the page has a place', () => url() !== undefined, STEP_MS_MAX);
    const page = await open(url() ?? '');
    await page.locator('#tunnels .item.active .id', { hasText: 'wan1' }).waitFor();
    await page.locator('#tunnels .item.standby').first().waitFor();
    await page.evaluate('window.seen.armed = true');
    started.child.stdin?.write('1');
    const isDrawn = async (): Promise<boolean> =>
      Boolean(await page.evaluate('window.seen.drawnMs && window.seen.toldMs'));
    await untilTrue('the other tunnel is drawn', isDrawn, STEP_MS_MAX);
    await page.screenshot({ path: 'out/page-lab.png' });
    const { states, toldMs = 0, drawnMs = 0 } = (await page.evaluate('window.seen')) as Seen;
    const gaps = states.slice(1).map((at, index) => at - (states[index] ?? at));
    const paceMs = gaps.toSorted((a, b) => a - b)[Math.floor(gaps.length / 2)] ?? 0;
    const figures = { drawnAfterMs: drawnMs - toldMs, stateEveryMs: paceMs };
    writeFileSync('out/page-failover.json', `${JSON.stringify(figures)}\n`);
    expect(gaps.length).toBeGreaterThan(2);
    expect(drawnMs - toldMs).toBeLessThan(STATES_MAX * paceMs);
    // A registration under way would be the first broken rung.
    await page.locator('#truths .truth', { hasText: 'registered with' }).waitFor();
    await page.locator('#check').click();
    // The third rung is that of the cables; this lab has no name server, which is the first to mend.
    await page.locator('#ladder li:nth-child(3) .pill', { hasText: 'degraded' }).waitFor();
    await page.locator('#check:enabled').waitFor();
    expect(((await page.evaluate('window.seen')) as Seen).grew).toBe(true);
    await page.locator('section:has(#ladder)').screenshot({ path: 'out/page-ladder.png' });
    await setsUpWan2(page);
  },
  2 * STEP_MS_MAX,
);
