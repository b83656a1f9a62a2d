/**
 * What became of each ACL, SNAT and QoS rule.
 *
 * The kernel takes all rules or none. So one that it does not take is left out of the next try, and the others are not
 * kept waiting for it: each rule has a result of its own, until the document changes.
 */
import type { StateNote } from '../model/notes/state-note.ts';
import {
  type RuleName,
  type RuleResult,
  ruleKey,
  type TrafficPolicy,
} from '../model/traffic-policy.ts';
import type { StepResult } from './reconciler-events.ts';
import type { RuleLine } from './traffic-rules.ts';

type Failure = Extract<StepResult, { readonly ok: false }>;

export class RuleResults {
  #text: string | undefined;
  #names: readonly RuleName[] = [];
  /** Code by rule. */
  readonly #refused = new Map<string, string>();
  /** Undefined before the first answer; a code while none of them stands. */
  #others: 'applied' | { readonly code: string } | undefined;

  /** Whether these are other rules than before: nothing is known of them until they are written. */
  adopted(traffic: TrafficPolicy | undefined): boolean {
    const text = JSON.stringify(traffic);
    if (text === this.#text) return false;
    this.#text = text;
    const { acl = [], snat = [], qos = [] } = traffic ?? {};
    this.#names = [
      ...acl.map(({ id }) => ({ kind: 'acl', id }) as const),
      ...snat.map(({ id }) => ({ kind: 'snat', id }) as const),
      ...qos.map(({ id }) => ({ kind: 'qos', id }) as const),
    ];
    this.#refused.clear();
    this.#others = undefined;
    return true;
  }

  isRefused(rule: RuleName): boolean {
    return this.#refused.has(ruleKey(rule));
  }

  applied(): void {
    this.#others = 'applied';
  }

  /** Which rule is to blame and left out from now on; undefined when it is none of them. */
  failed(lines: readonly RuleLine[], { code, text, line = 0 }: Failure): StateNote | undefined {
    const { rule } = lines[line - 1] ?? {};
    if (rule === undefined) {
      this.#others = { code };
      return undefined;
    }
    this.#refused.set(ruleKey(rule), code);
    const because = `${code}: ${text}`;
    return { code: 'packetRuleRefused', level: 'warning', rule: ruleKey(rule), because };
  }

  /** Undefined while there is nothing to tell. */
  get all(): readonly RuleResult[] | undefined {
    const others = this.#others;
    if (this.#names.length === 0 || others === undefined) return undefined;
    return this.#names.map((name) => {
      const code =
        this.#refused.get(ruleKey(name)) ?? (others === 'applied' ? undefined : others.code);
      return code === undefined ? { ...name, state: 'applied' } : { ...name, state: 'error', code };
    });
  }
}
