import { sameName } from '../catalog/find.ts';
import { SqlError } from '../errors.ts';
import type { TableAction } from '../syntax/definitions.ts';
import type { Altered } from './altered.ts';
import { fault } from './faults.ts';
import { TableRows } from './rows.ts';

type Toggle = Extract<TableAction, { readonly kind: 'check' }>;

/**
 * `[WITH CHECK] CHECK CONSTRAINT` and `NOCHECK CONSTRAINT`: only WITH CHECK looks at the rows that are there and makes a
 * constraint trusted again; one that is NOT FOR REPLICATION never is.
 *
 * @throws SqlError 4917 before 4916, 547
 */
export async function toggleConstraints(target: Altered, action: Toggle, line: number): Promise<void> {
  const { draft, database, execution } = target;
  for (const name of action.names) requireConstraint(target, name, line);
  const chosen = (name: string) =>
    action.names.length === 0 || action.names.some(each => sameName(each, name));
  const verified = action.check && action.withCheck === true;
  const toggled = <
    T extends { readonly disabled: boolean; readonly trusted: boolean; readonly notForReplication: boolean },
  >(
    constraint: T,
  ): T => {
    if (!action.check) return { ...constraint, disabled: true, trusted: false };
    const trusted = verified ? !constraint.notForReplication : constraint.trusted;
    return { ...constraint, disabled: false, trusted };
  };
  draft.foreignKeys = draft.foreignKeys.map(key => (chosen(key.name) ? toggled(key) : key));
  draft.checks = draft.checks.map(check => (chosen(check.name) ? toggled(check) : check));
  const table = target.store();
  if (!verified) return;
  const rows = new TableRows(database, table, execution);
  await rows.requireConstraints(
    table.checks.filter(check => chosen(check.name)),
    table.foreignKeys.filter(key => chosen(key.name)),
  );
}

function requireConstraint(target: Altered, name: string, line: number): void {
  const { draft } = target;
  const found = [...draft.foreignKeys, ...draft.checks].some(each => sameName(each.name, name));
  if (found) return;
  const other = [...draft.keys, ...draft.columns.flatMap(column => column.default ?? [])];
  const reason = other.some(each => sameName(each.name, name))
    ? fault(
        11415,
        `Object '${name}' cannot be disabled or enabled. This action applies only to foreign key and check constraints.`,
        line,
      )
    : fault(4917, `Constraint '${name}' does not exist.`, line, 0);
  throw new SqlError(4916, 'Could not enable or disable the constraint. See previous errors.', {
    state: 0,
    line,
    preceding: [reason],
  });
}
