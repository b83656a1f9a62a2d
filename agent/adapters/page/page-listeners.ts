/**
 * The servers of the page: one for each place it listens at, and new ones for addresses that come.
 *
 * The address of a LAN port may be another tomorrow. The page then opens at the new one before it leaves the old one,
 * and whoever looks at it is told where it is.
 */
import type { Server } from 'node:http';
import {
  fixedPlace,
  movingPlaces,
  type PageBox,
  type PagePlace,
} from '../../diag/page-access/page-places.ts';
import type { PageConfig } from '../../model/config.ts';
import type { DoorNote } from '../../model/notes/door-note.ts';
import { doorClosed, listenAtPath } from '../control/control-socket-claim.ts';
import { listenAtAddress, ownAddresses } from './page-server-places.ts';

export interface PageListenersOptions {
  readonly page: PageConfig;
  readonly box: PageBox;
  /** One that does not listen yet. */
  readonly newServer: () => Server;
  readonly note: (note: DoorNote) => void;
  /** From now on the page is asked under this address as well. */
  readonly onOpened: (address: string) => void;
  /** Nobody reaches it there any more. */
  readonly onLeft: (address: string) => void;
  /** It comes to another address of one port; told before it leaves the former ones. */
  readonly onMoving: (from: readonly string[], to: string) => void;
}

interface Opened extends PagePlace {
  readonly server: Server;
}

/** An address that comes up after us is found within this. */
const LOOK_MS = 5_000;

export class PageListeners {
  /** The fixed ones, for people. */
  readonly places: string[] = [];
  readonly #options: PageListenersOptions;
  readonly #fixed: Server[] = [];
  readonly #moving = new Map<string, Opened>();
  /** Of places that could not be opened; each is tried again and again, and told once. */
  readonly #failed = new Set<string>();
  #look: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: PageListenersOptions) {
    this.#options = options;
  }

  /** Rejects when a fixed place cannot be opened. */
  async open(): Promise<void> {
    const { page, box } = this.#options;
    const place = fixedPlace(page, box);
    if (place !== undefined) {
      await listenAtAddress(this.#newFixed(), place.address, place.port);
      this.places.push(urlOf(place));
    }
    if (page.unixSocket !== undefined) {
      await listenAtPath(this.#newFixed(), page.unixSocket);
      this.places.push(page.unixSocket);
    }
    await this.#follow();
    this.#look = setInterval(() => this.look(), LOOK_MS).unref();
  }

  /** The addresses of the box may be others now. */
  look(): void {
    void this.#follow();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#look);
    const servers = [...this.#fixed, ...[...this.#moving.values()].map(({ server }) => server)];
    this.#moving.clear();
    await Promise.all(servers.map(closed));
  }

  #newFixed(): Server {
    const server = this.#options.newServer();
    this.#fixed.push(server);
    return server;
  }

  async #follow(): Promise<void> {
    if (this.#isClosed) return;
    const { page, box } = this.#options;
    const wanted = movingPlaces(page, box, ownAddresses());
    const fresh = wanted.filter(({ address }) => !this.#moving.has(address));
    for (const place of fresh) this.#announce(place);
    const opening = fresh.map(async (place) => this.#open(place));
    for (const { address, lanPort } of this.#moving.values()) {
      const others = wanted.filter((each) => lanPort !== undefined && each.lanPort === lanPort);
      if (others.length > 0 && !others.some((each) => each.address === address))
        this.#leave(address);
    }
    await Promise.all(opening);
  }

  #announce(place: PagePlace): void {
    if (place.lanPort === undefined) return;
    const former = [...this.#moving.values()].filter(({ lanPort }) => lanPort === place.lanPort);
    const from = former.map(({ address }) => address);
    if (from.length > 0) this.#options.onMoving(from, urlOf(place));
  }

  async #open(place: PagePlace): Promise<void> {
    const { newServer, note, onOpened } = this.#options;
    const { address, port } = place;
    const where = urlOf(place);
    const server = newServer();
    this.#moving.set(address, { ...place, server });
    try {
      await listenAtAddress(server, address, port);
      // The address may have gone again, and so may we.
      if (this.#moving.get(address)?.server !== server) return void server.close();
      this.#failed.delete(address);
      onOpened(address);
      note({ code: 'doorOpened', level: 'info', door: 'page', where });
    } catch (error) {
      this.#moving.delete(address);
      if (this.#failed.has(address)) return;
      this.#failed.add(address);
      const { code: reason, message: text } = doorClosed(error);
      note({ code: 'doorFailed', level: 'warning', door: 'page', where, reason, text });
    }
  }

  #leave(address: string): void {
    const { server } = this.#moving.get(address) ?? {};
    this.#moving.delete(address);
    server?.close();
    this.#options.onLeft(address);
  }
}

function urlOf({ address, port }: PagePlace): string {
  const host = address.includes(':') ? `[${address}]` : address;
  return port === 80 ? `http://${host}/` : `http://${host}:${port}/`;
}

async function closed(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
}
