/** The newest of a stream, bounded: adding costs nothing worth counting, and nobody is handed an array that changes. */
export class Ring<Item> {
  readonly #most: number;
  #items: Item[] = [];
  #shown: readonly Item[] | undefined = [];

  constructor(most: number) {
    this.#most = most;
  }

  push(item: Item): void {
    this.#items.push(item);
    // Twice the room before it is cut, so that cutting is rare.
    if (this.#items.length >= this.#most * 2) this.#items = this.#items.slice(-this.#most);
    this.#shown = undefined;
  }

  clear(): void {
    this.#items = [];
    this.#shown = undefined;
  }

  /** Oldest first; the same array until something was added. */
  get items(): readonly Item[] {
    this.#shown ??= this.#items.slice(-this.#most);
    return this.#shown;
  }
}
