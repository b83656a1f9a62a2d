/**
 * The shape of the LAN ports in the desired document (ModifySagLan).
 */
import { Type } from '@sinclair/typebox';
import { IP_TYPES, LAN_PORTS_MAX, LEASE_MINUTES, NAME_SERVERS_MAX } from '../model/lan.ts';
import { oneOf, strict, text, whole, word } from './payload-parts.ts';

const DesiredLanPortSchema = Type.Object(
  {
    id: word('the id of a LAN port'),
    ipType: oneOf(IP_TYPES, 'DHCP or STATIC'),
    address: text('an IPv4 address with its length, such as 192.168.10.1/24'),
    dhcp: Type.Optional(
      Type.Object(
        {
          from: text('an IPv4 address'),
          to: text('an IPv4 address'),
          nameServers: Type.Optional(
            Type.Array(text('an IPv4 address'), {
              minItems: 1,
              maxItems: NAME_SERVERS_MAX,
              description: `a list of 1 to ${NAME_SERVERS_MAX} IPv4 addresses`,
            }),
          ),
          leaseMinutes: whole(LEASE_MINUTES.least, LEASE_MINUTES.most, 'minutes of a lease'),
        },
        { ...strict, description: 'what is given out' },
      ),
    ),
  },
  strict,
);

export const DesiredLanSchema = Type.Array(DesiredLanPortSchema, {
  maxItems: LAN_PORTS_MAX,
  description: `a list of at most ${LAN_PORTS_MAX} LAN ports`,
});
