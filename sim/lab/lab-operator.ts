/**
 * Whoever operates the lab's CCN: commands a branch, signed by the key that the branch has pinned, through the gateway
 * it registered with last, and hears what becomes of each.
 */
import type { Command, CommandStatus } from '../../agent/access/payloads.ts';
import type { AgentSnapshot } from '../../agent/model/snapshot.ts';
import type { Cloud } from '../live/cloud.ts';
import { CommandIssuer, type Order } from '../live/command-issuer.ts';
import { TENANT } from './branch-config.ts';
import { LabFailed } from './command.ts';

export class LabOperator {
  readonly #issuer = new CommandIssuer(TENANT);
  readonly #serialNumber: string;
  readonly #statuses = new Map<string, CommandStatus>();
  #gateway: string | undefined;

  constructor(serialNumber: string) {
    this.#serialNumber = serialNumber;
  }

  /** For `access.commandKeyFile` of the branch. */
  get publicKeyPem(): string {
    return this.#issuer.publicKeyPem;
  }

  /** Where the branch is registered. */
  metAt(gateway: string): void {
    this.#gateway = gateway;
  }

  hears(status: CommandStatus): void {
    this.#statuses.set(status.id, status);
  }

  /** A command ready to be sent. */
  signed(order: Order): Command {
    return this.#issuer.issue(this.#serialNumber, order, Date.now());
  }

  /** As it is: a command that somebody else signed, or nobody, is for the branch to refuse. */
  send({ cloud }: { readonly cloud: Cloud }, command: Command): void {
    const delivery = cloud.gateway(this.#gateway ?? '')?.sendCommand(this.#serialNumber, command);
    if (delivery !== 'sent') throw new LabFailed(`the command was not sent: ${delivery}`);
  }

  /** Undefined until the branch has said something of it. */
  statusOf({ id }: Command): CommandStatus | undefined {
    return this.#statuses.get(id);
  }
}

/** To another tunnel that is up, over the other uplink; undefined while there is none. */
export function switchOrder(
  snapshot: AgentSnapshot | undefined,
): Extract<Order, { readonly verb: 'switchActiveTunnel' }> | undefined {
  const { active, tunnels = [] } = snapshot?.fastPath ?? {};
  const current = tunnels.find(({ id }) => id === active);
  const other = tunnels.find(({ uplink, state }) => uplink !== current?.uplink && state === 'up');
  return other && { verb: 'switchActiveTunnel', tunnel: other.id };
}
