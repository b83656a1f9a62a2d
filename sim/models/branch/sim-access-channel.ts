/**
 * The branch's access channel to simulated gateways, with the promises of `AccessChannel`.
 *
 * An attempt leaves over the uplink that owns its source address. Opening costs the round trips of TCP, TLS
 * and CONNECT; keep-alive probes find out that a path went silent, and then the channel closes. Each end judges the
 * certificate of the other, by its own clock.
 */
import type {
  AccessChannel,
  AccessEvent,
  AccessPublish,
  AccessTarget,
  AccessWill,
} from '../../../agent/ports.ts';
import type { Ticket } from '../../world/due-queue.ts';
import type { NetworkPath } from '../../world/network.ts';
import type { World } from '../../world/world.ts';
import { AccessStream } from '../far-end/access-stream.ts';
import type { CloseReason, GatewayLine, GatewayModel } from '../far-end/gateway-model.ts';

/** TCP, TLS 1.3 and CONNECT. */
const ROUND_TRIPS_TO_OPEN = 3;
/** When the gateway's certificate comes, so many are left. */
const LEFT_WHEN_JUDGED = 2;
/** An attempt that is not answered is given up after this (F-13). */
const OPEN_MS_MAX = 10_000;

/** How a target is reached from the branch. */
export interface AccessRoute {
  readonly gateway: GatewayModel;
  readonly path: NetworkPath;
  readonly uplinkCarries: () => boolean;
}

export interface SimAccessChannelOptions {
  readonly world: World;
  readonly serialNumber: string;
  readonly keepAliveS: number;
  readonly routeTo: (target: AccessTarget) => AccessRoute | undefined;
  /** Whether gateways take the certificate that is shown now; absent: they do. */
  readonly isLetIn?: () => boolean;
  /** The time the branch judges by; absent: it takes whatever a gateway shows. */
  readonly trustedMs?: () => number;
}

/** One attempt, from `open` to its `channelClosed`. */
interface Attempt {
  readonly route: AccessRoute;
  readonly stream: AccessStream;
  readonly line: GatewayLine;
  readonly listener: (event: AccessEvent) => void;
  timer: Ticket | undefined;
}

export class SimAccessChannel implements AccessChannel {
  readonly #options: SimAccessChannelOptions;
  #attempt: Attempt | undefined;

  constructor(options: SimAccessChannelOptions) {
    this.#options = options;
  }

  open(target: AccessTarget, will: AccessWill, listener: (event: AccessEvent) => void): void {
    this.#abandon();
    const { world, routeTo } = this.#options;
    const route = routeTo(target);
    if (route === undefined) {
      world.after(0, 'no route', () => {
        listener({ type: 'channelClosed', code: 'ENETUNREACH', text: 'no route to the gateway' });
      });
      return;
    }
    const attempt = this.#begin(route, will, listener);
    this.#attempt = attempt;
    attempt.timer = world.after(OPEN_MS_MAX, 'connect timeout', () =>
      this.#closed(attempt, 'ETIMEOUT', `${route.gateway.id} does not answer`),
    );
    this.#shakeHands(attempt, ROUND_TRIPS_TO_OPEN);
  }

  publish(message: AccessPublish): void {
    const attempt = this.#attempt;
    attempt?.stream.send('out', 'PUBLISH', () => {
      attempt.route.gateway.receive(attempt.line, message);
    });
  }

  subscribe(topics: readonly string[]): void {
    const attempt = this.#attempt;
    attempt?.stream.send('out', 'SUBSCRIBE', () => {
      attempt.route.gateway.subscribe(attempt.line, topics);
    });
  }

  close(how: 'bye' | 'drop'): void {
    const attempt = this.#attempt;
    if (attempt === undefined) return;
    const { world } = this.#options;
    if (how === 'bye') {
      attempt.stream.send('out', 'DISCONNECT', () => {
        attempt.route.gateway.ended(attempt.line, 'bye');
      });
    } else attempt.stream.close();
    world.after(0, 'channel closed', () => this.#closed(attempt, 'EBYE', 'closed by us'));
  }

  #begin(route: AccessRoute, will: AccessWill, listener: (event: AccessEvent) => void): Attempt {
    const { world, serialNumber, keepAliveS } = this.#options;
    const stream = new AccessStream({
      world,
      path: route.path,
      uplinkCarries: route.uplinkCarries,
      deadAfterMs: keepAliveS * 500,
      onDead: () => this.#closed(attempt, 'EKEEPALIVE', 'the path to the gateway went silent'),
    });
    const line: GatewayLine = {
      serialNumber,
      will,
      deliver: ({ topic, payload, retain: retained }) =>
        stream.send('in', 'PUBLISH', () =>
          this.#tell(attempt, { type: 'messageArrived', topic, payload, retained }),
        ),
      acknowledge: (publishId) =>
        stream.send('in', 'PUBACK', () =>
          this.#tell(attempt, { type: 'publishAcknowledged', publishId, reasonCode: 0 }),
        ),
      end: (code, text, reason) =>
        stream.send('in', 'end', () => this.#closed(attempt, code, text, reason)),
    };
    const attempt: Attempt = { route, stream, line, listener, timer: undefined };
    return attempt;
  }

  #shakeHands(attempt: Attempt, roundTripsLeft: number): void {
    const { gateway } = attempt.route;
    attempt.stream.send('out', 'hello', () => {
      if (!gateway.running) {
        this.#closed(attempt, 'ECONNREFUSED', `${gateway.id} refuses connections`);
        return;
      }
      if (this.#options.isLetIn?.() === false) {
        this.#closed(attempt, 'ETLS_REFUSED', `${gateway.id} does not take the certificate`);
        return;
      }
      if (roundTripsLeft === 1) gateway.accept(attempt.line);
      attempt.stream.send('in', 'hello', () => {
        const code = roundTripsLeft === LEFT_WHEN_JUDGED ? this.#objection(gateway) : undefined;
        if (code !== undefined) this.#closed(attempt, code, `${gateway.id} is not trusted now`);
        else if (roundTripsLeft > 1) this.#shakeHands(attempt, roundTripsLeft - 1);
        else this.#opened(attempt);
      });
    });
  }

  #objection({ certificate: { fromMs, endMs } }: GatewayModel): string | undefined {
    const nowMs = this.#options.trustedMs?.() ?? fromMs;
    if (nowMs < fromMs) return 'ETLS_NOT_YET';
    return nowMs < endMs ? undefined : 'ETLS_EXPIRED';
  }

  #opened(attempt: Attempt): void {
    this.#disarm(attempt);
    this.#keepAlive(attempt);
    const { properties } = attempt.route.gateway;
    this.#tell(attempt, { type: 'channelOpened', sessionPresent: false, properties });
  }

  #tell(attempt: Attempt, event: AccessEvent): void {
    if (this.#attempt === attempt) attempt.listener(event);
  }

  #keepAlive(attempt: Attempt): void {
    const { world, keepAliveS } = this.#options;
    attempt.timer = world.after(keepAliveS * 1_000, 'keep-alive', () => {
      attempt.stream.send('out', 'PINGREQ', () => undefined);
      this.#keepAlive(attempt);
    });
  }

  #closed(attempt: Attempt, code: string, text: string, reason?: CloseReason): void {
    if (this.#attempt !== attempt) return;
    this.#abandon();
    attempt.listener({ type: 'channelClosed', code, text, ...reason });
  }

  /** Silences the attempt for good. A gateway that heard no goodbye notices after one and a half keep-alives. */
  #abandon(): void {
    const attempt = this.#attempt;
    if (attempt === undefined) return;
    this.#attempt = undefined;
    this.#disarm(attempt);
    const noticedMs = this.#options.keepAliveS * 1_500;
    this.#options.world.after(noticedMs, 'gateway keep-alive', () => {
      attempt.stream.close();
      attempt.route.gateway.ended(attempt.line, 'lost');
    });
  }

  #disarm(attempt: Attempt): void {
    if (attempt.timer !== undefined) this.#options.world.cancel(attempt.timer);
    attempt.timer = undefined;
  }
}
