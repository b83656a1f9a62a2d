/**
 * The shape of the branch's routes in the desired document, and of what is reported of them.
 */
import { type Static, Type } from '@sinclair/typebox';
import type { RoutesMessage } from '../access/payloads.ts';
import { BRANCH_ROUTES_MAX, ROUTE_POLICIES } from '../model/branch-route.ts';
import { oneOf, strict, text, version, whole, word } from './payload-parts.ts';
import type { Assert, Same } from './same-type.ts';

const cidr = text('a prefix such as 192.168.20.0/24');
const policy = oneOf(ROUTE_POLICIES, 'one of the six publishing policies');

const DesiredRouteSchema = Type.Object(
  {
    cidr,
    nextHop: Type.Optional(text('an IP address in the LAN')),
    policy,
    healthCheck: Type.Optional(word('the id of a health check')),
  },
  strict,
);

export const DesiredRoutesSchema = Type.Array(DesiredRouteSchema, {
  maxItems: BRANCH_ROUTES_MAX,
  description: `a list of at most ${BRANCH_ROUTES_MAX} routes`,
});

export const RoutesSchema = Type.Object(
  {
    v: version,
    revision: whole(0, Number.MAX_SAFE_INTEGER, 'the revision the routes belong to'),
    cost: whole(1, 255, 'what the routes cost; of two devices the cheaper is taken'),
    routes: Type.Array(
      Type.Object({
        cidr,
        sourceType: oneOf(['cloud', 'local'], 'cloud or local'),
        nextHop: Type.Optional(text('an IP address')),
        policy: Type.Optional(policy),
        healthCheck: Type.Optional(word('the id of a health check')),
        state: oneOf(['normal', 'revoked'], 'normal or revoked'),
        published: oneOf(['publish', 'not_publish'], 'publish or not_publish'),
        because: text('one sentence', 256),
        conflictCidrs: Type.Array(text('a prefix')),
      }),
      { description: 'every route of the branch, and those of the cloud it cannot take' },
    ),
  },
  { description: 'Which CIDRs of the branch are published, and why others are not.' },
);

export type RoutesSchemaIsTheModel = Assert<Same<Static<typeof RoutesSchema>, RoutesMessage>>;
