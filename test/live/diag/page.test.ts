/**
 * The page over real HTTP and WebSocket connections: what it gives to whom.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import type { WanAsk } from '../../../agent/model/wan.ts';
import { PPPOE, STATIC } from '../../kit/wan-scene.ts';
import { A_NOTE } from './doors-room.ts';
import { endOf, PASSWORD, PageVisitor, VIEWER_PASSWORD } from './page-visitor.ts';

const FILES = [
  '/',
  '/page.css',
  '/icon.svg',
  ...['page', 'panel', 'nodes', 'texts', 'logon', 'ladder', 'chart', 'wan'].map(
    (name) => `/${name}.js`,
  ),
];
const RESET_PRESSED = {
  ...A_NOTE,
  note: { code: 'passwordResetAsked', level: 'warning', button: 'RESET', heldMs: 400 },
} as const;
const PRESS_REFUSED = {
  ...A_NOTE,
  note: { code: 'pressRefused', level: 'notice', button: 'RESET', heldMs: 400 },
} as const;

let visitor: PageVisitor;
beforeEach(async () => {
  visitor = await new PageVisitor().open();
});
afterEach(async () => visitor.clear());

interface Heard {
  readonly type: string;
  readonly notes?: readonly { readonly sentence: { readonly en: string } }[];
  readonly report?: { readonly v: number };
  readonly ok?: boolean;
  readonly toCome?: readonly unknown[];
}

/** Resolves with the first message that is meant. */
async function hears(socket: WebSocket, isMeant: (message: Heard) => boolean): Promise<Heard> {
  return new Promise((resolve) => {
    socket.on('message', (bytes: Buffer) => {
      const message = JSON.parse(bytes.toString()) as Heard;
      if (isMeant(message)) resolve(message);
    });
  });
}

async function stage(cookie?: string): Promise<unknown> {
  return JSON.parse((await visitor.post('/session', {}, cookie)).body.toString());
}

describe('the page', () => {
  it('is a few files under 150 kB compressed that load nothing from elsewhere', async () => {
    const files = await Promise.all(FILES.map(async (path) => visitor.visit({ path })));
    expect(files.map(({ status }) => status)).toEqual(FILES.map(() => 200));
    const all = files.map(({ body }) => body.toString()).join('');
    expect(gzipSync(all).length).toBeLessThan(150 * 1024);
    expect(all.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:\/\/[a-z]/);
    expect(all).not.toMatch(/innerHTML|outerHTML|insertAdjacent|document\.write|style="| onclick=/);
    for (const { headers } of files) {
      expect(headers['content-security-policy']).toContain("default-src 'self'");
      expect(headers['content-security-policy']).not.toContain('unsafe');
      expect(headers['x-content-type-options']).toBe('nosniff');
    }
  });

  it('has a text in both languages for every word of its document', async () => {
    const [html, texts] = await Promise.all(
      ['/', '/texts.js'].map(async (path) => (await visitor.visit({ path })).body.toString()),
    );
    const keys = [...(html ?? '').matchAll(/data-(?:text|label)="(\w+)"/g)].map(([, key]) => key);
    expect(keys.length).toBeGreaterThan(20);
    expect(keys.filter((key) => texts?.includes(`\n  ${key}: [`) !== true)).toEqual([]);
  });

  it('asks for a password first, then for it, and remembers it over a restart', async () => {
    expect(await stage()).toEqual({ stage: 'first' });
    const { cookie } = await visitor.enter('/password');
    expect(await stage(cookie)).toMatchObject({ stage: 'admin' });
    expect(await stage()).toEqual({ stage: 'logon' });
    await visitor.doors?.close();
    await visitor.open();
    expect(await stage(cookie)).toEqual({ stage: 'logon' });
    expect(await stage((await visitor.enter('/logon')).cookie)).toMatchObject({ stage: 'admin' });
    const file = readFileSync(join(visitor.room.directory, 'page-passwords'), 'utf8');
    expect(file).not.toContain(PASSWORD);
  });

  it('gives the cookie to scripts of nobody and to no other site', async () => {
    const { headers } = await visitor.post('/password', { role: 'admin', password: PASSWORD });
    expect(headers['set-cookie']?.[0]).toMatch(
      /^sag-page=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/,
    );
  });

  it('shows the full state at once and every note as it comes', async () => {
    const socket = visitor.live(await visitor.enter('/password'));
    const [, , told] = await Promise.all([
      hears(socket, ({ type }) => type === 'notes'),
      hears(socket, ({ type }) => type === 'state').then(() => visitor.doors?.noted(A_NOTE)),
      hears(socket, ({ notes }) => notes?.[0]?.sentence.en.includes('wan2 is down') === true),
    ]);
    expect(told.type).toBe('notes');
    expect(socket.extensions).toBe('');
    socket.terminate();
  });

  it('runs the check for a viewer, and acts for an administrator only', async () => {
    const admin = await visitor.enter('/password');
    await visitor.post('/password', { role: 'viewer', password: VIEWER_PASSWORD }, admin.cookie);
    const looking = visitor.live(await visitor.enter('/logon', 'viewer', VIEWER_PASSWORD));
    looking.on('open', () => looking.send('{"op":"check"}'));
    const [rungs, checked] = await Promise.all([
      hears(looking, ({ type }) => type === 'rungs'),
      hears(looking, ({ type }) => type === 'checked'),
    ]);
    expect(rungs.toCome?.length).toBeGreaterThan(10);
    expect(checked.report?.v).toBe(1);
    looking.send('{"op":"switch","tunnel":"wan2-agw2"}');
    expect(await endOf(looking)).toBe(1008);
    const acting = visitor.live(admin);
    acting.on('open', () => acting.send('{"op":"switch","tunnel":"wan2-agw2"}'));
    expect((await hears(acting, ({ type }) => type === 'done')).ok).toBe(true);
    acting.terminate();
    expect(visitor.room.noted).toContainEqual({
      code: 'pageActed',
      level: 'notice',
      role: 'admin',
      from: '127.0.0.1',
      what: 'asked to switch to wan2-agw2',
    });
  });
});

describe('a bundle', () => {
  const asked: string[] = [];
  beforeEach(async () => {
    await visitor.clear();
    visitor = await new PageVisitor().open({
      bundle: async (level) => {
        asked.push(level);
        return Promise.resolve(Readable.from([Buffer.from('part one, '), Buffer.from('part two')]));
      },
    });
  });

  it('is handed to an administrator as one file, and is noted', async () => {
    const { cookie } = await visitor.enter('/password');
    const { status, headers, body } = await visitor.post('/bundle', { anonymise: 'all' }, cookie);
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('application/gzip');
    expect(headers['content-disposition']).toContain('attachment');
    expect(body.toString()).toBe('part one, part two');
    expect(asked).toEqual(['all']);
    expect(visitor.room.noted.map((note) => 'what' in note && note.what)).toContain(
      'fetches a bundle',
    );
  });

  it('is not for viewers, nor of another kind than there is', async () => {
    const { cookie } = await visitor.enter('/password');
    await visitor.post('/password', { role: 'viewer', password: VIEWER_PASSWORD }, cookie);
    const viewer = await visitor.enter('/logon', 'viewer', VIEWER_PASSWORD);
    expect((await visitor.post('/bundle', { anonymise: 'all' }, viewer.cookie)).status).toBe(403);
    expect((await visitor.post('/bundle', { anonymise: '../x' }, cookie)).status).toBe(400);
  });
});

describe('a WAN setting', () => {
  const asked: WanAsk[] = [];
  let isFree = true;
  beforeEach(async () => {
    await visitor.clear();
    asked.length = 0;
    visitor = await new PageVisitor().open({
      wan: async (ask) => {
        asked.push(ask);
        const busy = { ok: false, code: 'EWAN_BUSY', because: 'another one is on trial' };
        return Promise.resolve(isFree ? { ok: true, because: 'on trial' } : busy);
      },
    });
  });

  it('is taken from an administrator, whose password for PPPoE is in no note and no answer', async () => {
    const { cookie } = await visitor.enter('/password');
    const { status, body } = await visitor.post('/wan', { do: 'set', setting: PPPOE }, cookie);
    expect(status).toBe(200);
    expect(asked).toEqual([{ do: 'set', setting: PPPOE }]);
    const told = body.toString() + JSON.stringify(visitor.room.noted);
    expect(told).toContain('sets wan1 to PPPOE');
    expect(told).not.toContain('canary');
  });

  it('is refused with its place, or with what the agent says, and not for viewers', async () => {
    const { cookie } = await visitor.enter('/password');
    const wrong = { do: 'set', setting: { ...STATIC, gateway: '8.8.8.8' } };
    const refused = await visitor.post('/wan', wrong, cookie);
    expect(refused.status).toBe(422);
    expect(JSON.parse(refused.body.toString())).toMatchObject({
      code: 'EWAN_GATEWAY',
      pointer: '/gateway',
    });
    isFree = false;
    const busy = await visitor.post('/wan', { do: 'keep' }, cookie);
    expect(JSON.parse(busy.body.toString())).toMatchObject({ code: 'EWAN_BUSY' });
    await visitor.post('/password', { role: 'viewer', password: VIEWER_PASSWORD }, cookie);
    const viewer = await visitor.enter('/logon', 'viewer', VIEWER_PASSWORD);
    expect((await visitor.post('/wan', { do: 'undo' }, viewer.cookie)).status).toBe(403);
    expect(asked).toEqual([{ do: 'keep' }]);
  });
});

describe('an open connection is closed', () => {
  it('after a logout', async () => {
    const admin = await visitor.enter('/password');
    const socket = visitor.live(admin);
    socket.on('open', () => void visitor.post('/logout', {}, admin.cookie));
    expect(await endOf(socket)).toBe(4401);
    expect(await stage(admin.cookie)).toEqual({ stage: 'logon' });
  });

  it('when nobody has done anything for an hour', async () => {
    const socket = visitor.live(await visitor.enter('/password'));
    socket.on('open', () => (visitor.nowMs += 3_600_000));
    expect(await endOf(socket)).toBe(4401);
  });

  it('when the password of its role is another one', async () => {
    const admin = await visitor.enter('/password');
    const viewer = { role: 'viewer', password: VIEWER_PASSWORD };
    await visitor.post('/password', viewer, admin.cookie);
    const socket = visitor.live(await visitor.enter('/logon', 'viewer', VIEWER_PASSWORD));
    const other = { ...viewer, password: 'something else now' };
    socket.on('open', () => void visitor.post('/password', other, admin.cookie));
    expect(await endOf(socket)).toBe(4401);
  });

  it('by a short press of RESET, which opens the first logon again and is noted', async () => {
    const socket = visitor.live(await visitor.enter('/password'));
    socket.on('open', () => visitor.doors?.noted(RESET_PRESSED));
    expect(await endOf(socket)).toBe(4401);
    expect(await stage()).toEqual({ stage: 'first' });
    expect(visitor.room.noted.map(({ code }) => code)).toContain('pagePasswordForgotten');
  });
});

describe('the button', () => {
  it('changes nothing while it is locked', async () => {
    const { cookie } = await visitor.enter('/password');
    visitor.doors?.noted(PRESS_REFUSED);
    expect(await stage(cookie)).toMatchObject({ stage: 'admin' });
  });
});
