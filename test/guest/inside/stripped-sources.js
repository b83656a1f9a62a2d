/**
 * Tells Node that the sources in the guest have lost their types already: they were stripped when the image was made,
 * because in software emulation that takes longer than the whole scenario.
 */
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

registerHooks({
  load: (url, context, nextLoad) =>
    url.startsWith('file:') && url.endsWith('.ts')
      ? { format: 'module', source: readFileSync(fileURLToPath(url), 'utf8'), shortCircuit: true }
      : nextLoad(url, context),
});
