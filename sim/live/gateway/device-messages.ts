/**
 * What a device said, understood: life, reports, links, events and command states, each to its listener.
 *
 * The answer is the reason code of the PUBACK. An event is answered only when the store has kept it; a death
 * counts only with the `bdSeq` of the birth in force, so a late will cannot bury a device that is back.
 */
import type { IdentityAsk } from '../../../agent/access/identity-payloads.ts';
import type {
  Birth,
  CommandStatus,
  Death,
  DiagnosisMessage,
  EventMessage,
  LinkReport,
  Reported,
  RoutesMessage,
  TelemetryMessage,
} from '../../../agent/access/payloads.ts';
import type { EventStore } from './event-store.ts';
import {
  type ReadPayload,
  readCommandStatus,
  readDiagnosis,
  readEvent,
  readIdentityAsk,
  readLife,
  readLink,
  readReported,
  readRoutes,
  readTelemetry,
} from './payload-schemas.ts';
import { REASON } from './reason-codes.ts';
import type { RetainedMessages } from './retained.ts';
import type { DeviceTopic } from './topic-acl.ts';

/** Told in the order things happened; all optional. */
export interface AccessGatewayListener {
  onBirth?(birth: Birth): void;
  /** `will`: the gateway published it, the device did not. */
  onDeath?(serialNumber: string, death: Death, by: 'device' | 'will'): void;
  onReported?(serialNumber: string, reported: Reported): void;
  onRoutes?(serialNumber: string, routes: RoutesMessage): void;
  onLink?(serialNumber: string, report: LinkReport): void;
  onEventStored?(serialNumber: string, event: EventMessage): void;
  onTelemetry?(serialNumber: string, telemetry: TelemetryMessage): void;
  onDiagnosis?(serialNumber: string, report: DiagnosisMessage['report']): void;
  onCommandStatus?(serialNumber: string, status: CommandStatus): void;
  onIdentityAsk?(serialNumber: string, ask: IdentityAsk): void;
  onTakeover?(serialNumber: string): void;
  /** Something was refused; the serial number is unknown before the certificate is. */
  onRefused?(serialNumber: string | undefined, reasonCode: number, sentence: string): void;
}

export interface DeviceMessage {
  readonly topic: string;
  readonly meaning: DeviceTopic;
  readonly payload: Uint8Array;
  readonly retain: boolean;
  readonly by: 'device' | 'will';
}

export interface DeviceMessagesOptions {
  readonly gateway: string;
  readonly store: EventStore;
  readonly retained: RetainedMessages;
  readonly listener: AccessGatewayListener;
  /** Sends on what the device may be subscribed to itself. */
  readonly forward: (serialNumber: string, message: DeviceMessage) => void;
}

export class DeviceMessages {
  readonly #options: DeviceMessagesOptions;
  readonly #births = new Map<string, Birth>();
  #lateWills = 0;

  constructor(options: DeviceMessagesOptions) {
    this.#options = options;
  }

  /** The birth in force of each device that is alive here. */
  get births(): ReadonlyMap<string, Birth> {
    return this.#births;
  }

  /** Deaths that came after the birth they would have ended. */
  get lateWills(): number {
    return this.#lateWills;
  }

  /** Resolves with the reason code to acknowledge with; rejects when the store failed: no acknowledgement. */
  async accept(serialNumber: string, message: DeviceMessage): Promise<number> {
    if (message.retain && message.payload.length === 0) {
      this.#options.retained.put(serialNumber, message.topic, message.payload);
      return REASON.success;
    }
    if (message.meaning.kind === 'event') {
      return this.#event(serialNumber, message.meaning.name, message.payload);
    }
    const code = this.#state(serialNumber, message, message.meaning);
    if (code !== REASON.success) return code;
    this.#options.forward(serialNumber, message);
    if (!message.retain) return code;
    const kept = this.#options.retained.put(serialNumber, message.topic, message.payload);
    return kept ? REASON.success : REASON.quotaExceeded;
  }

  async #event(serialNumber: string, name: string, payload: Uint8Array): Promise<number> {
    const read = readEvent(payload);
    if (!read.ok) return this.#invalid(serialNumber, read.sentence);
    const event = read.value as EventMessage;
    if (![event.name, event.statusCode].includes(name)) {
      return this.#invalid(serialNumber, `Event ${event.name} came under the name ${name}.`);
    }
    const { gateway, store } = this.#options;
    const appended = await store.append({ serialNumber, gateway, event });
    if (appended === 'stored') this.#options.listener.onEventStored?.(serialNumber, event);
    return REASON.success;
  }

  /** Everything but events: read, checked against its topic, and told. */
  #state(serialNumber: string, { payload, by }: DeviceMessage, meaning: DeviceTopic): number {
    const told = <Value>(
      read: ReadPayload<unknown>,
      tell: (value: Value) => string | undefined,
    ) => {
      const wrong = read.ok ? tell(read.value as Value) : read.sentence;
      return wrong === undefined ? REASON.success : this.#invalid(serialNumber, wrong);
    };
    switch (meaning.kind) {
      case 'life':
        return told<Birth | Death>(readLife(payload), (life) => this.#life(serialNumber, life, by));
      case 'reported':
        return told<Reported>(readReported(payload), (reported) => {
          this.#options.listener.onReported?.(serialNumber, reported);
          return undefined;
        });
      case 'routes':
        return told<RoutesMessage>(readRoutes(payload), (routes) => {
          this.#options.listener.onRoutes?.(serialNumber, routes);
          return undefined;
        });
      case 'link':
        return told<LinkReport>(readLink(payload), (report) => {
          if (report.uplink !== meaning.uplink) return 'The uplink is not that of the topic.';
          this.#options.listener.onLink?.(serialNumber, report);
          return undefined;
        });
      case 'telemetry':
        return told<TelemetryMessage>(readTelemetry(payload), (telemetry) => {
          if (telemetry.class !== meaning.class) return 'The class is not that of the topic.';
          this.#options.listener.onTelemetry?.(serialNumber, telemetry);
          return undefined;
        });
      case 'diagnosis':
        return told<DiagnosisMessage>(readDiagnosis(payload), ({ report }) => {
          this.#options.listener.onDiagnosis?.(serialNumber, report);
          return undefined;
        });
      case 'commandStatus':
        return told<CommandStatus>(readCommandStatus(payload), (status) => {
          if (status.id !== meaning.commandId) return 'The command is not that of the topic.';
          this.#options.listener.onCommandStatus?.(serialNumber, status);
          return undefined;
        });
      // Nobody's business but the device's: it goes back as it came.
      case 'confirm':
        return REASON.success;
      case 'identityAsk':
        return told<IdentityAsk>(readIdentityAsk(payload), (ask) => {
          this.#options.listener.onIdentityAsk?.(serialNumber, ask);
          return undefined;
        });
      case 'event':
        return REASON.payloadFormatInvalid;
    }
  }

  #life(serialNumber: string, life: Birth | Death, by: 'device' | 'will'): string | undefined {
    if (life.state === 'online') {
      if (life.serialNumber !== serialNumber) return 'The birth names another serial number.';
      if (by === 'will') return 'A will cannot be a birth.';
      this.#births.set(serialNumber, life);
      this.#options.listener.onBirth?.(life);
      return undefined;
    }
    const birth = this.#births.get(serialNumber);
    if (birth === undefined || birth.bdSeq !== life.bdSeq || birth.bootId !== life.bootId) {
      this.#lateWills += 1;
      return 'The death belongs to no birth in force.';
    }
    this.#births.delete(serialNumber);
    this.#options.listener.onDeath?.(serialNumber, life, by);
    return undefined;
  }

  #invalid(serialNumber: string, sentence: string): number {
    this.#options.listener.onRefused?.(serialNumber, REASON.payloadFormatInvalid, sentence);
    return REASON.payloadFormatInvalid;
  }
}
