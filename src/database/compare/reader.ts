import { LandfallError } from '../../foundation/errors.ts';
import { harmless } from '../../foundation/text.ts';
import type { DatabaseTable, TableColumn } from '../../journal/database-facts.ts';
import type { Statement } from '../../remote/sql/statement.ts';
import { nameOf } from './examine.ts';
import { cellBytes, cellText, isWhole, keyColumn, nearKey, wider } from './keys.ts';
import {
  type Asked,
  boundaryOf,
  bucketsOf,
  type Chosen,
  directionRow,
  directions,
  extremesOf,
  extremesRow,
  keyRow,
  listOf,
  lockTimeout,
  sumsOf,
  sumsRow,
  version,
  versionRow,
} from './reads.ts';
import type { HashInput } from './row-hash.ts';
import type { CompareOptions, Key, KeyRange, Side } from './types.ts';

/** One side's answers. Requests of one side run one after the other, in the order they were asked. */
export interface Reader {
  readonly asked: Asked;
  /** Bytes of a key in a list, about. */
  readonly keyBytes: number;
  sums(range: KeyRange, slices: number): Promise<Sums>;
  buckets(range: KeyRange, count: number): Promise<Buckets>;
  list(range: KeyRange, most: number, how?: { only?: Chosen; wide?: boolean }): Promise<Listed[]>;
  boundary(range: KeyRange, rows: number): Promise<Key | undefined>;
  /** Least and greatest key of a key of one column; undefined where the table has no rows. */
  extremes(): Promise<readonly [least: string, most: string] | undefined>;
}

export interface Sums {
  readonly rows: number;
  /** Equal exactly where the two multisets of hashes are. */
  readonly mark: string;
}

export interface Buckets {
  readonly rows: number;
  /** Bucket -> number and sum of its rows. */
  readonly marks: ReadonlyMap<number, string>;
}

export interface Listed {
  readonly key: Key;
  readonly hash: string;
}

/** Readers of both sides; the order of the keys, and what can be hashed, is asked of the servers first. */
export async function openReaders(
  left: Side,
  right: Side,
  table: DatabaseTable,
  options: CompareOptions,
): Promise<readonly [left: Reader, right: Reader]> {
  const { signal, lockTimeoutMs } = options;
  const columns = table.columns.filter(column => column.carried);
  const others = columns.map(column => counterpart(column, options.rightColumns));
  const onBoth = async <T>(ask: (side: Side) => Promise<T>): Promise<readonly [T, T]> =>
    Promise.all([ask(left), ask(right)]);
  const place = (side: Side) => ({ role: side.role, database: side.database, table });
  if (lockTimeoutMs !== undefined)
    await onBoth(side => side.session.run(lockTimeout(place(side), lockTimeoutMs), { signal }));
  const versions = await onBoth(side => side.session.ask(version(place(side)), versionRow, { signal }));
  const input: HashInput = versions.every(([row]) => (row?.major ?? 0) >= 13) ? 'any' : '8000';
  const runs =
    table.key.length === 0 ? [] : await left.session.ask(directions(place(left)), directionRow, { signal });
  // Ranges of one whole number are cut by arithmetic, and an index can be read either way.
  const descending = (column: TableColumn, name: string): boolean =>
    !(table.key.length === 1 && isWhole(column)) &&
    (runs.find(run => run.name === name)?.descending ?? false);
  const keyOf = (own: readonly TableColumn[]) =>
    table.key.map(name => {
      const at = columns.findIndex(column => column.name === name);
      const [column, ownColumn] = [columns[at], own[at]];
      if (column === undefined || ownColumn === undefined) throw noKey(table, name);
      return keyColumn(column, ownColumn, wider(column, others[at] ?? column), descending(column, name));
    });
  const asked = (side: Side, own: readonly TableColumn[]): Asked => ({
    ...place(side),
    columns: own,
    key: keyOf(own),
    input,
    ...(options.maxdop === undefined || side !== left ? {} : { maxdop: options.maxdop }),
  });
  return [
    reader(left, asked(left, columns), options, options.pauseMs ?? 0),
    reader(right, asked(right, others), options, 0),
  ];
}

const counterpart = (column: TableColumn, others: readonly TableColumn[] | undefined): TableColumn => {
  const other = others?.find(each => each.name.toLowerCase() === column.name.toLowerCase());
  // Whether NULL is told apart must not depend on the side: it is where either of them allows it.
  return other === undefined ? column : { ...other, nullable: other.nullable || column.nullable };
};

function reader(side: Side, asked: Asked, { signal, clock }: CompareOptions, pauseMs: number): Reader {
  let before: Promise<unknown> = Promise.resolve();
  let isFirst = true;
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = before.then(async () => {
      signal.throwIfAborted();
      if (pauseMs > 0 && !isFirst) await clock.sleep(pauseMs, signal);
      isFirst = false;
      return work();
    });
    before = mine.catch(() => undefined);
    return mine;
  };
  const rows = async (statement: Statement): Promise<readonly Readonly<Record<string, unknown>>[]> =>
    (await side.session.run(statement, { signal })).results.at(-1) ?? [];
  return {
    asked,
    keyBytes: asked.key.reduce((sum, { column }) => sum + cellBytes(column), 0),
    sums: (range, slices) =>
      inTurn(async () => {
        const [row] = await side.session.ask(sumsOf(asked, range, slices), sumsRow, { signal });
        return { rows: Number(row?.n ?? 0), mark: Object.values(row ?? {}).join(' ') };
      }),
    buckets: (range, count) =>
      inTurn(async () => {
        const marks = new Map<number, string>();
        let all = 0;
        for (const { b, n, s } of await rows(bucketsOf(asked, range, count))) {
          if (typeof b !== 'number' || typeof n !== 'number') throw unreadable(asked);
          all += n;
          marks.set(b, `${n} ${String(s)}`);
        }
        return { rows: all, marks };
      }),
    list: (range, most, how) =>
      inTurn(async () => {
        const near = nearKey(asked.key, range);
        return (await rows(listOf(asked, range, most, how))).map(row => ({
          key:
            near === undefined
              ? asked.key.map((_, at) => cellText(row[`k${at}`]))
              : [String(near.base + BigInt(Number(row.k0)))],
          hash: String(row.h),
        }));
      }),
    boundary: (range, count) =>
      inTurn(async () => {
        const [row] = await side.session.ask(boundaryOf(asked, range, count), keyRow, { signal });
        if (row === undefined) return undefined;
        const key = asked.key.map((_, at) => row[`k${at}`] ?? '');
        // Otherwise the same range would be asked about for ever.
        if (range.from !== undefined && nameOf(range.from) === nameOf(key)) throw notAfter(asked, key);
        return key;
      }),
    extremes: () =>
      inTurn(async () => {
        const [row] = await side.session.ask(extremesOf(asked), extremesRow, { signal });
        const { least = null, most = null } = row ?? {};
        return least === null || most === null ? undefined : [least, most];
      }),
  };
}

const tableOf = ({ schema, name }: DatabaseTable): string => harmless(`${schema}.${name}`);

const noKey = (table: DatabaseTable, column: string): LandfallError =>
  new LandfallError('database.blocked', {
    what: `${tableOf(table)} cannot be compared by its key: the key's column ${harmless(column)} is made by the server`,
    next: ['the table is compared as a whole, or replaced as a whole inside the freeze'],
  });

const notAfter = (asked: Asked, key: Key): LandfallError =>
  new LandfallError('database.drift', {
    what: `a key of ${tableOf(asked.table)} on the ${asked.role} is another one as soon as it is sent back: ${harmless(key.join(', '))}`,
    why: 'ranges of its keys cannot be told apart',
    next: ['align the columns of the key on both sides, then run the same command again'],
  });

const unreadable = (asked: Asked): LandfallError =>
  new LandfallError('sql.answer-unreadable', {
    what: `the ${asked.role} answered something landfall does not understand when ${tableOf(asked.table)} was hashed`,
    next: ['report this with the version of the server: SELECT @@VERSION'],
  });
