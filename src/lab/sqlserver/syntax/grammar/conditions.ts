import { EOF, type IToken } from 'chevrotain';
import type { Comparison, Condition, Expression } from '../expressions.ts';
import { notBoolean } from '../faults.ts';
import type { QueryExpression } from '../queries.ts';
import * as T from '../tokens.ts';
import type { Rule } from './base.ts';
import { CallGrammar } from './calls.ts';
import { isTreeCondition, type Tree } from './expressions.ts';
import { balanced } from './operators.ts';

const { K } = T;

const comparisonOf = (token: IToken): Comparison => {
  const operator = T.textOf(token);
  switch (operator) {
    case '=':
    case '<>':
    case '<':
    case '<=':
    case '>':
    case '>=':
      return operator;
    default:
      return '=';
  }
};

/** Conditions. Parentheses are read once, whether they hold a condition or a value (`search`). */
export abstract class ConditionGrammar extends CallGrammar {
  readonly condition: Rule<Condition> = this.rule('condition', () =>
    this.asCondition(this.SUBRULE(this.search)),
  );

  private asCondition(tree: Tree): Condition {
    if (this.RECORDING_PHASE) return { line: 1, condition: 'updated', column: '' };
    if (isTreeCondition(tree)) return tree;
    const next = this.LA(1);
    const at = next.tokenType === EOF ? this.LA(0) : next;
    throw notBoolean(at, at.startLine ?? 1);
  }

  protected readonly search: Rule<Tree> = this.rule('search', () => {
    const first = this.SUBRULE(this.predicate);
    const alternatives: Condition[] = [];
    let terms: Condition[] = [];
    let last = first;
    this.MANY(() => {
      const left = this.asCondition(last);
      const operator = this.choose([{ ALT: () => this.CONSUME(K.AND) }, { ALT: () => this.CONSUME(K.OR) }]);
      terms.push(left);
      if (operator.tokenType === K.OR) {
        alternatives.push(balanced('and', terms));
        terms = [];
      }
      last = this.SUBRULE1(this.predicate);
    });
    if (this.RECORDING_PHASE || (terms.length === 0 && alternatives.length === 0)) return first;
    terms.push(this.asCondition(last));
    alternatives.push(balanced('and', terms));
    return balanced('or', alternatives);
  });

  private readonly predicate: Rule<Tree> = this.rule('predicate', () => {
    const nots: number[] = [];
    this.MANY(() => {
      this.inChain(nots.push(this.CONSUME(K.NOT).startLine ?? 1));
    });
    const tree = this.choose<Tree>([
      { ALT: () => this.SUBRULE(this.exists) },
      { ALT: () => this.SUBRULE(this.updated) },
      { ALT: () => this.SUBRULE(this.fullText) },
      {
        ALT: () => {
          const left = this.SUBRULE(this.arithmetic, { ARGS: ['condition'] });
          return (
            this.OPTION({
              GATE: () => !isTreeCondition(left),
              DEF: () => this.SUBRULE(this.predicateTail, { ARGS: [this.asExpression(left)] }),
            }) ?? left
          );
        },
      },
    ]);
    if (nots.length === 0 || this.RECORDING_PHASE) return tree;
    return nots.reduceRight<Condition>(
      (operand, line) => ({ line, condition: 'not', operand }),
      this.asCondition(tree),
    );
  });

  private readonly exists: Rule<Condition> = this.rule('exists', () => {
    const line = this.line();
    this.CONSUME(K.EXISTS);
    return { line, condition: 'exists', query: this.SUBRULE(this.queryInParentheses) };
  });

  protected readonly queryInParentheses: Rule<QueryExpression> = this.rule('queryInParentheses', () =>
    this.nested(() => {
      this.CONSUME(T.LeftParenthesis);
      const query = this.SUBRULE(this.query);
      this.CONSUME(T.RightParenthesis);
      return query;
    }),
  );

  private readonly updated: Rule<Condition> = this.rule('updated', () => {
    const line = this.line();
    this.CONSUME(K.UPDATE);
    this.CONSUME(T.LeftParenthesis);
    const column = this.SUBRULE(this.name);
    this.CONSUME(T.RightParenthesis);
    return { line, condition: 'updated', column };
  });

  private readonly fullText: Rule<Condition> = this.rule('fullText', () => {
    this.choose([{ ALT: () => this.CONSUME(K.CONTAINS) }, { ALT: () => this.CONSUME(K.FREETEXT) }]);
    this.refuse('full-text search');
    return this.SUBRULE(this.exists);
  });

  private readonly predicateTail: Rule<Condition, [Expression]> = this.rule(
    'predicateTail',
    (operand: Expression) => {
      const line = this.line();
      return this.choose<Condition>([
        { ALT: () => this.SUBRULE(this.comparison, { ARGS: [operand] }) },
        {
          ALT: () => {
            this.CONSUME(K.IS);
            const negated = this.OPTION(() => this.CONSUME(K.NOT)) !== undefined;
            return this.choose1<Condition>([
              {
                ALT: () => {
                  this.CONSUME(K.NULL);
                  return { line, condition: 'null', operand, negated };
                },
              },
              {
                ALT: () => {
                  this.CONSUME(K.DISTINCT);
                  this.CONSUME(K.FROM);
                  const right = this.SUBRULE(this.expression);
                  return { line, condition: 'distinct', left: operand, right, negated };
                },
              },
            ]);
          },
        },
        {
          ALT: () => {
            const negated = this.OPTION1(() => this.CONSUME1(K.NOT)) !== undefined;
            return this.SUBRULE(this.rangeTail, { ARGS: [operand, negated] });
          },
        },
      ]);
    },
  );

  private readonly comparison: Rule<Condition, [Expression]> = this.rule('comparison', (left: Expression) => {
    const line = this.line();
    const operator = comparisonOf(this.CONSUME(T.ComparisonOperator));
    return this.choose<Condition>([
      {
        ALT: () => {
          const quantifier = this.choose1([
            { ALT: () => this.CONSUME(K.ALL) },
            { ALT: () => this.CONSUME(K.SOME) },
            { ALT: () => this.CONSUME(K.ANY) },
          ]);
          const query = this.SUBRULE(this.queryInParentheses);
          return {
            line,
            condition: 'quantified',
            operator,
            left,
            all: quantifier.tokenType === K.ALL,
            query,
          };
        },
      },
      {
        ALT: () => ({ line, condition: 'compare', operator, left, right: this.SUBRULE(this.expression) }),
      },
    ]);
  });

  private readonly rangeTail: Rule<Condition, [Expression, boolean]> = this.rule(
    'rangeTail',
    (operand: Expression, negated: boolean) => {
      const line = this.line();
      return this.choose<Condition>([
        {
          ALT: () => {
            this.CONSUME(K.BETWEEN);
            const low = this.SUBRULE(this.expression);
            this.CONSUME(K.AND);
            return {
              line,
              condition: 'between',
              operand,
              low,
              high: this.SUBRULE1(this.expression),
              negated,
            };
          },
        },
        {
          ALT: () => {
            this.CONSUME(K.LIKE);
            const pattern = this.SUBRULE2(this.expression);
            const escaped = this.OPTION(() => {
              this.CONSUME(K.ESCAPE);
              return this.SUBRULE3(this.expression);
            });
            return {
              line,
              condition: 'like',
              operand,
              pattern,
              ...(escaped === undefined ? {} : { escape: escaped }),
              negated,
            };
          },
        },
        {
          ALT: () => {
            this.CONSUME(K.IN);
            return { line, condition: 'in', operand, list: this.SUBRULE(this.inList), negated };
          },
        },
      ]);
    },
  );

  private readonly inList: Rule<Expression[] | QueryExpression> = this.rule('inList', () =>
    this.choose<Expression[] | QueryExpression>([
      { GATE: () => this.queryAhead(1), ALT: () => this.SUBRULE(this.queryInParentheses) },
      {
        ALT: () =>
          this.nested(() => {
            this.CONSUME(T.LeftParenthesis);
            const list = this.SUBRULE(this.expressionList);
            this.CONSUME(T.RightParenthesis);
            return list;
          }),
      },
    ]),
  );
}
