/**
 * The guest's program: the story of each engine and that of the clock, one after the other; a story that fails does not
 * hide the next.
 */
import { release } from 'node:os';
import { clockStory } from './clock-story.ts';
import { engineStory } from './engine-story.ts';
import { ipsecTunnels } from './ipsec-tunnels.ts';
import { tell } from './tell.ts';
import { wireGuardTunnels } from './wireguard-tunnels.ts';

const STORIES = {
  wireguard: async () => engineStory(wireGuardTunnels),
  ipsec: async () => engineStory(ipsecTunnels),
  // Last: the others would see time leap.
  clock: clockStory,
} as const;

tell({ step: 'booted', kernel: release(), upMs: performance.now() });
let status = 0;
for (const [what, story] of Object.entries(STORIES)) {
  try {
    await story();
  } catch (error) {
    status = 1;
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    tell({ step: 'failed', what, text });
  }
}
process.exit(status);
