/**
 * The agent's own MQTT channel, bent in one place: a simulated uplink's address means nothing to this
 * machine's kernel, so connections leave from loopback instead.
 */
import { MqttChannel, type MqttChannelOptions } from '../../agent/adapters/access/mqtt-channel.ts';
import type {
  AccessChannel,
  AccessEvent,
  AccessPublish,
  AccessTarget,
  AccessWill,
} from '../../agent/ports.ts';

export class LoopbackChannel implements AccessChannel {
  readonly #channel: MqttChannel;
  readonly #beforeEvent: () => void;

  /** `beforeEvent` is called before anything real reaches the simulated device. */
  constructor(options: MqttChannelOptions, beforeEvent: () => void) {
    this.#channel = new MqttChannel(options);
    this.#beforeEvent = beforeEvent;
  }

  open(target: AccessTarget, will: AccessWill, listener: (event: AccessEvent) => void): void {
    const { gateway, address, port, serverName } = target;
    this.#channel.open({ gateway, address, port, serverName }, will, (event) => {
      this.#beforeEvent();
      listener(event);
    });
  }

  publish(message: AccessPublish): void {
    this.#channel.publish(message);
  }

  subscribe(topics: readonly string[]): void {
    this.#channel.subscribe(topics);
  }

  close(how: 'bye' | 'drop'): void {
    this.#channel.close(how);
  }
}
