/** What the control wiring tells of safe mode: the gateway, the snapshot and the person at the box. */
import { describe, expect, it } from 'vitest';
import { readSafely } from '../../../../agent/contract/access-intake.ts';
import { attentionOf } from '../../../../agent/diag/attention.ts';
import type { AgentStart } from '../../../../agent/model/restart.ts';
import { SAFE_MS } from '../../../../agent/state/safe-mode.ts';
import { desired } from '../../../kit/branch.ts';
import { ControlScene, PREFIX } from '../../../kit/control-scene.ts';

const start: AgentStart = {
  mode: 'safe',
  book: { v: 1, crashes: 3, relapses: 0 },
  setAside: { events: 2, commands: 1, documents: 0 },
};

function safeScene(): ControlScene {
  const scene = new ControlScene();
  scene.start(start);
  return scene;
}

describe('the control wiring in safe mode', () => {
  it('registers, and tells the gateway in what mode it runs and what it set aside', () => {
    const scene = safeScene();
    scene.register();
    scene.pass(10_000);
    expect(scene.published('state/reported').at(-1)).toMatchObject({
      safeMode: { mode: 'safe', crashes: 3, events: 2, commands: 1, documents: 0 },
    });
  });

  it('shows it, and asks for somebody to look', () => {
    const snapshot = safeScene().wiring.snapshot();
    expect(snapshot.desired.safeMode).toMatchObject({ mode: 'safe', crashes: 3 });
    expect(attentionOf(snapshot)[0]).toMatch(
      /^Safe mode after 3 crashes in a row: the last confirmed document is in force, 2 events, 1 command/,
    );
  });

  it('takes no document, without reading it', () => {
    const scene = safeScene();
    scene.register();
    const topic = `${PREFIX}/state/desired`;
    const payload = new TextEncoder().encode(JSON.stringify(desired({ revision: 9 })));
    scene.hear(readSafely({ type: 'messageArrived', topic, payload, retained: true }));
    scene.pass(10_000);
    expect(scene.published('state/reported').at(-1)).toMatchObject({
      refused: { code: 'ESAFE_MODE' },
    });
    expect(scene.of('storePut').filter(({ shelf }) => shelf === 'desired')).toEqual([]);
  });

  it('asks to be started anew when its time is over', () => {
    const scene = safeScene();
    scene.pass(SAFE_MS);
    expect(scene.of('startAnew')).toMatchObject([{ givesBack: true }]);
  });
});
