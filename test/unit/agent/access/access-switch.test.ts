/** Another access point is registered with before the former is left; whatever goes wrong leaves the former as it is. */
import { beforeEach, describe, expect, it } from 'vitest';
import { AccessSwitch } from '../../../../agent/access/access-switch.ts';
import type {
  AccessSwitchEffect,
  AccessSwitchEvent,
} from '../../../../agent/access/access-switch-events.ts';
import type { AccessSlot } from '../../../../agent/ports.ts';
import { SeededRandom } from '../../../../firmware-shim/base/random.ts';
import { advance } from '../../../kit/advance.ts';
import {
  BOOT_ID,
  birthIn,
  config,
  decode,
  inventory,
  PUBLIC_KEY,
  up,
} from '../../../kit/branch.ts';

type Of<Type extends AccessSwitchEffect['type']> = Extract<
  AccessSwitchEffect,
  { readonly type: Type }
>;

describe('a switch of the access point', () => {
  let core: AccessSwitch;
  let nowMs: number;
  let seen: AccessSwitchEffect[];

  const hear = (event: AccessSwitchEvent): void => {
    seen.push(...core.handle(event, nowMs));
  };
  const pass = (ms: number): void => {
    seen.push(...advance(core, nowMs, nowMs + ms).map(({ effect }) => effect));
    nowMs += ms;
  };
  const of = <Type extends AccessSwitchEffect['type']>(type: Type): readonly Of<Type>[] =>
    seen.filter((effect): effect is Of<Type> => effect.type === type);
  const answers = () => of('actionAnswered').map(({ ok, code }) => (ok ? 'ok' : code));
  const opened = (slot: AccessSlot): void =>
    hear({
      type: 'channelOpened',
      sessionPresent: false,
      properties: { 'ccn-area': 'Mainland China' },
      slot,
    });
  /** The gateway keeps the last birth of this slot and sends it back. */
  const proved = (slot: AccessSlot): void => {
    const { publishId = -1, payload = new Uint8Array() } = of('publish').at(-1)?.message ?? {};
    hear({ type: 'publishAcknowledged', publishId, reasonCode: 0, slot });
    hear({ type: 'lifeReceived', life: birthIn(payload), retained: false, slot });
  };
  const request = (accessPoint: string): void =>
    hear({ type: 'accessPointSwitchRequested', requestId: 'c-1', accessPoint });

  beforeEach(() => {
    nowMs = 0;
    seen = [];
    const shared = { config, inventory, publicKey: PUBLIC_KEY, bootId: BOOT_ID };
    core = new AccessSwitch({ ...shared, random: new SeededRandom(9) });
    hear({ type: 'restored', bdSeq: 4 });
    hear({ type: 'uplinkChanged', uplink: 'wan1', verdict: up('10.91.1.2') });
    hear({ type: 'accessPointsRanked', order: ['gwa', 'gwb'] });
    opened(0);
    proved(0);
    expect(core.snapshot()).toMatchObject({ state: 'registered', gateway: 'gwa' });
    pass(5_000);
    seen = [];
  });

  it('makes before it breaks: the former says goodbye only when birth has come back over the next', () => {
    request('gwb');
    expect(of('openAccess')).toMatchObject([{ slot: 1, target: { gateway: 'gwb' } }]);
    opened(1);
    expect(of('closeAccess')).toEqual([]);
    expect(core.snapshot().gateway).toBe('gwa');
    proved(1);
    const order = seen.map(({ type }) => type);
    expect(order.indexOf('accessPromoted')).toBeLessThan(order.indexOf('registered'));
    expect(of('registrationEnded')).toHaveLength(1);
    expect(core.snapshot()).toMatchObject({ state: 'registered', gateway: 'gwb' });
    expect(answers()).toEqual(['ok']);

    const bye = of('publish').at(-1);
    expect(bye?.slot).toBe(0);
    expect(decode(bye?.message.payload ?? new Uint8Array())).toMatchObject({
      state: 'offline',
      why: 'bye',
      bdSeq: 5,
    });
    const publishId = bye?.message.publishId ?? -1;
    hear({ type: 'publishAcknowledged', publishId, reasonCode: 0, slot: 0 });
    expect(of('closeAccess')).toEqual([{ type: 'closeAccess', how: 'bye', slot: 0 }]);
    expect(of('left')).toEqual([]);
  });

  it('counts both connections with one bdSeq', () => {
    request('gwb');
    const { will } = of('openAccess')[0] ?? {};
    expect(decode(will?.payload ?? new Uint8Array())).toMatchObject({ bdSeq: 6 });
    expect(of('storePut')).toMatchObject([{ key: 'bdSeq', value: '6' }]);
  });

  it('stays where it is when the next refuses, and says why', () => {
    request('gwb');
    hear({ type: 'channelClosed', code: 'ECONNREFUSED', text: 'nobody listens', slot: 1 });
    expect(of('actionAnswered')).toMatchObject([
      { ok: false, code: 'EACCESS_SWITCH', because: expect.stringContaining('ECONNREFUSED') },
    ]);
    pass(60_000);
    expect(of('openAccess')).toHaveLength(1);
    expect(core.snapshot()).toMatchObject({ state: 'registered', gateway: 'gwa' });
    expect(of('registrationEnded')).toEqual([]);
  });

  it('stays where it is when the next says nothing', () => {
    request('gwb');
    pass(20_000);
    expect(answers()).toEqual(['EACCESS_SWITCH']);
    expect(of('closeAccess')).toContainEqual({ type: 'closeAccess', how: 'drop', slot: 1 });
    expect(core.snapshot()).toMatchObject({ state: 'registered', gateway: 'gwa' });
  });

  it('takes what is left when the former is lost while the next is made', () => {
    request('gwb');
    opened(1);
    hear({ type: 'channelClosed', code: 'ECONNRESET', text: 'reset', slot: 0 });
    expect(core.snapshot().state).toBe('waiting');
    proved(1);
    expect(core.snapshot()).toMatchObject({ state: 'registered', gateway: 'gwb' });
    pass(120_000);
    expect(of('openAccess')).toHaveLength(1);
  });

  it('raises no alarm when its own second connection takes the first over', () => {
    request('gwb');
    const text = 'session taken over';
    hear({ type: 'channelClosed', code: 'EMQTT_0x8e', text, reasonCode: 0x8e, slot: 0 });
    expect(of('identityMisused')).toEqual([]);
    opened(1);
    proved(1);
    expect(core.snapshot().gateway).toBe('gwb');
  });

  it('refuses what makes no sense with the published codes', () => {
    request('gwx');
    request('gwa');
    request('gwb');
    request('gwb');
    expect(answers()).toEqual(['AccessPointInvalid', 'ok', 'ResourceInOperating']);
    hear({ type: 'channelClosed', code: 'ECONNREFUSED', text: 'x', slot: 1 });
    hear({ type: 'channelClosed', code: 'ECONNRESET', text: 'x', slot: 0 });
    request('gwb');
    expect(answers().at(-1)).toBe('SmartAccessGatewayNotOnline');
  });

  it('comes back to the chosen access point first, whatever is nearer', () => {
    request('gwb');
    opened(1);
    proved(1);
    pass(70_000);
    hear({ type: 'accessPointsRanked', order: ['gwa', 'gwb'] });
    hear({ type: 'channelClosed', code: 'ECONNRESET', text: 'reset', slot: 1 });
    pass(60_000);
    expect(of('openAccess').at(-1)?.target.gateway).toBe('gwb');
  });

  const openedGateways = () => of('openAccess').map(({ target }) => target.gateway);

  it('follows a document as it follows a command, and tries again what cannot be had', () => {
    hear({ type: 'accessPointChosen', accessPoint: 'gwb' });
    hear({ type: 'channelClosed', code: 'ECONNREFUSED', text: 'nobody listens', slot: 1 });
    expect(core.snapshot().gateway).toBe('gwa');
    expect(of('noted').map(({ note }) => note.code)).toContain('accessPointMissed');
    // The former stands all the while: what it asks for comes back.
    for (let second = 0; second < 598; second += 2) {
      pass(2_000);
      if (of('publish').length > 0) proved(0);
    }
    expect(openedGateways()).toEqual(['gwb']);
    pass(2_000);
    opened(1);
    proved(1);
    expect(openedGateways()).toEqual(['gwb', 'gwb']);
    expect(core.snapshot()).toMatchObject({ state: 'registered', gateway: 'gwb' });
    expect(answers()).toEqual([]);
  });

  it('leaves an access point that is no candidate any more, making before it breaks', () => {
    hear({ type: 'accessPointsRanked', order: ['gwb'] });
    opened(1);
    proved(1);
    expect(core.snapshot()).toMatchObject({ state: 'registered', gateway: 'gwb' });
  });

  it('keeps what a command chose on the disk until a document says something else', () => {
    request('gwb');
    opened(1);
    proved(1);
    const choices = () => of('storePut').filter(({ key }) => key === 'choice');
    expect(choices().map(({ value }) => JSON.parse(value))).toEqual([{ v: 1, accessPoint: 'gwb' }]);
    hear({ type: 'accessPointChosen', accessPoint: undefined });
    expect(of('storeRemove')).toEqual([]);
    hear({ type: 'accessPointChosen', accessPoint: 'gwa' });
    expect(of('storeRemove')).toMatchObject([{ shelf: 'access', keys: ['choice'] }]);
  });

  it.each([
    ['goes where a command had sent it before the restart', undefined, 'gwb'],
    ['goes where a document of after that command sends it', 'gwa', 'gwa'],
  ] as const)('%s', (_what, chosen, gateway) => {
    const shared = { config, inventory, publicKey: PUBLIC_KEY, bootId: BOOT_ID };
    core = new AccessSwitch({ ...shared, random: new SeededRandom(9) });
    hear({ type: 'accessPointChosen', accessPoint: chosen });
    hear({ type: 'restored', bdSeq: 4, choice: { v: 1, accessPoint: 'gwb' } });
    hear({ type: 'uplinkChanged', uplink: 'wan1', verdict: up('10.91.1.2') });
    hear({ type: 'accessPointsRanked', order: ['gwa', 'gwb'] });
    expect(openedGateways()).toEqual([gateway]);
  });

  it('leaves with both when the agent leaves', () => {
    request('gwb');
    hear({ type: 'leaveRequested' });
    expect(answers()).toEqual(['EACCESS_SWITCH']);
    pass(2_000);
    expect(of('left')).toHaveLength(1);
  });
});
