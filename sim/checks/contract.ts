/**
 * Everything a device publishes in a simulated world follows the contract: on a topic of it, as often kept and as large
 * as it says, and in its shape. A message that does not is a mistake of ours and ends the run.
 */
import { type TSchema, Type } from '@sinclair/typebox';
import { TypeCompiler } from '@sinclair/typebox/compiler';
import {
  CHANNELS,
  type Channel,
  type ChannelName,
  channelOf,
} from '../../agent/contract/channels.ts';
import type { AccessPublish } from '../../agent/ports.ts';

const checks = new Map(
  Object.entries<Channel>(CHANNELS).map(([name, { messages }]) => [
    name as ChannelName,
    TypeCompiler.Compile(Type.Union(Object.values<TSchema>(messages))),
  ]),
);

export function assertContract({ topic, payload, qos, retain }: AccessPublish): void {
  const name = channelOf(topic);
  const mistake = name === undefined ? 'no such topic' : mistakeIn(name, payload, { qos, retain });
  if (mistake !== undefined)
    throw new Error(`a publish on ${topic} breaks the contract: ${mistake}`);
}

function mistakeIn(
  name: ChannelName,
  payload: Uint8Array,
  { qos, retain }: Pick<AccessPublish, 'qos' | 'retain'>,
): string | undefined {
  const channel: Channel = CHANNELS[name];
  if (channel.from !== 'device') return 'only the gateway publishes here';
  if (qos !== channel.qos || retain !== channel.retained) return `QoS ${qos}, retained ${retain}`;
  if (payload.length > channel.bytesMax) return `${payload.length} bytes`;
  const value: unknown = JSON.parse(new TextDecoder().decode(payload));
  const error = checks.get(name)?.Errors(value).First();
  return error && `${error.path || '/'}: ${error.message} in ${JSON.stringify(value)}`;
}
