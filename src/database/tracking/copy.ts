import { z } from 'zod';
import type { SqlSession } from '../../remote/sql/server.ts';
import type { Side } from '../compare/index.ts';
import { type Numbered, progressName } from '../reconcile/names.ts';
import { beginStatement, type Progress, readProgress, tableBeginStatement } from '../reconcile/progress.ts';
import { reconcileTable, type TableOutcome } from '../reconcile/table.ts';
import type { Work } from '../stage.ts';
import { copiedStatement, copyFromStatement } from './copy-statements.ts';
import { isKept, isOf, momentOf, named, type StateRow, stateRow } from './round.ts';
import { beginReading, endReading, stateStatement, tracked, validStatement } from './statements.ts';

/**
 * The first copy of a table, and the same again where its changes are no longer kept. Its version is taken before its
 * rows are read, so the rounds bring again whatever changes meanwhile; rows that are equal already do not travel. An
 * attempt that was cut off goes on with its next range: that one is of a later moment, and what changed between the two
 * is brought by the rounds, because the version stays the one of the first attempt.
 */

export interface Copied extends TableOutcome {
  readonly bytes: number;
  readonly ms: number;
}

export const readStates = ({ servers, signal, ref }: Work): Promise<StateRow[]> =>
  servers.subscriber.ask(stateStatement({ ref }), stateRow, { signal });

const validRow = z.object({ name: z.string(), least: z.string().nullable() });

/** From which version on the changes of each table are kept, by name in lower case. */
export async function keptSince(work: Work): Promise<ReadonlyMap<string, string | null>> {
  const rows = await work.servers.publisher.ask(validStatement(work), validRow, { signal: work.signal });
  return new Map(rows.map(({ name, least }) => [name.toLowerCase(), least]));
}

/** Copies one table as it is at one moment of production. @throws LandfallError as comparing and repairing do */
export function copyTable(
  work: Work,
  numbered: Numbered,
  run: number,
  onRows: (rows: number) => void,
): Promise<Copied> {
  const { servers, ref, signal } = work;
  return servers.publisher.session(
    ref.source,
    source =>
      servers.subscriber.session(ref.copy, copy => copyOver(work, numbered, run, onRows, source, copy), {
        signal,
      }),
    { signal },
  );
}

async function copyOver(
  work: Work,
  numbered: Numbered,
  run: number,
  onRows: (rows: number) => void,
  source: SqlSession,
  copy: SqlSession,
): Promise<Copied> {
  const { signal, clock } = work;
  const begun = clock.monotonic();
  const table = tracked(numbered.table, 0);
  await source.run(beginReading(work), { signal });
  const moment = await momentOf(work, source);
  const state = (await readStates(work)).find(each => isOf(each, table));
  const least = (await keptSince(work)).get(table.name.toLowerCase());
  const pinned = pinnedName(moment.publisher);
  await copy.run(beginStatement(work), {
    signal,
    parameters: { pinned: { type: 'nvarchar', value: pinned } },
  });
  const goesOn =
    state !== undefined && !state.copied && state.publisher === moment.publisher && isKept(state, least);
  if (!goesOn)
    await copy.run(copyFromStatement(work), {
      signal,
      parameters: {
        ...named(table),
        publisher: { type: 'nvarchar', value: moment.publisher },
        version: { type: 'nvarchar', value: moment.version },
      },
    });
  const outcome = await equalise(work, numbered, pinned, run, onRows, source, copy);
  await source.run(endReading(work), { signal });
  await copy.run(copiedStatement(work), { signal, parameters: named(table) });
  const traffic = [source.traffic(), copy.traffic()];
  return {
    ...outcome,
    bytes: traffic.reduce((sum, { received, sent }) => sum + received + sent, 0),
    ms: Math.round(clock.monotonic() - begun),
  };
}

const pinnedName = (publisher: string): string => `change tracking of ${publisher}`;

/** Compares and repairs one table, going on where the progress of this pin says. */
export async function equalise(
  work: Work,
  numbered: Numbered,
  pinned: string,
  run: number,
  onRows: (rows: number) => void,
  source: SqlSession,
  copy: SqlSession,
): Promise<TableOutcome> {
  const { ref, signal, clock, plan, state } = work;
  const table = progressName(numbered.table);
  await copy.run(tableBeginStatement(work), {
    signal,
    parameters: {
      table: { type: 'nvarchar', value: table },
      pinned: { type: 'nvarchar', value: pinned },
      run: { type: 'int', value: run },
    },
  });
  const before = (await readProgress(work, pinned)).tables.get(table);
  if (before?.finished === true) return { counts: before, examples: [] };
  const left: Side = { session: source, role: 'publisher', database: ref.source };
  const right: Side = { session: copy, role: 'subscriber', database: ref.copy };
  const { maxdop, pause, lock_timeout } = plan.production;
  return reconcileTable(
    {
      ...{ ref, signal, clock, left, right, pinned, onRows },
      fetch: {
        maxdop,
        lockTimeoutMs: lock_timeout,
        json: (state.assessed?.publisher.database?.compatibility ?? 0) >= 130,
      },
      compare: { signal, clock, maxdop, pauseMs: pause, lockTimeoutMs: lock_timeout },
    },
    numbered,
    before ?? { ...NOTHING, table },
  );
}

const NOTHING: Omit<Progress, 'table'> = {
  doneTo: undefined,
  postponed: false,
  finished: false,
  ...{ rows: 0, ranges: 0, differing: 0, inserted: 0, updated: 0, deleted: 0 },
};
