import type { z } from 'zod';
import { LandfallError } from '../../foundation/errors.ts';
import { harmless } from '../../foundation/text.ts';
import type { SqlServer } from '../../remote/sql/server.ts';
import type { Role } from '../../remote/sql/statement.ts';
import { partitionFunctions, typeDefinition } from './definitions.ts';
import * as queries from './queries.ts';
import * as rows from './rows.ts';
import { partsOf, tableOf } from './table-parts.ts';
import { systemTypeText } from './type-text.ts';
import type { Catalog, Sequence } from './types.ts';

/**
 * The catalog of one database: one query a kind, none a table; nothing is written, and what a version does not have is
 * not asked for (2012 to 2025; facts: mssql 2.4, 2.5, 5.1). What belongs to replication, to change data capture and to
 * landfall itself is left out.
 *
 * @throws LandfallError `sql.*`; `sql.permission` where the login sees no definitions
 */
export async function readCatalog(
  server: Pick<SqlServer, 'ask'>,
  role: Role,
  database: string,
  signal?: AbortSignal,
): Promise<Catalog> {
  const ask = <S extends z.ZodType>(title: string, query: string, row: S): Promise<z.infer<S>[]> =>
    server.ask(
      queries.catalogRead(role, database, title, query),
      row,
      signal === undefined ? {} : { signal },
    );

  const found = await ask('what its version knows', queries.SHAPE_QUERY, rows.shapeRow);
  const shape: queries.Shape = new Set(found.map(each => `${each.view}.${each.column}`));
  const [facts] = await ask('the database', queries.DATABASE_QUERY, rows.databaseRow);
  if (facts === undefined) throw invisible(role, database);
  const schemas = await ask('schemas', queries.SCHEMAS_QUERY, rows.schemaRow);
  const tables = await ask('tables', queries.tablesQuery(shape), rows.tableRow);
  const parts = partsOf({
    columns: await ask('columns', queries.columnsQuery(shape), rows.columnRow),
    indexes: await ask('indexes', queries.INDEXES_QUERY, rows.indexRow),
    indexColumns: await ask('columns of indexes', queries.INDEX_COLUMNS_QUERY, rows.indexColumnRow),
    foreignKeys: await ask('foreign keys', queries.FOREIGN_KEYS_QUERY, rows.foreignKeyRow),
    checks: await ask('checks', queries.CHECKS_QUERY, rows.checkRow),
    triggers: await ask('triggers', queries.TRIGGERS_QUERY, rows.triggerRow),
    triggerEvents: await ask('events of triggers', queries.TRIGGER_EVENTS_QUERY, rows.triggerEventRow),
  });
  const modules = await ask('modules', queries.MODULES_QUERY, rows.moduleRow);
  const sequences = await ask('sequences', queries.SEQUENCES_QUERY, rows.sequenceRow);
  const synonyms = await ask('synonyms', queries.SYNONYMS_QUERY, rows.synonymRow);
  const types = await ask('types', queries.TYPES_QUERY, rows.typeRow);
  const partitions = await ask('partition functions', queries.PARTITIONS_QUERY, rows.partitionRow);

  return {
    database: facts.name,
    collation: facts.collation ?? '',
    compatibility: facts.compatibility,
    schemas: schemas.map(each => each.name),
    tables: tables.map(row => tableOf(row, parts)),
    modules: modules.map(({ definition, ...row }) => ({
      ...row,
      ...(definition === null ? {} : { definition }),
    })),
    sequences: sequences.map(sequenceOf),
    synonyms,
    types: types.map(row => ({
      schema: row.schema,
      name: row.name,
      definition: typeDefinition(row, parts),
    })),
    partitionFunctions: partitionFunctions(partitions),
  };
}

function sequenceOf(row: z.infer<typeof rows.sequenceRow>): Sequence {
  const { schema, name, start, increment, minimum, maximum, cycles, current } = row;
  const type = systemTypeText({
    type: row.type,
    length: 0,
    precision: row.precision,
    scale: row.scale ?? 0,
  });
  // No size and cached is the server's own choice; 0 is NO CACHE.
  const cache = row.cached ? row.cache : 0;
  return {
    ...{ schema, name, type, start, increment, minimum, maximum, cycles, current },
    ...(cache === null ? {} : { cache }),
  };
}

const invisible = (role: Role, database: string): LandfallError =>
  new LandfallError('sql.permission', {
    what: `the ${role} does not show the database ${harmless(database)} to this login`,
    why: 'without its catalog nothing can be compared or copied',
    next: [
      `GRANT VIEW ANY DEFINITION and VIEW ANY DATABASE to the login on the ${role}, or make it sysadmin`,
    ],
  });
