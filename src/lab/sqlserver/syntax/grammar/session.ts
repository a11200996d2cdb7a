import type { Expression } from '../expressions.ts';
import type { FlowStatement, SessionStatement, TransactionStatement } from '../statements.ts';
import * as T from '../tokens.ts';
import type { Rule } from './base.ts';
import { FlowGrammar } from './flow.ts';

const { K } = T;

type Level = Extract<SessionStatement, { statement: 'set-isolation' }>['level'];
type Direction = Extract<FlowStatement, { statement: 'fetch' }>['direction'];

/** Transactions, cursors, USE and the options of SET. */
export abstract class SessionGrammar extends FlowGrammar {
  /** A transaction's name: a word, or a variable that holds it. */
  private readonly transactionName: Rule<string | Expression> = this.rule('transactionName', () =>
    this.choose<string | Expression>([
      { ALT: () => this.SUBRULE(this.name) },
      { ALT: () => this.SUBRULE(this.variable) },
    ]),
  );

  private readonly transactionWord: Rule<void> = this.rule('transactionWord', () => {
    this.choose([{ ALT: () => this.CONSUME(K.TRAN) }, { ALT: () => this.CONSUME(K.TRANSACTION) }]);
  });

  /** A name that a colon follows is the next statement's label; THROW is a name here, as in SQL Server. */
  private nameAhead(): boolean {
    return !(this.is(T.Name) && this.is(T.Colon, 2));
  }

  protected readonly transaction: Rule<TransactionStatement> = this.rule('transaction', () => {
    const line = this.line();
    return this.choose<TransactionStatement>([
      {
        ALT: () => {
          this.CONSUME(K.BEGIN);
          this.SUBRULE(this.transactionWord);
          const name = this.OPTION({
            GATE: () => this.nameAhead(),
            DEF: () => this.SUBRULE(this.transactionName),
          });
          if (this.is(K.WITH) && this.is(K.MARK, 2)) this.refuse('BEGIN TRANSACTION … WITH MARK');
          return { line, statement: 'begin-transaction', ...(name === undefined ? {} : { name }) };
        },
      },
      {
        ALT: () => {
          const word = this.choose1([
            { ALT: () => this.CONSUME(K.COMMIT) },
            { ALT: () => this.CONSUME(K.ROLLBACK) },
          ]);
          const name = this.SUBRULE(this.transactionEnd);
          if (this.is(K.WITH) && this.is(T.LeftParenthesis, 2)) this.refuse('DELAYED_DURABILITY');
          const statement = word.tokenType === K.COMMIT ? 'commit' : 'rollback';
          return { line, statement, ...(name === undefined ? {} : { name }) };
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.SAVE);
          this.SUBRULE1(this.transactionWord);
          return { line, statement: 'save-transaction', name: this.SUBRULE1(this.transactionName) };
        },
      },
    ]);
  });

  private readonly transactionEnd: Rule<string | Expression | undefined> = this.rule('transactionEnd', () =>
    this.OPTION(() =>
      this.choose<string | Expression | undefined>([
        {
          ALT: () => {
            this.SUBRULE(this.transactionWord);
            return this.OPTION1({
              GATE: () => this.nameAhead(),
              DEF: () => this.SUBRULE(this.transactionName),
            });
          },
        },
        {
          ALT: () => {
            this.CONSUME(K.WORK);
            return undefined;
          },
        },
      ]),
    ),
  );

  protected readonly declareCursor: Rule<FlowStatement> = this.rule('declareCursor', () => {
    const line = this.line();
    const options: string[] = [];
    const word = () => {
      options.push(this.CONSUME(T.Identifier).image.toUpperCase());
    };
    this.CONSUME(K.DECLARE);
    const name = this.SUBRULE(this.name);
    this.MANY(word);
    this.CONSUME(K.CURSOR);
    this.MANY1(() => {
      options.push(
        this.choose([
          { ALT: () => this.CONSUME1(T.Identifier) },
          { ALT: () => this.CONSUME(K.GLOBAL) },
        ]).image.toUpperCase(),
      );
    });
    this.CONSUME(K.FOR);
    const query = this.SUBRULE(this.queryWithTables);
    this.OPTION(() => {
      this.CONSUME1(K.FOR);
      this.choose1([
        {
          ALT: () => {
            this.CONSUME(K.READ);
            this.CONSUME(K.ONLY);
            options.push('READ_ONLY');
          },
        },
        {
          ALT: () => {
            this.refuse('cursors FOR UPDATE');
            this.CONSUME(K.UPDATE);
          },
        },
      ]);
    });
    return { line, statement: 'declare-cursor', name, query, options };
  });

  private readonly cursorName: Rule<string> = this.rule('cursorName', () => {
    if (this.is(T.Variable)) this.refuse('cursor variables');
    this.OPTION({ GATE: () => this.is(T.Name, 2), DEF: () => this.CONSUME(K.GLOBAL) });
    return this.SUBRULE(this.name);
  });

  protected readonly cursor: Rule<FlowStatement> = this.rule('cursor', () => {
    const line = this.line();
    return this.choose<FlowStatement>([
      {
        ALT: () => {
          this.CONSUME(K.OPEN);
          if (
            this.is(K.SEQUENCE) ||
            this.LA(1).image.toUpperCase() === 'SYMMETRIC' ||
            this.LA(1).image.toUpperCase() === 'MASTER'
          )
            this.refuse('OPEN of a key');
          return { line, statement: 'open-cursor', name: this.SUBRULE(this.cursorName) };
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.CLOSE);
          return { line, statement: 'close-cursor', name: this.SUBRULE1(this.cursorName) };
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.DEALLOCATE);
          return { line, statement: 'deallocate-cursor', name: this.SUBRULE2(this.cursorName) };
        },
      },
      { ALT: () => this.SUBRULE(this.fetch) },
    ]);
  });

  private readonly fetch: Rule<FlowStatement> = this.rule('fetch', () => {
    const line = this.line();
    const into: string[] = [];
    this.CONSUME(K.FETCH);
    if (this.is(K.ABSOLUTE) || this.is(K.RELATIVE)) this.refuse('FETCH ABSOLUTE and RELATIVE');
    const direction = this.OPTION({
      GATE: () => this.is(K.FROM, 2),
      DEF: () => this.SUBRULE(this.fetchDirection),
    });
    this.OPTION1(() => this.CONSUME(K.FROM));
    const name = this.SUBRULE(this.cursorName);
    this.OPTION2(() => {
      this.CONSUME(K.INTO);
      this.AT_LEAST_ONE_SEP({
        SEP: T.Comma,
        DEF: () => {
          into.push(this.CONSUME(T.Variable).image);
        },
      });
    });
    return { line, statement: 'fetch', direction: direction ?? 'next', name, into };
  });

  private readonly fetchDirection: Rule<Direction> = this.rule('fetchDirection', () => {
    const token = this.choose([
      { ALT: () => this.CONSUME(K.NEXT) },
      { ALT: () => this.CONSUME(K.PRIOR) },
      { ALT: () => this.CONSUME(K.FIRST) },
      { ALT: () => this.CONSUME(K.LAST) },
    ]);
    switch (token.tokenType) {
      case K.PRIOR:
        return 'prior';
      case K.FIRST:
        return 'first';
      case K.LAST:
        return 'last';
      default:
        return 'next';
    }
  });

  protected readonly use: Rule<SessionStatement> = this.rule('use', () => {
    const line = this.line();
    this.CONSUME(K.USE);
    return { line, statement: 'use', database: this.SUBRULE(this.name) };
  });

  /** ON or OFF; whether it is ON. */
  protected readonly onOff: Rule<boolean> = this.rule('onOff', () => {
    const token = this.choose([{ ALT: () => this.CONSUME(K.ON) }, { ALT: () => this.CONSUME(K.OFF) }]);
    return token.tokenType === K.ON;
  });

  protected readonly setOption: Rule<SessionStatement> = this.rule('setOption', () => {
    const line = this.line();
    this.CONSUME(K.SET);
    return this.choose<SessionStatement>([
      {
        ALT: () => {
          this.CONSUME(K.TRANSACTION);
          this.CONSUME(K.ISOLATION);
          this.CONSUME(K.LEVEL);
          return { line, statement: 'set-isolation', level: this.SUBRULE(this.isolationLevel) };
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.IDENTITY_INSERT);
          const table = this.SUBRULE(this.path);
          return { line, statement: 'set-identity-insert', table, on: this.SUBRULE(this.onOff) };
        },
      },
      {
        ALT: () => {
          const options: string[] = [];
          const statistics = this.OPTION(() => this.CONSUME(K.STATISTICS)) !== undefined;
          this.AT_LEAST_ONE_SEP({
            SEP: T.Comma,
            DEF: () => {
              const option = this.SUBRULE(this.optionName);
              options.push(statistics ? `STATISTICS ${option}` : option);
            },
          });
          return { line, statement: 'set-option', options, value: this.SUBRULE(this.optionSetting) };
        },
      },
    ]);
  });

  private readonly optionName: Rule<string> = this.rule('optionName', () =>
    this.choose([
      { ALT: () => this.CONSUME(K.ROWCOUNT).image.toUpperCase() },
      { ALT: () => this.CONSUME(K.TEXTSIZE).image.toUpperCase() },
      { ALT: () => this.CONSUME1(T.Name).image.toUpperCase() },
    ]),
  );

  private readonly optionSetting: Rule<boolean | Expression> = this.rule('optionSetting', () => {
    const line = this.line();
    return this.choose<boolean | Expression>([
      { ALT: () => this.SUBRULE(this.onOff) },
      { ALT: () => this.SUBRULE(this.constant) },
      { ALT: () => this.SUBRULE(this.variable) },
      { ALT: () => ({ line, node: 'column', name: [this.SUBRULE(this.name)] }) },
    ]);
  });

  private readonly isolationLevel: Rule<Level> = this.rule('isolationLevel', () =>
    this.choose<Level>([
      {
        ALT: () => {
          this.CONSUME(K.READ);
          const kind = this.choose1([
            { ALT: () => this.CONSUME(K.COMMITTED) },
            { ALT: () => this.CONSUME(K.UNCOMMITTED) },
          ]);
          return kind.tokenType === K.COMMITTED ? 'read-committed' : 'read-uncommitted';
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.REPEATABLE);
          this.CONSUME1(K.READ);
          return 'repeatable-read';
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.SERIALIZABLE);
          return 'serializable';
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.SNAPSHOT);
          return 'snapshot';
        },
      },
    ]),
  );
}
