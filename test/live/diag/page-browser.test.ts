/**
 * The page in a real browser, as a technician uses it: first logon by keyboard, a failover, the ladder, both languages, a phone.
 *
 * One browser and one story, because starting it costs more than all its steps.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterEach, describe, expect, it } from 'vitest';
import type { AgentSnapshot, TimedNote } from '../../../agent/model/snapshot.ts';
import type { WanAsk } from '../../../agent/model/wan.ts';
import { SAMPLE } from '../../unit/agent/diag/sample-snapshot.ts';
import { A_NOTE } from './doors-room.ts';
import { PASSWORD, PageVisitor } from './page-visitor.ts';

const CHROMIUM = '/usr/bin/chromium';
/** Against hanging only. */
const STEP_MS_MAX = 45_000;
/** So that there is something to draw soon. */
const HISTORY_STEP_MS = 20;
/** As narrow as phones are today, and tall enough to show the front panel in the picture. */
const PHONE = { width: 360, height: 1120 };
const DESK = { width: 1180, height: 900 };

const visitor = new PageVisitor();
let browser: Browser | undefined;
afterEach(async () => {
  await browser?.close();
  await visitor.clear();
});

const asked: WanAsk[] = [];
/** What the agent says: first wan1 carries the traffic, then wan2. */
let snapshot: AgentSnapshot = SAMPLE;
const failedOver: AgentSnapshot = {
  ...SAMPLE,
  fastPath: {
    ...SAMPLE.fastPath,
    active: 'wan2-agw2',
    tunnels: SAMPLE.fastPath.tunnels.map((tunnel) =>
      tunnel.id === 'wan1-agw1' ? { ...tunnel, state: 'down' } : tunnel,
    ),
  },
};

const WAN: NonNullable<AgentSnapshot['wan']> = {
  uplinks: [
    {
      uplink: 'wan1',
      ipType: 'DHCP',
      address: '10.91.1.2/24',
      gateway: '10.91.1.1',
      nameServers: ['223.5.5.5'],
    },
    {
      uplink: 'wan2',
      ipType: 'PPPOE',
      user: 'branch@isp',
      trouble: 'the PPPoE server refuses user or password',
    },
  ],
};
const EVENTS: readonly TimedNote[] = [
  { code: 'eventRaised', level: 'notice', event: 'DeviceOnline', id: 'e1' } as const,
  { code: 'eventStored', level: 'debug', id: 'e1' } as const,
  { code: 'eventRaised', level: 'notice', event: 'DeviceWanLinkDown', id: 'e2' } as const,
].map((note, at) => ({ atMs: at, wallMs: Date.UTC(2026, 4, 5, 6, 8, at), note }));

/** With figures that change from state to state, so that there is something to draw. */
function measured(of: AgentSnapshot, look: number): AgentSnapshot {
  const wave = Math.sin(look);
  const quality = {
    discarded: 0,
    rtt: { p50Ms: 12 + 3 * wave, p95Ms: 18, p99Ms: 20, maxMs: 22 },
    jitterUpMs: 1.5 + wave,
    lossPercent: look % 3 === 0 ? 0.4 : 0,
  };
  const tunnels = of.fastPath.tunnels.map((tunnel) => ({ ...tunnel, quality }));
  return {
    ...of,
    wan: WAN,
    notes: [...of.notes, ...EVENTS],
    fastPath: { ...of.fastPath, tunnels },
  };
}

async function open(): Promise<{ page: Page; faults: string[]; foreign: string[] }> {
  let looks = 0;
  await visitor.open({
    snapshot: async () => Promise.resolve(measured(snapshot, (looks += 1))),
    historyStepMs: HISTORY_STEP_MS,
    wan: async (ask) => {
      asked.push(ask);
      return Promise.resolve({ ok: true, because: 'on trial' });
    },
  });
  // Root may not use the sandbox; the page is our own, from loopback.
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  const page = await browser.newPage({ locale: 'en-GB', viewport: DESK });
  page.setDefaultTimeout(STEP_MS_MAX);
  const faults: string[] = [];
  const foreign: string[] = [];
  page.on('pageerror', ({ message }) => faults.push(message));
  page.on('console', (message) => {
    // A browser calls it an error that the box refuses a wrong WAN setting.
    const isRefusal = message.text().includes('status of 422');
    if (message.type() === 'error' && !isRefusal) faults.push(message.text());
  });
  page.on('request', (request) => {
    const { host, protocol } = new URL(request.url());
    if (protocol !== 'blob:' && host !== visitor.host) foreign.push(request.url());
  });
  await page.goto(visitor.origin);
  return { page, faults, foreign };
}

async function picture(page: Page, name: string): Promise<void> {
  mkdirSync('out', { recursive: true });
  await page.screenshot({ path: `out/page-${name}.png`, fullPage: name === 'desk' });
}

async function firstLogonByKeyboard(page: Page): Promise<void> {
  await page.locator('#again').waitFor();
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press('Tab');
  await page.keyboard.type(`${PASSWORD} no`);
  await page.keyboard.press('Enter');
  await page.getByText('The two passwords differ.').waitFor();
  await picture(page, 'logon');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Control+A');
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press('Enter');
  await page.locator('#live.good').waitFor();
}

/** Presses Tab until this is reached, as who has no mouse. */
async function tabTo(page: Page, id: string): Promise<void> {
  for (let presses = 0; presses < 20; presses += 1) {
    await page.keyboard.press('Tab');
    const reached = await page.evaluate('document.activeElement?.id ?? ""');
    if (reached === id) return;
  }
  throw new Error(`#${id} is not reached by Tab`);
}

async function ladderByKeyboard(page: Page): Promise<void> {
  await tabTo(page, 'check');
  await page.keyboard.press('Enter');
  await page.locator('#ladder li').first().waitFor();
  expect(await page.locator('#ladder li').count()).toBeGreaterThan(10);
}

async function seesFailover(page: Page): Promise<void> {
  const active = page.locator('#tunnels .item.active .id');
  expect(await active.textContent()).toBe('wan1-agw1');
  snapshot = failedOver;
  visitor.doors?.noted(A_NOTE);
  await page.locator('#tunnels .item.active .id', { hasText: 'wan2-agw2' }).waitFor();
  await page.getByText('wan2 is down').first().waitFor();
  await page.locator('#uplinks .error', { hasText: /^Liveness: .* a month/ }).waitFor();
  await page.locator('#uplinks polyline').first().waitFor({ state: 'attached' });
  const words = await page.locator('#uplinks svg').first().getAttribute('aria-label');
  expect(words).toMatch(/^Round trip, wan1, last hour: now –, least [\d.]+ ms, most [\d.]+ ms$/);
}

async function setsUpTheWan(page: Page): Promise<void> {
  await page.locator('#wan summary').first().press('Enter');
  await page.locator('#wan-wan1-ipType').selectOption('STATIC');
  const fields = { address: '203.0.113.2', prefixLength: '255.255.255.0', gateway: '198.51.100.1' };
  for (const [name, value] of Object.entries(fields)) {
    await page.locator(`#wan-wan1-${name}`).fill(value);
  }
  await page.locator('#wan-wan1-gateway').press('Enter');
  await page.locator('#wan-wan1-gateway[aria-invalid]').waitFor();
  expect(await page.locator('#wan-wan1-fault').textContent()).toContain('203.0.113.2/24');
  await picture(page, 'wan');
  await page.keyboard.press('Control+A');
  await page.keyboard.type('203.0.113.1');
  await page.keyboard.press('Enter');
  await page.locator('#wan-wan1-change:not([open])').waitFor();
  expect(asked).toEqual([
    {
      do: 'set',
      setting: {
        uplink: 'wan1',
        ipType: 'STATIC',
        address: '203.0.113.2',
        prefixLength: 24,
        gateway: '203.0.113.1',
        // What is in force need not be typed again.
        nameServers: ['223.5.5.5'],
      },
    },
  ]);
}

async function isNoWiderThanThePhone(page: Page): Promise<void> {
  await page.setViewportSize(PHONE);
  const wider = await page.evaluate(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  );
  expect(wider).toBe(0);
}

/** Nothing of it is out of sight, or under a scroll bar that a phone does not show. */
async function showsTheWholePanel(page: Page): Promise<void> {
  const card = await page.locator('#panel').boundingBox();
  const ports = await page.locator('.panel .port').all();
  expect(ports).toHaveLength(SAMPLE.board.hello?.ports.length ?? 0);
  for (const port of ports) {
    const box = await port.boundingBox();
    expect(box?.x).toBeGreaterThanOrEqual(card?.x ?? 0);
    expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(
      (card?.x ?? 0) + (card?.width ?? 0),
    );
  }
}

describe('the page in a browser', () => {
  it(
    'leads a technician from the first logon to the ladder, in both languages and on a phone',
    async (ctx) => {
      if (!existsSync(CHROMIUM) && process.env['CI'] === undefined) {
        ctx.skip('chromium is not installed');
      }
      const { page, faults, foreign } = await open();
      await firstLogonByKeyboard(page);
      await ladderByKeyboard(page);
      await seesFailover(page);
      await page.locator('#events .pill.good', { hasText: 'delivered' }).waitFor();
      await setsUpTheWan(page);
      await picture(page, 'desk');
      await page.locator('#language').press('Enter');
      await page.getByText('从本机到云端').waitFor();
      expect(await page.locator('#ladder .pill').first().textContent()).toBe('正常');
      await isNoWiderThanThePhone(page);
      await showsTheWholePanel(page);
      await page.emulateMedia({ colorScheme: 'dark' });
      await picture(page, 'phone');
      await page.locator('#logout').press('Enter');
      await page.getByText('登录身份').waitFor();
      await isNoWiderThanThePhone(page);
      expect(foreign).toEqual([]);
      expect(faults).toEqual([]);
    },
    4 * STEP_MS_MAX,
  );
});
