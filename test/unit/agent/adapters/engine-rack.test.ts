/** Two engines behind one port: each tunnel is where its specification says, and nowhere else. */
import { describe, expect, it } from 'vitest';
import {
  AwaitedEngine,
  type UsedEngine,
} from '../../../../agent/adapters/engine/awaited-engine.ts';
import { EngineRack } from '../../../../agent/adapters/engine/engine-rack.ts';
import { type EngineEvent, EngineRefused } from '../../../../agent/engine-port.ts';
import type { EngineTunnelStatus } from '../../../../agent/model/engine-status.ts';
import type { EngineNote } from '../../../../agent/model/notes/engine-note.ts';
import type { EngineKind, TunnelSpec } from '../../../../agent/model/tunnel.ts';
import { deriveTunnels } from '../../../../agent/state/tunnel-specs.ts';
import { config, desired, IPSEC, tunnel } from '../../../kit/branch.ts';

class FakeEngine implements UsedEngine {
  readonly asked: string[] = [];
  readonly #key: string;
  readonly #found: readonly string[];
  lose: (event: EngineEvent) => void = () => undefined;
  tell: (note: EngineNote) => void = () => undefined;

  constructor(key: string, found: readonly string[] = []) {
    this.#key = key;
    this.#found = found;
  }

  publicKey = async () => this.#key;
  ensure = async ({ id }: TunnelSpec) => void this.asked.push(`ensure ${id}`);
  initiate = async (id: string) => void this.asked.push(`initiate ${id}`);
  setEndpoint = async (id: string) => void this.asked.push(`setEndpoint ${id}`);
  rotateIdentity = async (id: string) => void this.asked.push(`rotate ${id}`) as undefined;
  rekeyNow = async (id: string) => void this.asked.push(`rekey ${id}`);
  remove = async (id: string) => void this.asked.push(`remove ${id}`);
  close = async (tunnels: string) => void this.asked.push(`close ${tunnels}`);
  status = async (id: string): Promise<EngineTunnelStatus> => ({
    id,
    kind: 'ipsec',
    deviceName: `d-${id}`,
    rxBytes: 1,
    txBytes: 2,
  });
  list = async () => Promise.all(this.#found.map(async (id) => this.status(id)));
  onEvent = (listener: (event: EngineEvent) => void) => {
    this.lose = listener;
  };
  onNote = (listener: (note: EngineNote) => void) => {
    this.tell = listener;
  };
}

const specs = deriveTunnels(
  desired({
    tunnels: [tunnel('wan1-gwa', { engine: 'ipsec', ipsec: IPSEC }), tunnel('wan2-gwa')],
  }),
  config.uplinks,
).map(({ spec }) => spec);
const [overIpsec, overWireGuard] = specs as [TunnelSpec, TunnelSpec];

async function rackOf(engines: Readonly<Partial<Record<EngineKind, FakeEngine>>>) {
  const open = (kind: EngineKind) => async () => {
    const engine = engines[kind];
    if (engine === undefined) throw new EngineRefused('EENGINE_MISSING', `${kind} is missing`);
    return engine;
  };
  return new EngineRack([
    await AwaitedEngine.open('ipsec', open('ipsec')),
    await AwaitedEngine.open('wireguard', open('wireguard')),
  ]);
}

describe('a rack of two engines', () => {
  it('brings each tunnel to the engine its specification names, and asks that one ever after', async () => {
    const engines = { ipsec: new FakeEngine(''), wireguard: new FakeEngine('the key') };
    const rack = await rackOf(engines);
    expect(await rack.publicKey()).toBe('the key');
    for (const spec of [overIpsec, overWireGuard]) {
      await rack.ensure(spec);
      await rack.initiate(spec.id, 1);
      await rack.setEndpoint(spec.id, {});
      await rack.rotateIdentity(spec.id, { stage: 'switch' });
      await rack.rekeyNow(spec.id);
      expect(await rack.status(spec.id)).toMatchObject({ id: spec.id });
      await rack.remove(spec.id);
      expect(await rack.status(spec.id)).toBeUndefined();
    }
    const words = ['ensure', 'initiate', 'setEndpoint', 'rotate', 'rekey', 'remove'];
    expect(engines.ipsec.asked).toEqual(words.map((word) => `${word} wan1-gwa`));
    expect(engines.wireguard.asked).toEqual(words.map((word) => `${word} wan2-gwa`));
  });

  it('takes a tunnel from its old engine before another makes it', async () => {
    const engines = { ipsec: new FakeEngine(''), wireguard: new FakeEngine('', ['wan1-gwa']) };
    const rack = await rackOf(engines);
    expect(await rack.list()).toMatchObject([{ id: 'wan1-gwa' }]);
    await rack.ensure(overIpsec);
    expect(engines.wireguard.asked).toEqual(['remove wan1-gwa']);
    expect(engines.ipsec.asked).toEqual(['ensure wan1-gwa']);
  });

  it('misses one engine without losing the other, and says which one is missing', async () => {
    const engines = { wireguard: new FakeEngine('the key') };
    const rack = await rackOf(engines);
    const notes: EngineNote[] = [];
    rack.watch({ onNote: (note) => notes.push(note), onFound: () => undefined });
    expect(notes).toMatchObject([{ code: 'engineMissing', engine: 'ipsec' }]);
    await expect(rack.ensure(overIpsec)).rejects.toMatchObject({ code: 'EENGINE_MISSING' });
    await rack.ensure(overWireGuard);
    await rack.close('keep');
    expect(engines.wireguard.asked).toEqual(['ensure wan2-gwa', 'close keep']);
  });

  it('knows nothing of a tunnel that was never ensured', async () => {
    const rack = await rackOf({ ipsec: new FakeEngine('') });
    await expect(rack.initiate('stranger', 1)).rejects.toMatchObject({ code: 'EENGINE_UNKNOWN' });
    await rack.remove('stranger');
  });

  it('hears the events and the notes of both', async () => {
    const engines = { ipsec: new FakeEngine(''), wireguard: new FakeEngine('') };
    const rack = await rackOf(engines);
    const heard: string[] = [];
    rack.onEvent(({ tunnel: id }) => heard.push(id));
    rack.watch({ onNote: ({ code }) => heard.push(code), onFound: () => undefined });
    engines.ipsec.lose({ type: 'engineLost', tunnel: 'a', why: 'x' });
    engines.wireguard.lose({ type: 'engineLost', tunnel: 'b', why: 'x' });
    engines.ipsec.tell({ code: 'engineAdopted', level: 'notice', tunnel: 'a' });
    expect(heard).toEqual(['a', 'b', 'engineAdopted']);
  });
});
