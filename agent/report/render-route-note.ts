/** Sentences of the notes about routes. */
import type { RouteNote } from '../model/notes/route-note.ts';
import { duration } from './render-duration.ts';
import { counted, type Sentences } from './render-sentences.ts';

export const routeSentences: Sentences<RouteNote> = {
  routesInstalled: ({ prefixes, nexthop }) =>
    `${counted(prefixes, 'prefix is', 'prefixes are')} routed via ${nexthop}.`,
  routePutBack: ({ destination }) =>
    `The route to ${destination} had been removed by somebody else and was put back.`,
  routesAdopted: ({ prefixes }) =>
    `${counted(prefixes, 'route', 'routes')} of the former run stayed in place and ${prefixes === 1 ? 'is' : 'are'} ours again.`,
  prefixRefused: ({ prefix, because }) =>
    `The published prefix ${prefix} is not routed: ${because}.`,
  routesLost: ({ because }) => `Our routes are gone: ${because}; they are installed again.`,
  kernelSilent: ({ waitedMs }) =>
    `The kernel has not answered a route change for ${duration(waitedMs)}.`,
  kernelRefused: ({ operation, errno, text }) =>
    `The kernel refused ${operation}: ${errno}${text === '' ? '' : ` (${text})`}.`,
};
