/**
 * What can be wrong with a configuration, as data: first by JSON pointer, then with its place in the file.
 *
 * Codes are stable; `docs/OPERATIONS.md` lists them with what to do.
 */
export type ConfigProblemCode =
  | 'ECONFIG_MISSING'
  | 'ECONFIG_UNREADABLE'
  | 'ECONFIG_SIZE'
  | 'ECONFIG_YAML'
  | 'ECONFIG_UNKNOWN_KEY'
  | 'ECONFIG_MISSING_KEY'
  | 'ECONFIG_TYPE'
  | 'ECONFIG_RANGE'
  | 'ECONFIG_VALUE'
  | 'ECONFIG_AREA'
  | 'ECONFIG_DEVICE_NAME'
  | 'ECONFIG_DUPLICATE'
  | 'ECONFIG_LTE_PRIORITY'
  | 'ECONFIG_ADDRESS'
  | 'ECONFIG_PREFIX'
  | 'ECONFIG_PREFIX_OVERLAP'
  | 'ECONFIG_SOCKET_PATH'
  | 'ECONFIG_PAGE'
  | 'ECONFIG_IDENTITY'
  | 'ECONFIG_FILE_MISSING'
  | 'ECONFIG_FILE_UNREADABLE'
  | 'ECONFIG_PEM'
  | 'ECONFIG_KEY_EXPOSED'
  | 'ECONFIG_KEY_MISMATCH';

/** One thing wrong, known by where in the document it is. */
export interface Finding {
  readonly code: ConfigProblemCode;
  /** JSON pointer (RFC 6901) into the document; empty for the document itself. */
  readonly pointer: string;
  /** Whether the key itself or its value is to be pointed at. */
  readonly at: 'key' | 'value';
  /** What is wrong and what to do about it. */
  readonly sentence: string;
}

/** A finding with its place; lines and columns count from 1. */
export interface ConfigProblem {
  readonly code: ConfigProblemCode;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly pointer: string;
  readonly sentence: string;
}

/** The keys of a JSON pointer, unescaped. */
export function pointerKeys(pointer: string): readonly string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}
