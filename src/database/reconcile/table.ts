import { LandfallError } from '../../foundation/errors.ts';
import { numbersOf } from '../../remote/sql/faults.ts';
import type { BulkLoad, Cell } from '../../remote/sql/server.ts';
import type { Statement } from '../../remote/sql/statement.ts';
import {
  type CompareOptions,
  compareTable,
  compareWhole,
  type Difference,
  type Key,
  type RangeVerdict,
  type Side,
} from '../compare/index.ts';
import type { Work } from '../stage.ts';
import { type FetchOptions, mostKeys, stagedRow, wholeStatement } from './fetch.ts';
import type { Numbered } from './names.ts';
import {
  countParameters,
  finishStatement,
  type Progress,
  rangeStatement,
  secondLookStatement,
} from './progress.ts';
import { rowsOf } from './repair.ts';
import {
  applyStatement,
  COMES,
  type Counts,
  loadColumns,
  postponeStatement,
  replaceStatement,
  type Staging,
  stageStatement,
  stagingOf,
  unstageStatement,
} from './staging.ts';

export interface TableWork extends Pick<Work, 'ref' | 'signal' | 'clock'> {
  /** What was pinned, and the copy. */
  readonly left: Side;
  readonly right: Side;
  readonly pinned: string;
  readonly fetch: FetchOptions;
  readonly compare: Omit<CompareOptions, 'onProgress' | 'within'>;
  /** Rows of one transaction at most. */
  readonly batchRows?: number;
  readonly onRows: (rows: number) => void;
}

/** First differences, for people. */
export interface TableOutcome {
  readonly counts: Counts;
  readonly examples: readonly string[];
}

const EXAMPLES = 5;
/** The driver holds so much of one load; rows are no longer than this on the average, or fewer travel at once. */
const BATCH_BYTES = 8 << 20;

/**
 * Makes one table of the copy equal to what was pinned. It goes on where `progress` says that an earlier attempt was.
 *
 * @throws LandfallError database.differs where the rows of production do not fit the copy
 */
export async function reconcileTable(
  work: TableWork,
  numbered: Numbered,
  progress: Progress,
): Promise<TableOutcome> {
  const hands = new TableHands(work, numbered, progress);
  return numbered.table.key.length === 0 ? hands.replace() : hands.reconcile();
}

class TableHands {
  readonly #work: TableWork;
  readonly #numbered: Numbered;
  readonly #staging: Staging;
  readonly #examples: string[] = [];
  readonly #batch: number;
  #counts: Counts;
  #doneTo: Key | undefined;
  #postponed: boolean;
  #isStaged = false;

  constructor(work: TableWork, numbered: Numbered, progress: Progress) {
    this.#work = work;
    this.#numbered = numbered;
    this.#staging = stagingOf(numbered);
    this.#counts = progress;
    this.#doneTo = progress.doneTo;
    this.#postponed = progress.postponed;
    const { bytes, rows } = numbered.table;
    const most = Math.min(mostKeys(this.#staging, work.fetch), work.batchRows ?? Number.POSITIVE_INFINITY);
    this.#batch =
      rows > 0 ? Math.max(1, Math.min(most, Math.floor((BATCH_BYTES * rows) / (bytes + 1)))) : most;
  }

  async reconcile(): Promise<TableOutcome> {
    await this.#look();
    if (this.#postponed) {
      // Nothing that differs is left, so nothing is in the way of what has to come.
      this.#postponed = false;
      this.#doneTo = undefined;
      this.#counts = { ...this.#counts, rows: 0, ranges: 0 };
      await this.#note(secondLookStatement(this.#work, this.#numbered));
      await this.#look();
      if (this.#postponed) throw this.#inTheWay();
    }
    return this.#finish();
  }

  async #look(): Promise<void> {
    const { left, right, compare, onRows } = this.#work;
    const before = this.#counts.rows;
    const verdicts = compareTable(left, right, this.#staging.table, {
      ...compare,
      ...(this.#doneTo === undefined ? {} : { within: { from: this.#doneTo } }),
      onProgress: rows => onRows(before + rows),
    });
    for await (const verdict of verdicts) {
      this.#work.signal.throwIfAborted();
      await this.#settle(verdict);
    }
  }

  async #settle(verdict: RangeVerdict): Promise<void> {
    const { differences } = verdict;
    if (verdict.equal || differences.length === 0) {
      if (!verdict.equal)
        throw new LandfallError('bug', {
          what: `${this.#name} differs, and no row of it does`,
          next: ['report this'],
        });
      this.#counts = this.#counted(verdict, []);
      if (verdict.to !== undefined) this.#doneTo = verdict.to;
      await this.#note(rangeStatement(this.#work, this.#numbered), verdict.to);
      return;
    }
    for (const { kind, key } of differences.slice(0, EXAMPLES - this.#examples.length))
      this.#examples.push(`${kind} ${key.join(', ')}`);
    for (let at = 0; at < differences.length; at += this.#batch) {
      const batch = differences.slice(at, at + this.#batch);
      const isLast = at + batch.length >= differences.length;
      await this.#apply(
        batch,
        this.#counted(isLast ? verdict : undefined, batch),
        isLast ? verdict.to : undefined,
      );
    }
    if (verdict.to !== undefined) this.#doneTo = verdict.to;
  }

  /** The counts after a batch; those of the range itself are told with its last one. */
  #counted(verdict: RangeVerdict | undefined, batch: readonly Difference[]): Counts {
    const counts = this.#counts;
    const of = (kind: Difference['kind']): number => batch.filter(each => each.kind === kind).length;
    return {
      rows: counts.rows + (verdict?.rowsLeft ?? 0),
      ranges: counts.ranges + (verdict === undefined ? 0 : 1),
      differing: counts.differing + (verdict === undefined || verdict.equal ? 0 : 1),
      inserted: counts.inserted + of('missing'),
      updated: counts.updated + of('different'),
      deleted: counts.deleted + of('extra'),
    };
  }

  async #apply(batch: readonly Difference[], counts: Counts, doneTo: Key | undefined): Promise<void> {
    const { right, ref, signal, pinned } = this.#work;
    await this.#stage();
    const loaded = await this.#load(this.#rowsOf(batch));
    if (loaded !== batch.length)
      throw new LandfallError('database.differs', {
        what: `${this.#name}: ${batch.length} rows were to be staged, and ${loaded} came`,
        why: 'a row that was seen in the pinned source is not there when it is read by its key',
        next: ['was the pinned source replaced meanwhile? pin again, then reconcile again'],
      });
    const parameters = countParameters(pinned, counts, doneTo);
    try {
      await right.session.run(applyStatement(ref.copy, this.#staging), { signal, parameters });
    } catch (thrown) {
      if (!isTaken(thrown)) throw thrown;
      // What this batch was to bring is counted when it comes, and what it removed is gone already then.
      const removed = { ...counts, inserted: this.#counts.inserted, updated: this.#counts.updated };
      const moved = batch.filter(({ kind }) => kind === 'different').length;
      const kept = { ...removed, deleted: removed.deleted + moved };
      await right.session.run(postponeStatement(ref.copy, this.#staging), {
        signal,
        parameters: countParameters(pinned, kept, doneTo),
      });
      this.#postponed = true;
      this.#counts = kept;
      return;
    }
    this.#counts = counts;
  }

  async *#rowsOf(batch: readonly Difference[]): AsyncGenerator<readonly Cell[]> {
    const { left, fetch, clock, signal, compare } = this.#work;
    yield* rowsOf(left, this.#staging, batch, fetch, signal);
    if (compare.pauseMs !== undefined && compare.pauseMs > 0) await clock.sleep(compare.pauseMs, signal);
  }

  /** A table without a key: equal or not, and all of it where it is not. */
  async replace(): Promise<TableOutcome> {
    const { left, right, ref, signal, compare, pinned } = this.#work;
    const verdict = await compareWhole(left, right, this.#staging.table, compare);
    const counts = { ...this.#counts, rows: verdict.rowsLeft, ranges: 1 };
    this.#counts = counts;
    if (!verdict.equal) {
      await this.#stage();
      const loaded = await this.#load(this.#allRows());
      this.#counts = { ...counts, differing: 1, inserted: loaded, deleted: verdict.rowsRight };
      await right.session.run(replaceStatement(ref.copy, this.#staging), {
        signal,
        parameters: countParameters(pinned, this.#counts),
      });
    }
    return this.#finish();
  }

  async *#allRows(): AsyncGenerator<readonly Cell[]> {
    const { left, fetch, signal, onRows } = this.#work;
    let rows = 0;
    for await (const row of left.session.stream(wholeStatement(left, this.#staging, fetch), { signal })) {
      yield stagedRow(this.#staging, row, COMES);
      rows += 1;
      if (rows % 1_000 === 0) onRows(rows);
    }
  }

  #load(rows: BulkLoad['rows']): Promise<number> {
    const { right, ref, signal } = this.#work;
    const columns = loadColumns(this.#staging);
    return right.session.bulk({ database: ref.copy, table: this.#staging.stage, columns, rows }, { signal });
  }

  async #stage(): Promise<void> {
    if (this.#isStaged) return;
    const { right, ref, signal } = this.#work;
    await right.session.run(stageStatement(ref.copy, this.#staging), { signal });
    this.#isStaged = true;
  }

  async #note(statement: Statement, doneTo?: Key): Promise<void> {
    const { right, signal, pinned } = this.#work;
    const parameters = countParameters(pinned, this.#counts, doneTo);
    await right.session.run(statement, { signal, parameters });
  }

  async #finish(): Promise<TableOutcome> {
    const { right, ref, signal } = this.#work;
    // Also one that an attempt before this one left.
    await right.session.run(unstageStatement(ref.copy, this.#staging), { signal });
    await this.#note(finishStatement(this.#work, this.#numbered));
    return { counts: this.#counts, examples: this.#examples };
  }

  get #name(): string {
    const { schema, name } = this.#staging.table;
    return `${schema}.${name}`;
  }

  #inTheWay(): LandfallError {
    return new LandfallError('database.differs', {
      what: `${this.#name}: rows of production do not fit the copy, though nothing else is left in it`,
      why: 'the copy has a unique index that production has not, or compares its texts otherwise',
      next: ['align the copy with production, then reconcile again'],
    });
  }
}

/** A unique value is taken: of an index (2601) or of a key (2627). */
const isTaken = (thrown: unknown): boolean =>
  thrown instanceof LandfallError && numbersOf(thrown).some(number => number === 2601 || number === 2627);
