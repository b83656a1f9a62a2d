/**
 * What the unit tests need of vitest, for tests that are loaded once and run many thousand times: `describe`, `test`,
 * their `each` and the hooks around a test are kept as a list; `expect` is vitest's own.
 *
 * A test file finds it under the name `vitest`. What is not here fails to load, and so is seen.
 */
export { expect } from 'vitest';

type Body = (...values: readonly unknown[]) => unknown;
export type Hook = () => unknown;

export interface TestCase {
  /** Sentences of the groups around it and its own; unique within its file. */
  readonly name: string;
  readonly before: readonly Hook[];
  readonly run: Hook;
  readonly after: readonly Hook[];
}

interface Group {
  readonly names: readonly string[];
  readonly before: Hook[];
  readonly after: Hook[];
}

let group: Group = { names: [], before: [], after: [] };
let cases: TestCase[] = [];
let first: Hook[] = [];
let atEnd: Hook[] = [];

/** The tests that registered themselves while `load` ran, and what is to be done when they are needed no more. */
export async function collected(
  load: () => Promise<unknown>,
): Promise<{ readonly cases: readonly TestCase[]; readonly atEnd: readonly Hook[] }> {
  cases = [];
  first = [];
  atEnd = [];
  group = { names: [], before: [], after: [] };
  await load();
  for (const hook of first) await hook();
  return { cases, atEnd };
}

function addGroup(name: string, body: Hook): void {
  const outer = group;
  group = {
    names: [...outer.names, name],
    before: [...outer.before],
    after: [...outer.after],
  };
  body();
  group = outer;
}

function addCase(name: string, run: Hook): void {
  const { names, before, after } = group;
  const sentence = [...names, name].join(' ');
  const twins = cases.filter((known) => known.name.startsWith(sentence)).length;
  // Hooks that a group gets later than its tests count too, so the lists themselves are kept.
  cases.push({ name: twins === 0 ? sentence : `${sentence} (${twins})`, before, run, after });
}

/** `each(rows)(name, body)`: once a row; an array is spread over the parameters. */
function eachOf(add: (name: string, body: Hook) => void) {
  return (rows: readonly unknown[]) => (name: string, body: Body) => {
    rows.forEach((row, index) => {
      const values: readonly unknown[] = Array.isArray(row) ? row : [row];
      add(`${name} [${index}]`, () => body(...values));
    });
  };
}

export const describe = Object.assign(addGroup, { each: eachOf(addGroup) });
export const test = Object.assign(addCase, { each: eachOf(addCase) });
export const it = test;

/** Done once, when its file is loaded. */
export function beforeAll(hook: Hook): void {
  first.push(hook);
}

export function beforeEach(hook: Hook): void {
  group.before.push(hook);
}

export function afterEach(hook: Hook): void {
  group.after.unshift(hook);
}

export function afterAll(hook: Hook): void {
  atEnd.push(hook);
}
