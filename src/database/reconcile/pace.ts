import type { DatabaseTable } from '../../journal/database-facts.ts';
import type { Work } from '../stage.ts';
import { type Numbered, progressName } from './names.ts';
import type { Progress } from './progress.ts';

/** Not more often than people read. */
const EVERY_MS = 1_000;

/** How far a reconcile is over all its tables: rate and what is left, from the rows that this process has seen. */
export class Pace {
  readonly #work: Pick<Work, 'clock' | 'sample'>;
  readonly #total: number;
  readonly #begun: number;
  #done = 0;
  /** Rows that an earlier attempt had seen: they say nothing about the rate. */
  #before = 0;
  #table: DatabaseTable | undefined;
  #saidAt = Number.NEGATIVE_INFINITY;

  constructor(work: Pick<Work, 'clock' | 'sample'>, tables: readonly Numbered[]) {
    this.#work = work;
    this.#total = tables.reduce((sum, { table }) => sum + table.rows, 0);
    this.#begun = work.clock.monotonic();
  }

  begin(table: DatabaseTable, before: Progress | undefined): void {
    this.#table = table;
    this.#before += before?.rows ?? 0;
    this.#say(before?.rows ?? 0, undefined);
  }

  /** Rows of the table at hand so far. */
  rows(rows: number, bytes: number): void {
    if (this.#work.clock.monotonic() - this.#saidAt >= EVERY_MS) this.#say(rows, bytes);
  }

  end(rows: number): void {
    this.#done += rows;
  }

  #say(rows: number, bytes: number | undefined): void {
    if (this.#table === undefined) return;
    const now = this.#work.clock.monotonic();
    this.#saidAt = now;
    const seen = this.#done + rows;
    const seconds = (now - this.#begun) / 1_000;
    const rate = seconds > 0 ? Math.max(0, seen - this.#before) / seconds : 0;
    const left = Math.max(0, this.#total - seen);
    this.#work.sample({
      text: `${progressName(this.#table)}: ${rows} of about ${this.#table.rows} rows${rate > 0 ? `, ${Math.round(rate)} rows/s` : ''}`,
      ...(this.#total > 0 ? { fraction: Math.min(1, seen / this.#total) } : {}),
      ...(bytes === undefined ? {} : { bytes }),
      ...(bytes === undefined || seconds <= 0 ? {} : { bytesPerSecond: Math.round(bytes / seconds) }),
      ...(rate > 0 ? { etaMs: Math.round((left / rate) * 1_000) } : {}),
    });
  }
}
