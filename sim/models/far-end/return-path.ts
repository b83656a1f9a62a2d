/**
 * Which gateway the VPC sends a branch's traffic to: the last one that was told by the branch to serve it, as long as
 * that has not been told otherwise since.
 *
 * Hubs hear the branch over paths of different length, so one may hear of an older choice after another has heard of
 * the newer. Once it hears of the newer as well it withdraws, and the other one stands.
 */
export class ReturnPath {
  readonly #serving: string[] = [];
  #last: string;

  constructor(first: string) {
    this.#last = first;
  }

  get gateway(): string {
    return this.#serving.at(-1) ?? this.#last;
  }

  /** A hub heard that it serves the branch, or that it does not. */
  hear(gateway: string, serves: boolean): void {
    this.#last = this.gateway;
    const at = this.#serving.indexOf(gateway);
    if (at >= 0) this.#serving.splice(at, 1);
    if (serves) this.#serving.push(gateway);
  }
}
