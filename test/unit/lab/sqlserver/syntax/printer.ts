import type {
  Condition,
  Expression,
  Literal,
  OrderItem,
} from '../../../../../src/lab/sqlserver/syntax/expressions.ts';
import { isCondition, isQuery } from '../../../../../src/lab/sqlserver/syntax/expressions.ts';
import type { Name, TypeName } from '../../../../../src/lab/sqlserver/syntax/names.ts';
import type {
  QueryBody,
  QueryExpression,
  SelectItem,
  Source,
} from '../../../../../src/lab/sqlserver/syntax/queries.ts';

/** Prints trees as the words of a batch, with no more parentheses than T-SQL needs, so that precedence is tested. */
type Words = string[];

const quoted = (part: string): string => `[${part.replaceAll(']', ']]')}]`;
const name = (parts: Name): Words => [parts.map(quoted).join('.')];
const commas = (lists: readonly Words[]): Words =>
  lists.flatMap((words, index) => (index === 0 ? words : [',', ...words]));
const pair = (words: Words): Words => ['(', ...words, ')'];

const type = (of: TypeName): Words => [
  ...name(of.name),
  ...(of.arguments.length === 0 ? [] : pair(commas(of.arguments.map(size => [String(size)])))),
];

const literal = (of: Literal): string => {
  switch (of.kind) {
    case 'null':
      return 'NULL';
    case 'default':
      return 'DEFAULT';
    case 'string':
      return `'${of.text.replaceAll("'", "''")}'`;
    case 'nstring':
      return `N'${of.text.replaceAll("'", "''")}'`;
    case 'binary':
      return `0x${Buffer.from(of.bytes).toString('hex')}`;
    case 'money':
      return `$${of.text}`;
    default:
      return of.text;
  }
};

const TIGHT = 9;
const strength = (of: Expression): number => {
  if (of.node === 'binary') return of.operator === '*' || of.operator === '/' || of.operator === '%' ? 2 : 1;
  if (of.node === 'unary') return 3;
  if (of.node === 'collate' || of.node === 'at-time-zone') return 4;
  return TIGHT;
};
/** An operand, in parentheses where it binds more loosely than its place asks for. */
const operand = (of: Expression, least: number): Words =>
  strength(of) < least ? pair(expression(of)) : expression(of);

export const expression = (of: Expression): Words => {
  switch (of.node) {
    case 'literal':
      return [literal(of.literal)];
    case 'column':
      return name(of.name);
    case 'variable':
    case 'global':
    case 'pseudo':
      return [of.name];
    case 'unary':
      return [of.operator, ...operand(of.operand, 3)];
    case 'binary':
      return [...operand(of.left, strength(of)), of.operator, ...operand(of.right, strength(of) + 1)];
    case 'case':
      return [
        'CASE',
        ...(of.operand === undefined ? [] : expression(of.operand)),
        ...of.whens.flatMap(({ when, then }) => [
          'WHEN',
          ...(isCondition(when) ? condition(when) : expression(when)),
          'THEN',
          ...expression(then),
        ]),
        ...(of.otherwise === undefined ? [] : ['ELSE', ...expression(of.otherwise)]),
        'END',
      ];
    case 'cast':
      return of.style === undefined
        ? [of.trying ? 'TRY_CAST' : 'CAST', ...pair([...expression(of.operand), 'AS', ...type(of.type)])]
        : [
            of.trying ? 'TRY_CONVERT' : 'CONVERT',
            ...pair(commas([type(of.type), expression(of.operand), expression(of.style)])),
          ];
    case 'call':
      return call(of);
    case 'scalar':
      return pair(query(of.query));
    case 'collate':
      return [...operand(of.operand, 4), 'COLLATE', of.collation];
    case 'at-time-zone':
      return [...operand(of.operand, 4), 'AT', 'TIME', 'ZONE', ...operand(of.zone, TIGHT)];
    case 'next-value':
      return ['NEXT', 'VALUE', 'FOR', ...name(of.sequence)];
  }
};

const call = (of: Extract<Expression, { node: 'call' }>): Words => {
  const values = of.star
    ? ['*']
    : [...(of.distinct ? ['DISTINCT'] : []), ...commas(of.arguments.map(expression))];
  const within =
    of.withinGroup === undefined
      ? []
      : ['WITHIN', 'GROUP', ...pair(['ORDER', 'BY', ...order(of.withinGroup)])];
  return [...name(of.name), ...pair(values), ...within, ...(of.over === undefined ? [] : over(of.over))];
};

const over = (of: NonNullable<Extract<Expression, { node: 'call' }>['over']>): Words => [
  'OVER',
  ...pair([
    ...(of.partitionBy.length === 0 ? [] : ['PARTITION', 'BY', ...commas(of.partitionBy.map(expression))]),
    ...(of.orderBy.length === 0 ? [] : ['ORDER', 'BY', ...order(of.orderBy)]),
    ...(of.frame === undefined
      ? []
      : [of.frame.unit, 'BETWEEN', ...bound(of.frame.from), 'AND', ...bound(of.frame.to)]),
  ]),
];

const bound = (
  of: NonNullable<NonNullable<Extract<Expression, { node: 'call' }>['over']>['frame']>['from'],
): Words => {
  switch (of.kind) {
    case 'current':
      return ['CURRENT', 'ROW'];
    case 'preceding':
    case 'following':
      return [String(of.count), of.kind];
    default:
      return of.kind.split('-');
  }
};

const order = (items: readonly OrderItem[]): Words =>
  commas(items.map(item => [...expression(item.expression), ...(item.descending ? ['DESC'] : [])]));

const binding = (of: Condition): number =>
  of.condition === 'or' ? 1 : of.condition === 'and' ? 2 : of.condition === 'not' ? 3 : TIGHT;
const term = (of: Condition, least: number): Words =>
  binding(of) < least ? pair(condition(of)) : condition(of);

export const condition = (of: Condition): Words => {
  switch (of.condition) {
    case 'and':
    case 'or':
      return [...term(of.left, binding(of)), of.condition.toUpperCase(), ...term(of.right, binding(of) + 1)];
    case 'not':
      return ['NOT', ...term(of.operand, 3)];
    case 'compare':
      return [...expression(of.left), of.operator, ...expression(of.right)];
    case 'quantified':
      return [...expression(of.left), of.operator, of.all ? 'ALL' : 'ANY', ...pair(query(of.query))];
    case 'between':
      return [
        ...expression(of.operand),
        ...not(of),
        'BETWEEN',
        ...expression(of.low),
        'AND',
        ...expression(of.high),
      ];
    case 'in':
      return [
        ...expression(of.operand),
        ...not(of),
        'IN',
        ...pair(isQuery(of.list) ? query(of.list) : commas(of.list.map(expression))),
      ];
    case 'like':
      return [
        ...expression(of.operand),
        ...not(of),
        'LIKE',
        ...expression(of.pattern),
        ...(of.escape === undefined ? [] : ['ESCAPE', ...expression(of.escape)]),
      ];
    case 'null':
      return [...expression(of.operand), 'IS', ...not(of), 'NULL'];
    case 'distinct':
      return [...expression(of.left), 'IS', ...not(of), 'DISTINCT', 'FROM', ...expression(of.right)];
    case 'exists':
      return ['EXISTS', ...pair(query(of.query))];
    case 'updated':
      return ['UPDATE', ...pair([quoted(of.column)])];
  }
};

const not = (of: { readonly negated: boolean }): Words => (of.negated ? ['NOT'] : []);

export const query = (of: QueryExpression): Words => [
  ...body(of.body),
  ...(of.orderBy.length === 0 ? [] : ['ORDER', 'BY', ...order(of.orderBy)]),
  ...(of.offset === undefined ? [] : ['OFFSET', ...expression(of.offset), 'ROWS']),
  ...(of.fetch === undefined ? [] : ['FETCH', 'NEXT', ...expression(of.fetch), 'ROWS', 'ONLY']),
  ...(of.hints.length === 0 ? [] : ['OPTION', ...pair(commas(of.hints.map(hint => [hint])))]),
];

const SET_WORDS = {
  union: ['UNION'],
  'union-all': ['UNION', 'ALL'],
  except: ['EXCEPT'],
  intersect: ['INTERSECT'],
};

const body = (of: QueryBody): Words => {
  if (of.body === 'nested') return pair(query(of.query));
  if (of.body !== 'select') return [...body(of.left), ...SET_WORDS[of.body], ...body(of.right)];
  return [
    'SELECT',
    ...(of.distinct ? ['DISTINCT'] : []),
    ...(of.top === undefined
      ? []
      : ['TOP', ...pair(expression(of.top.count)), ...(of.top.percent ? ['PERCENT'] : [])]),
    ...(of.top?.withTies === true ? ['WITH', 'TIES'] : []),
    ...commas(of.items.map(item)),
    ...(of.from.length === 0 ? [] : ['FROM', ...commas(of.from.map(source))]),
    ...(of.where === undefined ? [] : ['WHERE', ...condition(of.where)]),
    ...(of.groupBy.length === 0 ? [] : ['GROUP', 'BY', ...commas(of.groupBy.map(expression))]),
    ...(of.having === undefined ? [] : ['HAVING', ...condition(of.having)]),
  ];
};

const item = (of: SelectItem): Words => {
  switch (of.item) {
    case 'star':
      return [[...of.qualifier.map(quoted), '*'].join('.')];
    case 'assign':
      return [of.variable, of.operator, ...expression(of.expression)];
    case 'expression':
      return [...expression(of.expression), ...(of.alias === undefined ? [] : ['AS', quoted(of.alias)])];
  }
};

const alias = (of: { readonly alias?: string; readonly columns?: readonly string[] }): Words => [
  ...(of.alias === undefined ? [] : ['AS', quoted(of.alias)]),
  ...(of.columns === undefined || of.columns.length === 0
    ? []
    : pair(commas(of.columns.map(column => [quoted(column)])))),
];

/** A source as the right side of a join: another join stands in parentheses. */
const right = (of: Source): Words =>
  of.source === 'join' || of.source === 'apply' ? pair(source(of)) : source(of);

const source = (of: Source): Words => {
  switch (of.source) {
    case 'table':
      return [
        ...name(of.name),
        ...alias(of),
        ...(of.hints.length === 0 ? [] : ['WITH', ...pair(commas(of.hints.map(hint => [hint])))]),
      ];
    case 'variable':
      return [of.name, ...alias(of)];
    case 'query':
      return [...pair(query(of.query)), ...alias(of)];
    case 'values':
      return [
        ...pair(['VALUES', ...commas(of.rows.map(row => pair(commas(row.map(expression)))))]),
        ...alias(of),
      ];
    case 'function':
      return [...name(of.name), ...pair(commas(of.arguments.map(expression))), ...alias(of)];
    case 'changetable':
      return [
        'CHANGETABLE',
        ...pair(['CHANGES', ...name(of.table), ',', ...(of.since === undefined ? [] : expression(of.since))]),
        ...alias(of),
      ];
    case 'join':
      return [
        ...source(of.left),
        of.kind.toUpperCase(),
        'JOIN',
        ...right(of.right),
        ...(of.on === undefined ? [] : ['ON', ...condition(of.on)]),
      ];
    case 'apply':
      return [...source(of.left), of.outer ? 'OUTER' : 'CROSS', 'APPLY', ...right(of.right)];
  }
};
