import fc from 'fast-check';
import type { Condition, Expression, When } from '../../../../../src/lab/sqlserver/syntax/expressions.ts';
import type {
  QueryBody,
  QueryExpression,
  SelectItem,
  Source,
} from '../../../../../src/lab/sqlserver/syntax/queries.ts';
import { RESERVED_WORDS, SOFT_WORDS } from '../../../../../src/lab/sqlserver/syntax/words.ts';

/** Random trees. Lines are 1 everywhere: the comparison leaves them out. */
const line = 1;

/** Any text may be a name in brackets: reserved words, brackets, dots, quotation marks, line breaks. */
const part = fc.oneof(
  fc.constantFrom('a', 'B', 'Größe', 'x.y', 'a]b', 'a b', '"', "'", '--', '/*', 'line\nbreak', '@v'),
  fc.constantFrom(...RESERVED_WORDS, ...SOFT_WORDS),
  fc.string({ minLength: 1, maxLength: 10, unit: 'grapheme' }),
);
const path = (most: number) => fc.array(part, { minLength: 1, maxLength: most });
const variable = fc.constantFrom('@a', '@b1', '@ü', '@#x');

const literal: fc.Arbitrary<Expression> = fc
  .oneof(
    fc.nat().map(value => ({ kind: 'integer' as const, text: String(value) })),
    fc
      .constantFrom('1.', '.5', '0.10', '12345678901234567890.5')
      .map(text => ({ kind: 'decimal' as const, text })),
    fc.constantFrom('1e3', '1.5E-10', '.5e+2').map(text => ({ kind: 'float' as const, text })),
    fc.constantFrom('0', '12.50', '.5').map(text => ({ kind: 'money' as const, text })),
    fc
      .string({ unit: 'grapheme' })
      .map(text => ({ kind: 'string' as const, text: text.replaceAll('\\', '/') })),
    fc
      .string({ unit: 'binary' })
      .map(text => ({ kind: 'nstring' as const, text: text.replaceAll('\\', '/') })),
    fc
      .uint8Array({ maxLength: 8 })
      .map(bytes => ({ kind: 'binary' as const, bytes: Uint8Array.from(bytes) })),
    fc.constant({ kind: 'null' as const }),
  )
  .map(value => ({ line, node: 'literal', literal: value }));

const typeName = fc.constantFrom(
  { name: ['int'], arguments: [] },
  { name: ['decimal'], arguments: [9, 2] },
  { name: ['nvarchar'], arguments: ['max' as const] },
  { name: ['dbo', 'My Type'], arguments: [] },
);
const comparison = fc.constantFrom('=', '<>', '<', '<=', '>', '>=');
const few = <T>(of: fc.Arbitrary<T>, least = 1) => fc.array(of, { minLength: least, maxLength: 3 });
/** Keys that are undefined are left out, as the parser leaves them out. */
const maybe = <K extends string, T>(key: K, of: fc.Arbitrary<T>) =>
  fc
    .option(of, { nil: undefined })
    .map(value => (value === undefined ? {} : { [key]: value }) as { [P in K]?: T });

const frame = fc.constantFrom(
  {},
  {
    frame: {
      unit: 'rows' as const,
      from: { kind: 'unbounded-preceding' as const },
      to: { kind: 'current' as const },
    },
  },
  {
    frame: {
      unit: 'rows' as const,
      from: { kind: 'preceding' as const, count: 2 },
      to: { kind: 'following' as const, count: 3 },
    },
  },
  {
    frame: {
      unit: 'range' as const,
      from: { kind: 'current' as const },
      to: { kind: 'unbounded-following' as const },
    },
  },
);

interface Trees {
  expression: Expression;
  condition: Condition;
  query: QueryExpression;
  term: QueryBody;
  body: QueryBody;
  source: Source;
}

const { expression, condition, query } = fc.letrec<Trees>(
  (tie: fc.LetrecTypedTie<Trees>): fc.LetrecValue<Trees> => {
    const value = tie('expression');
    const truth = tie('condition');
    const whole = tie('query');
    const orderItems = few(fc.record({ expression: value, descending: fc.boolean() }));
    const binary = fc
      .tuple(fc.constantFrom('+', '-', '*', '/', '%', '&', '|', '^'), value, value)
      .map(([operator, left, right]): Expression => ({ line, node: 'binary', operator, left, right }));
    const unary = fc
      .tuple(fc.constantFrom('-', '+', '~'), value)
      .map(([operator, operand]): Expression => ({ line, node: 'unary', operator, operand }));
    const whens = (when: fc.Arbitrary<Condition | Expression>): fc.Arbitrary<When[]> =>
      few(fc.tuple(when, value)).map(branches => branches.map(([of, then]) => ({ when: of, then })));
    const searched = fc
      .tuple(whens(truth), maybe('otherwise', value))
      .map(([branches, otherwise]): Expression => ({ line, node: 'case', whens: branches, ...otherwise }));
    const simple = fc.tuple(value, whens(value), maybe('otherwise', value)).map(
      ([operand, branches, otherwise]): Expression => ({
        line,
        node: 'case',
        operand,
        whens: branches,
        ...otherwise,
      }),
    );
    const cast = fc.tuple(value, typeName, maybe('style', value), fc.boolean()).map(
      ([operand, type, style, trying]): Expression => ({
        line,
        node: 'cast',
        operand,
        type,
        ...style,
        trying,
      }),
    );
    const over = fc
      .tuple(few(value, 0), few(fc.record({ expression: value, descending: fc.boolean() }), 0), frame)
      .map(([partitionBy, orderBy, of]) => ({ partitionBy, orderBy, ...of }));
    const call = fc
      .tuple(
        path(3),
        few(value, 0),
        maybe('over', over),
        maybe('withinGroup', orderItems),
        fc.boolean(),
        fc.boolean(),
      )
      .map(([name, values, window, within, star, distinct]): Expression => {
        const kept = star ? [] : values;
        return {
          line,
          node: 'call',
          name,
          arguments: kept,
          star,
          distinct: distinct && kept.length > 0,
          ...window,
          ...within,
        };
      });
    const negated = fc.boolean();
    return {
      expression: fc.oneof(
        { maxDepth: 4, depthIdentifier: 'tree', withCrossShrink: true },
        literal,
        path(4).map((name): Expression => ({ line, node: 'column', name })),
        variable.map((name): Expression => ({ line, node: 'variable', name })),
        fc.constantFrom('@@rowcount', '@@error').map((name): Expression => ({ line, node: 'global', name })),
        binary,
        unary,
        searched,
        simple,
        cast,
        call,
        whole.map((of): Expression => ({ line, node: 'scalar', query: of })),
        value.map(
          (operand): Expression => ({ line, node: 'collate', operand, collation: 'Latin1_General_CI_AS' }),
        ),
        fc
          .tuple(value, value)
          .map(([operand, zone]): Expression => ({ line, node: 'at-time-zone', operand, zone })),
        path(3).map((sequence): Expression => ({ line, node: 'next-value', sequence })),
      ),
      condition: fc.oneof(
        { maxDepth: 4, depthIdentifier: 'tree', withCrossShrink: true },
        fc
          .tuple(comparison, value, value)
          .map(
            ([operator, left, right]): Condition => ({ line, condition: 'compare', operator, left, right }),
          ),
        part.map((column): Condition => ({ line, condition: 'updated', column })),
        fc
          .tuple(fc.constantFrom('and', 'or'), truth, truth)
          .map(([kind, left, right]): Condition => ({ line, condition: kind, left, right })),
        truth.map((operand): Condition => ({ line, condition: 'not', operand })),
        fc.tuple(comparison, value, fc.boolean(), whole).map(
          ([operator, left, all, of]): Condition => ({
            line,
            condition: 'quantified',
            operator,
            left,
            all,
            query: of,
          }),
        ),
        fc.tuple(value, value, value, negated).map(
          ([operand, low, high, no]): Condition => ({
            line,
            condition: 'between',
            operand,
            low,
            high,
            negated: no,
          }),
        ),
        fc
          .tuple(value, fc.oneof(few(value), whole), negated)
          .map(([operand, list, no]): Condition => ({ line, condition: 'in', operand, list, negated: no })),
        fc.tuple(value, value, maybe('escape', value), negated).map(
          ([operand, pattern, escaped, no]): Condition => ({
            line,
            condition: 'like',
            operand,
            pattern,
            ...escaped,
            negated: no,
          }),
        ),
        fc
          .tuple(value, negated)
          .map(([operand, no]): Condition => ({ line, condition: 'null', operand, negated: no })),
        fc
          .tuple(value, value, negated)
          .map(([left, right, no]): Condition => ({ line, condition: 'distinct', left, right, negated: no })),
        whole.map((of): Condition => ({ line, condition: 'exists', query: of })),
      ),
      query: fc
        .tuple(
          tie('body'),
          few(fc.record({ expression: value, descending: fc.boolean() }), 0),
          maybe('offset', value),
          maybe('fetch', value),
          fc.constantFrom([], ['RECOMPILE'], ['MAXDOP 1', 'MAXRECURSION 0']),
        )
        .map(
          ([body, orderBy, offset, fetch, hints]): QueryExpression => ({
            line,
            with: [],
            body,
            orderBy,
            ...(orderBy.length === 0 ? {} : offset),
            ...(orderBy.length === 0 || offset.offset === undefined ? {} : fetch),
            hints,
          }),
        ),
      term: fc.oneof(
        { maxDepth: 3, depthIdentifier: 'tree' },
        fc
          .tuple(
            fc.boolean(),
            maybe('top', fc.record({ count: value, percent: fc.boolean(), withTies: fc.boolean() })),
            few(
              fc.oneof(
                fc
                  .tuple(value, maybe('alias', part))
                  .map(([of, as]): SelectItem => ({ line, item: 'expression', expression: of, ...as })),
                fc
                  .array(part, { maxLength: 3 })
                  .map((qualifier): SelectItem => ({ line, item: 'star', qualifier })),
                fc.tuple(variable, fc.constantFrom('=', '+=', '|='), value).map(
                  ([name, operator, of]): SelectItem => ({
                    line,
                    item: 'assign',
                    variable: name,
                    operator,
                    expression: of,
                  }),
                ),
              ),
            ),
            few(tie('source'), 0),
            maybe('where', truth),
            few(value, 0),
            maybe('having', truth),
          )
          .map(
            ([distinct, top, items, from, where, groupBy, having]): QueryBody => ({
              line,
              body: 'select',
              distinct,
              ...top,
              items,
              from,
              ...where,
              groupBy,
              ...having,
            }),
          ),
      ),
      // A query in parentheses alone is no different from the parentheses around it, so it stands in set operations only.
      body: fc.oneof(
        { maxDepth: 3, depthIdentifier: 'tree', withCrossShrink: true },
        tie('term'),
        fc
          .tuple(fc.constantFrom('union', 'union-all', 'except'), tie('body'), operandOf(whole, tie('term')))
          .map(([kind, left, right]): QueryBody => ({ line, body: kind, left, right })),
        fc
          .tuple(operandOf(whole, tie('term')), operandOf(whole, tie('term')))
          .map(([left, right]): QueryBody => ({ line, body: 'intersect', left, right })),
      ),
      source: fc.oneof(
        { maxDepth: 3, depthIdentifier: 'tree', withCrossShrink: true },
        fc
          .tuple(path(4), maybe('alias', part), fc.constantFrom([], ['NOLOCK'], ['UPDLOCK', 'INDEX(1)']))
          .map(([name, as, hints]): Source => ({ line, source: 'table', name, ...as, hints })),
        fc
          .tuple(variable, maybe('alias', part))
          .map(([name, as]): Source => ({ line, source: 'variable', name, ...as })),
        fc
          .tuple(whole, part, few(part, 0))
          .map(([of, alias, columns]): Source => ({ line, source: 'query', query: of, alias, columns })),
        fc
          .tuple(few(few(value)), part, few(part, 0))
          .map(([rows, alias, columns]): Source => ({ line, source: 'values', rows, alias, columns })),
        fc.tuple(path(3), few(value, 0), part, few(part, 0)).map(
          ([name, values, alias, columns]): Source => ({
            line,
            source: 'function',
            name,
            arguments: values,
            alias,
            columns,
          }),
        ),
        fc.tuple(path(3), value, part).map(
          ([table, since, alias]): Source => ({
            line,
            source: 'changetable',
            table,
            since,
            alias,
            columns: [],
          }),
        ),
        fc
          .tuple(fc.constantFrom('inner', 'left', 'right', 'full'), tie('source'), tie('source'), truth)
          .map(([kind, left, right, on]): Source => ({ line, source: 'join', kind, left, right, on })),
        fc
          .tuple(tie('source'), tie('source'))
          .map(([left, right]): Source => ({ line, source: 'join', kind: 'cross', left, right })),
        fc
          .tuple(fc.boolean(), tie('source'), tie('source'))
          .map(([outer, left, right]): Source => ({ line, source: 'apply', outer, left, right })),
      ),
    };
  },
);

function operandOf(
  whole: fc.Arbitrary<QueryExpression>,
  term: fc.Arbitrary<QueryBody>,
): fc.Arbitrary<QueryBody> {
  return fc.oneof(
    term,
    whole.map((of): QueryBody => ({ line, body: 'nested', query: of })),
  );
}

export { condition, expression, query };
