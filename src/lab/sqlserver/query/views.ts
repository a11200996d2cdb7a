import { SqlError } from '../errors.ts';
import type { Database } from '../server/instance.ts';
import type { Name } from '../syntax/names.ts';
import type { Binding } from './binding.ts';
import type { From, NewLeaf } from './from.ts';
import { type FoundObject, findObject } from './objects.ts';
import { derived } from './origins.ts';
import { bindInner, bindWritable, type InnerQuery } from './query.ts';
import type { Scope } from './scope.ts';
import { moduleScope } from './scopes.ts';

type View = Extract<FoundObject, { kind: 'view' }>;

/** How deep views and functions may name one another. */
const DEEPEST = 32;

const within = (scope: Scope, database: Database, schema: string, depth: number): Binding => ({
  scope: moduleScope(scope, database, schema),
  names: undefined,
  tables: undefined,
  grouping: undefined,
  windows: undefined,
  place: 'other',
  depth,
});

/** A view is its query, bound in its own database and schema. */
export function bindView(
  found: View,
  name: Name,
  binding: Binding,
  line: number,
): { readonly inner: InnerQuery; readonly columns: readonly string[] } {
  const { definition } = found.module.module;
  if (definition.kind !== 'view') throw new TypeError(`${found.module.name} is no view`);
  if (binding.depth > DEEPEST)
    throw new SqlError(4437, `View or function '${name.join('.')}' is nested too deeply.`, {
      line,
      endsBatch: true,
    });
  return {
    inner: bindInner(
      definition.query,
      within(binding.scope, found.database, found.schema, binding.depth + 1),
    ),
    columns: definition.columns,
  };
}

/** A view or a name of WITH as the target of UPDATE or DELETE; undefined where it is nothing simple. */
export function writableLeaf(name: Name, from: From, line: number): NewLeaf | undefined {
  const own = name.at(-1) ?? '';
  const leaf = (inner: InnerQuery | undefined, columns: readonly string[]): NewLeaf | undefined => {
    if (inner?.behind === undefined) return undefined;
    const made = derived(inner, own, columns, from, from.parent, line);
    if (made.origin.kind !== 'rows') return undefined;
    return { ...made, origin: { ...made.origin, ...inner.behind, behind: true } };
  };
  for (let entry = from.binding.tables; entry !== undefined; entry = entry.before)
    if (name.length === 1 && entry.name === own.toLowerCase())
      return leaf(
        bindWritable(entry.table.query, { ...from.binding, names: undefined, tables: entry.before }),
        entry.table.columns,
      );
  const { scope, depth } = from.binding;
  const found = findObject(name, scope, line);
  if (found.kind !== 'view' || found.module.module.definition.kind !== 'view') return undefined;
  const { query, columns } = found.module.module.definition;
  return leaf(bindWritable(query, within(scope, found.database, found.schema, depth + 1)), columns);
}
