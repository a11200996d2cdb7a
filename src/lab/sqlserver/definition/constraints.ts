import { sameName } from '../catalog/find.ts';
import type { Check, Column } from '../catalog/schema.ts';
import { bindCondition, bindExpression, rowSources } from '../query/index.ts';
import type { ConstraintShape } from '../syntax/statements.ts';
import { type Building, type Draft, draftColumn, replaceColumn, tableOf } from './draft.ts';
import { fault } from './faults.ts';
import { referencesIn } from './references.ts';
import { systemConstraintName } from './system-names.ts';
import { conditionText, defaultText } from './text.ts';

export type CheckShape = Extract<ConstraintShape, { readonly constraint: 'check' }>;
export type DefaultShape = Extract<ConstraintShape, { readonly constraint: 'default' }>;

/** @param trusted the rows that are there have been checked, or there are none */
export function addCheck(
  draft: Draft,
  shape: CheckShape,
  column: string | undefined,
  trusted: boolean,
  building: Building,
): Check {
  const references = referencesIn(shape.condition);
  if (references.queries)
    throw fault(
      1046,
      'Subqueries are not allowed in this context. Only scalar expressions are allowed.',
      shape.line,
    );
  if (column !== undefined && [...references.columns].some(name => !sameName(name, column)))
    throw fault(
      8141,
      `Column CHECK constraint for column '${column}' references another column, table '${draft.shown}'.`,
      shape.line,
      0,
    );
  bindCondition(
    shape.condition,
    building.scope,
    rowSources(
      [{ alias: draft.shown, table: tableOf(draft, building.now), database: building.database }],
      building.scope,
    ),
  );
  const objectId = building.newId();
  const check: Check = {
    objectId,
    name: shape.name ?? systemConstraintName('CK', draft.shown, column, objectId),
    systemNamed: shape.name === undefined,
    text: conditionText(shape.text),
    column: column === undefined ? 0 : (draftColumn(draft, column)?.id ?? 0),
    disabled: false,
    trusted: trusted && !shape.notForReplication,
    notForReplication: shape.notForReplication,
  };
  draft.checks.push(check);
  return check;
}

/** @throws SqlError 1752, 1754, 1755, 1781, 8148 */
export function addDefault(
  draft: Draft,
  shape: DefaultShape,
  columnName: string,
  building: Building,
): Column {
  const column = draftColumn(draft, columnName);
  if (!column || column.computed)
    throw fault(
      1752,
      `Column '${columnName}' in table '${draft.shown}' is invalid for creating a default constraint.`,
      shape.line,
      0,
    );
  if (column.identity)
    throw fault(
      1754,
      `Defaults cannot be created on columns with an IDENTITY attribute. Table '${draft.shown}', column '${column.name}'.`,
      shape.line,
      0,
    );
  if (column.type.kind === 'rowversion')
    throw fault(
      1755,
      `Defaults cannot be created on columns of data type timestamp. Table '${draft.shown}', column '${column.name}'.`,
      shape.line,
      0,
    );
  if (column.default) throw secondDefault(draft, column, shape.line);
  bindExpression(shape.expression, building.scope);
  const objectId = building.newId();
  const changed: Column = {
    ...column,
    default: {
      objectId,
      name: shape.name ?? systemConstraintName('DF', draft.shown, column.name, objectId),
      systemNamed: shape.name === undefined,
      text: defaultText(shape.text),
    },
  };
  replaceColumn(draft, changed);
  return changed;
}

/** A column of the same statement has two defaults, or one of a table that stands has one already. */
const secondDefault = (draft: Draft, column: Column, line: number) =>
  draft.from?.columns.some(known => known.id === column.id)
    ? fault(1781, 'Column already has a DEFAULT bound to it.', line)
    : fault(
        8148,
        `More than one column DEFAULT constraint specified for column '${column.name}', table '${draft.shown}'.`,
        line,
        0,
      );
