import { SqlError, unsupported } from '../errors.ts';
import type { ScalarFunction } from '../functions/function.ts';
import type { Expression } from '../syntax/expressions.ts';
import { type SqlType, varchar } from '../values/index.ts';
import { type AggregateCall, aggregate, isAggregateName } from './aggregates.ts';
import { type Binding, inPlace } from './binding.ts';
import { canonical, hasAggregate, hasQuery } from './canonical.ts';
import { bindChoose, bindCoalesce } from './cases.ts';
import { comparing } from './comparisons.ts';
import { bindValue } from './expressions.ts';
import { findFunction, typeOfParameter } from './objects.ts';
import {
  type Compute,
  collationOf,
  column,
  computed,
  constant,
  convert,
  isText,
  type Typed,
  typeOf,
} from './typed.ts';
import { bindWindow, isRanking } from './windows.ts';

/** A function call: built in, aggregate, over a window, or written in T-SQL. */
export function bindCall(call: AggregateCall, binding: Binding): Typed {
  const name = (call.name.at(-1) ?? '').toLowerCase();
  const plain = call.name.length === 1;
  if (plain && (call.over !== undefined || isRanking(name))) return bindWindow(call, binding);
  if (plain && isAggregateName(name)) {
    if ((AGGREGATES_SINCE[name] ?? 0) > binding.scope.instance.product.release) throw unknown(call);
    return bindAggregate(call, name, binding);
  }
  if (call.star && (name === 'checksum' || name === 'binary_checksum')) return overAllColumns(call, binding);
  if (call.star || call.distinct) throw nearStar(call);
  if (plain)
    switch (name) {
      case 'coalesce':
        return bindCoalesce(call.arguments, binding, call.line);
      case 'choose':
        return bindChoose(call.arguments, binding, call.line);
      case 'nullif':
        return bindNullIf(call, binding);
      default:
    }
  const scalars = binding.scope.instance.system.functions.scalars;
  const schema = plain ? '' : (call.name.at(-2) ?? '').toLowerCase();
  const builtIn = plain || schema === 'sys' ? (scalars.get(name) ?? scalars.get(`sys.${name}`)) : undefined;
  if (builtIn !== undefined && (builtIn.since ?? 0) <= binding.scope.instance.product.release)
    return bindBuiltIn(builtIn, call, binding);
  if (plain) throw unknown(call);
  return bindModule(call, binding);
}

/** Aggregates that older releases do not know. */
const AGGREGATES_SINCE: Readonly<Record<string, number>> = { string_agg: 2017, approx_count_distinct: 2019 };

const unknown = (call: AggregateCall): SqlError =>
  new SqlError(195, `'${call.name[0] ?? ''}' is not a recognized built-in function name.`, {
    severity: 15,
    line: call.line,
    endsBatch: true,
  });

const nearStar = (call: AggregateCall): SqlError =>
  new SqlError(102, `Incorrect syntax near '${call.star ? '*' : 'DISTINCT'}'.`, {
    severity: 15,
    line: call.line,
    endsBatch: true,
  });

/** CHECKSUM(*): over every column of the sources, in their order. */
function overAllColumns(call: AggregateCall, binding: Binding): Typed {
  const columns = (binding.names?.leaves ?? []).flatMap(leaf =>
    leaf.columns.map(
      (column): Expression => ({ node: 'column', name: [leaf.alias, column.name], line: call.line }),
    ),
  );
  if (columns.length === 0)
    throw new SqlError(263, 'Must specify table to select from.', { line: call.line, endsBatch: true });
  return bindCall({ ...call, star: false, arguments: columns }, binding);
}

function bindNullIf(call: AggregateCall, binding: Binding): Typed {
  const [left, right] = call.arguments.map(argument => bindValue(argument, binding));
  if (left === undefined || right === undefined || call.arguments.length !== 2)
    throw countFault('nullif', 2, 2, call.line);
  if (left.untyped)
    throw new SqlError(
      4151,
      'The type of the first argument to NULLIF cannot be the NULL constant because the type of the first argument has to be known.',
      {
        line: call.line,
        endsBatch: true,
      },
    );
  const equal = comparing('=', left, right, binding, call.line);
  return computed(
    left.type,
    (row, context) => (equal(row, context) === true ? null : left.evaluate(row, context)),
    { label: left.label },
  );
}

function countFault(name: string, minimum: number, maximum: number, line: number): SqlError {
  const options = { severity: 15, line, endsBatch: true };
  if (maximum === Number.POSITIVE_INFINITY)
    return new SqlError(189, `The ${name} function requires ${minimum} to 254 arguments.`, options);
  return minimum === maximum
    ? new SqlError(174, `The ${name} function requires ${minimum} argument(s).`, options)
    : new SqlError(189, `The ${name} function requires ${minimum} to ${maximum} arguments.`, options);
}

function bindBuiltIn(builtIn: ScalarFunction, call: AggregateCall, binding: Binding): Typed {
  const count = call.arguments.length;
  if (count < builtIn.minimum || count > builtIn.maximum)
    throw countFault(builtIn.name, builtIn.minimum, builtIn.maximum, call.line);
  const values = call.arguments.map((argument, at) =>
    at === builtIn.bareword ? bareword(argument, builtIn.name) : bindValue(argument, binding),
  );
  const types = values.map(typeOf);
  const type = builtIn.type(
    types,
    values.map(value => (value.constant ? value.value : undefined)),
  );
  const { label } = collationOf(values, binding.scope.database.collation, call.line);
  return computed(
    type,
    invoke(
      builtIn,
      values.map(value => value.evaluate),
      types,
    ),
    {
      label: isText(type) ? label : 'default',
    },
  );
}

function invoke(
  builtIn: ScalarFunction,
  evaluates: readonly Compute[],
  types: readonly (SqlType | undefined)[],
): Compute {
  const [first, second] = evaluates;
  if (evaluates.length === 0) return (_row, context) => builtIn.evaluate([], types, context);
  if (evaluates.length === 1 && first !== undefined)
    return (row, context) => builtIn.evaluate([first(row, context)], types, context);
  if (evaluates.length === 2 && first !== undefined && second !== undefined)
    return (row, context) => builtIn.evaluate([first(row, context), second(row, context)], types, context);
  return (row, context) =>
    builtIn.evaluate(
      evaluates.map(evaluate => evaluate(row, context)),
      types,
      context,
    );
}

/** `day` of DATEADD(day, …). */
function bareword(argument: Expression, name: string): Typed {
  if (argument.node !== 'column' || argument.name.length !== 1)
    throw new SqlError(1023, `Invalid parameter 1 specified for ${name}.`, {
      severity: 15,
      line: argument.line,
      endsBatch: true,
    });
  return constant(varchar(30), (argument.name[0] ?? '').toLowerCase());
}

/** A scalar function written in T-SQL: `dbo.f(…)`, `db.dbo.f(…)`. */
function bindModule(call: AggregateCall, binding: Binding): Typed {
  const { database, module } = findFunction(call.name, 'FN', binding.scope, call.line);
  const definition = module.module.definition;
  if (definition.kind !== 'scalar-function') throw unsupported(`a call of ${call.name.join('.')}`, call.line);
  binding.scope.permit('EXECUTE', database, module.id);
  const type = typeOfParameter(definition.returns, database, binding.scope, call.line);
  const values = argumentsOf(call.arguments, definition.parameters, {
    name: call.name.join('.'),
    line: call.line,
    typeOf: parameter => typeOfParameter(parameter, database, binding.scope, call.line),
    bind: expression => bindValue(expression, binding),
  });
  return computed(type, (row, context) =>
    context.callFunction(
      database,
      module.id,
      values.map(value => value.evaluate(row, context)),
    ),
  );
}

/** Arguments of a function in T-SQL converted to the types of its parameters; DEFAULT takes the parameter's default. */
export function argumentsOf(
  given: readonly Expression[],
  parameters: readonly {
    readonly type: Parameters<typeof typeOfParameter>[0];
    readonly default?: Expression;
  }[],
  options: {
    readonly name: string;
    readonly line: number;
    readonly typeOf: (type: Parameters<typeof typeOfParameter>[0]) => SqlType;
    readonly bind: (expression: Expression) => Typed;
  },
): readonly Typed[] {
  const { name, line } = options;
  if (given.length > parameters.length)
    throw new SqlError(8144, `Procedure or function ${name} has too many arguments specified.`, {
      line,
      endsBatch: true,
    });
  if (given.length < parameters.length)
    throw new SqlError(
      313,
      `An insufficient number of arguments were supplied for the procedure or function ${name}.`,
      { line, endsBatch: true },
    );
  return parameters.map((parameter, at) => {
    const expression = given[at];
    const isDefault = expression?.node === 'literal' && expression.literal.kind === 'default';
    const chosen = isDefault ? parameter.default : expression;
    const type = options.typeOf(parameter.type);
    return chosen === undefined ? constant(type, null) : convert(options.bind(chosen), type);
  });
}

const FORBIDDEN: Readonly<Record<string, readonly [number, string]>> = {
  where: [
    147,
    'An aggregate may not appear in the WHERE clause unless it is in a subquery contained in a HAVING clause or a select list, and the column being aggregated is an outer reference.',
  ],
  on: [
    1015,
    'An aggregate cannot appear in an ON clause unless it is in a subquery contained in a HAVING clause or select list, and the column being aggregated is an outer reference.',
  ],
  'group by': [
    144,
    'Cannot use an aggregate or a subquery in an expression used for the group by list of a GROUP BY clause.',
  ],
  aggregate: [
    130,
    'Cannot perform an aggregate function on an expression containing an aggregate or a subquery.',
  ],
  set: [157, 'An aggregate may not appear in the set list of an UPDATE statement.'],
  output: [158, 'An aggregate may not appear in the OUTPUT clause.'],
};

export function aggregateForbidden(place: string, line: number): SqlError {
  const [number, text] = FORBIDDEN[place] ?? [
    1046,
    'Subqueries are not allowed in this context. Only scalar expressions are allowed.',
  ];
  return new SqlError(number, text, { severity: 15, line, endsBatch: true });
}

function bindAggregate(call: AggregateCall, name: string, binding: Binding): Typed {
  const { grouping } = binding;
  if (grouping === undefined) throw aggregateForbidden(binding.place, call.line);
  const bound = makeAggregate(call, name, inPlace(grouping.inside, 'aggregate'));
  const slot = grouping.add(bound);
  return column(bound.type, 0, slot, { nullable: bound.nullable });
}

/** Also for aggregates over a window, whose arguments may be aggregates of the groups. */
export function makeAggregate(
  call: AggregateCall,
  name: string,
  inside: Binding,
): ReturnType<typeof aggregate> {
  const wanted = call.star ? 0 : name === 'string_agg' ? 2 : 1;
  if (!call.star && call.arguments.length !== wanted) throw countFault(name, wanted, wanted, call.line);
  if (inside.grouping === undefined && (call.arguments.some(hasAggregate) || call.arguments.some(hasQuery)))
    throw aggregateForbidden('aggregate', call.line);
  const [argument, separator] = call.arguments.map(one => bindValue(one, inside));
  return aggregate(name, argument, {
    canonical: canonical({ ...call, name: [name] }, inside.names),
    distinct: call.distinct,
    line: call.line,
    ...(separator === undefined ? {} : { separator }),
    ...(call.withinGroup === undefined
      ? {}
      : {
          order: call.withinGroup.map(item => ({
            key: bindValue(item.expression, inside),
            descending: item.descending,
          })),
        }),
  });
}
