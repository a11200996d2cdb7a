import type { AdministrativeStatement, FileSpecification, Option } from '../administration.ts';
import * as T from '../tokens.ts';
import type { Rule } from './base.ts';
import { OptionGrammar } from './options.ts';

const { K } = T;

type AlterDatabase = Extract<AdministrativeStatement, { statement: 'alter-database' }>;
type Administration = Rule<AdministrativeStatement, [number]>;

/** CREATE, ALTER and DROP DATABASE. */
export abstract class DatabaseGrammar extends OptionGrammar {
  protected readonly createDatabase: Administration = this.rule('createDatabase', (line: number) => {
    this.CONSUME(K.DATABASE);
    const name = this.SUBRULE(this.name);
    if (this.is(K.CONTAINMENT)) this.refuse('CONTAINMENT');
    const files = this.OPTION(() => {
      this.CONSUME(K.ON);
      this.OPTION1(() => this.CONSUME(K.PRIMARY));
      return this.SUBRULE(this.files);
    });
    if (this.is(T.Comma)) this.refuse('file groups');
    const log = this.OPTION2(() => {
      this.CONSUME(K.LOG);
      this.CONSUME1(K.ON);
      return this.SUBRULE1(this.files);
    });
    const collation = this.OPTION3(() => {
      this.CONSUME(K.COLLATE);
      return this.SUBRULE1(this.name);
    });
    if (this.is(K.FOR)) this.refuse('CREATE DATABASE … FOR ATTACH');
    if (this.is(K.WITH)) this.refuse('CREATE DATABASE … WITH');
    const snapshotOf = this.OPTION4(() => {
      this.CONSUME(K.AS);
      if (!this.is(K.SNAPSHOT)) this.refuse('CREATE DATABASE … AS COPY OF');
      this.CONSUME(K.SNAPSHOT);
      this.CONSUME(K.OF);
      return this.SUBRULE2(this.name);
    });
    return {
      line,
      statement: 'create-database',
      name,
      files: files ?? [],
      log: log ?? [],
      ...(collation === undefined ? {} : { collation }),
      ...(snapshotOf === undefined ? {} : { snapshotOf }),
    };
  });

  private readonly files: Rule<FileSpecification[]> = this.rule('files', () => {
    const files: FileSpecification[] = [{ options: this.SUBRULE(this.innerOptions) }];
    this.MANY({
      GATE: () => this.is(T.LeftParenthesis, 2),
      DEF: () => {
        this.CONSUME(T.Comma);
        files.push({ options: this.SUBRULE1(this.innerOptions) });
      },
    });
    return files;
  });

  protected readonly alterDatabase: Administration = this.rule('alterDatabase', (line: number) => {
    this.CONSUME(K.DATABASE);
    if (
      !this.RECORDING_PHASE &&
      this.LA(1).image.toUpperCase() === 'SCOPED' &&
      this.LA(2).image.toUpperCase() === 'CONFIGURATION'
    )
      this.refuse('ALTER DATABASE SCOPED CONFIGURATION');
    const name = this.choose<string | undefined>([
      {
        ALT: () => {
          this.CONSUME(K.CURRENT);
          return undefined;
        },
      },
      { ALT: () => this.SUBRULE(this.name) },
    ]);
    const change = this.SUBRULE(this.databaseChange);
    return { line, statement: 'alter-database', ...(name === undefined ? {} : { name }), ...change };
  });

  private readonly databaseChange: Rule<
    Pick<AlterDatabase, 'set' | 'modifyName' | 'collation' | 'termination'>
  > = this.rule('databaseChange', () =>
    this.choose<Pick<AlterDatabase, 'set' | 'modifyName' | 'collation' | 'termination'>>([
      {
        ALT: () => {
          this.CONSUME(K.SET);
          const set: Option[] = this.SUBRULE(this.options);
          const termination = this.OPTION({
            GATE: () => this.is(K.ROLLBACK, 2) || this.is(K.NO_WAIT, 2),
            DEF: () => this.SUBRULE(this.termination),
          });
          return { set, ...(termination === undefined ? {} : { termination }) };
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.MODIFY);
          if (!this.is(K.NAME)) this.refuse('ALTER DATABASE … MODIFY FILE');
          this.CONSUME(K.NAME);
          this.CONSUME(T.Equals);
          return { modifyName: this.SUBRULE(this.name) };
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.COLLATE);
          return { collation: this.SUBRULE1(this.name) };
        },
      },
      {
        ALT: () => {
          this.refuse('ALTER DATABASE … ADD FILE');
          this.CONSUME(K.ADD);
          return {};
        },
      },
    ]),
  );

  private readonly termination: Rule<string> = this.rule('termination', () => {
    const begin = this.LA(1);
    this.CONSUME(K.WITH);
    this.choose([
      {
        ALT: () => {
          this.CONSUME(K.NO_WAIT);
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.ROLLBACK);
          this.choose1([
            {
              ALT: () => {
                this.CONSUME(K.IMMEDIATE);
              },
            },
            {
              ALT: () => {
                this.CONSUME(K.AFTER);
                this.CONSUME(T.IntegerLiteral);
                this.OPTION(() => this.CONSUME(K.SECONDS));
              },
            },
          ]);
        },
      },
    ]);
    return this.textFrom(begin).replace(/\s+/g, ' ').toUpperCase();
  });

  protected readonly dropDatabase: Administration = this.rule('dropDatabase', (line: number) => {
    this.CONSUME(K.DATABASE);
    const ifExists = this.SUBRULE(this.ifExists);
    return { line, statement: 'drop-database', names: this.SUBRULE(this.nameList), ifExists };
  });
}
