/**
 * Plants a canary into whatever this thread loads from now on. The files on the disk stay as they are.
 */
import { registerHooks } from 'node:module';
import { assert } from '../../firmware-shim/base/assert.ts';
import { CANARIES, type Canary, type CanaryName } from './canaries.ts';

const ROOT = new URL('../../', import.meta.url);

export function plant(name: CanaryName): void {
  const canary = CANARIES[name];
  const target = new URL(canary.file, ROOT).href;
  registerHooks({
    load: (url, context, nextLoad) => {
      const loaded = nextLoad(url, context);
      if (url !== target) return loaded;
      const { source } = loaded;
      assert(source instanceof Uint8Array, `${canary.file} is read as bytes`);
      return { ...loaded, source: planted(canary, new TextDecoder().decode(source)) };
    },
  });
}

/** The text of the file with the bug in it. */
export function planted({ find, plant: bug }: Canary, source: string): string {
  const parts = source.split(find);
  assert(
    parts.length === 2,
    `a canary's place is found once, not ${parts.length - 1} times: ${find}`,
  );
  return parts.join(bug);
}
