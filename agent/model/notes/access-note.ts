/** Notes about the registration with the access gateway, the outbox and what arrives over MQTT. */
export type AccessNote =
  | {
      readonly code: 'registered';
      readonly level: 'notice';
      readonly gateway: string;
      readonly area: string;
    }
  | {
      readonly code: 'registrationLost';
      readonly level: 'warning';
      readonly gateway: string;
      readonly because: string;
      readonly retryInMs: number;
    }
  | {
      readonly code: 'messageRefused';
      readonly level: 'warning';
      readonly topic: string;
      /** Stable code such as `EPAYLOAD_JSON`. */
      readonly reason: string;
      readonly pointer: string;
    };
