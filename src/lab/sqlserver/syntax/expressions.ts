import type { Name, TypeName } from './names.ts';
import type { QueryExpression } from './queries.ts';

/** Every node knows its line in the batch, from 1. */
export interface Node {
  readonly line: number;
}

export type Expression =
  | (Node & { readonly node: 'literal'; readonly literal: Literal })
  | (Node & { readonly node: 'column'; readonly name: Name })
  | (Node & { readonly node: 'variable' /** With its @. */; readonly name: string })
  | (Node & { readonly node: 'global' /** Lower case with @@: `@@rowcount`. */; readonly name: string })
  /** `$action`, `$identity`, `$rowguid`, lower case. */
  | (Node & { readonly node: 'pseudo'; readonly name: string })
  | (Node & { readonly node: 'unary'; readonly operator: '-' | '+' | '~'; readonly operand: Expression })
  | (Node & {
      readonly node: 'binary';
      readonly operator: '+' | '-' | '*' | '/' | '%' | '&' | '|' | '^';
      readonly left: Expression;
      readonly right: Expression;
    })
  | (Node & {
      readonly node: 'case';
      readonly operand?: Expression;
      readonly whens: readonly When[];
      readonly otherwise?: Expression;
    })
  | (Node & {
      readonly node: 'cast';
      readonly operand: Expression;
      readonly type: TypeName;
      readonly style?: Expression /** TRY_CAST, TRY_CONVERT. */;
      readonly trying: boolean;
    })
  | (Node & {
      readonly node: 'call';
      /** As written, with schema where there is one; built-in names are compared without case. */
      readonly name: Name;
      readonly arguments: readonly Expression[];
      /** `count(*)`. */
      readonly star: boolean;
      readonly distinct: boolean;
      readonly over?: Window;
      /** `WITHIN GROUP (ORDER BY …)`. */
      readonly withinGroup?: readonly OrderItem[];
    })
  /** A query in parentheses that gives one value. */
  | (Node & { readonly node: 'scalar'; readonly query: QueryExpression })
  | (Node & { readonly node: 'collate'; readonly operand: Expression; readonly collation: string })
  | (Node & { readonly node: 'at-time-zone'; readonly operand: Expression; readonly zone: Expression })
  /** `NEXT VALUE FOR s.q`. */
  | (Node & { readonly node: 'next-value'; readonly sequence: Name });

export type Literal =
  | { readonly kind: 'null' }
  | { readonly kind: 'default' }
  /** Digits as written; the binder chooses int, numeric or bigint. */
  | { readonly kind: 'integer' | 'decimal' | 'float' | 'money'; readonly text: string }
  | { readonly kind: 'string' | 'nstring'; readonly text: string }
  | { readonly kind: 'binary'; readonly bytes: Uint8Array };

export interface When {
  /** With an operand an Expression to compare with it, without one a Condition. */
  readonly when: Expression | Condition;
  readonly then: Expression;
}

export interface Window {
  readonly partitionBy: readonly Expression[];
  readonly orderBy: readonly OrderItem[];
  /** `ROWS/RANGE …` as written, undefined for the default. */
  readonly frame?: Frame;
}

export interface Frame {
  readonly unit: 'rows' | 'range';
  readonly from: Bound;
  readonly to: Bound;
}

export type Bound =
  | { readonly kind: 'unbounded-preceding' | 'current' | 'unbounded-following' }
  | { readonly kind: 'preceding' | 'following'; readonly count: number };

export interface OrderItem {
  readonly expression: Expression;
  readonly descending: boolean;
}

/** Conditions are not values in T-SQL: they have their own tree, and three truth values. */
export type Condition =
  | (Node & { readonly condition: 'and' | 'or'; readonly left: Condition; readonly right: Condition })
  | (Node & { readonly condition: 'not'; readonly operand: Condition })
  | (Node & {
      readonly condition: 'compare';
      readonly operator: Comparison;
      readonly left: Expression;
      readonly right: Expression;
    })
  | (Node & {
      readonly condition: 'quantified';
      readonly operator: Comparison;
      readonly left: Expression;
      readonly all: boolean;
      readonly query: QueryExpression;
    })
  | (Node & {
      readonly condition: 'between';
      readonly operand: Expression;
      readonly low: Expression;
      readonly high: Expression;
      readonly negated: boolean;
    })
  | (Node & {
      readonly condition: 'in';
      readonly operand: Expression;
      readonly list: readonly Expression[] | QueryExpression;
      readonly negated: boolean;
    })
  | (Node & {
      readonly condition: 'like';
      readonly operand: Expression;
      readonly pattern: Expression;
      readonly escape?: Expression;
      readonly negated: boolean;
    })
  | (Node & { readonly condition: 'null'; readonly operand: Expression; readonly negated: boolean })
  | (Node & {
      readonly condition: 'distinct';
      readonly left: Expression;
      readonly right: Expression;
      readonly negated: boolean;
    })
  | (Node & { readonly condition: 'exists'; readonly query: QueryExpression })
  /** `UPDATE(column)` in a trigger. */
  | (Node & { readonly condition: 'updated'; readonly column: string });

/** `!=`, `!<`, `!>` are written as `<>`, `>=`, `<=`. */
export type Comparison = '=' | '<>' | '<' | '<=' | '>' | '>=';

/** `list` of an `in` is a query. */
export const isQuery = (list: readonly Expression[] | QueryExpression): list is QueryExpression =>
  'body' in list;
/** What follows WHEN is a condition. */
export const isCondition = (when: Expression | Condition): when is Condition => 'condition' in when;
