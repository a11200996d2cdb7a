import { newSchemaId, newTypeId, putSchema, putSynonym, putType } from '../catalog/edit.ts';
import { findSchema, findType, sameName } from '../catalog/find.ts';
import type { UserType } from '../catalog/schema.ts';
import { SqlError } from '../errors.ts';
import type { Execution } from '../flow/execution.ts';
import type { DefinitionStatement } from '../syntax/definitions.ts';
import { namedType } from './columns.ts';
import { tableFromShape } from './create-table.ts';
import { fault } from './faults.ts';
import { defining, objectNamed, placeOf, requireFree, writableStore, written } from './place.ts';

type Of<S extends DefinitionStatement['statement']> = Extract<DefinitionStatement, { readonly statement: S }>;

/** @throws SqlError 2714 or 15151 before 2759 */
export function createSchema(statement: Of<'create-schema'>, execution: Execution): void {
  const { line, name, owner } = statement;
  const transaction = defining(execution.scope.database, execution);
  const { catalog } = transaction;
  const failed = (reason: SqlError): SqlError =>
    new SqlError(2759, 'CREATE SCHEMA failed due to previous errors.', {
      state: 0,
      line,
      preceding: [reason],
    });
  if (findSchema(catalog, name))
    throw failed(fault(2714, `There is already an object named '${name}' in the database.`, line, 6));
  const wanted = owner ?? 'dbo';
  const principal = [...catalog.principals.values()].find(each => sameName(each.name, wanted));
  if (!principal)
    throw failed(
      fault(
        15151,
        `Cannot find the user '${wanted}', because it does not exist or you do not have permission.`,
        line,
      ),
    );
  transaction.define(now => putSchema(now, { id: newSchemaId(now), name, owner: principal.id }));
}

/** An alias type or a table type. @throws SqlError 219 */
export function createType(statement: Of<'create-type'>, execution: Execution): void {
  const { line } = statement;
  const place = placeOf(statement.name, execution, line);
  const transaction = defining(place.database, execution);
  const { catalog } = transaction;
  if (findType(catalog, place.schema, place.name))
    throw fault(
      219,
      `The type '${written(statement.name)}' already exists, or you do not have permission to create it.`,
      line,
    );
  const { scope, evaluation } = execution;
  const named = { id: newTypeId(catalog), schemaId: place.schemaId, name: place.name };
  const nullable = statement.nullable ?? true;
  const type: UserType = statement.table
    ? { ...named, nullable: false, table: tableFromShape(place.name, statement.table, scope, evaluation.now) }
    : {
        ...named,
        nullable,
        ...(statement.from
          ? {
              base: namedType(statement.from, scope, {
                collation: place.database.collation,
                place: 1,
                column: place.name,
                line,
              }).type,
            }
          : {}),
      };
  transaction.define(now => putType(now, type));
}

/** What a synonym stands for need not be there. @throws SqlError 2714 */
export function createSynonym(statement: Of<'create-synonym'>, execution: Execution): void {
  const { line } = statement;
  const place = placeOf(statement.name, execution, line);
  const transaction = defining(place.database, execution);
  requireFree(transaction.catalog, place, line);
  const { now } = execution.evaluation;
  const synonym = {
    id: writableStore(place.database).nextObjectId(),
    schemaId: place.schemaId,
    name: place.name,
    created: now,
    modified: now,
    shipped: false,
    target: statement.target.map(part => (part === '' ? '' : `[${part.replaceAll(']', ']]')}]`)).join('.'),
  };
  transaction.define(catalog => putSynonym(catalog, synonym));
}

/** There are no statistics to be updated, but the table has to be there. @throws SqlError 2706 */
export function updateStatistics(statement: Of<'update-statistics'>, execution: Execution): void {
  const { table, line } = statement;
  const found = objectNamed(table, execution.scope, line);
  if (found?.table || found?.module?.type === 'V') return;
  throw fault(2706, `Table '${written(table)}' does not exist.`, line, 6);
}
