/**
 * One question for the addresses of a name, by sockets of its own: it can be called back, and hung name servers take no
 * thread away from files.
 *
 * It is asked in up to two ways at once, over the uplink that shall carry the connection and as the system routes,
 * because name servers may be reachable, or willing to answer, by one of them only. The first good answer is the answer.
 */
import { Resolver, type ResolverOptions } from 'node:dns';
import type { Family } from '../../../firmware-shim/kernel/types.ts';

/** Doubled with each try, up to 5 s: asked again after 0.8, 2.4, 5.6 s and so on, because packets are lost. */
const HASTY = { timeout: 800, tries: 6 } as const;
/** Who asks again no longer hears an answer to the question before: one that takes half a minute is heard by this one. */
const PATIENT = { timeout: 45_000, maxTimeout: 45_000, tries: 1 } as const;
/** Who says that there is no such name may be the wrong one to ask: the other way has so long to know better. */
const OBJECTION_MS = 500;
const DENIALS: readonly string[] = ['ENOTFOUND', 'ENODATA'];

/** Name servers, and where from they are asked; absent: as the system routes. */
export interface Way {
  readonly servers: readonly string[];
  readonly localAddress?: string;
}

export type NameAnswer =
  | { readonly ok: true; readonly addresses: readonly string[] }
  | { readonly ok: false; readonly code: string };

interface Asked {
  readonly name: string;
  readonly family: Family;
}

/** One for all servers in turn, and one for each. */
function resolversOver({ servers, localAddress }: Way): readonly Resolver[] {
  return [
    resolverOf(HASTY, servers, localAddress),
    ...servers.map((each) => resolverOf(PATIENT, [each], localAddress)),
  ];
}

/** It speaks from this address. */
function resolverOf(
  pace: ResolverOptions,
  servers: readonly string[],
  localAddress: string | undefined,
): Resolver {
  const resolver = new Resolver(pace);
  resolver.setServers(servers);
  if (localAddress?.includes(':') === true) resolver.setLocalAddress(undefined, localAddress);
  else if (localAddress !== undefined) resolver.setLocalAddress(localAddress);
  return resolver;
}

/** `done` is called once, later, and not any more after the question was called back by the function it answers with. */
export function askName(
  { name, family }: Asked,
  ways: readonly Way[],
  done: (answer: NameAnswer) => void,
): () => void {
  const resolvers = ways.flatMap(resolversOver);
  const codes: string[] = [];
  let objection: NodeJS.Timeout | undefined;
  let isOver = false;
  const callBack = (): void => {
    isOver = true;
    clearTimeout(objection);
    for (const each of resolvers) each.cancel();
  };
  const end = (answer: NameAnswer): void => {
    if (isOver) return;
    callBack();
    done(answer);
  };
  const deny = (): void => {
    const code = DENIALS.find((each) => codes.includes(each)) ?? codes[0] ?? 'ENOSERVER';
    end({ ok: false, code });
  };
  const heard = (error: NodeJS.ErrnoException | null, addresses: readonly string[]): void => {
    if (error === null) return end({ ok: true, addresses });
    codes.push(error.code ?? 'EDNS');
    if (codes.length === resolvers.length) return deny();
    if (DENIALS.includes(error.code ?? '')) objection ??= setTimeout(deny, OBJECTION_MS);
  };
  for (const resolver of resolvers) {
    if (family === 'ipv6') resolver.resolve6(name, heard);
    else resolver.resolve4(name, heard);
  }
  if (resolvers.length === 0) setImmediate(deny);
  return callBack;
}

/** The ways of a question: `given` are the name servers of the uplinks, `system` those of the box. */
export function waysOf(
  given: readonly string[],
  system: readonly string[],
  sourceAddress: string | undefined,
): readonly Way[] {
  const asRouted: Way = { servers: system.length > 0 ? system : given };
  const over = (given.length > 0 ? given : system).filter((each) => !isLoopback(each));
  const bound = sourceAddress === undefined ? [] : [{ servers: over, localAddress: sourceAddress }];
  return [...bound, asRouted].filter(({ servers }) => servers.length > 0);
}

/** A forwarder on this box is not behind any uplink. */
function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}
