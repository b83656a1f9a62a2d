/** The agent runs while its tunnel engine is missing, and uses it as soon as it is there. */
import { describe, expect, it } from 'vitest';
import {
  AwaitedEngine,
  type UsedEngine,
} from '../../../../agent/adapters/engine/awaited-engine.ts';
import { type EngineEvent, EngineRefused } from '../../../../agent/engine-port.ts';
import type { Note } from '../../../../agent/model/note.ts';
import { deriveTunnels } from '../../../../agent/state/tunnel-specs.ts';
import { config, desired } from '../../../kit/branch.ts';

const LOOK_MS = { first: 1, max: 2 };
const [derived] = deriveTunnels(desired(), config.uplinks);

class PresentEngine implements UsedEngine {
  readonly asked: string[] = [];
  lose: (event: EngineEvent) => void = () => undefined;
  publicKey = async () => 'the key';
  ensure = async () => void this.asked.push('ensure');
  remove = async () => void this.asked.push('remove');
  list = async () => [];
  status = async () => undefined;
  initiate = async () => void this.asked.push('initiate');
  setEndpoint = async () => void this.asked.push('setEndpoint');
  rotateIdentity = async () => undefined;
  rekeyNow = async () => void this.asked.push('rekeyNow');
  onNote = () => undefined;
  onEvent = (listener: (event: EngineEvent) => void) => {
    this.lose = listener;
  };
  close = async (tunnels: string) => void this.asked.push(`close ${tunnels}`);
}

const refusing = (because: string) => async (): Promise<UsedEngine> => {
  throw new EngineRefused('EENGINE_MISSING', because);
};

describe('an engine that is missing', () => {
  it('refuses every tunnel with the reason and knows of none', async () => {
    const engine = await AwaitedEngine.open('wireguard', refusing('wg is not installed'), LOOK_MS);
    expect(await engine.publicKey()).toBe('');
    expect(await engine.list()).toEqual([]);
    const reason = { code: 'EENGINE_MISSING', message: 'wg is not installed' };
    await expect(engine.ensure(derived?.spec as never)).rejects.toMatchObject(reason);
    await engine.close('keep');
  });

  it('is told once for each reason, and told when it is found', async () => {
    const engine = new PresentEngine();
    const answers = ['one', 'one', 'one', 'two'];
    const open = async () => {
      const because = answers.shift();
      return because === undefined ? engine : refusing(because)();
    };
    const awaited = await AwaitedEngine.open('wireguard', open, LOOK_MS);
    const events: EngineEvent[] = [];
    awaited.onEvent((event) => events.push(event));
    const notes: Note[] = [];
    const key = await new Promise((resolve) => {
      awaited.watch({ onNote: (note) => notes.push(note), onFound: resolve });
    });
    expect(key).toBe('the key');
    expect(notes.map(({ code, ...rest }) => [code, 'because' in rest ? rest.because : ''])).toEqual(
      [
        ['engineMissing', 'one'],
        ['engineMissing', 'two'],
        ['engineFound', ''],
      ],
    );
    engine.lose({ type: 'engineLost', tunnel: 't', why: 'a test says so' });
    expect(events).toHaveLength(1);
    await awaited.ensure(derived?.spec as never);
    await awaited.close('remove');
    expect(engine.asked).toEqual(['ensure', 'close remove']);
  });

  it('is no longer looked for once closed', async () => {
    let looks = 0;
    const open = async (): Promise<UsedEngine> => {
      looks += 1;
      throw new Error('no such thing');
    };
    const awaited = await AwaitedEngine.open('wireguard', open, LOOK_MS);
    const notes: Note[] = [];
    awaited.watch({ onNote: (note) => notes.push(note), onFound: () => undefined });
    await awaited.close('keep');
    expect(looks).toBe(1);
    expect(notes).toMatchObject([{ code: 'engineMissing', reason: 'EENGINE_OPEN' }]);
  });
});
