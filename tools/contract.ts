/**
 * Writes `docs/asyncapi.yaml` and the topic table of `docs/PROTOCOL.md` from the contract; with `--check` it says instead
 * whether both are what the contract makes, and whether the document is valid AsyncAPI.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { parse, stringify } from 'yaml';
import { asyncApiOf } from './contract/asyncapi-document.ts';
import { asyncApiFindings } from './contract/asyncapi-findings.ts';
import { withTopicTable } from './contract/topic-table.ts';

const DOCUMENT = 'docs/asyncapi.yaml';
const PROTOCOL = 'docs/PROTOCOL.md';
const HEAD = '# Made from agent/contract by `make contract`; `make check` holds them equal.\n';

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });

const wanted = new Map([
  [DOCUMENT, HEAD + stringify(asyncApiOf(), { lineWidth: 120, aliasDuplicateObjects: false })],
  [PROTOCOL, withTopicTable(readFileSync(PROTOCOL, 'utf8'))],
]);

const findings: string[] = [];
for (const [path, text] of wanted) {
  if (!values.check) writeFileSync(path, text);
  else if (readFileSync(path, 'utf8') !== text) {
    findings.push(`${path} is not what agent/contract makes; run 'make contract'`);
  }
}
findings.push(...asyncApiFindings(parse(readFileSync(DOCUMENT, 'utf8'))));
for (const finding of findings) console.error(finding);
if (findings.length > 0) process.exitCode = 1;
