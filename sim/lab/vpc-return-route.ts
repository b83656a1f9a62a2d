/**
 * The VPC's way back to the branches of the CCN: over the gateway that ends the tunnel the branch uses.
 *
 * It moves the moment a hub hears the branch announce its path, by one netlink request.
 */
import type { Kernel } from '../../firmware-shim/ports.ts';
import { CCN_PREFIX, type LabGateway } from './topology.ts';

const TABLE_MAIN = 254;
/** RTPROT_STATIC: this route belongs to the lab and not to an agent. */
const PROTOCOL_STATIC = 4;

export class VpcReturnRoute {
  readonly #vpc: Kernel;
  readonly #failed: (why: string) => void;
  #via: string | undefined;

  /** `vpc` is the kernel port of the VPC's namespace. */
  constructor(vpc: Kernel, failed: (why: string) => void) {
    this.#vpc = vpc;
    this.#failed = failed;
  }

  moveTo(gateway: LabGateway): void {
    if (this.#via === gateway.vpcAddress) return;
    this.#via = gateway.vpcAddress;
    void this.#change('routeReplace', gateway);
  }

  /** Over a gateway that serves nobody any more nothing is sent; resolves once that is so. */
  async withdraw(gateway: LabGateway): Promise<void> {
    if (this.#via !== gateway.vpcAddress) return;
    this.#via = undefined;
    await this.#change('routeDelete', gateway);
  }

  async #change(op: 'routeReplace' | 'routeDelete', gateway: LabGateway): Promise<void> {
    const route = {
      family: 'ipv4',
      destination: CCN_PREFIX,
      table: TABLE_MAIN,
      protocol: PROTOCOL_STATIC,
      type: 'unicast',
      gateway: gateway.vpcAddress,
    } as const;
    await new Promise<void>((resolve) => {
      this.#vpc.perform({ op, route }, (result) => {
        if (!result.ok) this.#failed(`VPC return route: ${result.refusal.text}`);
        resolve();
      });
    });
  }
}
