import { EOF, type IToken } from 'chevrotain';
import type { DefinitionStatement, Module, Parameter } from '../definitions.ts';
import type { Expression } from '../expressions.ts';
import { mustBeFirst } from '../faults.ts';
import type { Name as ObjectName } from '../names.ts';
import type { Statement } from '../statements.ts';
import * as T from '../tokens.ts';
import type { Rule } from './base.ts';
import { ObjectGrammar } from './objects.ts';

const { K } = T;

type Body = Module['definition'];
type Event = Extract<Body, { kind: 'trigger' }>['events'][number];
export type Mode = Extract<DefinitionStatement, { statement: 'create-module' }>['mode'];

const VERB: Readonly<Record<Mode, string>> = {
  create: 'CREATE',
  alter: 'ALTER',
  'create-or-alter': 'CREATE',
};

/** Procedures, functions, views and triggers: the first and only statement of their batch. */
export abstract class ModuleGrammar extends ObjectGrammar {
  protected moduleAhead(): boolean {
    return [K.PROC, K.PROCEDURE, K.FUNCTION, K.VIEW, K.TRIGGER].some(type => this.is(type));
  }

  protected readonly createModule: Rule<DefinitionStatement, [number, Mode, boolean]> = this.rule(
    'createModule',
    (line: number, mode: Mode, first: boolean) => {
      this.needsFirst(line, mode, first);
      const made = this.choose<readonly [ObjectName, Body]>([
        { ALT: () => this.SUBRULE(this.procedure) },
        { ALT: () => this.SUBRULE(this.view) },
        { ALT: () => this.SUBRULE(this.function) },
        { ALT: () => this.SUBRULE(this.trigger) },
      ]);
      // A module is its whole batch, with the comments before and behind it.
      const module: Module = { line, text: this.text, name: made[0], definition: made[1] };
      return { line, statement: 'create-module', module, mode };
    },
  );

  private needsFirst(line: number, mode: Mode, first: boolean): void {
    if (this.RECORDING_PHASE || first) return;
    const procedure = this.is(K.PROC) || this.is(K.PROCEDURE);
    const statement = procedure
      ? 'CREATE/ALTER PROCEDURE'
      : `${VERB[mode]} ${this.LA(1).image.toUpperCase()}`;
    throw mustBeFirst(statement, line);
  }

  private readonly procedure: Rule<readonly [ObjectName, Body]> = this.rule('procedure', () => {
    this.choose([{ ALT: () => this.CONSUME(K.PROC) }, { ALT: () => this.CONSUME(K.PROCEDURE) }]);
    const name = this.SUBRULE(this.path);
    if (this.is(T.Semicolon)) this.refuse('numbered procedures');
    const parameters = this.OPTION(() =>
      this.choose1<Parameter[]>([
        { ALT: () => this.SUBRULE(this.parameterList) },
        {
          ALT: () => {
            this.CONSUME(T.LeftParenthesis);
            const list = this.SUBRULE1(this.parameterList);
            this.CONSUME(T.RightParenthesis);
            return list;
          },
        },
      ]),
    );
    const options = this.OPTION1(() => this.SUBRULE(this.moduleOptions));
    if (this.is(K.FOR)) this.refuse('procedures FOR REPLICATION');
    this.CONSUME(K.AS);
    if (this.is(K.EXTERNAL)) this.refuse('AS EXTERNAL NAME');
    const body = this.SUBRULE(this.moduleBody);
    return [name, { kind: 'procedure', parameters: parameters ?? [], options: options ?? [], body }];
  });

  private readonly moduleBody: Rule<Statement[]> = this.rule('moduleBody', () => {
    const body = this.SUBRULE(this.statements, { ARGS: [false] });
    if (!this.RECORDING_PHASE && body.length === 0) this.stopAt(this.LA(1));
    return body;
  });

  protected readonly parameter: Rule<Parameter> = this.rule('parameter', () => {
    const line = this.line();
    const name = this.CONSUME(T.Variable).image;
    this.OPTION(() => this.CONSUME(K.AS));
    const type = this.SUBRULE(this.typeName);
    if (this.is(K.NULL) || this.is(K.NOT)) this.refuse('NULL and NOT NULL of a parameter');
    const value = this.OPTION1(() => {
      this.CONSUME(T.Equals);
      return this.SUBRULE(this.parameterDefault);
    });
    const output = this.OPTION2(() =>
      this.choose([{ ALT: () => this.CONSUME(K.OUTPUT) }, { ALT: () => this.CONSUME(K.OUT) }]),
    );
    const readOnly = this.OPTION3(() => this.CONSUME(K.READONLY));
    return {
      line,
      name,
      type,
      ...(value === undefined ? {} : { default: value }),
      output: output !== undefined,
      readOnly: readOnly !== undefined,
    };
  });

  /** A constant; a bare word is a string. */
  private readonly parameterDefault: Rule<Expression> = this.rule('parameterDefault', () => {
    const line = this.line();
    return this.choose<Expression>([
      { ALT: () => this.SUBRULE(this.constant) },
      { ALT: () => ({ line, node: 'literal', literal: { kind: 'nstring', text: this.SUBRULE(this.name) } }) },
    ]);
  });

  private readonly parameterList: Rule<Parameter[]> = this.listOf('parameterList', () => this.parameter);

  readonly parameters: Rule<Parameter[]> = this.rule('parameters', () => {
    const list: Parameter[] = [];
    this.MANY_SEP({
      SEP: T.Comma,
      DEF: () => {
        list.push(this.SUBRULE(this.parameter));
      },
    });
    return list;
  });

  private readonly moduleOptions: Rule<string[]> = this.rule('moduleOptions', () => {
    const options: string[] = [];
    this.CONSUME(K.WITH);
    this.AT_LEAST_ONE_SEP({
      SEP: T.Comma,
      DEF: () => {
        options.push(this.SUBRULE(this.moduleOption));
      },
    });
    return options;
  });

  private readonly moduleOption: Rule<string> = this.rule('moduleOption', () =>
    this.choose<string>([
      { ALT: () => this.SUBRULE(this.executeAs) },
      {
        ALT: () => {
          this.refuse('RETURNS NULL ON NULL INPUT');
          this.CONSUME1(K.RETURNS);
          this.CONSUME(K.NULL);
          this.CONSUME(K.ON);
          this.CONSUME1(K.NULL);
          this.CONSUME(T.Name);
          return 'RETURNS NULL ON NULL INPUT';
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.CALLED);
          this.CONSUME1(K.ON);
          this.CONSUME2(K.NULL);
          this.CONSUME(K.INPUT);
          return 'CALLED ON NULL INPUT';
        },
      },
      {
        IGNORE_AMBIGUITIES: true,
        ALT: () => {
          const option = this.CONSUME1(T.Name);
          const word = option.image.toUpperCase();
          if (!['RECOMPILE', 'ENCRYPTION', 'SCHEMABINDING', 'VIEW_METADATA', 'INLINE'].includes(word))
            this.refuse(`the option ${word}`);
          this.OPTION({
            GATE: () => this.is(T.Equals),
            DEF: () => {
              this.CONSUME(T.Equals);
              this.SUBRULE(this.onOff);
            },
          });
          return word;
        },
      },
    ]),
  );

  private readonly executeAs: Rule<string> = this.rule('executeAs', () => {
    this.choose([{ ALT: () => this.CONSUME(K.EXECUTE) }, { ALT: () => this.CONSUME(K.EXEC) }]);
    this.CONSUME(K.AS);
    const who: IToken = this.choose1([
      { ALT: () => this.CONSUME(K.OWNER) },
      { ALT: () => this.CONSUME(K.CALLER) },
      { ALT: () => this.CONSUME(K.SELF) },
      { ALT: () => this.CONSUME(T.AnyString) },
    ]);
    return `EXECUTE AS ${who.image.startsWith("'") ? who.image : who.image.toUpperCase()}`;
  });

  private readonly view: Rule<readonly [ObjectName, Body]> = this.rule('view', () => {
    this.CONSUME(K.VIEW);
    const name = this.SUBRULE(this.path);
    const columns = this.OPTION(() => this.SUBRULE(this.namesInParentheses));
    const options = this.OPTION1(() => this.SUBRULE(this.moduleOptions));
    this.CONSUME(K.AS);
    const query = this.SUBRULE(this.queryWithTables);
    const withCheck = this.OPTION2(() => {
      this.CONSUME(K.WITH);
      this.CONSUME(K.CHECK);
      return this.CONSUME(K.OPTION);
    });
    this.endOfModule();
    const definition: Body = {
      kind: 'view',
      columns: columns ?? [],
      options: options ?? [],
      query,
      withCheck: withCheck !== undefined,
    };
    return [name, definition];
  });

  /** Nothing may follow in the batch but semicolons. */
  private endOfModule(): void {
    let ahead = 1;
    while (this.is(T.Semicolon, ahead)) ahead += 1;
    const next = this.LA(ahead);
    if (next.tokenType !== EOF) this.stopAt(next);
  }

  private readonly function: Rule<readonly [ObjectName, Body]> = this.rule('function', () => {
    this.CONSUME(K.FUNCTION);
    const name = this.SUBRULE(this.path);
    this.CONSUME(T.LeftParenthesis);
    const parameters = this.SUBRULE(this.parameters);
    this.CONSUME(T.RightParenthesis);
    this.CONSUME(K.RETURNS);
    const definition = this.choose<Body>([
      { ALT: () => this.SUBRULE(this.inlineFunction, { ARGS: [parameters] }) },
      { ALT: () => this.SUBRULE(this.tableFunction, { ARGS: [parameters] }) },
      { ALT: () => this.SUBRULE(this.scalarFunction, { ARGS: [parameters] }) },
    ]);
    this.endOfModule();
    return [name, definition];
  });

  private readonly inlineFunction: Rule<Body, [Parameter[]]> = this.rule(
    'inlineFunction',
    (parameters: Parameter[]) => {
      this.CONSUME(K.TABLE);
      const options = this.OPTION(() => this.SUBRULE(this.moduleOptions));
      this.OPTION1(() => this.CONSUME(K.AS));
      this.CONSUME(K.RETURN);
      const query = this.choose([
        {
          GATE: () => this.is(K.WITH, 2) || this.queryAhead(1),
          ALT: () => {
            this.CONSUME(T.LeftParenthesis);
            const inner = this.SUBRULE(this.queryWithTables);
            this.CONSUME(T.RightParenthesis);
            return inner;
          },
        },
        { ALT: () => this.SUBRULE1(this.queryWithTables) },
      ]);
      return { kind: 'inline-function', parameters, options: options ?? [], query };
    },
  );

  private readonly tableFunction: Rule<Body, [Parameter[]]> = this.rule(
    'tableFunction',
    (parameters: Parameter[]) => {
      const variable = this.CONSUME(T.Variable).image;
      this.CONSUME(K.TABLE);
      const shape = this.SUBRULE(this.tableShape);
      const options = this.OPTION(() => this.SUBRULE(this.moduleOptions));
      const body = this.SUBRULE(this.functionBody);
      return { kind: 'table-function', parameters, variable, shape, options: options ?? [], body };
    },
  );

  private readonly scalarFunction: Rule<Body, [Parameter[]]> = this.rule(
    'scalarFunction',
    (parameters: Parameter[]) => {
      const returns = this.SUBRULE(this.typeName);
      const options = this.OPTION(() => this.SUBRULE(this.moduleOptions));
      const body = this.SUBRULE(this.functionBody);
      return { kind: 'scalar-function', parameters, returns, options: options ?? [], body };
    },
  );

  private readonly functionBody: Rule<Statement[]> = this.rule('functionBody', () => {
    this.OPTION(() => this.CONSUME(K.AS));
    if (this.is(K.EXTERNAL)) this.refuse('AS EXTERNAL NAME');
    this.CONSUME(K.BEGIN);
    const body = this.SUBRULE(this.moduleBody);
    this.CONSUME(K.END);
    return body;
  });

  private readonly trigger: Rule<readonly [ObjectName, Body]> = this.rule('trigger', () => {
    const events: Event[] = [];
    this.CONSUME(K.TRIGGER);
    const name = this.SUBRULE(this.path);
    this.CONSUME(K.ON);
    if (this.is(K.DATABASE) || this.is(K.ALL)) this.refuse('triggers of a database or the server');
    const on = this.SUBRULE1(this.path);
    const options = this.OPTION(() => this.SUBRULE(this.moduleOptions));
    const insteadOf = this.choose<boolean>([
      {
        ALT: () => {
          this.CONSUME(K.INSTEAD);
          this.CONSUME(K.OF);
          return true;
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.AFTER);
          return false;
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.FOR);
          return false;
        },
      },
    ]);
    this.AT_LEAST_ONE_SEP({
      SEP: T.Comma,
      DEF: () => {
        events.push(this.SUBRULE(this.triggerEvent));
      },
    });
    if (this.is(K.WITH)) this.refuse('WITH APPEND');
    const notForReplication = this.SUBRULE(this.notForReplication);
    this.CONSUME(K.AS);
    if (this.is(K.EXTERNAL)) this.refuse('AS EXTERNAL NAME');
    const body = this.SUBRULE(this.moduleBody);
    const definition: Body = {
      kind: 'trigger',
      on,
      insteadOf,
      events,
      notForReplication,
      options: options ?? [],
      body,
    };
    return [name, definition];
  });

  private readonly triggerEvent: Rule<Event> = this.rule('triggerEvent', () => {
    const token = this.choose([
      { ALT: () => this.CONSUME(K.INSERT) },
      { ALT: () => this.CONSUME(K.UPDATE) },
      { ALT: () => this.CONSUME(K.DELETE) },
    ]);
    return token.tokenType === K.INSERT ? 'insert' : token.tokenType === K.UPDATE ? 'update' : 'delete';
  });
}
