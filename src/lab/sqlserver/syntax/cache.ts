/** The values used last, bounded by the size of their texts. */
export class TextCache<V> {
  readonly #entries = new Map<string, V>();
  readonly #most: number;
  readonly #longest: number;
  #size = 0;

  /** `most` and `longest` are UTF-16 units: of all texts together, and of one text that is worth keeping. */
  constructor(most: number, longest: number) {
    this.#most = most;
    this.#longest = longest;
  }

  get(text: string): V | undefined {
    const value = this.#entries.get(text);
    if (value === undefined) return undefined;
    this.#entries.delete(text);
    this.#entries.set(text, value);
    return value;
  }

  set(text: string, value: V): void {
    if (text.length > this.#longest || this.#entries.has(text)) return;
    this.#entries.set(text, value);
    this.#size += text.length;
    for (const oldest of this.#entries.keys()) {
      if (this.#size <= this.#most) return;
      this.#entries.delete(oldest);
      this.#size -= oldest.length;
    }
  }

  get size(): number {
    return this.#size;
  }
}
