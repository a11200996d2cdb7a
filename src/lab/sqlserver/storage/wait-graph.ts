/** Who waits for whom, by session; one for all databases of an instance, since a deadlock may go through several. */

export interface Waiter {
  readonly session: number;
  readonly owner: number;
  readonly priority: number;
  /** Rows written so far: the one with fewer is the cheaper victim. */
  readonly writes: number;
  /** It only queues behind another waiter, and may go before it instead. */
  readonly soft: boolean;
  /** Ends the waiting: it may try again, or it is the victim. */
  end(how: 'again' | 'victim'): void;
}

export class WaitGraph {
  readonly #waiters = new Map<number, Waiter>();

  add(waiter: Waiter): void {
    this.#waiters.set(waiter.session, waiter);
  }

  remove(waiter: Waiter): void {
    if (this.#waiters.get(waiter.session) === waiter) this.#waiters.delete(waiter.session);
  }

  /** Whether a session waits for another one, through any number of others. */
  reaches(from: number, to: number): boolean {
    const seen = new Set<number>();
    for (let at: number | undefined = from; at !== undefined && !seen.has(at); ) {
      if (at === to) return true;
      seen.add(at);
      at = this.#waiters.get(at)?.owner;
    }
    return false;
  }

  /** Ends one waiter of the circle that `waiter` has closed. */
  breakCircle(waiter: Waiter): void {
    if (!this.reaches(waiter.owner, waiter.session)) return;
    const circle: Waiter[] = [waiter];
    for (let at = this.#waiters.get(waiter.owner); at && at !== waiter; at = this.#waiters.get(at.owner)) {
      circle.push(at);
    }
    const soft = circle.find(each => each.soft);
    if (soft) {
      soft.end('again');
      return;
    }
    const victim = circle.reduce((left, right) => (cheaper(right, left) ? right : left));
    victim.end('victim');
  }
}

function cheaper(left: Waiter, right: Waiter): boolean {
  if (left.priority !== right.priority) return left.priority < right.priority;
  return left.writes < right.writes;
}
