/** The hand of whoever works at the cloud side while things break, and who corrects it in the end. */
import type { CloudFault } from '../../../world/faults/cloud-faults.ts';
import type { HandTools, Strikes } from './strikes.ts';

export class CloudHand {
  readonly #tools: HandTools;

  constructor(tools: HandTools) {
    this.#tools = tools;
  }

  readonly strikes: Strikes<CloudFault> = {
    branchUnbound: ({ forMs }) => {
      this.#desk.unbindBranch();
      this.#tools.later(forMs, () => this.#desk.bindBranch());
    },
    branchRebound: ({ ccn }) => this.#desk.rebindBranch(ccn),
    cenUnbound: ({ forMs }) => {
      this.#desk.unbindCen();
      this.#tools.later(forMs, () => this.#desk.bindCen());
    },
    vpcAttached: ({ vpc, region, cidr }) =>
      this.#desk.attachVpc({ id: vpc, regionId: region, cidr }),
    tunnelsResized: ({ mtu }) => this.#desk.resizeTunnels(mtu),
    documentMisroutes: ({ uplinks, lastByte }) => this.#desk.misroute(uplinks, lastByte),
    documentMiskeys: ({ tunnels }) => this.#desk.miskey(tunnels),
    documentHarms: ({ harm }) => this.#desk.harm(harm),
    documentIsOld: ({ how }) => this.#tools.cast.controller.sayAgain(how),
    commanded: ({ order, misdeed }) => this.#tools.cast.clerk.command(order, misdeed),
  };

  /** The branch is bound again, and nothing of what was wrong is wanted any more. */
  mend(): void {
    this.#desk.mend();
  }

  get #desk() {
    return this.#tools.cast.desk;
  }
}
