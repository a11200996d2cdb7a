import type { AdministrativeStatement, Device, Option } from '../administration.ts';
import type { Expression } from '../expressions.ts';
import * as T from '../tokens.ts';
import type { Rule } from './base.ts';
import { DatabaseGrammar } from './databases.ts';

const { K } = T;

type What = Extract<AdministrativeStatement, { statement: 'restore' }>['what'];

/** BACKUP, RESTORE, DBCC and the statements about the server. */
export abstract class BackupGrammar extends DatabaseGrammar {
  private readonly databaseName: Rule<Expression | string> = this.rule('databaseName', () =>
    this.choose<Expression | string>([
      { ALT: () => this.SUBRULE(this.name) },
      { ALT: () => this.SUBRULE(this.variable) },
    ]),
  );

  private readonly databaseOrLog: Rule<'database' | 'log'> = this.rule('databaseOrLog', () => {
    const token = this.choose([
      { ALT: () => this.CONSUME(K.DATABASE) },
      { ALT: () => this.CONSUME(K.LOG) },
      { ALT: () => this.CONSUME(K.TRAN) },
      { ALT: () => this.CONSUME(K.TRANSACTION) },
    ]);
    return token.tokenType === K.DATABASE ? 'database' : 'log';
  });

  protected readonly backup: Rule<AdministrativeStatement> = this.rule('backup', () => {
    const line = this.line();
    this.CONSUME(K.BACKUP);
    if (this.is(T.Name) && !this.is(K.LOG)) this.refuse(`BACKUP ${this.LA(1).image.toUpperCase()}`);
    const what = this.SUBRULE(this.databaseOrLog);
    const database = this.SUBRULE(this.databaseName);
    this.refuseParts();
    this.CONSUME(K.TO);
    const to = this.SUBRULE(this.devices);
    if (this.is(K.MIRROR)) this.refuse('MIRROR TO');
    const options = this.SUBRULE(this.backupOptions);
    return { line, statement: 'backup', what, database, to, options };
  });

  private refuseParts(): void {
    const word = this.LA(1).image?.toUpperCase();
    if (this.is(K.FILE) || word === 'FILEGROUP' || word === 'READ_WRITE_FILEGROUPS' || word === 'PAGE')
      this.refuse('backups of files');
  }

  protected readonly restore: Rule<AdministrativeStatement> = this.rule('restore', () => {
    const line = this.line();
    this.CONSUME(K.RESTORE);
    return this.choose<AdministrativeStatement>([
      {
        ALT: () => {
          const what = this.SUBRULE(this.databaseOrLog);
          const database = this.SUBRULE(this.databaseName);
          this.refuseParts();
          const from = this.OPTION(() => {
            this.CONSUME(K.FROM);
            if (this.LA(1).image.toUpperCase() === 'DATABASE_SNAPSHOT')
              this.refuse('RESTORE … FROM DATABASE_SNAPSHOT');
            return this.SUBRULE(this.devices);
          });
          const options = this.SUBRULE(this.backupOptions);
          return { line, statement: 'restore', what, database, from: from ?? [], options };
        },
      },
      {
        ALT: () => {
          const what = this.SUBRULE(this.restoreInformation);
          this.CONSUME1(K.FROM);
          const from = this.SUBRULE1(this.devices);
          return { line, statement: 'restore', what, from, options: this.SUBRULE1(this.backupOptions) };
        },
      },
      {
        IGNORE_AMBIGUITIES: true,
        ALT: () => {
          this.refuse(`RESTORE ${this.LA(1).image.toUpperCase()}`);
          this.CONSUME(T.Name);
          return { line, statement: 'checkpoint' };
        },
      },
    ]);
  });

  private readonly restoreInformation: Rule<What> = this.rule('restoreInformation', () => {
    const token = this.choose([
      { ALT: () => this.CONSUME(K.HEADERONLY) },
      { ALT: () => this.CONSUME(K.FILELISTONLY) },
      { ALT: () => this.CONSUME(K.VERIFYONLY) },
      { ALT: () => this.CONSUME(K.LABELONLY) },
    ]);
    switch (token.tokenType) {
      case K.HEADERONLY:
        return 'headeronly';
      case K.FILELISTONLY:
        return 'filelistonly';
      case K.VERIFYONLY:
        return 'verifyonly';
      default:
        return 'labelonly';
    }
  });

  private readonly device: Rule<Device> = this.rule('device', () =>
    this.choose<Device>([
      {
        GATE: () => this.is(T.Equals, 2),
        ALT: () => {
          const token = this.choose1([
            { ALT: () => this.CONSUME(K.DISK) },
            { ALT: () => this.CONSUME(K.URL) },
            { ALT: () => this.CONSUME(K.TAPE) },
          ]);
          this.CONSUME(T.Equals);
          const kind = token.tokenType === K.DISK ? 'disk' : token.tokenType === K.URL ? 'url' : 'tape';
          return { kind, path: this.SUBRULE(this.throwValue) };
        },
      },
      { ALT: () => ({ kind: 'logical', path: this.SUBRULE(this.databaseName) }) },
    ]),
  );

  private readonly devices: Rule<Device[]> = this.listOf('devices', () => this.device);

  private readonly backupOptions: Rule<Option[]> = this.rule('backupOptions', () => {
    const options: Option[] = [];
    this.OPTION({
      GATE: () =>
        !(
          this.is(T.Name, 2) &&
          (this.is(K.AS, 3) ||
            (this.is(T.LeftParenthesis, 3) && this.LA(2).image.toUpperCase() !== 'ENCRYPTION'))
        ),
      DEF: () => {
        this.CONSUME(K.WITH);
        this.AT_LEAST_ONE_SEP({
          SEP: T.Comma,
          DEF: () => {
            options.push(this.SUBRULE(this.backupOption));
          },
        });
      },
    });
    return options;
  });

  /** `MOVE 'a' TO 'b'` and `STOPATMARK = 'x' AFTER 'y'` are lists of FROM and TO, of MARK and AFTER. */
  private readonly backupOption: Rule<Option> = this.rule('backupOption', () => {
    const line = this.line();
    return this.choose<Option>([
      {
        GATE: () => !this.is(T.Equals, 2),
        ALT: () => {
          this.CONSUME(K.MOVE);
          const from = this.SUBRULE(this.throwValue);
          this.CONSUME(K.TO);
          const to = this.SUBRULE1(this.throwValue);
          return {
            line,
            name: 'MOVE',
            value: [
              { line, name: 'FROM', value: from },
              { line, name: 'TO', value: to },
            ],
          };
        },
      },
      {
        ALT: () => {
          const option = this.SUBRULE(this.singleOption);
          const after = this.OPTION(() => {
            this.CONSUME(K.AFTER);
            return this.SUBRULE2(this.throwValue);
          });
          if (after === undefined || option.value === undefined) return option;
          return {
            line,
            name: option.name,
            value: [
              { line, name: 'MARK', value: option.value },
              { line, name: 'AFTER', value: after },
            ],
          };
        },
      },
    ]);
  });

  protected readonly dbcc: Rule<AdministrativeStatement> = this.rule('dbcc', () => {
    const line = this.line();
    this.CONSUME(K.DBCC);
    const command = this.CONSUME(T.Name).image.toUpperCase();
    const values = this.OPTION(() => {
      this.CONSUME(T.LeftParenthesis);
      const list = this.OPTION1(() => this.SUBRULE(this.expressionList));
      this.CONSUME(T.RightParenthesis);
      return list ?? [];
    });
    const options = this.OPTION2({
      GATE: () => this.is(T.Name, 2) && !this.is(K.AS, 3) && !this.is(T.LeftParenthesis, 3),
      DEF: () => {
        this.CONSUME(K.WITH);
        return this.SUBRULE(this.nameList);
      },
    });
    return {
      line,
      statement: 'dbcc',
      command,
      arguments: values ?? [],
      options: this.RECORDING_PHASE ? [] : (options ?? []).map(option => option.toUpperCase()),
    };
  });

  protected readonly serverStatement: Rule<AdministrativeStatement> = this.rule('serverStatement', () => {
    const line = this.line();
    return this.choose<AdministrativeStatement>([
      {
        ALT: () => {
          this.CONSUME(K.KILL);
          if (this.is(T.Name)) this.refuse('KILL of a job');
          const session = this.SUBRULE(this.constant);
          if (this.is(K.WITH)) this.refuse('KILL … WITH STATUSONLY');
          return { line, statement: 'kill', session };
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.RECONFIGURE);
          const override = this.OPTION({
            GATE: () => this.is(K.OVERRIDE, 2),
            DEF: () => {
              this.CONSUME(K.WITH);
              return this.CONSUME(K.OVERRIDE);
            },
          });
          return { line, statement: 'reconfigure', override: override !== undefined };
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.CHECKPOINT);
          this.OPTION1(() => this.CONSUME(T.IntegerLiteral));
          return { line, statement: 'checkpoint' };
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.SHUTDOWN);
          this.OPTION2({
            GATE: () => this.is(K.NOWAIT, 2),
            DEF: () => {
              this.CONSUME1(K.WITH);
              this.CONSUME(K.NOWAIT);
            },
          });
          return { line, statement: 'shutdown' };
        },
      },
    ]);
  });
}
