import { describe, expect, it } from 'vitest';
import { CONFIRM_MS } from '../../../../../agent/state/document-trial.ts';
import { CANARY, DHCP, FOUND, LEASE, PPPOE, STATIC, WanScene } from '../../../../kit/wan-scene.ts';

function started(): WanScene {
  const scene = new WanScene();
  scene.start();
  return scene;
}

describe('a WAN setting made at the box', () => {
  it('is kept once its address is there and the gateway was registered with after that', () => {
    const scene = started();
    expect(scene.ask({ do: 'set', setting: STATIC })?.ok).toBe(true);
    expect(scene.lines).toMatchObject([{ gateway: '203.0.113.1' }]);
    expect(scene.of('reconnect')).toEqual([]);
    scene.obey();
    expect(scene.of('reconnect')).toHaveLength(1);
    expect(scene.disk?.settings).toEqual([]);
    scene.register(false);
    scene.register(true);
    expect(scene.disk?.settings).toEqual([STATIC]);
    expect(scene.notes).toEqual(['wanTried', 'wanKept']);
    scene.pass(10 * CONFIRM_MS);
    expect(scene.core.snapshot().last).toMatchObject({ uplink: 'wan1', ok: true });
  });

  it('is undone when it does not lead to the gateway, and the box has again what it had', () => {
    const scene = started();
    scene.ask({ do: 'set', setting: STATIC });
    scene.obey();
    scene.register(false);
    scene.pass(CONFIRM_MS);
    expect(scene.lines).toEqual([{ uplink: 'wan1', cable: 'wan1', addresses: [FOUND] }]);
    expect(scene.core.snapshot().last).toEqual({
      uplink: 'wan1',
      ok: false,
      because: 'the gateway has not been reached since',
    });
    expect(scene.disk?.settings).toEqual([]);
    scene.address('addressAdded', FOUND);
    scene.address('addressRemoved', STATIC as never);
    expect(scene.disk).toEqual({ v: 1, settings: [], found: [] });
    expect(scene.lines).toEqual([]);
  });

  it('is undone by a restart, because the disk holds only what has proved itself', () => {
    const before = started();
    before.ask({ do: 'set', setting: STATIC });
    before.obey();
    const after = new WanScene();
    after.hear({ type: 'wanRestored', record: before.disk });
    expect(after.lines).toEqual([{ uplink: 'wan1', cable: 'wan1', addresses: [FOUND] }]);
  });

  it('is kept when a person says so, also where no gateway is reached', () => {
    const scene = started();
    scene.register(false);
    scene.ask({ do: 'set', setting: STATIC });
    expect(scene.ask({ do: 'keep' })?.ok).toBe(true);
    expect(scene.disk?.settings).toEqual([STATIC]);
    expect(scene.ask({ do: 'undo' })?.code).toBe('EWAN_NO_TRIAL');
  });

  it('touches nothing while the disk refuses to remember what was there', () => {
    const scene = started();
    scene.diskRefuses = true;
    expect(scene.ask({ do: 'set', setting: STATIC })?.code).toBe('ESTORAGE');
    expect(scene.lines).toEqual([]);
  });

  it('is undone when the disk refuses to keep it', () => {
    const scene = started();
    scene.ask({ do: 'set', setting: STATIC });
    scene.obey();
    scene.diskRefuses = true;
    scene.register(false);
    scene.register(true);
    expect(scene.core.snapshot().last?.ok).toBe(false);
    expect(scene.lines).toEqual([{ uplink: 'wan1', cable: 'wan1', addresses: [FOUND] }]);
  });

  it('is the only one on trial', () => {
    const scene = started();
    scene.ask({ do: 'set', setting: STATIC });
    expect(scene.ask({ do: 'set', setting: DHCP })?.code).toBe('EWAN_BUSY');
  });

  it('gives an uplink back to the system with the addresses it had', () => {
    const scene = started();
    scene.ask({ do: 'set', setting: STATIC });
    scene.obey();
    scene.ask({ do: 'keep' });
    expect(scene.ask({ do: 'release', uplink: 'wan1' })?.ok).toBe(true);
    expect(scene.lines).toEqual([{ uplink: 'wan1', cable: 'wan1', addresses: [FOUND] }]);
    scene.address('addressAdded', FOUND);
    scene.address('addressRemoved', STATIC as never);
    scene.register(false);
    scene.register(true);
    expect(scene.disk).toEqual({ v: 1, settings: [], found: [] });
    expect(scene.ask({ do: 'release', uplink: 'wan1' })?.code).toBe('EWAN_AS_FOUND');
  });
});

describe('an uplink that is given its address', () => {
  it('keeps the old one until a server has spoken, and has none after the lease was lost', () => {
    const scene = started();
    scene.ask({ do: 'set', setting: DHCP });
    expect(scene.of('orderWan').at(-1)?.clients).toMatchObject([{ ipType: 'DHCP' }]);
    scene.hear({ type: 'wanTold', uplink: 'wan1', told: { is: 'lost' } });
    expect(scene.lines).toEqual([{ uplink: 'wan1', cable: 'wan1' }]);
    scene.hear({ type: 'wanTold', uplink: 'wan1', told: { is: 'leased', lease: LEASE } });
    expect(scene.lines).toMatchObject([{ gateway: LEASE.gateway, addresses: [{}] }]);
    expect(scene.of('orderWan').at(-1)?.nameServers).toEqual(LEASE.nameServers);
    scene.hear({ type: 'wanTold', uplink: 'wan1', told: { is: 'lost' } });
    expect(scene.lines).toEqual([{ uplink: 'wan1', cable: 'wan1', addresses: [] }]);
  });

  it('says why it has none, once', () => {
    const scene = started();
    scene.ask({ do: 'set', setting: DHCP });
    const told = { is: 'trouble', because: 'no DHCP server answers' } as const;
    scene.hear({ type: 'wanTold', uplink: 'wan1', told });
    scene.hear({ type: 'wanTold', uplink: 'wan1', told });
    expect(scene.notes).toEqual(['wanTried', 'wanTrouble']);
    scene.pass(CONFIRM_MS);
    expect(scene.core.snapshot().last?.because).toBe('no DHCP server answers');
  });

  it('keeps its lease when DHCP is set once more', () => {
    const scene = started();
    scene.ask({ do: 'set', setting: DHCP });
    scene.hear({ type: 'wanTold', uplink: 'wan1', told: { is: 'leased', lease: LEASE } });
    scene.ask({ do: 'keep' });
    scene.ask({ do: 'set', setting: DHCP });
    expect(scene.lines).toMatchObject([{ gateway: LEASE.gateway }]);
    scene.ask({ do: 'undo' });
    expect(scene.lines).toMatchObject([{ gateway: LEASE.gateway }]);
  });
});

describe('the password of PPPoE', () => {
  it('goes to the disk and to the client, and into nothing a person sees', () => {
    const scene = started();
    scene.ask({ do: 'set', setting: PPPOE });
    scene.ask({ do: 'keep' });
    expect(scene.lines).toMatchObject([{ deviceName: 'sagppp0' }]);
    expect(scene.of('orderWan').at(-1)?.clients).toMatchObject([{ password: CANARY }]);
    const shown = JSON.stringify([
      scene.core.snapshot(),
      scene.of('noted'),
      scene.of('wanAnswered'),
      scene.of('wanChanged'),
    ]);
    expect(shown).toContain('branch@isp');
    expect(shown).not.toContain('canary');
  });
});
