import type { DatabaseTable, TableColumn } from '../../journal/database-facts.ts';
import { identifier, literal } from '../../remote/sql/quote.ts';
import type { BulkLoad } from '../../remote/sql/server.ts';
import type { Parameter, Statement } from '../../remote/sql/statement.ts';
import { restored, widthOf } from '../compare/canonical.ts';
import { type Carry, carryOf, stagedName, stagedType } from './carry.ts';
import { type Numbered, PROGRESS_TABLE, progressName, SCHEMA_TEXT, targetOf } from './names.ts';

/**
 * The statements that bring rows of production into the copy: a staging table without keys, and batches that apply what
 * lies in it in one transaction with the progress.
 */

/** `op` of a staged row: a key whose row goes; a row that comes in place of the one with its key; a row that comes anew. */
export const GOES = 0;
export const REPLACES = 1;
export const COMES = 2;

export interface Staging {
  readonly table: DatabaseTable;
  /** Where it is staged, as T-SQL. */
  readonly stage: string;
  readonly columns: readonly { readonly column: TableColumn; readonly carry: Carry }[];
  readonly keys: readonly TableColumn[];
}

export function stagingOf({ table, stage }: Numbered): Staging {
  return {
    table,
    stage,
    columns: table.columns
      .filter(column => column.carried)
      .map(column => ({ column, carry: carryOf(column) })),
    keys: table.key.flatMap(name => table.columns.find(column => column.name === name) ?? []),
  };
}

const keyName = (at: number): string => identifier(`k${at}`);

/** Counts of a table so far, as the progress keeps them. */
export const COUNTS = ['rows', 'ranges', 'differing', 'inserted', 'updated', 'deleted'] as const;
export type Counts = Readonly<Record<(typeof COUNTS)[number], number>>;

/** What a batch says of itself beside its rows; values are known when it is sent. */
export const PROGRESS_PARAMETERS: Readonly<Record<string, Parameter>> = {
  pinned: { type: 'nvarchar', value: null },
  done_to: { type: 'nvarchar', value: null },
  ...Object.fromEntries(COUNTS.map(name => [name, { type: 'bigint', value: null } as const])),
};

/** `also` is set besides; the last key done is kept, or comes from `doneTo`. One that belongs to another pinned source is refused: another landfall has begun again. */
export const progressText = (
  table: DatabaseTable,
  also = '',
  doneTo = 'COALESCE(@done_to, [done_to])',
): string => `UPDATE ${PROGRESS_TABLE}
SET [done_to] = ${doneTo}, ${COUNTS.map(name => `[${name}] = @${name}`).join(', ')}${also}
WHERE [table_name] = ${literal(progressName(table))} AND [pinned] = @pinned;
IF @@ROWCOUNT <> 1 THROW 50000, N'landfall: this reconcile was begun again by another process', 1;`;

const onCopy = (
  database: string,
  title: string,
  text: string,
  parameters?: Statement['parameters'],
): Statement => ({
  on: 'subscriber',
  database,
  title,
  text,
  effect: 'writes',
  timeoutMs: 0,
  ...(parameters === undefined ? {} : { parameters }),
});

/** An empty staging table; one that an earlier attempt left goes with its rows. */
export function stageStatement(database: string, { table, stage, columns, keys }: Staging): Statement {
  const parts = [
    '[op] tinyint NOT NULL',
    ...keys.map((column, at) => `${keyName(at)} ${keyType(column)} NULL`),
    ...columns.map(({ carry }, at) => `${stagedName(at)} ${stagedType(carry)} NULL`),
  ];
  return onCopy(
    database,
    `make the staging table of ${progressName(table)}`,
    `${SCHEMA_TEXT}
IF OBJECT_ID(${literal(stage)}, N'U') IS NOT NULL DROP TABLE ${stage};
-- ${columns.map(({ column }, at) => `${stagedName(at)} ${comment(column.name)}`).join(', ')}
CREATE TABLE ${stage} (${parts.join(', ')});`,
  );
}

export const unstageStatement = (database: string, { table, stage }: Staging): Statement =>
  onCopy(
    database,
    `drop the staging table of ${progressName(table)}`,
    `IF OBJECT_ID(${literal(stage)}, N'U') IS NOT NULL DROP TABLE ${stage};`,
  );

/** What a bulk load into the staging table is announced as. */
export const loadStatement = (database: string, { stage }: Staging): Statement =>
  onCopy(database, `load rows into ${stage}`, `INSERT BULK ${stage}`);

export const loadColumns = ({ columns, keys }: Staging): BulkLoad['columns'] => [
  { name: 'op', type: 'tinyint' },
  ...keys.map((column, at) => ({ name: `k${at}`, type: 'nvarchar' as const, ...bounded(widthOf(column)) })),
  ...columns.map(({ carry }, at) => ({
    name: `c${at}`,
    type: carry.type,
    ...(carry.length === undefined ? {} : { length: carry.length }),
  })),
];

const bounded = (width: number | 'max'): { readonly length?: number } =>
  width === 'max' ? {} : { length: width };

const keyType = (column: TableColumn): string => `nvarchar(${widthOf(column)}) COLLATE Latin1_General_BIN2`;

/** A name inside a comment: it can neither end it nor begin another line. */
const comment = (name: string): string => name.replaceAll(/[\p{Cc}\u2028\u2029]/gu, ' ');

/** Rows whose keys are staged go, then the staged rows come; one transaction with the progress. */
export const applyStatement = (database: string, staging: Staging): Statement =>
  onCopy(
    database,
    `apply a batch to ${progressName(staging.table)}`,
    `SET NOCOUNT ON; SET XACT_ABORT ON;
BEGIN TRANSACTION;
${deleteText(staging)}
${insertText(staging)}
${progressText(staging.table)}
TRUNCATE TABLE ${staging.stage};
COMMIT TRANSACTION;`,
    PROGRESS_PARAMETERS,
  );

/** The same without progress: what validation does with rows that differ for good. */
export const repairStatement = (database: string, staging: Staging): Statement =>
  onCopy(
    database,
    `repair rows of ${progressName(staging.table)}`,
    `SET NOCOUNT ON; SET XACT_ABORT ON;
BEGIN TRANSACTION;
${deleteText(staging)}
${insertText(staging)}
TRUNCATE TABLE ${staging.stage};
COMMIT TRANSACTION;`,
  );

/**
 * Where a row cannot come because another row of the copy still holds a unique value of it: what differs goes, and the
 * rows come in a second look at the table, when nothing that differs is left.
 */
export const postponeStatement = (database: string, staging: Staging): Statement =>
  onCopy(
    database,
    `of a batch of ${progressName(staging.table)}, only remove what differs`,
    `SET NOCOUNT ON; SET XACT_ABORT ON;
${identityText(staging.table, 'OFF')}
BEGIN TRANSACTION;
${deleteText(staging)}
${progressText(staging.table, ', [postponed] = 1')}
TRUNCATE TABLE ${staging.stage};
COMMIT TRANSACTION;`,
    PROGRESS_PARAMETERS,
  );

/** A table without a key: all rows of the copy go, all of production come. */
export const replaceStatement = (database: string, staging: Staging): Statement =>
  onCopy(
    database,
    `replace all rows of ${progressName(staging.table)}`,
    `SET NOCOUNT ON; SET XACT_ABORT ON;
BEGIN TRANSACTION;
DELETE FROM ${targetOf(staging.table)} WITH (TABLOCK);
SET @deleted = @@ROWCOUNT;
${insertText(staging)}
${progressText(staging.table)}
TRUNCATE TABLE ${staging.stage};
COMMIT TRANSACTION;`,
    PROGRESS_PARAMETERS,
  );

const deleteText = ({ table, stage, keys, columns }: Staging): string => `DELETE t
FROM ${stage} AS s
JOIN ${targetOf(table)} AS t ON s.[op] = ${GOES} AND ${keys
  .map((column, at) => `t.${identifier(column.name)} = ${restored(column, `s.${keyName(at)}`)}`)
  .join(' AND ')};
DELETE t
FROM ${stage} AS s
JOIN ${targetOf(table)} AS t ON s.[op] = ${REPLACES} AND ${keys
  .map(({ name }) => {
    const at = columns.findIndex(({ column }) => column.name === name);
    const back = columns[at]?.carry.back(`s.${stagedName(at)}`) ?? 'NULL';
    return `t.${identifier(name)} = ${back}`;
  })
  .join(' AND ')};`;

/** An identity keeps its values; whether the copy has one is the copy's own fact. */
const identityText = (table: DatabaseTable, to: 'ON' | 'OFF'): string =>
  `IF OBJECTPROPERTY(OBJECT_ID(${literal(targetOf(table))}), 'TableHasIdentity') = 1 SET IDENTITY_INSERT ${targetOf(table)} ${to};`;

function insertText({ table, stage, columns }: Staging): string {
  const target = targetOf(table);
  return `${identityText(table, 'ON')}
INSERT ${target} (${columns.map(({ column }) => identifier(column.name)).join(', ')})
SELECT ${columns.map(({ carry }, at) => carry.back(`s.${stagedName(at)}`)).join(', ')}
FROM ${stage} AS s WHERE s.[op] <> ${GOES};
IF @@ROWCOUNT <> (SELECT COUNT(*) FROM ${stage} WHERE [op] <> ${GOES}) THROW 50000, N'landfall: not every staged row came', 1;
${identityText(table, 'OFF')}`;
}

/** The columns of a staged row as production is asked for them. */
export const readList = ({ columns }: Staging, alias: string): string =>
  columns.map(({ column, carry }) => carry.read(`${alias}.${identifier(column.name)}`)).join(', ');
