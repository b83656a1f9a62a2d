/**
 * The topics of one device, under one versioned prefix per tenant and serial number.
 *
 * | topic                | from    | QoS | retained | holds                                           |
 * | -------------------- | ------- | --- | -------- | ----------------------------------------------- |
 * | `life`               | device  | 1   | yes      | birth (`online`) and, as the will, `offline`    |
 * | `state/reported`     | device  | 1   | yes      | what the device runs                            |
 * | `state/desired`      | gateway | 1   | yes      | the desired document                            |
 * | `state/diagnosis`    | device  | 1   | yes      | the last quick diagnosis                        |
 * | `state/routes`       | device  | 1   | yes      | which CIDRs of the branch are published         |
 * | `state/confirm`      | device  | 1   | no       | a nonce the device must read back               |
 * | `link/<uplink>`      | device  | 1   | yes      | the verdict on one uplink                       |
 * | `event/<code>`       | device  | 1   | no       | one SAG event                                   |
 * | `cmd/<id>`           | gateway | 1   | no       | one command                                     |
 * | `cmd/<id>/status`    | device  | 1   | no       | its state, in the words of SAG tasks            |
 * | `identity/ask`       | device  | 1   | no       | asks for a certificate, or proves who asks      |
 * | `identity/answer`    | gateway | 1   | no       | a challenge, a certificate or a refusal         |
 * | `ctl/rebirth`        | gateway | 1   | no       | asks for birth and full state                   |
 */
export interface DeviceTopics {
  readonly life: string;
  readonly reported: string;
  readonly desired: string;
  readonly confirm: string;
  readonly diagnosis: string;
  readonly routes: string;
  readonly rebirth: string;
  readonly commands: string;
  readonly identityAsk: string;
  readonly identityAnswer: string;
  link(uplink: string): string;
  event(name: string): string;
  telemetry(name: string): string;
  commandStatus(commandId: string): string;
}

const ROOT = 'sag/v1';

export function topicsOf(tenant: string, serialNumber: string): DeviceTopics {
  const prefix = `${ROOT}/${tenant}/${serialNumber}`;
  return {
    life: `${prefix}/life`,
    reported: `${prefix}/state/reported`,
    desired: `${prefix}/state/desired`,
    confirm: `${prefix}/state/confirm`,
    diagnosis: `${prefix}/state/diagnosis`,
    routes: `${prefix}/state/routes`,
    rebirth: `${prefix}/ctl/rebirth`,
    commands: `${prefix}/cmd/+`,
    identityAsk: `${prefix}/identity/ask`,
    identityAnswer: `${prefix}/identity/answer`,
    link: (uplink) => `${prefix}/link/${uplink}`,
    event: (name) => `${prefix}/event/${name}`,
    telemetry: (name) => `${prefix}/tele/${name}`,
    commandStatus: (commandId) => `${prefix}/cmd/${commandId}/status`,
  };
}

/** Everything a device listens to. */
export function subscriptionsOf(topics: DeviceTopics): readonly string[] {
  const { life, desired, confirm, commands, rebirth } = topics;
  return [life, desired, confirm, commands, rebirth];
}
