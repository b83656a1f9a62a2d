/**
 * The contract as an AsyncAPI 3.0 document, told from the device: it sends what it publishes and receives what the
 * gateway does.
 */
import type { TSchema } from '@sinclair/typebox';
import { EXAMPLES } from '../../agent/contract/channel-examples.ts';
import { CHANNELS, type Channel, PREFIX } from '../../agent/contract/channels.ts';

type Json = Readonly<Record<string, unknown>>;

const MQTT_BINDING = '0.2.0';

/** What stands in the braces of an address. */
const PARAMETERS: Readonly<Record<string, string>> = {
  tenant: 'The tenant the device belongs to.',
  serialNumber:
    'The serial number of the device: the common name of its certificate, and its client id.',
  uplink: 'An uplink of the device, such as wan1.',
  name: 'The published name of a SAG event, such as DeviceWanLinkDown.',
  class: 'A class of metrics: host, link or probe.',
  id: 'The id of the command.',
};

const INFO = {
  title: 'SAG edge agent and access gateway',
  version: '1',
  description:
    'What a Smart Access Gateway and the access gateway of its CCN area say to each other over MQTT 5. ' +
    'docs/PROTOCOL.md tells the conversation around it.',
  license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
};

const SERVERS = {
  gateway: {
    host: '{host}:{port}',
    protocol: 'mqtts',
    protocolVersion: '5',
    description: 'One access gateway of the CCN area; mutual TLS 1.2 or later, private CA.',
    variables: {
      host: { description: 'A gateway of the configured list.' },
      port: { default: '8443', description: '443 and 8443 where branches let nothing else out.' },
    },
    security: [{ $ref: '#/components/securitySchemes/certificate' }],
  },
};

export function asyncApiOf(): Json {
  const channels = Object.entries<Channel>(CHANNELS);
  return {
    asyncapi: '3.0.0',
    info: INFO,
    defaultContentType: 'application/json',
    servers: SERVERS,
    channels: Object.fromEntries(channels.map(([name, channel]) => [name, channelOf(channel)])),
    operations: Object.fromEntries(
      channels.map(([name, channel]) => [operationName(name, channel), operationOf(name, channel)]),
    ),
    components: {
      messages: Object.fromEntries(channels.flatMap(([, channel]) => messagesOf(channel))),
      parameters: Object.fromEntries(
        Object.entries(PARAMETERS).map(([name, description]) => [name, { description }]),
      ),
      securitySchemes: {
        certificate: { type: 'X509', description: 'The device certificate; its CN decides all.' },
      },
    },
  };
}

function channelOf({ address, messages, holds }: Channel): Json {
  const whole = `${PREFIX}/${address}`;
  const parameters = [...whole.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  return {
    address: whole,
    description: holds,
    messages: Object.fromEntries(
      Object.keys(messages).map((name) => [name, { $ref: `#/components/messages/${name}` }]),
    ),
    parameters: Object.fromEntries(
      parameters.map((name) => [name, { $ref: `#/components/parameters/${name}` }]),
    ),
  };
}

function operationName(name: string, { from }: Channel): string {
  return `${from === 'device' ? 'send' : 'receive'}${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

function operationOf(name: string, channel: Channel): Json {
  return {
    action: channel.from === 'device' ? 'send' : 'receive',
    channel: { $ref: `#/channels/${name}` },
    messages: Object.keys(channel.messages).map((message) => ({
      $ref: `#/channels/${name}/messages/${message}`,
    })),
    bindings: {
      mqtt: { qos: channel.qos, retain: channel.retained, bindingVersion: MQTT_BINDING },
    },
  };
}

function messagesOf({
  messages,
  bytesMax,
  expires,
}: Channel): readonly (readonly [string, Json])[] {
  return Object.entries(messages).map(([name, schema]) => [
    name,
    {
      name,
      contentType: 'application/json',
      ...(typeof schema['description'] === 'string' && { summary: schema['description'] }),
      'x-bytes-max': bytesMax,
      ...(expires !== undefined && { 'x-expires': expires }),
      payload: plain(schema),
      examples: [{ name: 'one', payload: EXAMPLES[name] }],
    },
  ]);
}

/** The schema without what only TypeBox sees. */
function plain(schema: TSchema): Json {
  return JSON.parse(JSON.stringify(schema)) as Json;
}
