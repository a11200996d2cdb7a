import { SqlError, unsupported } from '../errors.ts';
import type { Name } from '../syntax/names.ts';
import type { Source } from '../syntax/queries.ts';
import type { Binding, CommonTables } from './binding.ts';
import { bindTest } from './conditions.ts';
import { From, type LeafSource, type Tree } from './from.ts';
import { type Leaf, namesOf } from './names.ts';
import { leafColumn } from './origins.ts';
import { conjuncts, plan } from './plan.ts';
import type { Scope } from './scope.ts';
import { caseSensitive } from './select.ts';
import type { RowShape, SourcePart, Sources, SourcesOptions, Target } from './sources.ts';
import { writableLeaf } from './views.ts';

const outside = (scope: Scope, tables: CommonTables | undefined): Binding => ({
  scope,
  names: undefined,
  tables,
  grouping: undefined,
  windows: undefined,
  place: 'other',
  depth: 0,
});

/**
 * FROM and WHERE of UPDATE, DELETE and MERGE: rows together with the rid of what is written to.
 *
 * @throws SqlError 208 where the target is nothing that can be written to, and whatever is wrong with names and types
 */
export function bindSources(from: readonly Source[], scope: Scope, options: SourcesOptions = {}): Sources {
  let tables: CommonTables | undefined;
  for (const table of options.with ?? [])
    tables = { name: table.name.toLowerCase(), table, before: tables, recursion: undefined, limit: 100 };
  const binding = outside(scope, tables);
  const marks = options.marks === true || options.target !== undefined;
  const sources = new From(binding, caseSensitive(binding), () => marks);
  if (options.target?.length === 1) sources.written = options.target[0];
  sources.add(from);
  const target = options.target === undefined ? undefined : targetOf(options.target, options, sources);
  const names = sources.names(0, sources.leaves.length, undefined);
  if (options.where !== undefined) bindTest(options.where, { ...binding, names, place: 'where' });
  const operator =
    sources.tree === undefined ? undefined : plan(sources.tree, conjuncts(options.where), sources).operator;
  return {
    names,
    parts: sources.leaves.map(partOf),
    width: sources.width,
    target: target === undefined ? undefined : asTarget(target),
    rows: context => operator?.rows(context) ?? [],
  };
}

function partOf({ leaf, origin }: LeafSource): SourcePart {
  const behind = origin.kind === 'rows' && origin.behind === true;
  return {
    alias: leaf.alias,
    first: leaf.first + (behind ? leaf.columns.length : 0),
    width: behind ? (origin.table?.columns.length ?? 0) : leaf.columns.length,
    mark: leaf.mark,
    table: origin.table,
    database: origin.database,
  };
}

function asTarget(source: LeafSource): Target {
  const part = partOf(source);
  const { table, database, mark } = part;
  if (table === undefined || database === undefined || mark === undefined)
    throw unsupported(`writing through the view, query or function ${source.leaf.alias}`);
  return {
    ...part,
    table,
    database,
    mark,
    variable: source.origin.kind === 'rows' ? source.origin.variable : undefined,
  };
}

/** The source that a target's name means: an alias first, then the same table, else it is a source of its own. */
function targetOf(name: Name, options: SourcesOptions, sources: From): LeafSource {
  const [only] = name;
  const alias = name.length === 1 ? only : undefined;
  if (alias !== undefined) {
    const named = sources.leaves.find(source => sources.alike(source.leaf.alias, alias));
    if (named !== undefined) return named;
  }
  const fresh: Source =
    alias?.startsWith('@') === true
      ? { source: 'variable', name: alias, line: 1 }
      : { source: 'table', name, hints: options.targetHints ?? [], line: 1 };
  const probe = new From(sources.binding, sources.caseSensitive, () => true);
  const found: Tree = probe.bind(fresh, undefined);
  if (found.kind !== 'leaf') throw unsupported('a target that is no table');
  const { table } = found.source.origin;
  if (table === undefined) {
    const through = writableLeaf(name, sources, 1);
    if (through === undefined) throw unsupported(`writing through ${name.join('.')}`);
    const tree = sources.place(through, undefined, 1);
    sources.append(tree);
    if (tree.kind !== 'leaf') throw unsupported('a target that is no table');
    return tree.source;
  }
  const same = sources.leaves.filter(
    source =>
      table !== undefined &&
      source.origin.table?.id === table.id &&
      source.origin.database === found.source.origin.database,
  );
  const [first] = same;
  if (first !== undefined && same.length === 1) return first;
  if (same.length > 1)
    throw new SqlError(8154, `The table '${name.join('.')}' is ambiguous.`, { endsBatch: true });
  const tree = sources.bind(fresh, undefined);
  sources.append(tree);
  if (tree.kind !== 'leaf') throw unsupported('a target that is no table');
  return tree.source;
}

/**
 * Names over rows that the caller has: for OUTPUT `rowSources([{alias: 'inserted', table}, {alias: 'deleted', table}],
 * scope, sources)`, where a row is the inserted values, the deleted ones and then the row of `sources`; for a check or a
 * computed column the row of its table. Columns of `inserted` and `deleted` need their prefix.
 */
export function rowSources(shapes: readonly RowShape[], scope: Scope, behind?: Sources): Sources {
  const sensitive = caseSensitive(outside(scope, undefined));
  const leaves: Leaf[] = [];
  // A branch of MERGE has only one of the two rows, whatever the table says of NULL.
  const merging = shapes.some(shape => shape.alias === '$merge');
  let first = 0;
  for (const shape of shapes) {
    const columns = shape.table.columns.map(leafColumn);
    leaves.push({
      alias: shape.alias,
      path: undefined,
      columns,
      first,
      width: columns.length,
      mark: undefined,
      ...(merging ? { optional: true } : {}),
    });
    first += columns.length;
  }
  const shift = first;
  for (const leaf of behind?.names.leaves ?? [])
    leaves.push({
      ...leaf,
      first: leaf.first + shift,
      mark: leaf.mark === undefined ? undefined : leaf.mark + shift,
    });
  return {
    names: namesOf(leaves, { caseSensitive: sensitive }),
    parts: [
      ...shapes.map((shape, at) => ({
        alias: shape.alias,
        first: leaves[at]?.first ?? 0,
        width: shape.table.columns.length,
        mark: undefined,
        table: shape.table,
        database: shape.database,
      })),
      ...(behind?.parts ?? []).map(part => ({
        ...part,
        first: part.first + shift,
        mark: part.mark === undefined ? undefined : part.mark + shift,
      })),
    ],
    width: shift + (behind?.width ?? 0),
    target: undefined,
    rows: () => [],
  };
}
