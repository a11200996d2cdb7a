import type { TableDifference } from '../../journal/database-facts.ts';
import type { SqlSession } from '../../remote/sql/server.ts';
import type { Statement } from '../../remote/sql/statement.ts';
import type { Side } from '../compare/index.ts';
import { readMarker, writeMarker, writeMarkerStatement } from '../monitor/marker.ts';
import type { Scene, Stage, Work } from '../stage.ts';
import { areHeld, holdObjects } from './hold.ts';
import { holdStatements } from './hold-statements.ts';
import { awaitLsn } from './marker-lsn.ts';
import { type Numbered, progressName, tablesOf } from './names.ts';
import { Pace } from './pace.ts';
import { emitPinned, isCaptured, isPinned, placeOf } from './pin.ts';
import { beginIsolated, endIsolated, pinMethod } from './pin-statements.ts';
import {
  beginStatement,
  finishStatement,
  type Progress,
  pinnedName,
  rangeStatement,
  readProgress,
  secondLookStatement,
  tableBeginStatement,
} from './progress.ts';
import { notPinned, refuse } from './refusals.ts';
import { requireSameBytes } from './same-bytes.ts';
import {
  applyStatement,
  loadStatement,
  postponeStatement,
  replaceStatement,
  stageStatement,
  stagingOf,
  unstageStatement,
} from './staging.ts';
import { reconcileTable, type TableOutcome, type TableWork } from './table.ts';
import { type CopyTable, copyTables } from './there.ts';

/** Sizes that fit any table; tests take small ones, to have many of each. */
export interface Sizes {
  /** Rows of a range that is compared. */
  readonly rangeRows?: number;
  /** Rows of one transaction at most. */
  readonly batchRows?: number;
}

/** Makes the copy equal to what was pinned, table by table; emits reconcile.started, .table and .ended. */
export const reconcileStageWith = (sizes: Sizes): Stage => ({
  id: 'reconcile',
  title: ({ ref }) => `make ${ref.copy} equal to the pinned ${ref.source}: only rows that differ travel`,
  preview: scene => [
    ...(pinMethod(scene) === 'snapshot isolation' ? [writeMarkerStatement(scene.ref)] : []),
    ...holdStatements(scene),
    beginStatement(scene),
    tableBeginStatement(scene),
    ...tablesOf(scene).flatMap(numbered => tableStatements(scene, numbered)),
  ],
  async done(work) {
    const pinned = pinnedName(work);
    const { reconcile } = work.state;
    if (pinned === undefined || reconcile?.ended === undefined || reconcile.source !== pinned) return false;
    // Once the copy follows, hand-over gives back what was held.
    if (work.state.released !== undefined) return true;
    const { tables } = await readProgress(work, pinned);
    const isThere = [...tables.values()].filter(({ finished }) => finished).length >= reconcile.ended.tables;
    return isThere && (await areHeld(work));
  },
  run: work =>
    pinMethod(work) === 'database snapshot' ? fromSnapshot(work, sizes) : fromIsolated(work, sizes),
});

export const reconcileStage: Stage = reconcileStageWith({});

/** Every statement that makes one table equal and that writes. */
export function tableStatements(scene: Pick<Scene, 'ref'>, numbered: Numbered): readonly Statement[] {
  const { copy } = scene.ref;
  const staging = stagingOf(numbered);
  return [
    stageStatement(copy, staging),
    loadStatement(copy, staging),
    ...(numbered.table.key.length === 0
      ? [replaceStatement(copy, staging)]
      : [
          applyStatement(copy, staging),
          postponeStatement(copy, staging),
          rangeStatement(scene, numbered),
          secondLookStatement(scene, numbered),
        ]),
    unstageStatement(copy, staging),
    finishStatement(scene, numbered),
  ];
}

async function fromSnapshot(work: Work, sizes: Sizes): Promise<void> {
  const { servers, ref, signal, state } = work;
  if (state.pinned?.source !== ref.snapshot || !(await isPinned(work))) throw notPinned(work);
  await refuse(work);
  await requireSameBytes(work);
  await servers.publisher.session(
    ref.snapshot,
    session => reconcile(work, { session, role: 'publisher', database: ref.snapshot }, sizes),
    { signal },
  );
}

/**
 * The instant lives as long as its connection: what an attempt before this one did is equal to another one, and the
 * tables are compared from their beginning. What is equal already costs no more than to see it.
 */
async function fromIsolated(work: Work, sizes: Sizes): Promise<void> {
  const { servers, ref, signal } = work;
  await refuse(work);
  await requireSameBytes(work);
  const place = isCaptured(work) ? await placeOf(work) : undefined;
  await writeMarker(work, signal);
  await servers.publisher.session(
    ref.source,
    async session => {
      await session.run(beginIsolated(work), { signal });
      const marker = await readMarker(session, 'publisher', ref.source, signal);
      if (marker === undefined) throw notPinned(work);
      const lsn = place === undefined ? undefined : await awaitLsn(work, place, marker.id);
      await emitPinned(work, 'SNAPSHOT isolation', lsn === undefined ? marker : { ...marker, lsn });
      await reconcile(work, { session, role: 'publisher', database: ref.source }, sizes);
      await session.run(endIsolated(work), { signal });
    },
    { signal },
  );
}

async function reconcile(work: Work, left: Side, sizes: Sizes): Promise<void> {
  const pinned = pinnedName(work);
  if (pinned === undefined) throw notPinned(work);
  const { servers, ref, signal, state } = work;
  await holdObjects(work);
  await servers.subscriber.run(beginStatement(work), {
    signal,
    parameters: { pinned: { type: 'nvarchar', value: pinned } },
  });
  const there = await copyTables(work, left);
  const tables = tablesOf(work).filter(({ table }) => there.has(progressName(table).toLowerCase()));
  const before = await readProgress(work, pinned);
  const isGoingOn =
    state.reconcile !== undefined && state.reconcile.source === pinned && state.reconcile.ended === undefined;
  const run = isGoingOn ? state.reconcile.run : (state.reconcile?.run ?? 0) + 1;
  const rows = tables.reduce((sum, { table }) => sum + table.rows, 0);
  if (!isGoingOn)
    await work.emit({
      type: 'reconcile.started',
      database: work.name,
      run,
      source: pinned,
      tables: tables.length,
      rows,
    });
  await servers.subscriber.session(
    ref.copy,
    session => new Run({ work, left, pinned, run, there, sizes }, session).all(tables, before.tables),
    { signal },
  );
}

interface Running {
  readonly work: Work;
  readonly left: Side;
  readonly pinned: string;
  readonly run: number;
  readonly there: ReadonlyMap<string, CopyTable>;
  readonly sizes: Sizes;
}

class Run {
  readonly #running: Running;
  readonly #work: Work;
  readonly #right: Side;
  readonly #begun: number;

  constructor(running: Running, session: SqlSession) {
    this.#running = running;
    this.#work = running.work;
    this.#right = { session, role: 'subscriber', database: running.work.ref.copy };
    this.#begun = running.work.clock.monotonic();
  }

  async all(tables: readonly Numbered[], before: ReadonlyMap<string, Progress>): Promise<void> {
    const pace = new Pace(this.#work, tables);
    const told = new Set(
      this.#work.state.reconcile?.run === this.#running.run
        ? this.#work.state.reconcile.done.map(({ compared }) => compared.table)
        : [],
    );
    let [rows, repaired] = [0, 0];
    for (const numbered of tables) {
      this.#work.signal.throwIfAborted();
      const name = progressName(numbered.table);
      const { counts } = await this.#one(numbered, before.get(name), pace, told.has(name));
      rows += counts.rows;
      repaired += counts.inserted + counts.updated + counts.deleted;
    }
    await this.#work.emit({
      type: 'reconcile.ended',
      database: this.#work.name,
      run: this.#running.run,
      tables: tables.length,
      rows,
      repaired,
      bytes: this.#bytes(),
      ms: Math.round(this.#work.clock.monotonic() - this.#begun),
    });
  }

  async #one(
    numbered: Numbered,
    before: Progress | undefined,
    pace: Pace,
    isTold: boolean,
  ): Promise<TableOutcome> {
    const { clock, signal } = this.#work;
    const table = progressName(numbered.table);
    const [begun, bytes] = [clock.monotonic(), this.#bytes()];
    pace.begin(numbered.table, before);
    let outcome: TableOutcome;
    if (before?.finished === true) outcome = { counts: before, examples: [] };
    else {
      await this.#right.session.run(tableBeginStatement(this.#work), {
        signal,
        parameters: {
          table: { type: 'nvarchar', value: table },
          pinned: { type: 'nvarchar', value: this.#running.pinned },
          run: { type: 'int', value: this.#running.run },
        },
      });
      outcome = await reconcileTable(
        this.#tableWork(numbered, pace),
        numbered,
        before ?? { ...NOTHING, table },
      );
    }
    pace.end(outcome.counts.rows);
    if (!isTold)
      await this.#work.emit({
        type: 'reconcile.table',
        database: this.#work.name,
        run: this.#running.run,
        compared: differenceOf(table, outcome),
        inserted: outcome.counts.inserted,
        updated: outcome.counts.updated,
        deleted: outcome.counts.deleted,
        bytes: this.#bytes() - bytes,
        ms: Math.round(clock.monotonic() - begun),
      });
    return outcome;
  }

  #tableWork(numbered: Numbered, pace: Pace): TableWork {
    const { ref, signal, clock, plan, state } = this.#work;
    const { maxdop, pause, lock_timeout } = plan.production;
    const { rangeRows, batchRows } = this.#running.sizes;
    const columns = this.#running.there.get(progressName(numbered.table).toLowerCase())?.columns;
    return {
      ref,
      signal,
      clock,
      left: this.#running.left,
      right: this.#right,
      pinned: this.#running.pinned,
      ...(batchRows === undefined ? {} : { batchRows }),
      fetch: {
        maxdop,
        lockTimeoutMs: lock_timeout,
        json: (state.assessed?.publisher.database?.compatibility ?? 0) >= 130,
      },
      compare: {
        signal,
        clock,
        maxdop,
        pauseMs: pause,
        lockTimeoutMs: lock_timeout,
        ...(rangeRows === undefined ? {} : { rangeRows }),
        ...(columns === undefined ? {} : { rightColumns: columns }),
      },
      onRows: rows => pace.rows(rows, this.#bytes()),
    };
  }

  #bytes(): number {
    return [this.#running.left, this.#right]
      .map(({ session }) => session.traffic())
      .reduce((sum, { received, sent }) => sum + received + sent, 0);
  }
}

const NOTHING: Omit<Progress, 'table'> = {
  doneTo: undefined,
  postponed: false,
  finished: false,
  ...{ rows: 0, ranges: 0, differing: 0, inserted: 0, updated: 0, deleted: 0 },
};

const differenceOf = (table: string, { counts, examples }: TableOutcome): TableDifference => ({
  table,
  rows: counts.rows,
  ranges: counts.ranges,
  differingRanges: counts.differing,
  missing: counts.inserted,
  extra: counts.deleted,
  different: counts.updated,
  examples: [...examples],
});
