/**
 * One IPsec tunnel on a running charon: brings its associations about, replaces them before the old ones go, and
 * knows when the last one is gone.
 */
import {
  carrying,
  type IkeAssociation,
  readAssociations,
  securityOf,
  youngestChild,
} from '../../engine/association-view.ts';
import type { CharonEvent } from '../../engine/vici-event.ts';
import { EngineRefused } from '../../engine-port.ts';
import type { EngineTunnelStatus } from '../../model/engine-status.ts';
import type { TunnelSpec } from '../../model/tunnel.ts';
import { endpointText } from '../engine/engine-spec.ts';
import type { HeldTunnel } from '../engine/held-tunnels.ts';
import type { CharonInstance } from './charon-instance.ts';
import { ipsecOf } from './ipsec-load.ts';
import type { ViciClient } from './vici-client.ts';

type EventType = CharonEvent['type'];

/** Packets of the old association are still on their way when the new one stands. */
const OVERLAP_MS = 1_000;
/** A session inside the tunnel speaks several times a second; a far end unheard for longer has forgotten us. */
const HEARD_S_MAX = 1;

export class IpsecTunnel implements HeldTunnel {
  spec: TunnelSpec;
  /** Fingerprint of what charon was told. */
  loaded: string | undefined;
  lostAtMs: number | undefined;
  wasUp = false;
  readonly #waiting: { readonly types: readonly EventType[]; readonly heard: () => void }[] = [];
  /** IKE_SAs that go when another has taken over. */
  #retiring: readonly number[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(spec: TunnelSpec) {
    this.spec = spec;
  }

  /** Sets the tunnel up unless it stands, or is being set up, as it should. */
  async settle(charon: CharonInstance, isChanged: boolean): Promise<void> {
    if (ipsecOf(this.spec).role === 'responder') return;
    const associations = await charon.associations(this.spec.id);
    const { address } = this.spec.remote;
    const isFit =
      carrying(associations)?.remoteAddress === address ||
      associations.some((each) => !each.established && each.remoteAddress === address);
    if (isChanged || !isFit) await this.#begin(charon, associations);
  }

  /** A new IKE_SA, unless the far end was heard a moment ago; resolves when traffic may flow. */
  async refresh(charon: CharonInstance, waitMs: number): Promise<void> {
    const associations = await charon.associations(this.spec.id);
    const current = carrying(associations);
    const heardAgoS = current === undefined ? undefined : youngestChild(current)?.heardAgoS;
    if (heardAgoS !== undefined && heardAgoS <= HEARD_S_MAX) return;
    const up = this.#next(['childUp'], waitMs, 'EENGINE_NOT_UP');
    up.catch(() => undefined);
    await this.#begin(charon, associations);
    await up;
  }

  /** New keys for the CHILD_SA, then for the IKE_SA. */
  async rekey(charon: CharonInstance, waitMs: number): Promise<void> {
    if (carrying(await charon.associations(this.spec.id)) === undefined) {
      const text = `${this.spec.id} has no security association whose keys could be renewed`;
      throw new EngineRefused('EENGINE_REKEY', text);
    }
    for (const [what, type] of [
      ['child', 'childRekeyed'],
      ['ike', 'ikeRekeyed'],
    ] as const) {
      const done = this.#next([type], waitMs, 'EENGINE_REKEY');
      done.catch(() => undefined);
      await charon.vici.request('rekey', { [what]: this.spec.id });
      await done;
    }
  }

  heard(event: CharonEvent, charon: CharonInstance): void {
    const due = this.#waiting.filter((waiting) => waiting.types.includes(event.type));
    for (const waiting of due) waiting.heard();
    const old = this.#retiring;
    if (event.type !== 'childUp' || old.length === 0 || old.includes(event.ike.ikeId)) return;
    this.#retiring = [];
    this.#timer = setTimeout(() => void end(charon.vici, old), OVERLAP_MS);
    this.#timer.unref();
  }

  forget(): void {
    clearTimeout(this.#timer);
    this.#retiring = [];
  }

  async #begin(charon: CharonInstance, present: readonly IkeAssociation[]): Promise<void> {
    const { id } = this.spec;
    // An attempt that calls where nobody answers would go on for ever.
    await end(
      charon.vici,
      present.filter((each) => !each.established).map((each) => each.ikeId),
    );
    this.#retiring = present.filter((each) => each.established).map((each) => each.ikeId);
    await charon.vici.request('initiate', { ike: id, child: id, timeout: '-1' });
  }

  async #next(types: readonly EventType[], waitMs: number, code: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        done();
        reject(new EngineRefused(code, `${this.spec.id}: its far end did not answer in time`));
      }, waitMs);
      const done = (): void => {
        clearTimeout(timer);
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
      };
      const waiting = {
        types,
        heard: () => {
          done();
          resolve();
        },
      };
      this.#waiting.push(waiting);
    });
  }
}

/** What a charon says of one tunnel; with no association the device stands and nothing has flowed. */
export async function readStatus(
  vici: ViciClient,
  id: string,
  deviceName: string,
): Promise<EngineTunnelStatus> {
  const all = readAssociations(await vici.stream('list-sas', 'list-sa', { ike: id }));
  const current = carrying(all);
  const children = all.flatMap((each) => each.children);
  const status = {
    id,
    kind: 'ipsec' as const,
    deviceName,
    rxBytes: children.reduce((sum, child) => sum + child.rxBytes, 0),
    txBytes: children.reduce((sum, child) => sum + child.txBytes, 0),
  };
  const security = current === undefined ? undefined : securityOf(current);
  if (current === undefined || security === undefined) return status;
  const endpoint = endpointText({ address: current.remoteAddress, port: current.remotePort });
  const lastHandshakeWallMs = Date.now() - security.childAgeS * 1_000;
  return { ...status, endpoint, security, lastHandshakeWallMs };
}

async function end(vici: ViciClient, ikeIds: readonly number[]): Promise<void> {
  for (const ikeId of ikeIds) {
    // Its peer may have been quicker.
    await vici
      .request('terminate', { 'ike-id': `${ikeId}`, force: 'yes', timeout: '-1' })
      .catch(() => undefined);
  }
}
