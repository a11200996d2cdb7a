import { putModule } from '../catalog/edit.ts';
import { sameName, triggersOf } from '../catalog/find.ts';
import type { StoredModule } from '../catalog/schema.ts';
import { unsupported } from '../errors.ts';
import type { Execution } from '../flow/execution.ts';
import type { Transaction } from '../storage/store.ts';
import type { DefinitionStatement } from '../syntax/definitions.ts';
import type { Altered } from './altered.ts';
import { fault, noIndexedTable } from './faults.ts';
import { defining, objectNamed, written } from './place.ts';

type Toggle = Extract<DefinitionStatement, { readonly statement: 'toggle-trigger' }>;

/** `ALTER TABLE … ENABLE TRIGGER`. @throws SqlError 4920 */
export function toggleTriggersOf(
  target: Altered,
  names: readonly string[],
  enable: boolean,
  line: number,
): void {
  const triggers = triggersOf(target.transaction.catalog, target.table.id);
  const chosen = choose(triggers, names, name =>
    fault(
      4920,
      `ALTER TABLE failed because trigger '${name}' on table '${target.draft.shown}' does not exist.`,
      line,
    ),
  );
  set(chosen, enable, target.transaction, target.building.now);
}

/** `ENABLE TRIGGER … ON t`. @throws SqlError 1088 */
export function toggleTrigger(statement: Toggle, execution: Execution): void {
  const { on, line } = statement;
  if (typeof on === 'string') throw unsupported(`triggers of the ${on}`, line);
  const found = objectNamed(on, execution.scope, line);
  const parent = found?.table ?? found?.module;
  if (!found || !parent) throw noIndexedTable(written(on), line);
  const transaction = defining(found.database, execution);
  const triggers = triggersOf(transaction.catalog, parent.id);
  const chosen = choose(triggers, statement.triggers, name => noIndexedTable(name, line));
  set(chosen, statement.enable, transaction, execution.evaluation.now);
}

function choose(
  triggers: readonly StoredModule[],
  names: readonly string[],
  missing: (name: string) => Error,
): readonly StoredModule[] {
  if (names.length === 0) return triggers;
  return names.map(name => {
    const own = name.split('.').at(-1) ?? name;
    const found = triggers.find(trigger => sameName(trigger.name, own));
    if (found) return found;
    throw missing(name);
  });
}

function set(
  triggers: readonly StoredModule[],
  enable: boolean,
  transaction: Transaction,
  now: number,
): void {
  for (const trigger of triggers)
    if (trigger.disabled === enable)
      transaction.define(catalog => putModule(catalog, { ...trigger, disabled: !enable, modified: now }));
}
