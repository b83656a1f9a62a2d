/** A device whose clock was wrong at start registers as soon as something has told it the time (F-21). */
import { expect, it } from 'vitest';
import { ControlScene } from '../../../kit/control-scene.ts';

const FLOOR_MS = 1_780_000_000_000;
const facts = { pairs: [], renews: false, floorMs: FLOOR_MS, ceilingMs: 2 * FLOOR_MS };
/** The clock is looked at each second, and the attempt is drawn from one second more. */
const SOON_MS = 2_000;

/** Every gateway's certificate is judged as not valid yet, for ten minutes. */
function waitingForTime(): ControlScene {
  const scene = new ControlScene(facts);
  scene.start();
  for (let answered = 0; scene.nowMs < 600_000; scene.pass(100)) {
    const opened = scene.of('openAccess').length;
    if (opened === answered) continue;
    answered = opened;
    scene.hear({ type: 'channelClosed', code: 'ETLS_NOT_YET', text: 'not valid yet' });
  }
  return scene;
}

it('a certificate that was not valid yet is judged again within two seconds of the first good time', () => {
  const scene = waitingForTime();
  const before = scene.of('openAccess').length;
  // Without news of the time the wait has grown far beyond that.
  const waitMs = (scene.wiring.snapshot().registration.retryAtMs ?? 0) - scene.nowMs;
  expect(waitMs).toBeGreaterThan(SOON_MS);
  scene.wallMs = FLOOR_MS + 1_000;
  scene.pass(SOON_MS);
  expect(scene.of('openAccess').length).toBe(before + 1);
});

it('a board that is behind is given up for the clock of the machine when a certificate has begun, and the next attempt is soon', () => {
  const DAY_MS = 86_400_000;
  const scene = new ControlScene(facts);
  scene.wallMs = FLOOR_MS + 300 * DAY_MS;
  scene.start();
  const reply = { kind: 'clock', unixSeconds: (FLOOR_MS + DAY_MS) / 1_000 } as const;
  scene.hear({ type: 'boardCommandDone', id: 1, ok: true, reply });
  expect(scene.wiring.identity.trustedMs(scene.nowMs)).toBe(FLOOR_MS + DAY_MS);
  const refused = { type: 'channelClosed', code: 'ETLS_NOT_YET', text: 'not valid yet' } as const;
  scene.hear(refused);
  scene.pass(SOON_MS);
  expect(scene.wiring.identity.trustedMs(scene.nowMs)).toBeLessThan(FLOOR_MS + 2 * DAY_MS);
  const before = scene.of('openAccess').length;
  scene.hear({ ...refused, chainBeginsMs: FLOOR_MS + 290 * DAY_MS });
  expect(scene.wiring.identity.trustedMs(scene.nowMs)).toBe(scene.wallMs);
  scene.pass(SOON_MS);
  expect(scene.of('openAccess').length).toBe(before + 1);
});

it('a time that is below the floor hurries nobody', () => {
  const scene = waitingForTime();
  const before = scene.of('openAccess').length;
  scene.wallMs = FLOOR_MS - 1;
  scene.pass(SOON_MS);
  expect(scene.of('openAccess').length).toBe(before);
});
