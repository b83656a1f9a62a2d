/** The control side as one: what goes in at one wall comes out at another. */
import { beforeEach, describe, expect, it } from 'vitest';
import { readAccessEvent } from '../../../../agent/contract/access-intake.ts';
import { BOOT_ID, desired, down, hello, received, up } from '../../../kit/branch.ts';
import { ControlScene, PREFIX } from '../../../kit/control-scene.ts';

describe('the control wiring', () => {
  let scene: ControlScene;
  beforeEach(() => {
    scene = new ControlScene();
    scene.start();
  });

  it('registers over the best uplink and tells everybody', () => {
    expect(scene.of('openAccess')[0]?.target.sourceAddress).toBe('10.91.1.2');
    scene.register();
    expect(scene.wiring.snapshot().registration.state).toBe('registered');
    expect(scene.published('event/DeviceOnline')).toHaveLength(1);
    expect(scene.published('link/wan1')).toEqual([
      { v: 1, uplink: 'wan1', verdict: up('10.91.1.2'), wallMs: 1_000_000 },
    ]);
    expect(scene.published('state/reported').at(-1)).toMatchObject({
      controllerState: 'Normal',
      vpnState: 'Abnormal',
    });
  });

  it('shows the registration on the CLOUD lamp, each change once', () => {
    scene.register();
    scene.hear({ type: 'channelClosed', code: 'ECONNRESET', text: 'x' });
    expect(scene.leds().filter((led) => led.startsWith('CLOUD'))).toEqual([
      'CLOUD off',
      'CLOUD blink',
      'CLOUD on',
      'CLOUD blink',
    ]);
    expect(scene.leds().filter((led) => led === 'SYS blink')).toHaveLength(1);
  });

  it('hands the carriers and the LTE signal of the board to the fast path', () => {
    const carrier = { kind: 'portCarrier', port: 5, speedMbps: 0, duplex: 'unknown' } as const;
    scene.hear({ type: 'boardReported', report: { ...carrier, carrier: false } });
    const lte = { kind: 'lteSignal', present: true, simReady: true, strength: 'High' } as const;
    scene.hear({ type: 'boardReported', report: { ...lte, registered: true } });
    scene.hear({ type: 'boardLost', why: 'unplugged' });
    expect(scene.of('orderFastPath').map(({ order }) => order)).toEqual([
      expect.objectContaining({ type: 'planReceived' }),
      { type: 'portCarrierChanged', port: 5, carrier: false },
      { type: 'lteRegistrationChanged', registered: true },
      { type: 'boardLost' },
    ]);
  });

  it('turns a desired document into tunnels, a plan and a report', () => {
    scene.register();
    scene.hear(received(desired()));
    scene.pass(20_000);
    expect(scene.of('ensureTunnel').map(({ spec }) => spec.id)).toEqual(['wan1-gwa', 'wan2-gwa']);
    expect(scene.orders('planReceived').at(-1)?.order).toMatchObject({ plan: { revision: 1 } });
    expect(scene.of('storePut').some(({ shelf }) => shelf === 'desired')).toBe(true);
  });

  it('reports a document that makes no sense, and goes on', () => {
    scene.register();
    scene.pass(1_000);
    scene.hear(received(desired({ prefixes: ['x'] })));
    const refused = { revision: 1, code: 'EDESIRED_PREFIX', pointer: '/prefixes/0' };
    expect(scene.published('state/reported').at(-1)).toMatchObject({ revision: 0, refused });
    const payload = new Uint8Array(1_048_576);
    const topic = `${PREFIX}/state/desired`;
    scene.pass(1_000);
    scene.hear(readAccessEvent({ type: 'messageArrived', topic, payload, retained: true }));
    expect(scene.published('state/reported').at(-1)).toMatchObject({
      refused: { revision: 0, code: 'EPAYLOAD_TOO_LARGE', pointer: '' },
    });
    expect(scene.wiring.snapshot().registration.state).toBe('registered');
  });

  it('reports a failover with its figures, and a link that went down', () => {
    scene.register();
    scene.hear(received(desired()));
    const figures = { detectedAtMs: 5, silentForMs: 0, decideMs: 0.1, installMs: 0.2 };
    const cause = 'carrier';
    const because = 'wan1 has no carrier';
    const change = { from: 'wan1-gwa', to: 'wan2-gwa', cause, because, ...figures } as const;
    scene.hear({ type: 'activeTunnelChanged', change });
    scene.uplink('wan1', down());
    expect(scene.published('event/AccessGatewayFailover')).toEqual([
      expect.objectContaining({ content: expect.objectContaining({ because, installMs: 0.2 }) }),
    ]);
    scene.pass(1_000);
    expect(scene.of('openAccess').at(-1)?.target.sourceAddress).toBe('10.91.2.2');
    scene.register();
    expect(scene.published('event/DeviceWanLinkDown')).toHaveLength(1);
  });

  it('checks its own path when a tunnel over the same uplink goes silent', () => {
    scene.register();
    scene.hear(received(desired()));
    scene.pass(10_000);
    const before = scene.published('life').length;
    const states = { from: 'up', to: 'down', because: 'silence', atMs: 1 } as const;
    scene.hear({ type: 'tunnelStateChanged', tunnel: 'wan2-gwa', ...states });
    expect(scene.published('life')).toHaveLength(before);
    scene.hear({ type: 'tunnelStateChanged', tunnel: 'wan1-gwa', ...states });
    expect(scene.published('life')).toHaveLength(before + 1);
    scene.pass(10_000);
    expect(scene.of('openAccess').at(-1)?.target.sourceAddress).toBe('10.91.2.2');
  });

  it('carries a command to the fast path and its answer back', () => {
    scene.register();
    const command = {
      v: 1,
      id: 'c-1',
      verb: 'switchActiveTunnel',
      tunnel: 'wan2-gwa',
      expiresAtMs: 1_200_000,
      nonce: 'n-1',
    } as const;
    scene.hear({ type: 'commandReceived', command, proof: 'valid', retained: false });
    expect(scene.orders('switchRequested').map(({ order }) => order)).toEqual([
      { type: 'switchRequested', requestId: 'c-1', tunnel: 'wan2-gwa' },
    ]);
    scene.hear({ type: 'switchAnswered', requestId: 'c-1', ok: true, because: 'as asked' });
    expect(scene.published('cmd/c-1/status').at(-1)).toMatchObject({ state: 'Succeed' });
  });

  it('tells the fast path and the reconciler of a tunnel its engine lost', () => {
    scene.hear(received(desired()));
    const before = scene.of('ensureTunnel').length;
    scene.hear({ type: 'engineLost', tunnel: 'wan1-gwa', why: 'wireguard-go ended' });
    expect(scene.orders('engineLostTunnel')).toHaveLength(1);
    expect(scene.of('ensureTunnel').length).toBe(before + 1);
  });

  it('leaves politely, and only then says that it has stopped', () => {
    scene.register();
    scene.hear({ type: 'stopRequested' });
    expect(scene.published('life').at(-1)).toMatchObject({ state: 'offline', why: 'bye' });
    expect(scene.of('closeAccess').at(-1)?.how).toBe('bye');
    expect(scene.of('stopped')).toHaveLength(1);
    expect(scene.leds().at(-1)).toBe('SYS on');
  });

  it('touches no tunnel when the gateway is lost', () => {
    scene.register();
    scene.hear(received(desired()));
    scene.pass(10_000);
    const before = scene.seen.length;
    scene.hear({ type: 'channelClosed', code: 'ECONNRESET', text: 'x' });
    scene.pass(600_000);
    const touched = scene.seen.slice(before).filter(({ type }) => type.endsWith('Tunnel'));
    expect(touched).toEqual([]);
    expect(scene.seen.slice(before).some(({ type }) => type === 'orderFastPath')).toBe(false);
  });

  it('keeps the last look at the host under the published names, without its devices', () => {
    expect(scene.wiring.snapshot()).not.toHaveProperty('host');
    const problems = { cpu: 0, memory: 0, disk: 2, uptime: 0, devices: 0, temperature: 0 };
    const metrics = { atMs: 5, cpuPercent: 12, temperatures: [], devices: [], problems };
    scene.hear({ type: 'hostSampled', metrics });
    expect(scene.wiring.snapshot().host).toEqual({
      atMs: 5,
      metrics: { SagCpuUtilization: 12 },
      temperatures: [],
      problems,
    });
  });

  it('disarms the watchdog of a board before it says goodbye to the gateway', () => {
    scene.register();
    const capable = { ...hello, protocolVersion: 2, capabilities: ['watchdog'] } as const;
    scene.hear({ type: 'boardUp', hello: capable });
    scene.pass(10_000);
    expect(scene.leds()).toContain('watchdogKick');
    const before = scene.seen.length;
    scene.hear({ type: 'stopRequested' });
    expect(scene.seen[before]).toEqual({
      type: 'boardCommand',
      command: { kind: 'watchdogDisarm' },
    });
  });

  it('shows everything it knows as plain JSON', () => {
    scene.register();
    scene.hear({ type: 'fastPathReady', scheduling: 'SCHED_RR 10' });
    const snapshot = scene.wiring.snapshot(77);
    expect(JSON.parse(JSON.stringify(snapshot))).toEqual(snapshot);
    expect(snapshot).toMatchObject({
      nowMs: 77,
      agent: { bootId: BOOT_ID, area: 'Mainland China', fastPathScheduling: 'SCHED_RR 10' },
      board: { state: 'up', hello },
      registration: { state: 'registered', gateway: 'gwa', overUplink: 'wan1' },
    });
    expect(snapshot.notes.map(({ note }) => note.code)).toContain('registered');
  });
});
