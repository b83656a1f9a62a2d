/**
 * A desk at the cloud side: somebody binds, unbinds and attaches by the rules of the CCN, and now and then writes into
 * the branch's document what should not be there.
 */
import type { DesiredDocument } from '../../../agent/model/desired.ts';
import type { Vpc } from '../../ccn/nouns.ts';
import { CANARY_SECRET } from '../../checks/canary-secret.ts';
import { LAN_PREFIX } from '../../lab/topology.ts';
import type { Harm } from '../../world/faults/cloud-faults.ts';
import { CCN_ID, SERIAL_NUMBER } from '../branch/branch-site.ts';
import type { CcnController } from './ccn-controller.ts';

const CEN_ID = 'cen-shanghai';
/** Of nobody here. */
const WRONG_KEY = `${'C'.repeat(42)}A=`;

type Amend = (document: DesiredDocument) => object;

/** Each makes a document that must be refused whole. */
const HARMS: Readonly<Record<Harm, Amend>> = {
  mtuOfNothing: ({ tunnels }) => ({ tunnels: tunnels.map((each) => ({ ...each, mtu: 0 })) }),
  mtuOfTooMuch: ({ tunnels }) => ({ tunnels: tunnels.map((each) => ({ ...each, mtu: 65_536 })) }),
  unknownUplink: () => ({ uplinks: [{ id: 'wan9' }] }),
  lanOverlap: () => ({ prefixes: [LAN_PREFIX] }),
  tunnelTwice: ({ tunnels }) => ({ tunnels: [...tunnels, ...tunnels] }),
  noKey: ({ tunnels }) => ({ tunnels: tunnels.map((each) => ({ ...each, remotePublicKey: 'x' })) }),
  foreignArea: () => ({ ccn: { id: 'ccn-far', name: 'far', area: 'EU' } }),
  badPriority: () => ({ uplinks: [{ id: 'wan1', priority: 99 }] }),
  addressOfNobody: () => ({ uplinks: [{ id: 'wan1', gateway: '10.91.1.256' }] }),
  secretMember: () => ({ privateKey: CANARY_SECRET }),
};

export class CloudDesk {
  readonly #controller: CcnController;
  #ccn = CCN_ID;

  constructor(controller: CcnController) {
    this.#controller = controller;
  }

  unbindBranch(): void {
    this.#network.unbindSag(SERIAL_NUMBER);
    this.#controller.publish();
  }

  bindBranch(): void {
    this.#network.bindSag(SERIAL_NUMBER, this.#ccn);
    this.#controller.publish();
  }

  /** A CCN with the same reach; the branch moves over in one go. */
  rebindBranch(ccn: string): void {
    const made = this.#network.createCcn({ id: ccn, name: ccn, area: 'Mainland China' });
    if (!made.ok) return;
    this.#network.bindCen(ccn, CEN_ID);
    this.#network.unbindSag(SERIAL_NUMBER);
    this.#ccn = ccn;
    this.bindBranch();
  }

  unbindCen(): void {
    this.#network.unbindCen(this.#ccn);
    this.#controller.publish();
  }

  bindCen(): void {
    this.#network.bindCen(this.#ccn, CEN_ID);
    this.#controller.publish();
  }

  attachVpc(vpc: Vpc): void {
    this.#network.attachVpc(CEN_ID, vpc);
    this.#controller.publish();
  }

  resizeTunnels(mtu: number): void {
    this.#controller.set({ mtu });
  }

  misroute(uplinks: readonly string[], lastByte: number): void {
    this.#controller.amend(() => ({
      uplinks: uplinks.map((id) => ({ id, gateway: `10.91.${id.replace('wan', '')}.${lastByte}` })),
    }));
  }

  miskey(wrong: readonly string[]): void {
    this.#controller.amend(({ tunnels }) => ({
      tunnels: tunnels.map((tunnel) =>
        wrong.includes(tunnel.id) ? { ...tunnel, remotePublicKey: WRONG_KEY } : tunnel,
      ),
    }));
  }

  harm(harm: Harm): void {
    this.#controller.amend(HARMS[harm]);
  }

  mend(): void {
    this.#network.bindCen(this.#ccn, CEN_ID);
    this.#network.bindSag(SERIAL_NUMBER, this.#ccn);
    this.#controller.amend(undefined);
  }

  get #network() {
    return this.#controller.network;
  }
}
