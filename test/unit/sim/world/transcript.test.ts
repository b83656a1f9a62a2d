import { expect, test } from 'vitest';
import { toSequenceDiagram } from '../../../../sim/world/sequence-diagram.ts';
import { Transcript } from '../../../../sim/world/transcript.ts';

function sample(): Transcript {
  const transcript = new Transcript();
  transcript.tell({ atMs: 1_500.25, kind: 'fault', from: 'wan1', text: 'cable pulled; link #1' });
  transcript.tell({ atMs: 1_501, kind: 'message', from: 'branch', to: 'gw-a', text: 'event' });
  return transcript;
}

test('a line tells when, who and what', () => {
  expect(sample().toText()).toContain('1.5003  fault   wan1             cable pulled; link #1');
  expect(sample().toText()).toContain('message branch → gw-a    event');
});

test('the fingerprint differs when a step that is not told differs', () => {
  const one = sample();
  const other = sample();
  one.mark(2_000, 'packet');
  other.mark(2_000, 'pocket');
  expect(one.toText()).not.toBe(other.toText());
});

test('the sequence diagram draws messages as arrows and escapes what mermaid would misread', () => {
  const diagram = toSequenceDiagram(sample().lines);
  expect(diagram).toContain('branch->>gw_a: 1.501 s event');
  expect(diagram).toContain('Note over wan1: ⚡ 1.500 s cable pulled, link #35;1');
});
