/**
 * The attacks a local page must stand, each before anybody has set a password and again beside a technician who is
 * logged on, whose cookie the attacker's browser sends along where a browser would.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { crowd } from './doors-room.ts';
import { endOf, type LoggedOn, PASSWORD, PageVisitor } from './page-visitor.ts';

interface Scene {
  readonly visitor: PageVisitor;
  /** Of the technician; before activation there is none. */
  readonly victim: { readonly cookie?: string };
}
type Attack = (scene: Scene) => Promise<number>;
type Case = readonly [name: string, expected: readonly number[], attack: Attack];

const JSON_HEADERS = { 'content-type': 'application/json' };

const get =
  (path: string, headers: Record<string, string> = {}, method = 'GET'): Attack =>
  async ({ visitor, victim }) =>
    (await visitor.visit({ path, method, headers, ...victim })).status;

/** A POST with the technician's cookie, from wherever the headers say. */
const post =
  (path: string, headers: Record<string, string>, body = '{}', method = 'POST'): Attack =>
  async ({ visitor, victim }) =>
    (await visitor.visit({ path, method, headers, body, ...victim })).status;

/** A POST of our own page, without the cookie. */
const asked =
  (path: string, body: unknown): Attack =>
  async ({ visitor }) =>
    (await visitor.post(path, body)).status;

async function freshVictim({ visitor, victim }: Scene): Promise<Partial<LoggedOn>> {
  return victim.cookie === undefined ? {} : visitor.ticket(victim.cookie);
}

/** A WebSocket with everything right but what the options change. */
const opened =
  (options: object, path = '/live', drop: readonly (keyof LoggedOn)[] = []): Attack =>
  async (scene) => {
    const comer = Object.entries(await freshVictim(scene)).filter(
      ([key]) => !drop.includes(key as keyof LoggedOn),
    );
    return endOf(scene.visitor.live(Object.fromEntries(comer), options, path));
  };

/** What the technician's own connection says, as a page that was taken over would. */
const said =
  (...messages: readonly (string | Buffer)[]): Attack =>
  async (scene) => {
    const socket = scene.visitor.live(await freshVictim(scene));
    socket.on('open', () => {
      for (const message of messages) socket.send(message);
    });
    return endOf(socket);
  };

const switched = (tunnel: unknown): Attack => said(JSON.stringify({ op: 'switch', tunnel }));

const SAID = [1008, 401];
const foreign = { origin: 'http://evil.example' };
const EVIL: Case[] = [
  ...['8.8.8.8;id', '`id`', '$(id)', 'a\nb', 'a\0b', 'a|b', 'x'.repeat(10_000)].map(
    (text): Case => [`AB-01 a target ${JSON.stringify(text).slice(0, 20)}`, SAID, switched(text)],
  ),
  ...['-f', '--help', '-z id', ' -K'].map(
    (text): Case => [`AB-02 an argument '${text}'`, SAID, switched(text)],
  ),
  ['AB-12 a WAN setting without logon', [401], asked('/wan', { do: 'undo' })],
  ['AB-07 a WAN setting from another site', [403], post('/wan', { ...JSON_HEADERS, ...foreign })],
  ['AB-02 an operation that is none', SAID, said('{"op":"tool","ask":{"argv":["id"]}}')],
  ...[['wan1'], { a: 1 }, 1, null, true].map(
    (value): Case => [`AB-03 a tunnel ${JSON.stringify(value)}`, SAID, switched(value)],
  ),
  ['AB-03 an own __proto__', SAID, said('{"op":"check","__proto__":{"role":"admin"}}')],
  ['AB-03 an array', SAID, said('[{"op":"check"}]')],
  ['AB-03 bare words', SAID, said('check')],
  ['AB-03 bytes', SAID, said(Buffer.from('{"op":"check"}'))],
  ['AB-03 an inherited operation', SAID, said('{"op":"constructor"}')],
  ['AB-04 a blink of 10^9 s', SAID, said('{"op":"blink","seconds":1000000000}')],
  ['AB-04 a blink of -1 s', SAID, said('{"op":"blink","seconds":-1}')],
  ['AB-04 60 checks at once', SAID, said(...Array.from({ length: 60 }, () => '{"op":"check"}'))],
  ['AB-05 a probe of loopback', SAID, said('{"op":"ping","target":"127.0.0.1"}')],
  ['AB-06 markup for a role', [400, 401], asked('/logon', { role: '<b>admin', password: 'x' })],
  ['AB-07 another origin', [403], opened(foreign)],
  ['AB-07 no origin', [403], opened({ origin: undefined })],
  ['AB-07 origin null', [403], opened({ origin: 'null' })],
  ['AB-07 another port of this box', [403], opened({ origin: 'http://127.0.0.1:1' })],
  ['AB-07 cross-site', [403], opened({ headers: { 'sec-fetch-site': 'cross-site' } })],
  ['AB-07 no cookie', [401], opened({}, '/live', ['cookie'])],
  ['AB-07 no ticket', [401], opened({}, '/live', ['ticket'])],
  ['AB-07 a ticket in the address', [404], opened({}, '/live?ticket=x')],
  [
    'AB-07 a ticket twice',
    [401],
    async (scene) => {
      const comer = await freshVictim(scene);
      const first = scene.visitor.live(comer);
      first.on('open', () => first.close());
      await endOf(first);
      return endOf(scene.visitor.live(comer));
    },
  ],
  ...['evil.example', '127.0.0.1.evil.example', 'evil@127.0.0.1', '0', '[::1]'].map(
    (host): Case => [`AB-08 GET as '${host}'`, [421, 400], get('/', { host })],
  ),
  ['AB-08 POST as evil', [421], post('/logout', { host: 'evil.example', ...JSON_HEADERS })],
  ['AB-08 WebSocket as evil', [421], opened({ ...foreign, headers: { host: 'evil.example' } })],
  ...['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data', 'text/json'].map(
    (type): Case => [
      `AB-09 a form as ${type}`,
      [403],
      post('/logout', { ...foreign, 'content-type': type }),
    ],
  ),
  ['AB-09 JSON of another origin', [403], post('/logout', { ...foreign, ...JSON_HEADERS })],
  ['AB-09 JSON without an origin', [403], post('/logout', JSON_HEADERS)],
  [
    'AB-09 plain text of our origin',
    [415],
    async (scene) =>
      post('/logout', { origin: scene.visitor.origin, 'content-type': 'text/plain' })(scene),
  ],
  [
    'AB-09 another port, which is the same site',
    [403],
    async (scene) =>
      post('/logout', {
        origin: scene.visitor.origin,
        'sec-fetch-site': 'same-site',
        ...JSON_HEADERS,
      })(scene),
  ],
  ['AB-09 logout by GET', [404], get('/logout')],
  ['AB-09 a method override', [404], get('/logout', { 'x-http-method-override': 'POST' })],
  ...['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE'].map(
    (method): Case => [`AB-09 ${method}`, [405], get('/session', {}, method)],
  ),
  ...['admin', 'password', '', '123456'].map(
    (password): Case => [
      `AB-10 the password '${password}'`,
      [401],
      asked('/logon', { role: 'admin', password }),
    ],
  ),
  ['AB-10 a list of passwords', [400], asked('/logon', { role: 'admin', password: [PASSWORD] })],
  [
    'AB-10 10 kB of password',
    [413],
    asked('/logon', { role: 'admin', password: 'x'.repeat(10_000) }),
  ],
  [
    'AB-10 a weak first password',
    [401, 422],
    asked('/password', { role: 'admin', password: 'short' }),
  ],
  [
    'AB-11 a first password of the viewer',
    [400, 401],
    asked('/password', { role: 'viewer', password: PASSWORD }),
  ],
  [
    'AB-11 a role that is none',
    [400, 401],
    asked('/password', { role: 'root', password: PASSWORD }),
  ],
  ['AB-12 a bundle without logon', [401], asked('/bundle', { anonymise: 'none' })],
  ...['/bundle', '/bundle/../page-passwords', '/%2e%2e/bundle', '/sag-bundle.tar.gz'].map(
    (path): Case => [`AB-12 GET ${path}`, [404], get(path)],
  ),
  ['AB-13 a header of 9 kB', [431], get('/', { x: 'y'.repeat(9_000) })],
  [
    'AB-13 2,000 headers',
    [431],
    get('/', Object.fromEntries(Array.from({ length: 2_000 }, (_, at) => [`x${at}`, 'y']))),
  ],
  ['AB-13 a body of 5 kB', [413], asked('/session', { x: 'y'.repeat(5_000) })],
  [
    'AB-13 a compressed body',
    [415],
    async (scene) =>
      post('/session', {
        origin: scene.visitor.origin,
        'content-encoding': 'gzip',
        ...JSON_HEADERS,
      })(scene),
  ],
  ['AB-13 a message of 65 kB', [1009, 401], said('x'.repeat(65 * 1024 + 1))],
  [
    'AB-14 a cookie that was made up',
    [401],
    async ({ visitor }) =>
      endOf(visitor.live({ cookie: `sag-page=${'a'.repeat(43)}`, ticket: 'x' })),
  ],
  ['AB-15 a script for a tunnel', SAID, switched('<script>alert(1)</script>')],
  ...[
    '/../../etc/passwd',
    '/%2e%2e/page-state.ts',
    '//etc/passwd',
    '/page.js%00',
    '/page-passwords',
  ].map((path): Case => [`AB-29 ${path}`, [404], get(path)]),
  ['AB-40 the passwords, please', [404], asked('/passwords', {})],
];

describe.each(['before activation', 'beside a technician'])('the page stands %s', (when) => {
  const acts: string[] = [];
  const visitor = new PageVisitor();
  let victim: Scene['victim'] = {};

  beforeAll(async () => {
    await visitor.open({
      onSwitch: async () => Promise.reject(new Error(String(acts.push('switch')))),
      blink: async () => Promise.reject(new Error(String(acts.push('blink')))),
      bundle: async () => Promise.reject(new Error(String(acts.push('bundle')))),
    });
    if (when === 'beside a technician') victim = await visitor.enter('/password');
  });
  afterAll(async () => visitor.clear());

  it.each(EVIL)('%s', async (_name, expected, attack) => {
    // Three tries more: here every attack is judged for itself, not by how many came before it.
    visitor.nowMs += 18_000;
    expect(expected).toContain(await attack({ visitor, victim }));
  });

  it('AB-10 slows guesses down after ten, and not the one who is in', async () => {
    visitor.nowMs += 60_000;
    const statuses: number[] = [];
    for (let guess = 0; guess < 14; guess += 1) {
      statuses.push(
        await asked('/logon', { role: 'admin', password: `guess ${guess}` })({ visitor, victim }),
      );
    }
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429, 429, 429, 429]);
    const { status } = await visitor.post('/session', {}, victim.cookie);
    expect(status).toBe(200);
    visitor.nowMs += 6_000;
    expect(await asked('/logon', { role: 'admin', password: 'guess' })({ visitor, victim })).toBe(
      401,
    );
  });

  it('and nothing of all this was done', async () => {
    expect(acts).toEqual([]);
    const { body } = await visitor.post('/session', {}, victim.cookie);
    const { stage } = JSON.parse(body.toString()) as { readonly stage: string };
    expect(stage).toBe(victim.cookie === undefined ? 'first' : 'admin');
  });

  it('AB-13 takes 64 connections and no more', async () => {
    const leave = await crowd({ host: '127.0.0.1', port: visitor.port }, 64);
    await expect(visitor.visit({ path: '/' })).rejects.toThrow(/hang up|ECONNRESET/);
    leave();
  });
});
