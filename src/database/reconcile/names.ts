import type { DatabaseTable } from '../../journal/database-facts.ts';
import { qualified } from '../../remote/sql/quote.ts';
import { fullName, OWN_SCHEMA } from '../catalog/types.ts';
import type { Scene } from '../stage.ts';

/** What reconciling keeps in the copy, all of it in landfall's own schema. */

export const HELD_TABLE = qualified(OWN_SCHEMA, 'held_objects');
export const PROGRESS_TABLE = qualified(OWN_SCHEMA, 'reconcile_progress');

/** T-SQL that makes landfall's schema where it is not there yet; CREATE SCHEMA has to be alone in its batch. */
export const SCHEMA_TEXT = `IF SCHEMA_ID(N'${OWN_SCHEMA}') IS NULL EXEC (N'CREATE SCHEMA [${OWN_SCHEMA}] AUTHORIZATION [dbo]');`;

export const targetOf = ({ schema, name }: DatabaseTable): string => qualified(schema, name);

/** Progress knows a table by this. */
export const progressName = (table: DatabaseTable): string => fullName(table);

/**
 * The marker table is reconciled like any other: what is deleted from it on production later has to be there. It is an
 * article, and in no catalog that landfall reads.
 */
const MARKER: DatabaseTable = {
  schema: OWN_SCHEMA,
  name: 'marker',
  rows: 0,
  bytes: 0,
  key: ['id'],
  columns: [
    {
      name: 'id',
      type: 'bigint',
      length: 8,
      precision: 19,
      scale: 0,
      nullable: false,
      identity: false,
      carried: true,
    },
    {
      name: 'at',
      type: 'datetime2',
      length: 8,
      precision: 27,
      scale: 7,
      nullable: false,
      identity: false,
      carried: true,
    },
  ],
  carriedBy: 'replication',
};

/** A table with the number under which its staging table is known. */
export interface Numbered {
  readonly table: DatabaseTable;
  readonly stage: string;
}

/** Every table whose rows can travel, in the order of the assessment; the marker last. */
export function tablesOf({ state }: Pick<Scene, 'state'>): Numbered[] {
  const tables = (state.assessed?.tables ?? []).filter(table => table.carriedBy !== 'none');
  return [...tables, MARKER].map((table, at) => ({
    table,
    stage: qualified(OWN_SCHEMA, `stage_${at + 1}`),
  }));
}
