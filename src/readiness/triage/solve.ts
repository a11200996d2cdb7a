/**
 * Which set of machines is saved. One link, one after the other: a job is its bytes, and by how many bytes of the link
 * it must have been sent (`due`), so that what follows beside the link (comparing, booting) still fits before the
 * storm. A set fits if, sent in the order of their dues, none is late.
 *
 * The objective, highest first: as many as possible of priority 1, then of priority 2, and so on; then what an hour
 * without them costs. A machine without what it waits for is worth nothing: a set is only taken closed.
 */
export interface Job {
  readonly name: string;
  /** 1 is the most important. */
  readonly priority: number;
  /** Cost of an hour without it. */
  readonly cost: number;
  readonly bytes: number;
  /** Bytes of the link by which it must have been sent; negative where it cannot be in time at all. */
  readonly due: number;
  /** Other jobs without which it is worth nothing. */
  readonly needs: readonly string[];
}

export interface Choice {
  readonly saved: ReadonlySet<string>;
  /** False where the search was given up for its length: then it is a good set, perhaps not the best. */
  readonly exact: boolean;
}

/** Numbers of saved jobs by priority, 1 first, and then their cost: compared from the left. */
export type Score = readonly number[] | Readonly<Float64Array>;

const PRIORITIES = 9;
/** Looks at a job that a search may cost; thousands of jobs a millisecond. */
const MOST_LOOKS = 2_000_000;

export const byDue = (a: Job, b: Job): number => a.due - b.due || a.bytes - b.bytes || byName(a, b);
const byName = (a: Job, b: Job): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
const byWorth = (a: Job, b: Job): number =>
  a.priority - b.priority || b.cost - a.cost || a.bytes - b.bytes || byName(a, b);

/** Whether all of them are in time. */
export function fits(jobs: readonly Job[]): boolean {
  let sent = 0;
  for (const job of jobs.toSorted(byDue)) {
    sent += job.bytes;
    if (sent > job.due) return false;
  }
  return true;
}

export function scoreOf(jobs: readonly Job[], saved: ReadonlySet<string>): Score {
  const score = Array.from({ length: PRIORITIES + 1 }, () => 0);
  for (const job of jobs) if (saved.has(job.name)) count(score, job);
  return score;
}

function count(score: number[], { priority, cost }: Job): void {
  score[slotOf(priority)] = (score[slotOf(priority)] ?? 0) + 1;
  score[PRIORITIES] = (score[PRIORITIES] ?? 0) + cost;
}

const slotOf = (priority: number): number => Math.min(Math.max(Math.trunc(priority), 1), PRIORITIES) - 1;

/** Above zero where `a` is better. */
export function compareScores(a: Score, b: Score): number {
  for (let index = 0; index < a.length; index += 1) {
    const value = a[index] ?? 0;
    const other = b[index] ?? 0;
    // Costs are sums of fractions: the same set counted in another order is no better.
    if (Math.abs(value - other) > 1e-6) return value - other;
  }
  return 0;
}

/** The best closed set that fits. */
export function choose(jobs: readonly Job[]): Choice {
  return new Search(jobs).run();
}

/** Names of the jobs that the given one needs, through all of them, itself among them. */
export function closureOf(jobs: ReadonlyMap<string, Job>, name: string): Set<string> {
  const found = new Set<string>();
  const open = [name];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (found.has(next)) continue;
    const job = jobs.get(next);
    if (job === undefined) continue;
    found.add(next);
    open.push(...job.needs);
  }
  return found;
}

/** Branch and bound: each job in or out, the most worthy first; in brings what it needs, out takes what needs it. */
class Search {
  readonly #jobs: readonly Job[];
  readonly #byDue: readonly number[];
  readonly #bySize: readonly number[];
  readonly #closures: readonly (readonly number[])[];
  readonly #dependents: readonly (readonly number[])[];
  /** What needs something that was left out: it is never in. */
  readonly #isCut: readonly boolean[];
  /** 1 in, -1 out, 0 not decided. */
  readonly #state: Int8Array;
  /** What is asked millions of times, by index; and room to count in. */
  readonly #bytes: Float64Array;
  readonly #due: Float64Array;
  readonly #cost: Float64Array;
  readonly #slot: Uint8Array;
  /** The cost of the dearest of each priority. */
  readonly #dearest = new Float64Array(PRIORITIES);
  readonly #wanted: Uint8Array;
  readonly #bound = new Float64Array(PRIORITIES + 1);
  readonly #used = new Float64Array(PRIORITIES);
  #best: { score: Score; saved: ReadonlySet<string> } | undefined;
  #looks = 0;

  constructor(jobs: readonly Job[]) {
    this.#jobs = jobs.toSorted(byWorth);
    const indexes = this.#jobs.map((_job, index) => index);
    const order = (compare: (a: Job, b: Job) => number): number[] =>
      indexes.toSorted((a, b) => compare(this.#job(a), this.#job(b)));
    this.#byDue = order(byDue);
    this.#bySize = order((a, b) => a.bytes - b.bytes);
    const named = new Map(this.#jobs.map(job => [job.name, job]));
    const places = new Map(this.#jobs.map((job, index) => [job.name, index]));
    this.#isCut = this.#jobs.map(job => job.needs.some(need => !named.has(need)));
    this.#closures = this.#jobs.map(job =>
      [...closureOf(named, job.name)].map(name => places.get(name) ?? -1).filter(index => index >= 0),
    );
    const dependents: number[][] = indexes.map(() => []);
    for (const index of indexes)
      for (const needed of this.#closures[index] ?? []) dependents[needed]?.push(index);
    this.#dependents = dependents;
    this.#state = new Int8Array(this.#jobs.length);
    this.#wanted = new Uint8Array(this.#jobs.length);
    this.#bytes = Float64Array.from(this.#jobs, ({ bytes }) => bytes);
    this.#due = Float64Array.from(this.#jobs, ({ due }) => due);
    this.#cost = Float64Array.from(this.#jobs, ({ cost }) => cost);
    this.#slot = Uint8Array.from(this.#jobs, ({ priority }) => slotOf(priority));
    for (const [index, slot] of this.#slot.entries())
      this.#dearest[slot] = Math.max(this.#dearest[slot] ?? 0, this.#cost[index] ?? 0);
  }

  run(): Choice {
    // What cannot be in time by itself is out before the search begins, with all that needs it.
    for (const index of this.#jobs.keys()) if (!this.#fitsWith(index)) this.#decide(index, false);
    const exact = this.#search();
    return { saved: this.#best?.saved ?? new Set(), exact };
  }

  #job(index: number): Job {
    const job = this.#jobs[index];
    if (job === undefined) throw new RangeError('a job that is not there');
    return job;
  }

  /** False where it was given up. The jobs are tried in their order, so that the first leaf is the greedy answer. */
  #search(): boolean {
    const trail: { index: number; undo: number[]; wasIn: boolean }[] = [];
    let isExact = true;
    for (;;) {
      const open = this.#isPromising() ? this.#state.indexOf(0) : -2;
      if (open >= 0) {
        const wasIn = this.#fitsWith(open);
        trail.push({ index: open, undo: this.#decide(open, wasIn), wasIn });
        continue;
      }
      if (open === -1) this.#keep();
      if (this.#looks > MOST_LOOKS) isExact = false;
      // Back to the last that was in, and try it out.
      let last = trail.pop();
      while (last !== undefined) {
        for (const index of last.undo) this.#state[index] = 0;
        if (last.wasIn && isExact) break;
        last = trail.pop();
      }
      if (last === undefined) return isExact;
      trail.push({ index: last.index, undo: this.#decide(last.index, false), wasIn: false });
    }
  }

  #decide(index: number, isIn: boolean): number[] {
    const changed: number[] = [];
    for (const each of (isIn ? this.#closures : this.#dependents)[index] ?? []) {
      if (this.#state[each] !== 0) continue;
      this.#state[each] = isIn ? 1 : -1;
      changed.push(each);
    }
    return changed;
  }

  /** Whether what is in, this one and what it needs are in time together. */
  #fitsWith(index: number): boolean {
    const closure = this.#closures[index] ?? [];
    if (closure.some(each => this.#state[each] === -1 || this.#isCut[each] === true)) return false;
    this.#wanted.fill(0);
    for (const each of closure) this.#wanted[each] = 1;
    this.#looks += this.#jobs.length;
    let sent = 0;
    for (const each of this.#byDue) {
      if (this.#state[each] !== 1 && this.#wanted[each] !== 1) continue;
      sent += this.#bytes[each] ?? 0;
      if (sent > (this.#due[each] ?? 0)) return false;
    }
    return true;
  }

  /** Whether the open jobs could make this set better than the best, if each priority had the link for itself. */
  #isPromising(): boolean {
    const best = this.#best?.score;
    if (best === undefined) return true;
    this.#looks += 2 * this.#jobs.length;
    const bound = this.#bound.fill(0);
    let sent = 0;
    let latest = 0;
    for (let index = 0; index < this.#jobs.length; index += 1) {
      if (this.#state[index] === -1) continue;
      latest = Math.max(latest, this.#due[index] ?? 0);
      if (this.#state[index] !== 1) continue;
      this.#count(bound, index, this.#cost[index] ?? 0);
      sent += this.#bytes[index] ?? 0;
    }
    const used = this.#used.fill(sent);
    for (const index of this.#bySize) {
      if (this.#state[index] !== 0) continue;
      const slot = this.#slot[index] ?? 0;
      const total = (used[slot] ?? 0) + (this.#bytes[index] ?? 0);
      if (total > latest) continue;
      used[slot] = total;
      // The dearest of its priority stands for each: the cheapest in bytes need not be the dear one.
      this.#count(bound, index, this.#dearest[slot] ?? 0);
    }
    return compareScores(bound, best) > 0;
  }

  #count(score: Float64Array, index: number, cost: number): void {
    const slot = this.#slot[index] ?? 0;
    score[slot] = (score[slot] ?? 0) + 1;
    score[PRIORITIES] = (score[PRIORITIES] ?? 0) + cost;
  }

  #keep(): void {
    const saved = new Set(
      this.#jobs.filter((_job, index) => this.#state[index] === 1).map(({ name }) => name),
    );
    const score = scoreOf(this.#jobs, saved);
    if (this.#best === undefined || compareScores(score, this.#best.score) > 0) this.#best = { score, saved };
  }
}

/** The order in which to send jobs that fit: by what they are worth, as far as none of the others is late for it. */
export function orderOf(jobs: readonly Job[]): Job[] {
  const left = jobs.toSorted(byDue);
  const order: Job[] = [];
  let sent = 0;
  while (left.length > 0) {
    let best = 0;
    let total = sent;
    let slack = Number.POSITIVE_INFINITY;
    for (const [index, job] of left.entries()) {
      total += job.bytes;
      const found = left[best];
      // Sent first, it delays those that are due before it: they must have that much to spare.
      if (job.bytes <= slack && found !== undefined && byWorth(job, found) < 0) best = index;
      slack = Math.min(slack, job.due - total);
    }
    const [next] = left.splice(best, 1);
    if (next === undefined) break;
    sent += next.bytes;
    order.push(next);
  }
  return order;
}
