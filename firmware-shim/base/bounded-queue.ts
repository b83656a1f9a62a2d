/**
 * A first-in first-out queue that cannot outgrow its bound and counts what it had to refuse or drop.
 */
export class BoundedQueue<Item> {
  readonly #itemsMax: number;
  readonly #items: Item[] = [];
  #dropped = 0;

  constructor(itemsMax: number) {
    this.#itemsMax = itemsMax;
  }

  get size(): number {
    return this.#items.length;
  }

  /** How many items were ever lost to the bound. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Appends unless full; false means the item was refused and counted. */
  offer(item: Item): boolean {
    if (this.#items.length >= this.#itemsMax) {
      this.#dropped += 1;
      return false;
    }
    this.#items.push(item);
    return true;
  }

  /** Appends and drops the oldest when full: for histories, where the newest matters. */
  push(item: Item): void {
    this.#items.push(item);
    if (this.#items.length > this.#itemsMax) {
      this.#items.shift();
      this.#dropped += 1;
    }
  }

  shift(): Item | undefined {
    return this.#items.shift();
  }

  peek(): Item | undefined {
    return this.#items[0];
  }

  toArray(): readonly Item[] {
    return [...this.#items];
  }

  clear(): void {
    this.#items.length = 0;
  }
}
