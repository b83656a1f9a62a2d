/**
 * The branch's access channel to simulated gateways, with the promises of `AccessChannel`.
 *
 * An attempt leaves over the uplink that owns its source address. Opening costs the round trips of TCP, TLS
 * and CONNECT; keep-alive probes find out that a path went silent, and then the channel closes. Each end judges the
 * certificate of the other, by its own clock.
 */

import type {
  AddressFinder,
  DialFault,
  DialTold,
} from '../../../agent/access/names/address-finder.ts';
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
  /** Who knows the addresses of gateways. */
  readonly finder: AddressFinder;
  readonly routeTo: (
    to: Pick<AccessTarget, 'address' | 'sourceAddress'>,
  ) => AccessRoute | undefined;
  /** Whether gateways take the certificate that is shown now; absent: they do. */
  readonly isLetIn?: () => boolean;
  /** The time the branch judges by; absent: it takes whatever a gateway shows. */
  readonly trustedMs?: () => number;
}

/** One attempt, from `open` to its `channelClosed`. */
interface Attempt {
  readonly target: AccessTarget;
  readonly will: AccessWill;
  readonly listener: (event: AccessEvent) => void;
  /** Ends the search for the gateway, as long as there is one. */
  leave: () => void;
  /** The connection that is being made, or was. */
  call: Call | undefined;
  timer: Ticket | undefined;
}

interface Call {
  readonly route: AccessRoute;
  readonly stream: AccessStream;
  readonly line: GatewayLine;
  /** How the dial ended; afterwards the connection ends the attempt. */
  told: DialTold | undefined;
}

const nothingToLeave = (): void => undefined;

export class SimAccessChannel implements AccessChannel {
  readonly #options: SimAccessChannelOptions;
  #attempt: Attempt | undefined;

  constructor(options: SimAccessChannelOptions) {
    this.#options = options;
  }

  open(target: AccessTarget, will: AccessWill, listener: (event: AccessEvent) => void): void {
    this.#abandon();
    const { world, finder } = this.#options;
    const { address: name, sourceAddress } = target;
    const attempt: Attempt = {
      target,
      will,
      listener,
      leave: nothingToLeave,
      call: undefined,
      timer: undefined,
    };
    this.#attempt = attempt;
    attempt.timer = world.after(OPEN_MS_MAX, 'connect timeout', () =>
      this.#closed(attempt, 'ETIMEOUT', `${target.gateway} does not answer`),
    );
    attempt.leave = finder.find(
      { name, sourceAddress },
      {
        dial: (address, told) => this.#dial(attempt, address, told),
        onFailed: ({ code, text }) => this.#closed(attempt, code, text),
      },
    );
  }

  publish(message: AccessPublish): void {
    const call = this.#attempt?.call;
    call?.stream.send('out', 'PUBLISH', () => {
      call.route.gateway.receive(call.line, message);
    });
  }

  subscribe(topics: readonly string[]): void {
    const call = this.#attempt?.call;
    call?.stream.send('out', 'SUBSCRIBE', () => {
      call.route.gateway.subscribe(call.line, topics);
    });
  }

  close(how: 'bye' | 'drop'): void {
    const attempt = this.#attempt;
    if (attempt === undefined) return;
    const { world } = this.#options;
    const { call } = attempt;
    if (call?.told !== undefined || call === undefined) attempt.leave();
    else if (how === 'bye') {
      call.stream.send('out', 'DISCONNECT', () => {
        call.route.gateway.ended(call.line, 'bye');
      });
    } else call.stream.close();
    world.after(0, 'channel closed', () => this.#closed(attempt, 'EBYE', 'closed by us'));
  }

  /** The round trips of TCP and TLS with whoever is at this address. */
  #dial(attempt: Attempt, address: string, told: DialTold): () => void {
    const { world, routeTo } = this.#options;
    const { sourceAddress } = attempt.target;
    const route = routeTo({ address, ...(sourceAddress !== undefined && { sourceAddress }) });
    if (route === undefined) {
      const fault = { code: 'ENETUNREACH', text: 'no route to the gateway' };
      const ticket = world.after(0, 'no route', () => told(fault));
      return () => world.cancel(ticket);
    }
    const call = this.#begin(attempt, route, told);
    attempt.call = call;
    this.#shakeHands(attempt, call, ROUND_TRIPS_TO_OPEN);
    return () => call.stream.close();
  }

  #begin(attempt: Attempt, route: AccessRoute, told: DialTold): Call {
    const { world, serialNumber, keepAliveS } = this.#options;
    const end = (code: string, text: string, reason?: CloseReason): void =>
      this.#ended(attempt, call, { code, text, ...reason });
    const stream = new AccessStream({
      world,
      path: route.path,
      uplinkCarries: route.uplinkCarries,
      deadAfterMs: keepAliveS * 500,
      onDead: () => end('EKEEPALIVE', 'the path to the gateway went silent'),
    });
    const line: GatewayLine = {
      serialNumber,
      will: attempt.will,
      deliver: ({ topic, payload, retain: retained }) =>
        stream.send('in', 'PUBLISH', () =>
          this.#tell(attempt, { type: 'messageArrived', topic, payload, retained }),
        ),
      acknowledge: (publishId) =>
        stream.send('in', 'PUBACK', () =>
          this.#tell(attempt, { type: 'publishAcknowledged', publishId, reasonCode: 0 }),
        ),
      end: (code, text, reason) => stream.send('in', 'end', () => end(code, text, reason)),
    };
    const call: Call = { route, stream, line, told };
    return call;
  }

  #shakeHands(attempt: Attempt, call: Call, roundTripsLeft: number): void {
    const { gateway } = call.route;
    const refuse = (code: string, text: string): void => this.#ended(attempt, call, { code, text });
    call.stream.send('out', 'hello', () => {
      if (!gateway.running) {
        return refuse('ECONNREFUSED', `${gateway.id} refuses connections`);
      }
      if (roundTripsLeft === 1 && this.#options.isLetIn?.() === false) {
        return refuse('ETLS_REFUSED', `${gateway.id} does not take the certificate`);
      }
      if (roundTripsLeft === 1) gateway.accept(call.line);
      return call.stream.send('in', 'hello', () => {
        if (roundTripsLeft === 1) return this.#opened(attempt, gateway.properties);
        if (roundTripsLeft === LEFT_WHEN_JUDGED) {
          const code = this.#objection(gateway, attempt.target);
          if (code !== undefined) return refuse(code, `${gateway.id} is not trusted now`);
          const { told } = call;
          call.told = undefined;
          told?.(undefined);
        }
        return this.#shakeHands(attempt, call, roundTripsLeft - 1);
      });
    });
  }

  #objection(
    { id, certificate: { fromMs, endMs } }: GatewayModel,
    { serverName }: AccessTarget,
  ): string | undefined {
    const nowMs = this.#options.trustedMs?.() ?? fromMs;
    if (id !== serverName) return 'ETLS_NAME';
    if (nowMs < fromMs) return 'ETLS_NOT_YET';
    return nowMs < endMs ? undefined : 'ETLS_EXPIRED';
  }

  #opened(attempt: Attempt, properties: Readonly<Record<string, string>>): void {
    this.#disarm(attempt);
    this.#keepAlive(attempt);
    this.#tell(attempt, { type: 'channelOpened', sessionPresent: false, properties });
  }

  /** A connection is over: that of a dial is another one's turn, any other the end of the attempt. */
  #ended(attempt: Attempt, call: Call, why: DialFault & Partial<CloseReason>): void {
    const { told } = call;
    const { code, text, ...reason } = why;
    if (told === undefined) {
      this.#closed(attempt, code, text, reason as CloseReason);
      return;
    }
    call.told = undefined;
    call.stream.close();
    told({ code, text });
  }

  #tell(attempt: Attempt, event: AccessEvent): void {
    if (this.#attempt === attempt) attempt.listener(event);
  }

  #keepAlive(attempt: Attempt): void {
    const { world, keepAliveS } = this.#options;
    attempt.timer = world.after(keepAliveS * 1_000, 'keep-alive', () => {
      attempt.call?.stream.send('out', 'PINGREQ', () => undefined);
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
    attempt.leave();
    const { call } = attempt;
    if (call === undefined) return;
    const noticedMs = this.#options.keepAliveS * 1_500;
    this.#options.world.after(noticedMs, 'gateway keep-alive', () => {
      call.stream.close();
      call.route.gateway.ended(call.line, 'lost');
    });
  }

  #disarm(attempt: Attempt): void {
    if (attempt.timer !== undefined) this.#options.world.cancel(attempt.timer);
    attempt.timer = undefined;
  }
}
