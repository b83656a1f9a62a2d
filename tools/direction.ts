/**
 * Holds the import rules of `.dependency-cruiser.cjs`, and draws the picture of the folders on request.
 *
 * A cruiser that understands no TypeScript reports zero violations in zero modules, so the number of modules
 * seen must equal the number of files on the disk.
 */
import { readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import { cruise, type IConfiguration, type ICruiseResult } from 'dependency-cruiser';
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config';

const ROOTS = ['firmware-shim', 'agent', 'sim', 'bench', 'tools', 'test'];
/** Folders of the picture; deeper ones are folded into them. */
const FOLDER = /^(firmware-shim|agent|sim)\/(?:([a-z-]+)\/)?/;

const { values } = parseArgs({ options: { picture: { type: 'string' } } });
const rules = createRequire(import.meta.url)('../.dependency-cruiser.cjs') as IConfiguration;

async function look(): Promise<ICruiseResult> {
  const { output } = await cruise(
    ROOTS,
    { ...rules.options, ruleSet: { forbidden: rules.forbidden ?? [] }, validate: true },
    undefined,
    { tsConfig: extractTSConfig('tsconfig.json') },
  );
  return output as ICruiseResult;
}

function filesOnDisk(): string[] {
  return ROOTS.flatMap((root) =>
    readdirSync(root, { recursive: true, encoding: 'utf8' })
      .map((file) => `${root}/${file}`)
      .filter((file) => file.endsWith('.ts')),
  );
}

/** Mermaid text: one box a folder, one arrow a kind of import between folders. */
function picture(result: ICruiseResult): string {
  const arrows = new Set<string>();
  for (const module of result.modules) {
    const from = folderOf(module.source);
    for (const dependency of module.dependencies) {
      const to =
        folderOf(dependency.resolved) ?? outsideOf(dependency.resolved, dependency.dependencyTypes);
      if (from !== undefined && to !== undefined && from !== to) arrows.add(`  ${from} --> ${to}`);
    }
  }
  return ['flowchart LR', ...[...arrows].toSorted(), ''].join('\n');
}

function folderOf(path: string): string | undefined {
  const match = FOLDER.exec(path);
  return match === null
    ? undefined
    : [match[1], match[2]].filter((part) => part !== undefined).join('/');
}

function outsideOf(path: string, types: readonly string[]): string | undefined {
  if (types.includes('core')) return 'node';
  const match = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path);
  return match === null ? undefined : `npm:${match[1]}`;
}

const result = await look();
const seen = new Set(result.modules.map((module) => module.source));
const unseen = filesOnDisk().filter((file) => !seen.has(file));
for (const { rule, from, to } of result.summary.violations) {
  process.stdout.write(`${rule.severity} ${rule.name}: ${from} → ${to}\n`);
}
if (unseen.length > 0) process.stdout.write(`not looked at: ${unseen.join(', ')}\n`);
process.stdout.write(
  `${seen.size} modules, ${result.summary.totalDependenciesCruised ?? 0} imports, ${result.summary.violations.length} against the rules\n`,
);
if (values.picture !== undefined) writeFileSync(values.picture, picture(result));
process.exitCode = result.summary.violations.length > 0 || unseen.length > 0 ? 1 : 0;
