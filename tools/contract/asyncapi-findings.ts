/**
 * What is wrong with an AsyncAPI document: against the official JSON schema of its version, in its references, and in
 * its examples, each checked by a validator that shares no code with the contract.
 */
import specs from '@asyncapi/specs';
import { Ajv, type ErrorObject } from 'ajv';

interface Document {
  readonly components?: {
    readonly messages?: Readonly<
      Record<
        string,
        { readonly payload: object; readonly examples: readonly { payload: unknown }[] }
      >
    >;
  };
}

/** One mistake makes many errors in a schema of alternatives. */
const ERRORS_SHOWN_MAX = 5;

export function asyncApiFindings(document: unknown): readonly string[] {
  return [
    ...schemaFindings(document),
    ...referenceFindings(document),
    ...exampleFindings(document),
  ];
}

function schemaFindings(document: unknown): readonly string[] {
  // The official schemas use formats and keywords of their own.
  const ajv = new Ajv({
    strict: false,
    allErrors: false,
    validateFormats: false,
    unicodeRegExp: false,
  });
  const valid = ajv.compile(specs.schemasWithoutId['3.0.0'] as object);
  return valid(document) ? [] : sentences('AsyncAPI', valid.errors);
}

function referenceFindings(document: unknown): readonly string[] {
  const references = new Set<string>();
  JSON.stringify(document, (key, value: unknown) => {
    if (key === '$ref' && typeof value === 'string') references.add(value);
    return value;
  });
  return [...references]
    .filter((reference) => target(document, reference) === undefined)
    .map((reference) => `AsyncAPI: ${reference} points to nothing`);
}

function target(document: unknown, reference: string): unknown {
  if (!reference.startsWith('#/')) return undefined;
  let found: unknown = document;
  for (const key of reference.slice(2).split('/')) found = Object(found)[key] as unknown;
  return found;
}

function exampleFindings(document: unknown): readonly string[] {
  const ajv = new Ajv({ strict: true, strictTypes: false, allowUnionTypes: true });
  const { messages = {} } = (document as Document).components ?? {};
  return Object.entries(messages).flatMap(([name, { payload, examples }]) => {
    const valid = ajv.compile(payload);
    if (examples.length === 0) return [`message ${name} has no example`];
    return examples.flatMap((example) =>
      valid(example.payload) ? [] : sentences(`example of ${name}`, valid.errors),
    );
  });
}

function sentences(what: string, errors: readonly ErrorObject[] | null | undefined): string[] {
  return (errors ?? [])
    .slice(0, ERRORS_SHOWN_MAX)
    .map(({ instancePath, message }) => `${what}: ${instancePath || '/'} ${message ?? 'is wrong'}`);
}
