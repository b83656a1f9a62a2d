/** The hand that troubles the control side of the access gateways, and the name servers that know them. */
import type { GatewayFault } from '../../../world/faults/gateway-faults.ts';
import type { NameFault } from '../../../world/faults/name-faults.ts';
import type { HandTools, Strikes } from './strikes.ts';

export class GatewayHand {
  readonly #tools: HandTools;

  constructor(tools: HandTools) {
    this.#tools = tools;
  }

  readonly strikes: Strikes<GatewayFault | NameFault> = {
    gatewayRestarted: ({ gateway, downMs }) => this.#tools.cast.gateway(gateway)?.restart(downMs),
    gatewayKicked: ({ gateway, reasonCode }) => this.#tools.cast.gateway(gateway)?.kick(reasonCode),
    gatewayRedirected: ({ gateway, reasonCode, to }) =>
      this.#tools.cast.gateway(gateway)?.kick(reasonCode, to),
    cloneAppeared: ({ gateway, forMs, goes }) => {
      const { clone } = this.#tools.cast;
      clone.appear(gateway);
      this.#tools.later(forMs, () => clone.leave(goes));
    },
    deskClosed: ({ how, forMs }) => {
      const { certificates } = this.#tools.cast;
      certificates.closed = how;
      this.#tools.later(forMs, () => {
        certificates.closed = undefined;
      });
    },
    namesFailed: ({ how, forMs }) => {
      const { nameServers } = this.#tools.cast;
      nameServers.trouble = how;
      this.#tools.later(forMs, () => {
        nameServers.trouble = undefined;
      });
    },
    desiredGarbled: ({ text }) => this.#tools.cast.controller.garble(text),
  };

  mend(): void {
    this.#tools.cast.clone.leave('bye');
    this.#tools.cast.certificates.closed = undefined;
    this.#tools.cast.nameServers.trouble = undefined;
  }
}
