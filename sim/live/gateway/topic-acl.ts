/**
 * What a device may publish and subscribe to: its own topics, known from the CN of its certificate alone.
 *
 * The topic of a message is taken apart here once; everything later works with what the topic means.
 */
import { topicsOf } from '../../../agent/access/topics.ts';

/** The meaning of a topic a device may publish to. */
export type DeviceTopic =
  | { readonly kind: 'life' }
  | { readonly kind: 'reported' }
  | { readonly kind: 'diagnosis' }
  | { readonly kind: 'routes' }
  | { readonly kind: 'confirm' }
  | { readonly kind: 'link'; readonly uplink: string }
  | { readonly kind: 'event'; readonly name: string }
  | { readonly kind: 'telemetry'; readonly class: string }
  | { readonly kind: 'commandStatus'; readonly commandId: string }
  | { readonly kind: 'identityAsk' };

/** One topic level made of an id: nothing that means something in a topic or a file name. */
const ID_SHAPE = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

export function isDeviceId(text: string): boolean {
  return ID_SHAPE.test(text);
}

/** False for a topic name that no client may publish to (MQTT 5, section 4.7). */
export function isTopicName(topic: string): boolean {
  // U+FFFD is what bytes that are not UTF-8 become.
  return topic !== '' && !['+', '#', '\u0000', '\uFFFD'].some((bad) => topic.includes(bad));
}

export class TopicAcl {
  readonly #tenant: string;

  constructor(tenant: string) {
    this.#tenant = tenant;
  }

  /** What a publish by `serialNumber` to `topic` means; undefined when it is not its to publish. */
  publishable(serialNumber: string, topic: string): DeviceTopic | undefined {
    const topics = topicsOf(this.#tenant, serialNumber);
    if (topic === topics.life) return { kind: 'life' };
    if (topic === topics.reported) return { kind: 'reported' };
    if (topic === topics.diagnosis) return { kind: 'diagnosis' };
    if (topic === topics.routes) return { kind: 'routes' };
    if (topic === topics.confirm) return { kind: 'confirm' };
    if (topic === topics.identityAsk) return { kind: 'identityAsk' };
    const uplink = idWithin(topic, (id) => topics.link(id));
    if (uplink !== undefined) return { kind: 'link', uplink };
    const name = idWithin(topic, (id) => topics.event(id));
    if (name !== undefined) return { kind: 'event', name };
    const telemetry = idWithin(topic, (id) => topics.telemetry(id));
    if (telemetry !== undefined) return { kind: 'telemetry', class: telemetry };
    const commandId = idWithin(topic, (id) => topics.commandStatus(id));
    if (commandId !== undefined) return { kind: 'commandStatus', commandId };
    return undefined;
  }

  /**
   * Whether `serialNumber` may subscribe to `filter`: what the gateway says to it, `cmd/+` whole, and its own
   * life, by which it sees that it arrives and what the world believes of it.
   */
  subscribable(serialNumber: string, filter: string): boolean {
    const topics = topicsOf(this.#tenant, serialNumber);
    const own = [
      topics.life,
      topics.desired,
      topics.confirm,
      topics.rebirth,
      topics.commands,
      topics.identityAnswer,
    ];
    if (own.includes(filter)) return true;
    return idWithin(filter, (id) => topics.commands.replace('+', id)) !== undefined;
  }
}

/** Whether a subscription to `filter` receives `topic`; one-level wildcards only. */
export function filterMatches(filter: string, topic: string): boolean {
  if (!filter.includes('+')) return filter === topic;
  const wanted = filter.split('/');
  const given = topic.split('/');
  return (
    wanted.length === given.length &&
    wanted.every((level, index) => level === '+' || level === given[index])
  );
}

/** The id that stands in `topic` where `build` puts its argument. */
function idWithin(topic: string, build: (id: string) => string): string | undefined {
  const [before = '', after = ''] = build('\u0000').split('\u0000');
  if (!topic.startsWith(before) || !topic.endsWith(after)) return undefined;
  const id = topic.slice(before.length, topic.length - after.length);
  return isDeviceId(id) ? id : undefined;
}
