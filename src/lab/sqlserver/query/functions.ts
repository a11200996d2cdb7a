import { SqlError, unsupported } from '../errors.ts';
import { type ShapeColumn, type TableFunction, tableFunctions } from '../functions/index.ts';
import type { Source } from '../syntax/queries.ts';
import type { Value } from '../values/index.ts';
import type { Binding } from './binding.ts';
import type { Evaluation } from './bound.ts';
import { argumentsOf } from './calls.ts';
import { under } from './evaluation.ts';
import { bindValue } from './expressions.ts';
import type { From, NewLeaf } from './from.ts';
import { type Names, namesOf, type Parameter } from './names.ts';
import { findFunction, invalidObject, located, typeOfParameter } from './objects.ts';
import { leafColumn, ofDatabase, renamed, systemColumns, systemRows } from './origins.ts';
import { bindInner } from './query.ts';
import { moduleScope } from './scopes.ts';
import { tableOfShape } from './shapes.ts';
import { convert, type Typed, typeOf } from './typed.ts';

type FunctionSource = Extract<Source, { source: 'function' }>;

/** A table function in FROM: of the system, inline or with a body. */
export function bindFunctionSource(source: FunctionSource, from: From, lateral: Names | undefined): NewLeaf {
  const names = namesOf([], { parent: lateral, caseSensitive: from.caseSensitive });
  const binding: Binding = { ...from.binding, names, grouping: undefined, windows: undefined };
  const leaf =
    builtInFunction(source, binding) ?? systemFunction(source, binding) ?? moduleFunction(source, binding);
  from.reaches(lateral, names.reach.depth);
  if (leaf.origin.kind !== 'rows') return leaf;
  return { ...leaf, origin: { ...leaf.origin, correlated: names.reach.depth > 0 } };
}

const evaluated = (values: readonly Typed[], context: Evaluation): Value[] =>
  values.map(value => value.evaluate([], context));

const BUILT_IN: ReadonlyMap<string, TableFunction> = new Map(tableFunctions.map(own => [own.name, own]));

/** STRING_SPLIT, OPENJSON, GENERATE_SERIES. */
function builtInFunction(source: FunctionSource, binding: Binding): NewLeaf | undefined {
  const { scope } = binding;
  const name = source.name.at(-1) ?? '';
  const own = source.name.length === 1 ? BUILT_IN.get(name.toLowerCase()) : undefined;
  if (own === undefined || (own.since ?? 0) > scope.instance.product.release) return undefined;
  const count = source.arguments.length;
  if (count > own.maximum) throw tooMany(name, source.line);
  if (count < own.minimum) throw tooFew(name, source.line);
  const values = source.arguments.map(argument => bindValue(argument, binding));
  const types = values.map(typeOf);
  if (source.shape !== undefined && !own.shaped) throw unsupported(`WITH behind ${name}`, source.line);
  const shape = source.shape?.map(
    (column): ShapeColumn => ({
      name: column.name,
      type: typeOfParameter(column.type, scope.database, scope, source.line),
      path: column.path,
      json: column.json,
    }),
  );
  const columns = (
    shape?.map(({ name: own, type }) => ({ name: own, type, nullable: true })) ??
    own.columns(
      types,
      values.map(value => (value.constant ? value.value : undefined)),
    )
  ).map(column => ({ ...column, type: ofDatabase(column.type, scope.database), identity: false }));
  const alias = source.alias ?? name;
  return {
    alias,
    path: undefined,
    columns: source.columns.length === 0 ? columns : renamed(columns, source.columns, alias, source.line),
    origin: {
      kind: 'rows',
      correlated: false,
      estimate: 100,
      rows: context => own.rows(evaluated(values, context), types, context, shape),
    },
  };
}

const tooMany = (name: string, line: number): SqlError =>
  new SqlError(8144, `Procedure or function ${name} has too many arguments specified.`, {
    line,
    endsBatch: true,
  });
const tooFew = (name: string, line: number): SqlError =>
  new SqlError(
    313,
    `An insufficient number of arguments were supplied for the procedure or function ${name}.`,
    {
      line,
      endsBatch: true,
    },
  );

function systemFunction(source: FunctionSource, binding: Binding): NewLeaf | undefined {
  const { scope } = binding;
  const { database, schema, object } = located(source.name, scope, source.line);
  if (schema !== '' && schema.toLowerCase() !== 'sys') return undefined;
  const view = scope.instance.system.views.get(`sys.${object.toLowerCase()}`);
  if (view?.parameters === undefined || (view.since ?? 0) > scope.instance.product.release) return undefined;
  if (source.shape !== undefined) throw unsupported(`WITH behind ${object}`, source.line);
  const types = view.parameters;
  if (source.arguments.length !== types.length)
    throw source.arguments.length > types.length ? tooMany(object, source.line) : tooFew(object, source.line);
  const values = source.arguments.map((argument, at) => {
    const type = types[at] ?? { kind: 'int' as const };
    const isDefault = argument.node === 'literal' && argument.literal.kind === 'default';
    return convert(
      bindValue(isDefault ? { ...argument, literal: { kind: 'null' } } : argument, binding),
      type,
    );
  });
  const { columns, places } = systemColumns(view, database, scope);
  return {
    alias: source.alias ?? object,
    path: undefined,
    columns:
      source.columns.length === 0
        ? columns
        : renamed(columns, source.columns, source.alias ?? object, source.line),
    origin: {
      kind: 'rows',
      correlated: false,
      estimate: 10,
      rows: context => systemRows(view, database, evaluated(values, context), places, context),
    },
  };
}

function moduleFunction(source: FunctionSource, binding: Binding): NewLeaf {
  const { scope, depth } = binding;
  if (source.shape !== undefined) throw unsupported('OPENJSON … WITH', source.line);
  if (source.name.length === 1) throw invalidObject(source.name, source.line);
  const { database, module, schema } = findFunction(source.name, 'table', scope, source.line);
  const { definition } = module.module;
  if (definition.kind !== 'inline-function' && definition.kind !== 'table-function')
    throw invalidObject(source.name, source.line);
  scope.permit('SELECT', database, module.id);
  const alias = source.alias ?? module.name;
  const values = argumentsOf(source.arguments, definition.parameters, {
    name: source.name.join('.'),
    line: source.line,
    typeOf: type => typeOfParameter(type, database, scope, source.line),
    bind: expression => bindValue(expression, binding),
  });
  if (definition.kind === 'table-function') {
    const table = tableOfShape(definition.shape, database, scope);
    return {
      alias,
      path: undefined,
      columns: renamed(table.map(leafColumn), source.columns, alias, source.line),
      origin: {
        kind: 'rows',
        correlated: false,
        estimate: 100,
        rows: context => context.callTableFunction(database, module.id, evaluated(values, context)),
      },
    };
  }
  if (depth > 32)
    throw new SqlError(4437, `View or function '${source.name.join('.')}' is nested too deeply.`, {
      line: source.line,
      endsBatch: true,
    });
  const parameters = new Map<string, Parameter>();
  for (const [slot, parameter] of definition.parameters.entries())
    parameters.set(parameter.name.toLowerCase(), {
      slot,
      type: typeOfParameter(parameter.type, database, scope, source.line),
    });
  const inner = bindInner(definition.query, {
    scope: moduleScope(scope, database, schema),
    names: namesOf([], { caseSensitive: false, parameters }),
    tables: undefined,
    grouping: undefined,
    windows: undefined,
    place: 'other',
    depth: depth + 1,
  });
  return {
    alias,
    path: undefined,
    columns: renamed(inner.columns, source.columns, alias, source.line),
    origin: {
      kind: 'rows',
      correlated: false,
      estimate: 100,
      rows: context => inner.rows(under(context, evaluated(values, context))),
    },
  };
}
