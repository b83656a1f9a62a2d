/** Retained state: the newest value of each topic, one in flight, not too often. */
import { describe, expect, it } from 'vitest';
import {
  type MirrorEffect,
  type MirrorEvent,
  StateMirror,
} from '../../../../agent/access/state-mirror.ts';
import { advance } from '../../../kit/advance.ts';
import { decode } from '../../../kit/branch.ts';

class Scene {
  readonly mirror = new StateMirror();
  readonly published: { readonly atMs: number; readonly topic: string; readonly value: unknown }[] =
    [];
  #unacknowledged: number[] = [];
  nowMs = 0;

  hear(event: MirrorEvent): void {
    this.#see(this.mirror.handle(event, this.nowMs), this.nowMs);
  }

  change(topic: string, value: unknown): void {
    this.hear({ type: 'valueChanged', topic, value });
  }

  pass(ms: number): void {
    for (const { atMs, effect } of advance(this.mirror, this.nowMs, this.nowMs + ms)) {
      this.#see([effect], atMs);
    }
    this.nowMs += ms;
  }

  acknowledge(): void {
    for (const publishId of this.#unacknowledged.splice(0)) {
      this.hear({ type: 'publishAcknowledged', publishId, reasonCode: 0 });
    }
  }

  #see(effects: readonly MirrorEffect[], atMs: number): void {
    for (const { message } of effects) {
      expect(message).toMatchObject({ qos: 1, retain: true });
      this.published.push({ atMs, topic: message.topic, value: decode(message.payload) });
      this.#unacknowledged.push(message.publishId);
    }
  }
}

describe('the state mirror', () => {
  it('publishes nothing before it is open, and then everything once', () => {
    const scene = new Scene();
    scene.change('link/wan1', { up: true });
    scene.change('link/wan2', { up: false });
    scene.change('link/wan1', { up: false });
    expect(scene.published).toEqual([]);
    scene.hear({ type: 'publishingOpened' });
    expect(scene.published.map(({ topic, value }) => [topic, value])).toEqual([
      ['link/wan1', { up: false }],
      ['link/wan2', { up: false }],
    ]);
  });

  it('says nothing twice', () => {
    const scene = new Scene();
    scene.hear({ type: 'publishingOpened' });
    scene.change('link/wan1', { up: true });
    scene.acknowledge();
    scene.pass(1_000);
    scene.change('link/wan1', { up: true });
    expect(scene.published).toHaveLength(1);
  });

  it('loses the values between and ends with the newest when an uplink flaps', () => {
    const scene = new Scene();
    scene.hear({ type: 'publishingOpened' });
    for (let flap = 0; flap < 1_000; flap += 1) {
      scene.change('link/wan1', { flap });
      scene.pass(10);
      scene.acknowledge();
    }
    scene.pass(1_000);
    expect(scene.published.length).toBeLessThanOrEqual(42);
    expect(scene.published.at(-1)?.value).toEqual({ flap: 999 });
  });

  it('waits for the acknowledgement before it publishes the same topic again', () => {
    const scene = new Scene();
    scene.hear({ type: 'publishingOpened' });
    scene.change('link/wan1', 1);
    scene.pass(1_000);
    scene.change('link/wan1', 2);
    expect(scene.published).toHaveLength(1);
    scene.acknowledge();
    expect(scene.published).toHaveLength(2);
  });

  it('publishes everything again after a reconnection and when asked', () => {
    const scene = new Scene();
    scene.hear({ type: 'publishingOpened' });
    scene.change('link/wan1', 1);
    scene.pass(1_000);
    scene.hear({ type: 'publishingClosed' });
    scene.hear({ type: 'publishingOpened' });
    expect(scene.published).toHaveLength(2);
    scene.acknowledge();
    scene.pass(1_000);
    scene.hear({ type: 'stateWanted' });
    expect(scene.published).toHaveLength(3);
  });
});
