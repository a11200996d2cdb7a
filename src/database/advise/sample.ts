import { LandfallError } from '../../foundation/errors.ts';
import { formatDuration } from '../../foundation/units.ts';
import type { DatabaseTable } from '../../journal/database-facts.ts';
import { numbersOf } from '../../remote/sql/faults.ts';
import { databaseTables } from '../catalog/tables.ts';
import { type Catalog, fullName } from '../catalog/types.ts';
import { compareTable, type Side } from '../compare/index.ts';
import type { Work } from '../stage.ts';
import type { SampledDifference } from './facts.ts';
import { PARTS, startKey, startRow, startStatement } from './positions.ts';

/** Rows of one sample; a table has nine of them. */
const ROWS = 400;
/** Tables up to this are compared whole. */
const SMALL = ROWS * PARTS.length;
/** The sample of a database ends after so long; what was not looked at is told. */
const MOST_MS = 60_000;
/** From this share on, the last twentieth of the keys holds the differences. */
const CLUSTERED = 0.6;
const NEWEST_FROM = 0.95;

/** What the samples of one table showed. */
export interface TableSample {
  readonly table: DatabaseTable;
  /** Share of its rows that differ. */
  readonly share: number;
  /** Of these, the share that lies in the newest keys; absent where it is too small to tell. */
  readonly newest?: number;
  readonly compared: number;
}

/** Largest first: they decide how long it takes. */
export const worthSampling = (tables: readonly DatabaseTable[], copy: Catalog): DatabaseTable[] => {
  const there = new Map(
    copy.tables.map(table => [
      fullName(table).toLowerCase(),
      new Set(table.columns.map(column => column.name.toLowerCase())),
    ]),
  );
  return tables
    .filter(table => table.key.length > 0 && table.rows > 0 && table.carriedBy !== 'none')
    .filter(table => {
      const columns = there.get(fullName(table).toLowerCase());
      return columns !== undefined && table.key.every(name => columns.has(name.toLowerCase()));
    })
    .sort((a, b) => b.bytes - a.bytes || fullName(a).localeCompare(fullName(b)));
};

/** Compares a few ranges of keys of every table, live: what is written meanwhile counts as a difference. */
export async function sampleDifference(
  work: Work,
  tables: readonly DatabaseTable[],
  copy: { readonly name: string; readonly catalog: Catalog },
): Promise<SampledDifference | undefined> {
  const { servers, signal, clock, name } = work;
  const chosen = worthSampling(tables, copy.catalog);
  const others = databaseTables(copy.catalog);
  const begun = clock.monotonic();
  const samples: TableSample[] = [];
  await servers.publisher.session(
    name,
    left =>
      servers.subscriber.session(
        copy.name,
        async right => {
          for (const table of chosen) {
            if (clock.monotonic() - begun > MOST_MS) break;
            work.sample({
              text: `samples ${fullName(table)} on both sides`,
              fraction: Math.min(1, (clock.monotonic() - begun) / MOST_MS),
            });
            const other = others.find(each => fullName(each).toLowerCase() === fullName(table).toLowerCase());
            const sample = await unlessLocked(() =>
              sampleTable(
                work,
                { session: left, role: 'publisher', database: name },
                { session: right, role: 'subscriber', database: copy.name },
                table,
                other,
              ),
            );
            if (sample !== undefined) samples.push(sample);
          }
        },
        { signal },
      ),
    { signal },
  );
  return summed(samples, tables.filter(table => table.rows > 0).length);
}

/** Lock request time out period exceeded: the table is skipped rather than waited for. */
const LOCKED = 1222;

async function unlessLocked<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (thrown) {
    if (thrown instanceof LandfallError && numbersOf(thrown).includes(LOCKED)) return undefined;
    throw thrown;
  }
}

async function sampleTable(
  work: Work,
  left: Side,
  right: Side,
  table: DatabaseTable,
  other: DatabaseTable | undefined,
): Promise<TableSample> {
  const { signal, clock, plan } = work;
  const { maxdop } = plan.production;
  const shared = sharedColumns(table, other);
  const options = {
    ...{ signal, clock, maxdop, pauseMs: plan.production.pause, rangeRows: ROWS },
    lockTimeoutMs: plan.production.lock_timeout,
    ...(other === undefined ? {} : { rightColumns: other.columns }),
  };
  let compared = 0;
  const differing = async (from: readonly string[] | undefined, ranges: number): Promise<number> => {
    let [rows, truth, differ, seen] = [0, 0, 0, 0];
    for await (const verdict of compareTable(left, right, shared, {
      ...options,
      ...(from === undefined ? {} : { within: { from } }),
    })) {
      rows += Math.max(verdict.rowsLeft, verdict.rowsRight);
      truth += verdict.rowsLeft;
      differ += verdict.differences.length;
      seen += 1;
      if (seen >= ranges) break;
    }
    compared += truth;
    return rows === 0 ? 0 : Math.min(1, differ / rows);
  };
  if (table.rows <= SMALL) {
    const share = await differing(undefined, PARTS.length * 2);
    return { table, share, compared };
  }
  let share = 0;
  let newest = 0;
  let weight = 0;
  for (const part of PARTS) {
    const statement = startStatement(left.database, table, part.from, maxdop);
    if (statement === undefined) continue;
    const [row] = await left.session.ask(statement, startRow, { signal });
    const found = await differing(row === undefined ? undefined : startKey(table, row), 1);
    share += found * part.share;
    weight += part.share;
    if (part.from >= NEWEST_FROM) newest += found * part.share;
  }
  return {
    table,
    share: weight === 0 ? 0 : share / weight,
    newest: share === 0 ? 0 : newest / share,
    compared,
  };
}

/** Columns that only production has will be filled whole; they must not make every row differ. */
function sharedColumns(table: DatabaseTable, other: DatabaseTable | undefined): DatabaseTable {
  const there = new Set(
    other?.columns.filter(column => column.carried).map(column => column.name.toLowerCase()),
  );
  return {
    ...table,
    columns: table.columns.map(column => ({
      ...column,
      carried: column.carried && there.has(column.name.toLowerCase()),
    })),
  };
}

/** Tables by their rows, and by their bytes; undefined where nothing could be compared. */
export function summed(samples: readonly TableSample[], tables: number): SampledDifference | undefined {
  const compared = samples.reduce((sum, each) => sum + each.compared, 0);
  if (compared === 0) return undefined;
  const by = (weigh: (table: DatabaseTable) => number): number => {
    const all = samples.reduce((sum, each) => sum + weigh(each.table), 0);
    return all === 0 ? 0 : samples.reduce((sum, each) => sum + each.share * weigh(each.table), 0) / all;
  };
  const rows = ({ rows: count }: DatabaseTable): number => count;
  const placed = samples.filter(({ newest }) => newest !== undefined);
  const differing = placed.reduce((sum, each) => sum + each.share * each.table.rows, 0);
  const newest = placed.reduce((sum, each) => sum + each.share * (each.newest ?? 0) * each.table.rows, 0);
  return {
    share: by(rows),
    byBytes: by(({ bytes }) => bytes),
    clustered: differing > 0 && newest / differing >= CLUSTERED,
    rows: compared,
    of: Math.max(
      compared,
      samples.reduce((sum, each) => sum + each.table.rows, 0),
    ),
    tables: samples.length,
    skipped: Math.max(0, tables - samples.length),
  };
}

/** How far the sample is to be trusted, in a sentence. */
export function confidence({ rows, of, tables, skipped, clustered }: SampledDifference): string {
  const left =
    skipped === 0
      ? ''
      : `; ${skipped} tables were left out: no key, not in the clone, locked, or ${formatDuration(MOST_MS)} were over`;
  if (rows >= of) return `every row of ${tables} tables was compared${left}`;
  return `${rows} of ${of} rows in ${tables} tables were compared${left}; differences lie ${clustered ? 'in the newest keys' : 'all over'}; what lies between the samples is a guess`;
}
