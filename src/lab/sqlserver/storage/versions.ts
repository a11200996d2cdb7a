/** Which commit changed a row last: known while a transaction reads rows that are older than the newest commit. */
export class Versions {
  readonly #rows = new Map<number, Map<number, number>>();

  record(storeId: number, rid: number, sequence: number): void {
    let rows = this.#rows.get(storeId);
    if (!rows) {
      rows = new Map();
      this.#rows.set(storeId, rows);
    }
    rows.set(rid, sequence);
  }

  /** 0 where nobody who is still reading could have missed a change. */
  of(storeId: number, rid: number): number {
    return this.#rows.get(storeId)?.get(rid) ?? 0;
  }

  clear(): void {
    if (this.#rows.size > 0) this.#rows.clear();
  }
}
