import type { Expression } from '../expressions.ts';
import { near, withNeedsSeparator } from '../faults.ts';
import type { TypeName } from '../names.ts';
import type { DeclaredVariable, FlowStatement, Statement } from '../statements.ts';
import * as T from '../tokens.ts';
import type { Rule } from './base.ts';
import { assignOperatorOf } from './queries.ts';
import { TableGrammar } from './tables.ts';

const { K } = T;

/** Blocks, branches, loops, variables, messages. */
export abstract class FlowGrammar extends TableGrammar {
  /** `first` is true for the first statement of a batch: modules must be there, and EXECUTE may be left out. */
  protected abstract readonly statement: Rule<Statement, [boolean]>;

  /** Statements with or without semicolons between them; only WITH needs one before it. */
  protected readonly statements: Rule<Statement[], [boolean]> = this.rule('statements', (batch: boolean) => {
    const list: Statement[] = [];
    this.MANY({
      GATE: () => !this.is(K.END),
      DEF: () =>
        this.choose([
          {
            ALT: () => {
              this.CONSUME(T.Semicolon);
            },
          },
          {
            ALT: () => {
              if (list.length > 0) this.needsSeparator();
              const statement = this.SUBRULE(this.statement, { ARGS: [batch && list.length === 0] });
              list.push(statement);
            },
          },
        ]),
    });
    return list;
  });

  /** WITH, THROW and ENABLE or DISABLE TRIGGER begin a statement only behind a semicolon (or a label). */
  private needsSeparator(): void {
    const before = this.LA(0).tokenType;
    if (this.RECORDING_PHASE || before === T.Semicolon || before === T.Colon) return;
    const next = this.LA(1);
    if (this.is(K.WITH)) throw withNeedsSeparator(next);
    const toggle = (this.is(K.ENABLE) || this.is(K.DISABLE)) && this.is(K.TRIGGER, 2);
    if (toggle || (this.is(K.THROW) && !this.is(T.Colon, 2))) throw near(next);
  }

  protected readonly block: Rule<FlowStatement> = this.rule('block', () => {
    const line = this.line();
    return this.nested(() => {
      this.CONSUME(K.BEGIN);
      if (this.is(K.ATOMIC)) this.refuse('BEGIN ATOMIC');
      if (this.is(K.DIALOG) || this.is(K.CONVERSATION)) this.refuse('BEGIN DIALOG');
      if (this.is(K.DISTRIBUTED)) this.refuse('BEGIN DISTRIBUTED TRANSACTION');
      const body = this.SUBRULE(this.statements, { ARGS: [false] });
      if (!this.RECORDING_PHASE && body.length === 0) this.stopAt(this.LA(1));
      this.CONSUME(K.END);
      return { line, statement: 'block', body };
    });
  });

  protected readonly tryCatch: Rule<FlowStatement> = this.rule('tryCatch', () => {
    const line = this.line();
    return this.nested(() => {
      this.CONSUME(K.BEGIN);
      this.CONSUME(K.TRY);
      const body = this.SUBRULE(this.statements, { ARGS: [false] });
      if (!this.RECORDING_PHASE && body.length === 0) this.stopAt(this.LA(1));
      this.CONSUME(K.END);
      this.CONSUME1(K.TRY);
      this.MANY(() => this.CONSUME(T.Semicolon));
      this.CONSUME1(K.BEGIN);
      this.CONSUME(K.CATCH);
      const handler = this.SUBRULE1(this.statements, { ARGS: [false] });
      this.CONSUME1(K.END);
      this.CONSUME1(K.CATCH);
      return { line, statement: 'try', body, handler };
    });
  });

  // Not counted as nesting: ELSE IF makes long chains that are not deep to read.
  protected readonly ifStatement: Rule<FlowStatement> = this.rule('ifStatement', () => {
    const line = this.line();
    this.CONSUME(K.IF);
    const condition = this.SUBRULE(this.condition);
    // biome-ignore lint/suspicious/noThenProperty: the tree names it as T-SQL does and is never awaited
    const parts = { condition, then: this.SUBRULE(this.statement, { ARGS: [false] }) };
    const otherwise = this.OPTION({
      GATE: () => this.elseAhead(),
      DEF: () => {
        this.MANY(() => this.CONSUME(T.Semicolon));
        this.CONSUME(K.ELSE);
        return this.SUBRULE1(this.statement, { ARGS: [false] });
      },
    });
    return { line, statement: 'if', ...parts, ...(otherwise === undefined ? {} : { otherwise }) };
  });

  private elseAhead(): boolean {
    let at = 1;
    while (this.is(T.Semicolon, at)) at += 1;
    return this.is(K.ELSE, at);
  }

  protected readonly whileStatement: Rule<FlowStatement> = this.rule('whileStatement', () => {
    const line = this.line();
    return this.nested(() => {
      this.CONSUME(K.WHILE);
      const condition = this.SUBRULE(this.condition);
      return { line, statement: 'while', condition, body: this.SUBRULE(this.statement, { ARGS: [false] }) };
    });
  });

  protected readonly jump: Rule<FlowStatement> = this.rule('jump', () => {
    const line = this.line();
    return this.choose<FlowStatement>([
      {
        ALT: () => {
          this.CONSUME(K.BREAK);
          return { line, statement: 'break' };
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.CONTINUE);
          return { line, statement: 'continue' };
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.GOTO);
          return { line, statement: 'goto', label: this.SUBRULE(this.name) };
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.RETURN);
          const value = this.OPTION({
            GATE: () => !(this.is(T.Name) && this.is(T.Colon, 2)),
            DEF: () => this.SUBRULE(this.expression),
          });
          return { line, statement: 'return', ...(value === undefined ? {} : { value }) };
        },
      },
    ]);
  });

  protected readonly labelStatement: Rule<FlowStatement> = this.rule('labelStatement', () => {
    const line = this.line();
    const label = this.SUBRULE(this.name);
    this.CONSUME(T.Colon);
    return { line, statement: 'label', label };
  });

  protected readonly declare: Rule<FlowStatement> = this.rule('declare', () => {
    const line = this.line();
    const variables: DeclaredVariable[] = [];
    this.CONSUME(K.DECLARE);
    this.AT_LEAST_ONE_SEP({
      SEP: T.Comma,
      DEF: () => {
        variables.push(this.SUBRULE(this.declaredVariable));
      },
    });
    return { line, statement: 'declare', variables };
  });

  private readonly declaredVariable: Rule<DeclaredVariable> = this.rule('declaredVariable', () => {
    const name = this.CONSUME(T.Variable).image;
    this.OPTION(() => this.CONSUME(K.AS));
    if (this.is(K.CURSOR)) this.refuse('cursor variables');
    const type = this.choose<DeclaredVariable['type']>([
      {
        ALT: () => {
          this.CONSUME(K.TABLE);
          return { table: this.SUBRULE(this.tableShape) };
        },
      },
      { ALT: (): TypeName => this.SUBRULE(this.typeName) },
    ]);
    const value = this.OPTION1(() => {
      this.CONSUME(T.Equals);
      return this.SUBRULE(this.expression);
    });
    return { name, type, ...(value === undefined ? {} : { value }) };
  });

  protected readonly setVariable: Rule<FlowStatement> = this.rule('setVariable', () => {
    const line = this.line();
    this.CONSUME(K.SET);
    const variable = this.CONSUME(T.Variable).image;
    if (this.is(T.Dot)) this.refuse('methods of a variable');
    const operator = assignOperatorOf(this.CONSUME(T.AssignmentOperator));
    if (this.is(K.CURSOR)) this.refuse('cursor variables');
    return { line, statement: 'set-variable', variable, operator, expression: this.SUBRULE(this.expression) };
  });

  protected readonly print: Rule<FlowStatement> = this.rule('print', () => {
    const line = this.line();
    this.CONSUME(K.PRINT);
    return { line, statement: 'print', message: this.SUBRULE(this.expression) };
  });

  protected readonly throwStatement: Rule<FlowStatement> = this.rule('throwStatement', () => {
    const line = this.line();
    this.CONSUME(K.THROW);
    const error = this.OPTION(() => {
      const number = this.SUBRULE(this.throwValue);
      this.CONSUME(T.Comma);
      const message = this.SUBRULE1(this.throwValue);
      this.CONSUME1(T.Comma);
      return { number, message, state: this.SUBRULE2(this.throwValue) };
    });
    return { line, statement: 'throw', ...(error === undefined ? {} : { error }) };
  });

  /** A literal or a variable. */
  protected readonly throwValue: Rule<Expression> = this.rule('throwValue', () =>
    this.choose([{ ALT: () => this.SUBRULE(this.literal) }, { ALT: () => this.SUBRULE(this.variable) }]),
  );

  protected readonly raiseError: Rule<FlowStatement> = this.rule('raiseError', () => {
    const line = this.line();
    const more: Expression[] = [];
    this.CONSUME(K.RAISERROR);
    this.CONSUME(T.LeftParenthesis);
    const message = this.SUBRULE(this.expression);
    this.CONSUME(T.Comma);
    const severity = this.SUBRULE1(this.expression);
    this.CONSUME1(T.Comma);
    const state = this.SUBRULE2(this.expression);
    this.MANY(() => {
      this.CONSUME2(T.Comma);
      more.push(this.SUBRULE3(this.expression));
    });
    this.CONSUME(T.RightParenthesis);
    const options = this.OPTION({
      GATE: () => this.is(T.Name, 2) && !this.is(K.AS, 3) && !this.is(T.LeftParenthesis, 3),
      DEF: () => {
        this.CONSUME(K.WITH);
        return this.SUBRULE(this.nameList);
      },
    });
    return {
      line,
      statement: 'raiserror',
      message,
      severity,
      state,
      arguments: more,
      options: this.RECORDING_PHASE ? [] : (options ?? []).map(option => option.toUpperCase()),
    };
  });

  protected readonly waitFor: Rule<FlowStatement> = this.rule('waitFor', () => {
    const line = this.line();
    this.CONSUME(K.WAITFOR);
    if (this.is(T.LeftParenthesis)) this.refuse('WAITFOR (…)');
    const kind = this.choose([{ ALT: () => this.CONSUME(K.DELAY) }, { ALT: () => this.CONSUME(K.TIME) }]);
    const moment = this.SUBRULE(this.throwValue);
    return { line, statement: 'waitfor', kind: kind.tokenType === K.DELAY ? 'delay' : 'time', moment };
  });
}
