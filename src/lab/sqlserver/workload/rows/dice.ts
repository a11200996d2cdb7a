/**
 * Chance that is the same for the same place: what row `n` of a table holds depends on nothing but the seed, the table and `n`,
 * so that any row can be made again without the ones before it. A 64-bit mixer (splitmix) over the three.
 */
export class Dice {
  #state: bigint;

  constructor(seed: number, table: string, row: number) {
    let hash = BigInt(seed) * 0x9e3779b97f4a7c15n;
    for (let at = 0; at < table.length; at += 1)
      hash = (hash ^ BigInt(table.charCodeAt(at))) * 0x100000001b3n;
    this.#state = BigInt.asUintN(64, hash + BigInt(row) * 0xbf58476d1ce4e5b9n);
  }

  /** 32 bits. */
  bits(): number {
    this.#state = BigInt.asUintN(64, this.#state + 0x9e3779b97f4a7c15n);
    let mixed = this.#state;
    mixed = BigInt.asUintN(64, (mixed ^ (mixed >> 30n)) * 0xbf58476d1ce4e5b9n);
    mixed = BigInt.asUintN(64, (mixed ^ (mixed >> 27n)) * 0x94d049bb133111ebn);
    return Number(BigInt.asUintN(32, mixed ^ (mixed >> 31n)));
  }

  /** Whole number in [low, high]. */
  between(low: number, high: number): number {
    return low + (this.bits() % (high - low + 1));
  }

  pick<T>(values: readonly T[]): T {
    const value = values[this.bits() % values.length];
    if (value === undefined) throw new RangeError('nothing to pick from');
    return value;
  }

  /** True once in `n`. */
  onceIn(n: number): boolean {
    return this.bits() % n === 0;
  }

  bytes(count: number): Uint8Array {
    const bytes = new Uint8Array(count);
    for (let at = 0; at < count; at += 4) {
      const word = this.bits();
      for (let k = 0; k < 4 && at + k < count; k += 1) bytes[at + k] = word >>> (8 * k);
    }
    return bytes;
  }

  /** A number with `scale` digits behind the point, as text: exact for every decimal type. */
  decimal(low: number, high: number, scale: number): string {
    const digits = Array.from({ length: scale }, () => this.between(0, 9)).join('');
    return scale === 0 ? `${this.between(low, high)}` : `${this.between(low, high)}.${digits}`;
  }

  guid(): string {
    const hex = Array.from(this.bytes(16), byte => byte.toString(16).padStart(2, '0')).join('');
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)]
      .join('-')
      .toUpperCase();
  }

  /** ISO date within the years. */
  date(from: number, to: number): string {
    const month = `${this.between(1, 12)}`.padStart(2, '0');
    return `${this.between(from, to)}-${month}-${`${this.between(1, 28)}`.padStart(2, '0')}`;
  }

  /** Time of day with `scale` digits of a second. */
  time(scale: number): string {
    const two = (high: number): string => `${this.between(0, high)}`.padStart(2, '0');
    const digits = Array.from({ length: scale }, () => this.between(0, 9)).join('');
    return `${two(23)}:${two(59)}:${two(59)}${scale === 0 ? '' : `.${digits}`}`;
  }
}
