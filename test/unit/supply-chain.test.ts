/** AB-38: what others wrote comes in by name, by hash and without running anything; a change of it is a change here. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

interface LockedPackage {
  readonly integrity?: string;
  readonly hasInstallScript?: boolean;
  readonly dev?: boolean;
  readonly optional?: boolean;
}

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
  readonly packages: Readonly<Record<string, LockedPackage>>;
};
const locked = Object.entries(lock.packages).filter(([path]) => path !== '');

/** Serial ports; its binaries come with the package, and its script is not run. */
const WITH_INSTALL_SCRIPT = ['node_modules/@serialport/bindings-cpp'];
/** On the box, with all that they need themselves; more is a decision. */
const SHIPPED_MAX = 100;

test('every package of the lock file is known by its SHA-512', () => {
  const unknown = locked.filter(([, { integrity }]) => integrity?.startsWith('sha512-') !== true);
  expect(unknown.map(([path]) => path)).toEqual([]);
});

test('no package runs anything when it is installed, and which of them would is known', () => {
  const scripted = locked.filter(([, { hasInstallScript }]) => hasInstallScript === true);
  expect(scripted.map(([path]) => path)).toEqual(WITH_INSTALL_SCRIPT);
  expect(readFileSync('.npmrc', 'utf8')).toMatch(/^ignore-scripts=true$/m);
});

test('every direct dependency is pinned to one version, and what ships with them is bounded', () => {
  const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Readonly<
    Record<'dependencies' | 'devDependencies' | 'optionalDependencies', Record<string, string>>
  >;
  const { dependencies, devDependencies, optionalDependencies } = manifest;
  const versions = { ...dependencies, ...devDependencies, ...optionalDependencies };
  const loose = Object.entries(versions).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version));
  expect(loose).toEqual([]);
  const shipped = locked.filter(([, { dev, optional }]) => dev !== true && optional !== true);
  expect(shipped.length).toBeLessThanOrEqual(SHIPPED_MAX);
});
