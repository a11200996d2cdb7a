import type { Bound, Expression, Frame, OrderItem, Window } from '../expressions.ts';
import type { Name as ObjectName } from '../names.ts';
import * as T from '../tokens.ts';
import type { Rule } from './base.ts';
import { ExpressionGrammar } from './expressions.ts';

const { K } = T;

/** Columns, function calls, and their windows. */
export abstract class CallGrammar extends ExpressionGrammar {
  protected readonly reference: Rule<Expression> = this.rule('reference', () => {
    const line = this.line();
    return this.choose<Expression>([
      { ALT: () => this.SUBRULE(this.pseudoColumn) },
      {
        GATE: () => this.is(T.LeftParenthesis, 2),
        ALT: () => this.SUBRULE(this.iif),
      },
      {
        GATE: () => this.is(K.VALUE, 2) && this.is(K.FOR, 3),
        ALT: () => {
          this.CONSUME(K.NEXT);
          this.CONSUME(K.VALUE);
          this.CONSUME(K.FOR);
          const sequence = this.SUBRULE(this.path);
          if (this.is(K.OVER)) this.refuse('NEXT VALUE FOR … OVER');
          return { line, node: 'next-value', sequence };
        },
      },
      {
        ALT: () => {
          const name = this.SUBRULE(this.reservedFunction);
          return this.SUBRULE(this.call, { ARGS: [name, line] });
        },
      },
      {
        ALT: () => {
          const name = [this.SUBRULE(this.niladicFunction)];
          return { line, node: 'call', name, arguments: [], star: false, distinct: false };
        },
      },
      {
        ALT: () => {
          const name = this.SUBRULE1(this.path);
          if (this.is(T.DoubleColon)) this.refuse('methods of a type (::)');
          return (
            this.OPTION(() => this.SUBRULE1(this.call, { ARGS: [name, line] })) ?? {
              line,
              node: 'column',
              name,
            }
          );
        },
      },
    ]);
  });

  private readonly pseudoColumn: Rule<Expression> = this.rule('pseudoColumn', () => {
    const line = this.line();
    const name = this.choose([
      { ALT: () => this.CONSUME(T.PseudoColumn).image.toLowerCase() },
      {
        ALT: () => {
          this.CONSUME(K.IDENTITYCOL);
          return '$identity';
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.ROWGUIDCOL);
          return '$rowguid';
        },
      },
    ]);
    if (name === '$partition') this.refuse('$PARTITION');
    return { line, node: 'pseudo', name };
  });

  private readonly reservedFunction: Rule<ObjectName> = this.rule('reservedFunction', () => {
    const token = this.choose([
      { ALT: () => this.CONSUME(K.COALESCE) },
      { ALT: () => this.CONSUME(K.NULLIF) },
      { ALT: () => this.CONSUME(K.LEFT) },
      { ALT: () => this.CONSUME(K.RIGHT) },
      {
        ALT: () => {
          this.refuse('IDENTITY(…) of SELECT INTO');
          return this.CONSUME(K.IDENTITY);
        },
      },
    ]);
    return [token.image];
  });

  private readonly niladicFunction: Rule<string> = this.rule(
    'niladicFunction',
    () =>
      this.choose([
        { ALT: () => this.CONSUME(K.CURRENT_TIMESTAMP) },
        { ALT: () => this.CONSUME(K.CURRENT_DATE) },
        { ALT: () => this.CONSUME(K.CURRENT_USER) },
        { ALT: () => this.CONSUME(K.SESSION_USER) },
        { ALT: () => this.CONSUME(K.SYSTEM_USER) },
        { ALT: () => this.CONSUME(K.USER) },
      ]).image,
  );

  /** IIF is CASE in short. */
  private readonly iif: Rule<Expression> = this.rule('iif', () => {
    const line = this.line();
    return this.nested(() => {
      this.CONSUME(K.IIF);
      this.CONSUME(T.LeftParenthesis);
      const when = this.SUBRULE(this.condition);
      this.CONSUME(T.Comma);
      const then = this.SUBRULE(this.expression);
      this.CONSUME1(T.Comma);
      const otherwise = this.SUBRULE1(this.expression);
      this.CONSUME(T.RightParenthesis);
      return { line, node: 'case', whens: [{ when, then }], otherwise };
    });
  });

  private readonly call: Rule<Expression, [ObjectName, number]> = this.rule(
    'call',
    (name: ObjectName, line: number) => {
      let star = false;
      let distinct = false;
      this.CONSUME(T.LeftParenthesis);
      const values = this.nested(() =>
        this.OPTION(() =>
          this.choose([
            {
              ALT: (): Expression[] => {
                this.CONSUME(T.Star);
                star = true;
                return [];
              },
            },
            {
              ALT: () => {
                this.OPTION1(() => {
                  distinct =
                    this.choose1([
                      { ALT: () => this.CONSUME(K.DISTINCT) },
                      { ALT: () => this.CONSUME(K.ALL) },
                    ]).tokenType === K.DISTINCT;
                });
                return this.SUBRULE(this.valueList);
              },
            },
          ]),
        ),
      );
      if (this.is(K.FROM)) this.refuse(`${name.join('.')} (… FROM …)`);
      if (this.is(T.Colon)) this.refuse(`${name.join('.')} (key : value)`);
      this.CONSUME(T.RightParenthesis);
      if (this.is(T.Dot)) this.refuse('methods of a value');
      if ((this.is(K.IGNORE) || this.is(K.RESPECT)) && this.is(K.NULLS, 2)) this.refuse('IGNORE NULLS');
      const withinGroup = this.OPTION2({
        GATE: () => this.is(K.GROUP, 2),
        DEF: () => {
          this.CONSUME(K.WITHIN);
          this.CONSUME(K.GROUP);
          this.CONSUME1(T.LeftParenthesis);
          this.CONSUME(K.ORDER);
          this.CONSUME(K.BY);
          const items = this.SUBRULE(this.orderItems);
          this.CONSUME1(T.RightParenthesis);
          return items;
        },
      });
      const over = this.OPTION3(() => this.SUBRULE(this.over));
      return {
        line,
        node: 'call',
        name,
        arguments: values ?? [],
        star,
        distinct,
        ...(over === undefined ? {} : { over }),
        ...(withinGroup === undefined ? {} : { withinGroup }),
      };
    },
  );

  private readonly over: Rule<Window> = this.rule('over', () => {
    this.CONSUME(K.OVER);
    if (this.is(T.Name)) this.refuse('named windows');
    this.CONSUME(T.LeftParenthesis);
    const partitionBy = this.OPTION({
      GATE: () => this.is(K.BY, 2),
      DEF: () => {
        this.CONSUME(K.PARTITION);
        this.CONSUME(K.BY);
        return this.SUBRULE(this.expressionList);
      },
    });
    const orderBy = this.OPTION1(() => {
      this.CONSUME(K.ORDER);
      this.CONSUME1(K.BY);
      return this.SUBRULE(this.orderItems);
    });
    const frame = this.OPTION2(() => this.SUBRULE(this.frame));
    this.CONSUME(T.RightParenthesis);
    return {
      partitionBy: partitionBy ?? [],
      orderBy: orderBy ?? [],
      ...(frame === undefined ? {} : { frame }),
    };
  });

  private readonly frame: Rule<Frame> = this.rule('frame', () => {
    const unit = this.choose([
      {
        ALT: (): 'rows' | 'range' => {
          this.CONSUME(K.ROWS);
          return 'rows';
        },
      },
      {
        ALT: (): 'rows' | 'range' => {
          this.CONSUME(K.RANGE);
          return 'range';
        },
      },
    ]);
    return this.choose1<Frame>([
      {
        ALT: () => {
          this.CONSUME(K.BETWEEN);
          const from = this.SUBRULE(this.bound);
          this.CONSUME(K.AND);
          return { unit, from, to: this.SUBRULE1(this.bound) };
        },
      },
      { ALT: () => ({ unit, from: this.SUBRULE2(this.bound), to: { kind: 'current' } }) },
    ]);
  });

  private readonly bound: Rule<Bound> = this.rule('bound', () =>
    this.choose<Bound>([
      {
        ALT: () => {
          this.CONSUME(K.UNBOUNDED);
          return {
            kind: this.SUBRULE(this.side) === 'preceding' ? 'unbounded-preceding' : 'unbounded-following',
          };
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.CURRENT);
          this.CONSUME(K.ROW);
          return { kind: 'current' };
        },
      },
      {
        ALT: () => {
          const count = Number(this.CONSUME(T.IntegerLiteral).image);
          return { kind: this.SUBRULE1(this.side), count };
        },
      },
    ]),
  );

  private readonly side: Rule<'preceding' | 'following'> = this.rule('side', () =>
    this.choose<'preceding' | 'following'>([
      {
        ALT: () => {
          this.CONSUME(K.PRECEDING);
          return 'preceding';
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.FOLLOWING);
          return 'following';
        },
      },
    ]),
  );

  private readonly orderItem: Rule<OrderItem> = this.rule('orderItem', () => {
    const expression = this.SUBRULE(this.expression);
    const descending = this.OPTION(() => this.SUBRULE(this.direction));
    return { expression, descending: descending ?? false };
  });

  /** ASC or DESC; whether it is DESC. */
  protected readonly direction: Rule<boolean> = this.rule('direction', () => {
    const token = this.choose([{ ALT: () => this.CONSUME(K.ASC) }, { ALT: () => this.CONSUME(K.DESC) }]);
    return token.tokenType === K.DESC;
  });

  protected readonly orderItems: Rule<OrderItem[]> = this.listOf('orderItems', () => this.orderItem);
}
