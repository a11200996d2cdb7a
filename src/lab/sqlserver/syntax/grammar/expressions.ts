import type { IToken } from 'chevrotain';
import type { Condition, Expression, When } from '../expressions.ts';
import type { QueryExpression } from '../queries.ts';
import * as T from '../tokens.ts';
import type { Rule } from './base.ts';
import { LiteralGrammar } from './literals.ts';
import { arithmeticTree, signed } from './operators.ts';

const { K } = T;

/** What may follow a query in parentheses when it is part of another query. */
const QUERY_GOES_ON = [K.UNION, K.EXCEPT, K.INTERSECT, K.ORDER, K.FOR, K.OPTION];

export type Tree = Expression | Condition;

/** What an operand may be: in a condition parentheses may hold a condition as well as a value. */
export type Place = 'value' | 'condition';

export const isTreeCondition = (tree: Tree): tree is Condition => 'condition' in tree;

/** Values: operators, CASE, casts, parentheses. Calls and columns are in calls.ts, conditions in conditions.ts. */
export abstract class ExpressionGrammar extends LiteralGrammar {
  protected abstract readonly query: Rule<QueryExpression>;
  protected abstract readonly condition: Rule<Condition>;
  /** What stands in parentheses of a condition. */
  protected abstract readonly search: Rule<Tree>;
  /** A column, a call, or a keyword that is one. */
  protected abstract readonly reference: Rule<Expression>;

  /** `(SELECT`, also behind more parentheses when they belong to a query: `((SELECT 1) UNION SELECT 2)`. */
  protected queryAhead(ahead: number): boolean {
    let inner = ahead;
    while (this.is(T.LeftParenthesis, inner)) inner += 1;
    if (inner === ahead || !this.is(K.SELECT, inner)) return false;
    for (let open = inner - 1; open > ahead; open -= 1) {
      const after = this.pairEnd(open);
      if (after === 0 || !QUERY_GOES_ON.some(type => this.is(type, after))) return false;
    }
    return true;
  }

  /** Arithmetic on values; in a condition a condition in parentheses comes through untouched. */
  protected readonly arithmetic: Rule<Tree, [Place]> = this.rule('arithmetic', (place: Place) => {
    const first = this.SUBRULE(this.operand, { ARGS: [place] });
    const operators: IToken[] = [];
    const operands: Expression[] = [];
    this.MANY({
      GATE: () => !isTreeCondition(first),
      DEF: () => {
        this.inChain(operators.push(this.CONSUME(T.ArithmeticOperator)));
        const next = this.SUBRULE1(this.operand, { ARGS: ['value'] });
        if (!this.RECORDING_PHASE && !isTreeCondition(next)) operands.push(next);
      },
    });
    if (this.RECORDING_PHASE || isTreeCondition(first) || operands.length === 0) return first;
    return arithmeticTree(first, operators, operands);
  });

  readonly expression: Rule<Expression> = this.rule('expression', () => {
    const tree = this.SUBRULE(this.arithmetic, { ARGS: ['value'] });
    return this.asExpression(tree);
  });

  /** In the place of a value `arithmetic` gives a value only; the types cannot say so. */
  protected asExpression(tree: Tree): Expression {
    if (this.RECORDING_PHASE) return { line: 1, node: 'literal', literal: { kind: 'null' } };
    if (!isTreeCondition(tree)) return tree;
    throw new TypeError('a condition in the place of a value');
  }

  protected readonly expressionList: Rule<Expression[]> = this.listOf(
    'expressionList',
    () => this.expression,
  );

  protected readonly expressionOrDefault: Rule<Expression> = this.rule('expressionOrDefault', () =>
    this.choose([
      { ALT: () => this.SUBRULE(this.defaultValue) },
      { ALT: () => this.SUBRULE(this.expression) },
    ]),
  );

  protected readonly valueList: Rule<Expression[]> = this.listOf('valueList', () => this.expressionOrDefault);

  private readonly operand: Rule<Tree, [Place]> = this.rule('operand', (place: Place) => {
    const signs: IToken[] = [];
    let suffixes = 0;
    this.MANY(() => {
      const sign = this.choose([
        { ALT: () => this.CONSUME(T.Minus) },
        { ALT: () => this.CONSUME(T.Plus) },
        { ALT: () => this.CONSUME(T.Tilde) },
      ]);
      this.inChain(signs.push(sign));
    });
    let tree = this.SUBRULE(this.primary, { ARGS: [signs.length > 0 ? 'value' : place] });
    this.MANY1({
      GATE: () => !isTreeCondition(tree) && !(this.is(K.AT) && !this.is(K.TIME, 2)),
      DEF: () => {
        suffixes += 1;
        this.inChain(suffixes);
        tree = this.SUBRULE(this.suffix, { ARGS: [tree] });
      },
    });
    return this.RECORDING_PHASE || isTreeCondition(tree) ? tree : signed(signs, tree);
  });

  /** COLLATE or AT TIME ZONE behind a value. */
  private readonly suffix: Rule<Tree, [Tree]> = this.rule('suffix', (operand: Tree) => {
    const line = this.line();
    return this.choose<Tree>([
      {
        ALT: () => {
          this.CONSUME(K.COLLATE);
          const collation = this.SUBRULE(this.name);
          return { line, node: 'collate', operand: this.asExpression(operand), collation };
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.AT);
          this.CONSUME(K.TIME);
          this.CONSUME(K.ZONE);
          const zone = this.asExpression(this.SUBRULE(this.primary, { ARGS: ['value'] }));
          return { line, node: 'at-time-zone', operand: this.asExpression(operand), zone };
        },
      },
    ]);
  });

  private readonly primary: Rule<Tree, [Place]> = this.rule('primary', (place: Place) =>
    this.choose<Tree>([
      { ALT: () => this.SUBRULE(this.literal) },
      {
        ALT: () => {
          const variable = this.SUBRULE(this.variable);
          if (this.is(T.Dot)) this.refuse('methods of a variable');
          return variable;
        },
      },
      { GATE: () => this.queryAhead(1), ALT: () => this.SUBRULE(this.scalarQuery) },
      { ALT: () => this.SUBRULE(this.parentheses, { ARGS: [place] }) },
      { ALT: () => this.SUBRULE(this.caseExpression) },
      {
        ALT: () => {
          this.CONSUME(T.LeftBrace);
          this.refuse('the escape {fn …}');
          return this.SUBRULE(this.expression);
        },
      },
      { GATE: () => this.castAhead(), ALT: () => this.SUBRULE(this.cast) },
      { ALT: () => this.SUBRULE(this.reference) },
    ]),
  );

  private readonly scalarQuery: Rule<Expression> = this.rule('scalarQuery', () => {
    const line = this.line();
    return this.nested(() => {
      this.CONSUME(T.LeftParenthesis);
      const query = this.SUBRULE(this.query);
      this.CONSUME(T.RightParenthesis);
      return { line, node: 'scalar', query };
    });
  });

  private readonly parentheses: Rule<Tree, [Place]> = this.rule('parentheses', (place: Place) =>
    this.nested(() => {
      this.CONSUME(T.LeftParenthesis);
      const tree = this.choose<Tree>([
        { GATE: () => place === 'condition', ALT: () => this.SUBRULE(this.search) },
        { ALT: () => this.SUBRULE(this.expression) },
      ]);
      this.CONSUME(T.RightParenthesis);
      return tree;
    }),
  );

  private readonly caseExpression: Rule<Expression> = this.rule('caseExpression', () => {
    const line = this.line();
    return this.nested(() => {
      const whens: When[] = [];
      this.CONSUME(K.CASE);
      const operand = this.OPTION(() => this.SUBRULE(this.expression));
      this.AT_LEAST_ONE(() => {
        this.CONSUME(K.WHEN);
        const when = this.choose<Tree>([
          { GATE: () => operand === undefined, ALT: () => this.SUBRULE(this.condition) },
          { ALT: () => this.SUBRULE1(this.expression) },
        ]);
        this.CONSUME(K.THEN);
        // biome-ignore lint/suspicious/noThenProperty: the tree names it as T-SQL does and is never awaited
        whens.push({ when, then: this.SUBRULE2(this.expression) });
      });
      const otherwise = this.OPTION1(() => {
        this.CONSUME(K.ELSE);
        return this.SUBRULE3(this.expression);
      });
      this.CONSUME(K.END);
      return {
        line,
        node: 'case',
        ...(operand === undefined ? {} : { operand }),
        whens,
        ...(otherwise === undefined ? {} : { otherwise }),
      };
    });
  });

  private castAhead(): boolean {
    if (this.is(K.CONVERT) || this.is(K.TRY_CONVERT)) return true;
    return (
      this.is(T.LeftParenthesis, 2) && [K.CAST, K.TRY_CAST, K.PARSE, K.TRY_PARSE].some(type => this.is(type))
    );
  }

  private readonly cast: Rule<Expression> = this.rule('cast', () => {
    const line = this.line();
    return this.nested(() =>
      this.choose<Expression>([
        {
          ALT: () => {
            const trying = this.choose1([
              { ALT: () => this.CONSUME(K.CAST) },
              { ALT: () => this.CONSUME(K.TRY_CAST) },
            ]);
            this.CONSUME(T.LeftParenthesis);
            const operand = this.SUBRULE(this.expression);
            this.CONSUME(K.AS);
            const type = this.SUBRULE(this.typeName);
            this.CONSUME(T.RightParenthesis);
            return { line, node: 'cast', operand, type, trying: trying.tokenType === K.TRY_CAST };
          },
        },
        {
          ALT: () => {
            const trying = this.choose2([
              { ALT: () => this.CONSUME(K.CONVERT) },
              { ALT: () => this.CONSUME(K.TRY_CONVERT) },
            ]);
            this.CONSUME1(T.LeftParenthesis);
            const type = this.SUBRULE1(this.typeName);
            this.CONSUME(T.Comma);
            const operand = this.SUBRULE1(this.expression);
            const style = this.OPTION(() => {
              this.CONSUME1(T.Comma);
              return this.SUBRULE2(this.expression);
            });
            this.CONSUME1(T.RightParenthesis);
            return {
              line,
              node: 'cast',
              operand,
              type,
              ...(style === undefined ? {} : { style }),
              trying: trying.tokenType === K.TRY_CONVERT,
            };
          },
        },
        {
          ALT: () => {
            this.choose3([{ ALT: () => this.CONSUME(K.PARSE) }, { ALT: () => this.CONSUME(K.TRY_PARSE) }]);
            this.refuse('PARSE');
            return this.SUBRULE3(this.expression);
          },
        },
      ]),
    );
  });
}
