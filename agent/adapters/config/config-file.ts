/**
 * Reads the configuration file: whole and right, or refused with everything that is wrong with it.
 *
 * Order: size, text, YAML, shape, rules between settings, files it names. A later look still happens when an
 * earlier one found something, on what is sound, so that one reading shows every mistake.
 */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { ConfigProblem, ConfigProblemCode, Finding } from '../../contract/config-problem.ts';
import { pointerKeys } from '../../contract/config-problem.ts';
import { ruleFindings, type Sound } from '../../contract/config-rules.ts';
import { shapeFindings, withDefaults } from '../../contract/config-shape.ts';
import type { AgentConfig } from '../../model/config.ts';
import { printable } from '../../report/render-printable.ts';
import { credentialFindings } from './config-file-credentials.ts';
import { readYaml, type YamlDocument } from './config-file-document.ts';

/** Five times the documented example. The YAML reader compares keys pairwise, so a file of keys costs its square. */
const FILE_BYTES_MAX = 16 * 1024;

/** The configuration was not taken. `problems` holds all of them; the message shows them one a line. */
export class ConfigRefused extends Error {
  override readonly name = 'ConfigRefused';
  readonly file: string;
  readonly problems: readonly ConfigProblem[];

  constructor(file: string, problems: readonly ConfigProblem[]) {
    // Sentences quote the file, and the file may hold anything.
    const shown = problems.map((each) => ({ ...each, sentence: printable(each.sentence) }));
    super(shown.map(problemLine).join('\n'));
    this.file = file;
    this.problems = shown;
  }
}

/** `file:line:column: CODE sentence`, as editors and people read it. */
function problemLine(problem: ConfigProblem): string {
  const { file, line, column, code, sentence } = problem;
  return `${file}:${line}:${column}: ${code} ${sentence}`;
}

/** The configuration in `path`, with defaults filled in and paths made absolute. Throws `ConfigRefused`. */
export function readConfig(path: string): AgentConfig {
  const file = resolve(path);
  const document = parse(file, readText(file));
  const value = withDefaults(document.value);
  const shape = shapeFindings(value);
  const sound = absolutePaths(soundPart(value, shape) as Sound<AgentConfig>, dirname(file));
  const findings = [
    ...shape,
    ...ruleFindings(sound),
    ...(sound.access === undefined ? [] : credentialFindings(sound.access)),
  ];
  if (findings.length > 0) throw new ConfigRefused(file, placed(file, document, findings));
  return sound as AgentConfig;
}

function placed(
  file: string,
  document: YamlDocument,
  findings: readonly Finding[],
): readonly ConfigProblem[] {
  return findings
    .map(({ code, pointer, at, sentence }) => ({
      code,
      file,
      ...document.place(pointer, at),
      pointer,
      sentence,
    }))
    .toSorted((a, b) => a.line - b.line || a.column - b.column);
}

function parse(file: string, text: string): YamlDocument {
  const reading = readYaml(text);
  if (reading.ok) return reading.document;
  throw new ConfigRefused(
    file,
    reading.mistakes.map(({ line, column, sentence }) => ({
      code: 'ECONFIG_YAML',
      file,
      line,
      column,
      pointer: '',
      sentence: `not valid YAML: ${sentence}`,
    })),
  );
}

function readText(file: string): string {
  const bytes = readBytes(file);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw refused(file, 'ECONFIG_YAML', 'the file is not UTF-8 text; save it as UTF-8');
  }
}

function readBytes(file: string): Uint8Array {
  let fd: number;
  try {
    // Without O_NONBLOCK a FIFO in the file's place would hold the start up for ever.
    fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw code === 'ENOENT'
      ? refused(file, 'ECONFIG_MISSING', 'the file does not exist; name one with --config')
      : refused(file, 'ECONFIG_UNREADABLE', `the file cannot be opened (${code})`);
  }
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile()) throw refused(file, 'ECONFIG_UNREADABLE', 'this is not a regular file');
    if (stats.size > FILE_BYTES_MAX) {
      const sentence = `the file has ${stats.size} bytes; a configuration has at most ${FILE_BYTES_MAX}`;
      throw refused(file, 'ECONFIG_SIZE', sentence);
    }
    const bytes = new Uint8Array(FILE_BYTES_MAX);
    return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, 0));
  } finally {
    closeSync(fd);
  }
}

function refused(file: string, code: ConfigProblemCode, sentence: string): ConfigRefused {
  return new ConfigRefused(file, [{ code, file, line: 1, column: 1, pointer: '', sentence }]);
}

/** A copy without the members that were refused. */
function soundPart(value: unknown, findings: readonly Finding[]): unknown {
  if (findings.some(({ pointer }) => pointer === '')) return {};
  const copy: unknown = structuredClone(value);
  for (const { pointer } of findings) {
    const keys = pointerKeys(pointer);
    const last = keys.at(-1);
    let parent: unknown = copy;
    for (const key of keys.slice(0, -1)) parent = memberOf(parent, key);
    if (last === undefined || typeof parent !== 'object' || parent === null) continue;
    if (Array.isArray(parent)) parent[Number(last)] = undefined;
    else Reflect.deleteProperty(parent, last);
  }
  return copy;
}

function memberOf(parent: unknown, key: string): unknown {
  if (typeof parent !== 'object' || parent === null || !Object.hasOwn(parent, key))
    return undefined;
  return (parent as Readonly<Record<string, unknown>>)[key];
}

/** Relative paths are relative to the file that names them, wherever the agent was started. */
function absolutePaths(config: Sound<AgentConfig>, directory: string): Sound<AgentConfig> {
  const absolute = <Member extends string>(
    holder: { readonly [Key in Member]?: string | undefined },
    ...members: readonly Member[]
  ): { readonly [Key in Member]?: string } => {
    const changed: { [Key in Member]?: string } = {};
    for (const member of members) {
      const path = holder[member];
      if (path !== undefined) changed[member] = resolve(directory, path);
    }
    return changed;
  };
  const { board, access, page } = config;
  return {
    ...config,
    ...absolute(config, 'stateDirectory', 'controlSocket'),
    ...(board && { board: { ...board, ...absolute(board, 'path') } }),
    ...(access && {
      access: {
        ...access,
        ...absolute(access, 'certificateFile', 'keyFile', 'caFile', 'crlFile', 'commandKeyFile'),
      },
    }),
    ...(page && { page: { ...page, ...absolute(page, 'unixSocket') } }),
  };
}
