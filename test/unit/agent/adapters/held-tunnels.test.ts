/** What either engine knows of the tunnels it was asked for. */
import { describe, expect, it } from 'vitest';
import { EngineVoice } from '../../../../agent/adapters/engine/engine-voice.ts';
import { type HeldTunnel, HeldTunnels } from '../../../../agent/adapters/engine/held-tunnels.ts';
import type { TunnelSpec } from '../../../../agent/model/tunnel.ts';
import { deriveTunnels } from '../../../../agent/state/tunnel-specs.ts';
import { config, desired, tunnel } from '../../../kit/branch.ts';

class Kept implements HeldTunnel {
  spec: TunnelSpec;
  forgotten = 0;

  constructor(spec: TunnelSpec) {
    this.spec = spec;
  }

  forget(): void {
    this.forgotten += 1;
  }
}

function specOf(id: string): TunnelSpec {
  const [derived] = deriveTunnels(desired({ tunnels: [tunnel(id)] }), config.uplinks);
  if (derived === undefined) throw new Error('a document with one tunnel has one');
  return derived.spec;
}

function begin() {
  const voice = new EngineVoice();
  const told: string[] = [];
  voice.onEvent(({ type, tunnel: id, why }) => told.push(`${type} ${id}: ${why}`));
  voice.onNote((note) => told.push(note.code));
  const held = new HeldTunnels<Kept>(
    voice,
    (spec) => new Kept(spec),
    async () => undefined,
  );
  return { held, told };
}

describe('the tunnels an engine was asked for', () => {
  const spec = specOf('t1');

  it('are held once, with the newest specification', () => {
    const { held } = begin();
    const first = held.hold(spec);
    const moved = { ...spec, mtu: 1_280 };
    expect(held.hold(moved)).toBe(first);
    expect(held.known(spec.id).spec).toBe(moved);
    expect(first.forgotten).toBe(0);
  });

  it('are refused by name when they were never asked for', () => {
    const { held } = begin();
    expect(held.get('t9')).toBeUndefined();
    expect(() => held.known('t9')).toThrow('t9 was never ensured');
  });

  it('are forgotten when they are let go, and another of the same name is another', () => {
    const { held } = begin();
    const first = held.hold(spec);
    expect(held.letGo(spec.id)).toBe(first);
    expect(first.forgotten).toBe(1);
    const second = held.hold(spec);
    expect([held.has(first), held.has(second)]).toEqual([false, true]);
    expect(held.letGo('t9')).toBeUndefined();
  });

  it('are all let go at the end', () => {
    const { held } = begin();
    const all = [held.hold(spec), held.hold(specOf('t2'))];
    expect(held.letAllGo()).toEqual(all);
    expect(all.map(({ forgotten }) => forgotten)).toEqual([1, 1]);
    expect(held.letAllGo()).toEqual([]);
  });

  it('are lost with their traffic, or without it, and are started again', () => {
    const { held, told } = begin();
    const lost = held.hold(spec);
    held.lost(lost, 'its daemon died', true);
    expect(told).toEqual(['engineLost t1: its daemon died', 'engineDaemonLost']);
    held.lost(lost, 'its daemon died again', false);
    expect(told.slice(2)).toEqual(['engineDaemonLost']);
    held.letAllGo();
  });
});
