import type { Condition, Expression, Node, OrderItem } from './expressions.ts';
import type { Name, TypeName } from './names.ts';

/** A whole query: `WITH … SELECT … UNION … ORDER BY … OFFSET … FOR JSON … OPTION (…)`. */
export interface QueryExpression extends Node {
  readonly with: readonly CommonTable[];
  readonly body: QueryBody;
  readonly orderBy: readonly OrderItem[];
  readonly offset?: Expression;
  readonly fetch?: Expression;
  readonly forClause?: ForClause;
  /** `OPTION (…)`: each hint as written in upper case. */
  readonly hints: readonly string[];
}

export interface CommonTable {
  readonly name: string;
  readonly columns: readonly string[];
  readonly query: QueryExpression;
}

export type QueryBody =
  | QuerySpecification
  | (Node & {
      readonly body: 'union' | 'union-all' | 'except' | 'intersect';
      readonly left: QueryBody;
      readonly right: QueryBody;
    })
  /** `(SELECT … )` in parentheses as part of a set operation. */
  | (Node & { readonly body: 'nested'; readonly query: QueryExpression });

export interface QuerySpecification extends Node {
  readonly body: 'select';
  readonly distinct: boolean;
  readonly top?: Top;
  readonly items: readonly SelectItem[];
  /** `SELECT … INTO name`. */
  readonly into?: Name;
  readonly from: readonly Source[];
  readonly where?: Condition;
  readonly groupBy: readonly Expression[];
  readonly having?: Condition;
}

export interface Top {
  readonly count: Expression;
  readonly percent: boolean;
  readonly withTies: boolean;
}

export type SelectItem =
  | (Node & { readonly item: 'expression'; readonly expression: Expression; readonly alias?: string })
  /** `*` or `t.*`. */
  | (Node & { readonly item: 'star'; readonly qualifier: Name })
  /** `@v = expression`, `@v += expression`. */
  | (Node & {
      readonly item: 'assign';
      readonly variable: string;
      readonly operator: AssignOperator;
      readonly expression: Expression;
    });

export type AssignOperator = '=' | '+=' | '-=' | '*=' | '/=' | '%=' | '&=' | '|=' | '^=';

export type Source =
  | (Node & {
      readonly source: 'table';
      readonly name: Name;
      readonly alias?: string /** Table hints in upper case: `NOLOCK`, `INDEX(x)`. */;
      readonly hints: readonly string[];
    })
  /** `@table`. */
  | (Node & { readonly source: 'variable'; readonly name: string; readonly alias?: string })
  | (Node & {
      readonly source: 'query';
      readonly query: QueryExpression;
      readonly alias: string;
      readonly columns: readonly string[];
    })
  | (Node & {
      readonly source: 'values';
      readonly rows: readonly (readonly Expression[])[];
      readonly alias: string;
      readonly columns: readonly string[];
    })
  | (Node & {
      readonly source: 'function';
      readonly name: Name;
      readonly arguments: readonly Expression[];
      readonly alias?: string;
      readonly columns: readonly string[];
      /** `OPENJSON(…) WITH (a int '$.a')`. */
      readonly shape?: readonly {
        readonly name: string;
        readonly type: TypeName;
        readonly path?: string;
        readonly json: boolean;
      }[];
    })
  /** `CHANGETABLE(CHANGES t, @version)` or `CHANGETABLE(VERSION t, (pk), (values))`. */
  | (Node & {
      readonly source: 'changetable';
      readonly table: Name;
      readonly alias: string;
      readonly columns: readonly string[];
      readonly since?: Expression;
      readonly version?: { readonly keys: readonly string[]; readonly values: readonly Expression[] };
    })
  | (Node & {
      readonly source: 'join';
      readonly kind: 'inner' | 'left' | 'right' | 'full' | 'cross';
      readonly left: Source;
      readonly right: Source;
      readonly on?: Condition;
    })
  | (Node & {
      readonly source: 'apply';
      readonly outer: boolean;
      readonly left: Source;
      readonly right: Source;
    });

export type ForClause =
  | {
      readonly kind: 'json';
      readonly mode: 'path' | 'auto';
      readonly root?: string;
      readonly includeNulls: boolean;
      readonly withoutWrapper: boolean;
    }
  /** Options in upper case as written: `ELEMENTS`, `TYPE`, `BINARY BASE64`, `ROOT('x')`. */
  | {
      readonly kind: 'xml';
      readonly mode: 'raw' | 'path' | 'auto';
      readonly element?: string;
      readonly options: readonly string[];
    };
