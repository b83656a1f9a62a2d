/**
 * What a step asks of the ports, and what an answer means for it.
 */
import type { DesiredDocument } from '../model/desired.ts';
import type { IdentityResult } from '../model/identity-result.ts';
import type { StateNote } from '../model/notes/state-note.ts';
import type { ObservedState } from './observed-state.ts';
import type { ReconcilerEffect, StepResult } from './reconciler-events.ts';
import type { Step, StepAction } from './step.ts';

/** Adding what is there and deleting what is not there: as good as done. */
const ALREADY_THERE: readonly string[] = ['EEXIST'];
const ALREADY_GONE: readonly string[] = ['ENOENT', 'ESRCH', 'ENODEV', 'EADDRNOTAVAIL'];

export function effectOf(action: StepAction, stepId: number): ReconcilerEffect {
  switch (action.do) {
    case 'kernel':
      return { type: 'performKernel', stepId, operation: action.operation };
    case 'ensureTunnel':
      return { type: 'ensureTunnel', stepId, spec: action.spec };
    case 'moveTunnel':
      return { type: 'moveTunnel', stepId, spec: action.spec };
    case 'turnIdentity':
      return { type: 'turnIdentity', stepId, spec: action.spec };
    case 'removeTunnel':
      return { type: 'removeTunnel', stepId, tunnel: action.tunnel };
    case 'packetRules':
    case 'flowRules':
      return { type: 'applyRules', stepId, rules: action.rules };
    case 'serveDhcp':
      return { type: 'serveDhcp', stepId, servers: action.servers };
    case 'checkRules':
      return { type: 'checkRules', stepId };
  }
}

/** What a turn to another identity came to; undefined for any other step. */
export function identityResult(action: StepAction, result: StepResult): IdentityResult | undefined {
  if (action.do !== 'turnIdentity') return undefined;
  const { id: tunnel, ipsec, ownKey } = action.spec;
  const meant =
    ipsec === undefined
      ? { tunnel, generation: ownKey?.generation ?? 0 }
      : { tunnel, credential: ipsec.credential.name };
  if (!result.ok) return { ...meant, stage: 'back', code: result.code };
  return { ...meant, stage: 'inUse', ...result.identity };
}

/** What is known to exist once a step was taken; of what the kernel tells itself nothing. */
export function observeDone(action: StepAction, observed: ObservedState): void {
  switch (action.do) {
    case 'ensureTunnel':
    case 'moveTunnel':
    case 'turnIdentity':
      return observed.tunnelMade(action.spec);
    case 'removeTunnel':
      return observed.tunnelGone(action.tunnel);
    case 'packetRules':
      observed.packetRules = action.rules;
      return undefined;
    case 'serveDhcp':
      observed.dhcp = action.servers;
      return undefined;
    case 'kernel':
    case 'flowRules':
    case 'checkRules':
      return undefined;
  }
}

/** Which part of the document asked for the step: the settings of an uplink or a LAN port, or else the whole. */
export function refusedStep(
  { sentence, uplink, lanPort }: Step,
  because: string,
  document: DesiredDocument | undefined,
): ReconcilerEffect {
  const { uplinks = [], lan = [] } = document ?? {};
  const wan = uplinks.findIndex(({ id }) => id === uplink);
  const port = lan.findIndex(({ id }) => id === lanPort);
  const inLan = port < 0 ? '' : `/lan/${port}`;
  const pointer = wan < 0 ? inLan : `/uplinks/${wan}`;
  return { type: 'stepRefused', pointer, sentence: `${sentence} ${because}` };
}

/** A document is reached without it: a box that lacks nft or dnsmasq carries traffic all the same. */
export function isHelpful(action: StepAction): boolean {
  return ['packetRules', 'flowRules', 'serveDhcp'].includes(action.do);
}

/** Every tunnel of the document exists or has been tried. */
export function isMade(steps: readonly Step[], isTried: (key: string) => boolean): boolean {
  return steps.every(({ action, key }) => action.do !== 'ensureTunnel' || isTried(key));
}

/**
 * What is left has been tried, or waits for the fast path. What the kernel refused of a document is tried once more before that
 * counts: until then the former way is still there, and would prove the document.
 */
export function isSettled(
  steps: readonly Step[],
  holds: { has(key: string): boolean; hasFailed(key: string): boolean },
): boolean {
  return steps.every(({ action, key, ofBox }) => {
    if (action.do === 'removeTunnel' || isHelpful(action)) return true;
    const isTriedAgain = action.do === 'kernel' && ofBox !== true && holds.hasFailed(key);
    return holds.has(key) && !isTriedAgain;
  });
}

export function isAsGoodAsDone(action: StepAction, code: string): boolean {
  if (action.do !== 'kernel') return false;
  const { op } = action.operation;
  const isDelete = op === 'ruleDelete' || op === 'addressDelete';
  return (isDelete ? ALREADY_GONE : ALREADY_THERE).includes(code);
}

/** Tables that are gone have to be written again; those a kernel has not taken before it will not take now. */
export function rulesChecked(result: StepResult, observed: ObservedState): readonly StateNote[] {
  if (result.ok || result.code !== 'ERULES_GONE') return [];
  observed.packetRules = undefined;
  if (observed.areFlowsMarked) observed.flowRules = undefined;
  return [{ code: 'packetRulesGone', level: 'warning' }];
}
