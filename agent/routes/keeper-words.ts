/**
 * What the route keeper makes of its own operations: which one decides, which refusal is none, and the words.
 */
import type { KernelOperation, KernelResult } from '../../firmware-shim/kernel/operations.ts';
import type { KeeperEffect } from './keeper-events.ts';
import type { RefusedPrefix } from './prefix-overlap.ts';
import type { Taken } from './route-mirror.ts';
import { routeKey } from './route-objects.ts';

/** The operation whose acknowledgement means that traffic flows: the last group, else the last of all. */
export function decisiveAt(operations: readonly KernelOperation[]): number {
  const groupAt = operations.findLastIndex(
    (each) => each.op === 'nexthopReplace' && each.nexthop.group !== undefined,
  );
  const routeAt = operations.findLastIndex((each) => each.op === 'routeReplace');
  return Math.max(groupAt, routeAt) >= 0 ? Math.max(groupAt, routeAt) : operations.length - 1;
}

/** Deleting what is not there is what was wanted. */
export function isAlreadyGone(operation: KernelOperation, result: KernelResult): boolean {
  const deletes = operation.op === 'routeDelete' || operation.op === 'nexthopDelete';
  return deletes && !result.ok && ['ESRCH', 'ENOENT', 'ENODEV'].includes(result.refusal.code);
}

export function operationWords(operation: KernelOperation): string {
  switch (operation.op) {
    case 'nexthopReplace':
      return `nexthop replace id ${operation.nexthop.id}`;
    case 'nexthopDelete':
      return `nexthop delete id ${operation.id}`;
    case 'routeReplace':
    case 'routeDelete':
      return `${operation.op === 'routeReplace' ? 'route replace' : 'route delete'} ${routeKey(operation.route)}`;
    case 'ruleAdd':
    case 'ruleDelete':
      return `${operation.op === 'ruleAdd' ? 'rule add' : 'rule delete'} ${operation.rule.priority} table ${operation.rule.table}`;
    default:
      return operation.op;
  }
}

export function refusalNotes(refused: readonly RefusedPrefix[]): readonly KeeperEffect[] {
  return refused.map(({ prefix, because }) => ({
    type: 'note',
    note: { code: 'prefixRefused', level: 'warning', prefix, because },
  }));
}

export function notesOf(taken: Taken): readonly KeeperEffect[] {
  return [
    ...taken.destinations.map((destination) => ({
      type: 'note' as const,
      note: { code: 'routePutBack', level: 'warning', destination } as const,
    })),
    ...taken.because.map((because) => ({
      type: 'note' as const,
      note: { code: 'routesLost', level: 'warning', because } as const,
    })),
  ];
}
