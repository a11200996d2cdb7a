import type { Expression } from '../expressions.ts';
import type { Name as ObjectName } from '../names.ts';
import type { ExecuteStatement } from '../statements.ts';
import * as T from '../tokens.ts';
import type { Rule } from './base.ts';
import { MergeGrammar } from './merge.ts';

const { K } = T;

type Argument = ExecuteStatement['arguments'][number];

/** EXECUTE, with and without its keyword. */
export abstract class ExecuteGrammar extends MergeGrammar {
  protected readonly execute: Rule<ExecuteStatement> = this.rule('execute', () => {
    const line = this.line();
    this.choose([{ ALT: () => this.CONSUME(K.EXEC) }, { ALT: () => this.CONSUME(K.EXECUTE) }]);
    if (this.is(K.AS)) this.refuse('EXECUTE AS');
    return this.choose1<ExecuteStatement>([
      { ALT: () => this.SUBRULE(this.executeText, { ARGS: [line] }) },
      {
        ALT: () => {
          const result = this.OPTION({
            GATE: () => this.is(T.Equals, 2),
            DEF: () => {
              const name = this.CONSUME(T.Variable).image;
              this.CONSUME(T.Equals);
              return name;
            },
          });
          const call = this.choose2<ExecuteStatement>([
            {
              ALT: () => {
                const name = this.CONSUME1(T.Variable).image;
                const values = this.SUBRULE(this.executeArguments);
                return { line, statement: 'execute', target: { kind: 'variable', name }, arguments: values };
              },
            },
            { ALT: () => this.SUBRULE(this.executeProcedure, { ARGS: [line] }) },
          ]);
          this.SUBRULE(this.executeOptions);
          return result === undefined ? call : { ...call, result };
        },
      },
    ]);
  });

  /** At the beginning of a batch EXECUTE may be left out. */
  protected readonly executeProcedure: Rule<ExecuteStatement, [number]> = this.rule(
    'executeProcedure',
    (line: number) => {
      const name: ObjectName = this.SUBRULE(this.procedureName);
      const values = this.SUBRULE(this.executeArguments);
      return { line, statement: 'execute', target: { kind: 'procedure', name }, arguments: values };
    },
  );

  private readonly procedureName: Rule<ObjectName> = this.rule('procedureName', () => {
    const name = this.SUBRULE(this.path);
    if (this.is(T.Semicolon) && this.is(T.IntegerLiteral, 2)) this.refuse('numbered procedures');
    return name;
  });

  private readonly executeOptions: Rule<void> = this.rule('executeOptions', () => {
    this.OPTION({
      GATE: () => this.is(K.RECOMPILE, 2) || this.is(K.RESULT, 2),
      DEF: () => {
        this.CONSUME(K.WITH);
        if (this.is(K.RESULT)) this.refuse('WITH RESULT SETS');
        this.CONSUME(K.RECOMPILE);
      },
    });
  });

  private readonly executeText: Rule<ExecuteStatement, [number]> = this.rule(
    'executeText',
    (line: number) => {
      this.CONSUME(T.LeftParenthesis);
      const text = this.SUBRULE(this.expression);
      if (this.is(T.Comma)) this.refuse('EXEC (text, arguments)');
      this.CONSUME(T.RightParenthesis);
      if (this.is(K.AS)) this.refuse('EXECUTE … AS');
      const at = this.OPTION({
        GATE: () => !this.is(T.Colon, 2),
        DEF: () => {
          this.CONSUME(K.AT);
          return this.SUBRULE(this.name);
        },
      });
      return {
        line,
        statement: 'execute',
        target: { kind: 'text', text, ...(at === undefined ? {} : { at }) },
        arguments: [],
      };
    },
  );

  private readonly executeArguments: Rule<Argument[]> = this.rule('executeArguments', () => {
    const values: Argument[] = [];
    this.OPTION({
      // A name here is an argument, except when it is the label of the next statement.
      GATE: () => !(this.is(T.Name) && this.is(T.Colon, 2)),
      DEF: () => {
        this.AT_LEAST_ONE_SEP({
          SEP: T.Comma,
          DEF: () => {
            values.push(this.SUBRULE(this.executeArgument));
          },
        });
      },
    });
    return values;
  });

  private readonly executeArgument: Rule<Argument> = this.rule('executeArgument', () => {
    const name = this.OPTION({
      GATE: () => this.is(T.Equals, 2),
      DEF: () => {
        const parameter = this.CONSUME(T.Variable).image;
        this.CONSUME(T.Equals);
        return parameter;
      },
    });
    const value = this.SUBRULE(this.executeValue);
    const output = this.OPTION1(() =>
      this.choose([{ ALT: () => this.CONSUME(K.OUTPUT) }, { ALT: () => this.CONSUME(K.OUT) }]),
    );
    return { ...(name === undefined ? {} : { name }), value, output: output !== undefined };
  });

  /** A constant, a variable, DEFAULT, or a bare word, which is a string. */
  private readonly executeValue: Rule<Expression> = this.rule('executeValue', () => {
    const line = this.line();
    return this.choose<Expression>([
      { ALT: () => this.SUBRULE(this.defaultValue) },
      { ALT: () => this.SUBRULE(this.constant) },
      { ALT: () => this.SUBRULE(this.variable) },
      { ALT: () => ({ line, node: 'literal', literal: { kind: 'nstring', text: this.SUBRULE(this.name) } }) },
    ]);
  });

  /** A literal, a number with its sign. */
  protected readonly constant: Rule<Expression> = this.rule('constant', () => {
    const line = this.line();
    return this.choose<Expression>([
      { ALT: () => this.SUBRULE(this.literal) },
      {
        ALT: () => {
          this.CONSUME(T.Minus);
          return { line, node: 'unary', operator: '-', operand: this.SUBRULE1(this.literal) };
        },
      },
      {
        ALT: () => {
          this.CONSUME(T.Plus);
          return { line, node: 'unary', operator: '+', operand: this.SUBRULE2(this.literal) };
        },
      },
    ]);
  });
}
