import type { DefinitionStatement } from '../definitions.ts';
import type { IndexShape } from '../statements.ts';
import * as T from '../tokens.ts';
import type { Rule } from './base.ts';
import { SessionGrammar } from './session.ts';

const { K } = T;

/** Index options that say how a thing is stored and change nothing that a statement can see. */
const HARMLESS = new Set([
  'PAD_INDEX',
  'FILLFACTOR',
  'SORT_IN_TEMPDB',
  'STATISTICS_NORECOMPUTE',
  'STATISTICS_INCREMENTAL',
  'DROP_EXISTING',
  'ONLINE',
  'RESUMABLE',
  'MAX_DURATION',
  'ALLOW_ROW_LOCKS',
  'ALLOW_PAGE_LOCKS',
  'OPTIMIZE_FOR_SEQUENTIAL_KEY',
  'MAXDOP',
  'DATA_COMPRESSION',
  'IGNORE_DUP_KEY',
  'XML_COMPRESSION',
]);

/** Tables and indexes. */
export abstract class TableDefinitionGrammar extends SessionGrammar {
  protected readonly indexOptions: Rule<string[]> = this.rule('indexOptions', () =>
    this.choose([
      {
        GATE: () => this.is(T.LeftParenthesis, 2),
        ALT: () => {
          const options: string[] = [];
          this.CONSUME(K.WITH);
          this.CONSUME(T.LeftParenthesis);
          this.AT_LEAST_ONE_SEP({
            SEP: T.Comma,
            DEF: () => {
              options.push(this.SUBRULE(this.indexOption));
            },
          });
          this.CONSUME(T.RightParenthesis);
          return options;
        },
      },
      {
        ALT: () => {
          this.CONSUME1(K.WITH);
          return [this.SUBRULE1(this.indexOption)];
        },
      },
    ]),
  );

  private readonly indexOption: Rule<string> = this.rule('indexOption', () => {
    const begin = this.LA(1);
    this.choose([{ ALT: () => this.CONSUME(T.Name) }, { ALT: () => this.CONSUME(K.FILLFACTOR) }]);
    if (!this.RECORDING_PHASE && !HARMLESS.has(begin.image.toUpperCase()))
      this.refuse(`the option ${begin.image.toUpperCase()}`);
    this.OPTION(() => {
      this.CONSUME(T.Equals);
      const value = this.choose1([
        { ALT: () => this.CONSUME(K.ON) },
        { ALT: () => this.CONSUME(K.OFF) },
        { ALT: () => this.CONSUME1(T.Name) },
        { ALT: () => this.CONSUME(T.IntegerLiteral) },
      ]);
      if (begin.image.toUpperCase() === 'IGNORE_DUP_KEY' && value.tokenType === K.ON)
        this.refuse('IGNORE_DUP_KEY');
      if (this.is(T.LeftParenthesis) || this.is(K.ON)) this.refuse('an option on partitions');
    });
    return this.textFrom(begin).replace(/\s+/g, ' ').toUpperCase();
  });

  /** `ON [PRIMARY]`, the one file group there is. */
  protected readonly storage: Rule<void> = this.rule('storage', () => {
    this.MANY({
      GATE: () => this.is(T.Name, 2) || this.is(K.DEFAULT, 2) || this.is(T.StringLiteral, 2),
      DEF: () => {
        this.choose([{ ALT: () => this.CONSUME(K.ON) }, { ALT: () => this.CONSUME(K.TEXTIMAGE_ON) }]);
        const group = this.LA(1);
        if (!this.RECORDING_PHASE && !['PRIMARY', 'DEFAULT'].includes(T.textOf(group).toUpperCase()))
          this.refuse('file groups');
        this.choose1([{ ALT: () => this.CONSUME(T.Name) }, { ALT: () => this.CONSUME(T.StringLiteral) }]);
        if (this.is(T.LeftParenthesis)) this.refuse('partition schemes');
      },
    });
  });

  protected readonly createTable: Rule<DefinitionStatement, [number]> = this.rule(
    'createTable',
    (line: number) => {
      this.CONSUME(K.TABLE);
      const name = this.SUBRULE(this.path);
      if (this.is(K.AS)) this.refuse('CREATE TABLE … AS');
      const shape = this.SUBRULE(this.tableShape);
      this.SUBRULE(this.storage);
      const options = this.OPTION(() => this.SUBRULE(this.indexOptions));
      return { line, statement: 'create-table', name, shape, options: options ?? [] };
    },
  );

  protected readonly createIndex: Rule<DefinitionStatement, [number]> = this.rule(
    'createIndex',
    (line: number) => {
      const unique = this.OPTION(() => this.CONSUME(K.UNIQUE)) !== undefined;
      const clustered = this.SUBRULE(this.clustering).clustered ?? false;
      if (this.is(K.COLUMNSTORE)) this.refuse('COLUMNSTORE indexes');
      this.CONSUME(K.INDEX);
      const name = this.SUBRULE(this.name);
      this.CONSUME(K.ON);
      const table = this.SUBRULE(this.path);
      const columns = this.SUBRULE(this.keyColumns);
      const tail = this.SUBRULE(this.indexTail);
      const index: IndexShape = { line, name, unique, clustered, columns, ...tail };
      return { line, statement: 'create-index', table, index };
    },
  );

  protected readonly alterIndex: Rule<DefinitionStatement, [number]> = this.rule(
    'alterIndex',
    (line: number) => {
      this.CONSUME(K.INDEX);
      const name = this.choose<string | undefined>([
        {
          ALT: () => {
            this.CONSUME(K.ALL);
            return undefined;
          },
        },
        { ALT: () => this.SUBRULE(this.name) },
      ]);
      this.CONSUME(K.ON);
      const table = this.SUBRULE(this.path);
      const action = this.choose1<'rebuild' | 'reorganize' | 'disable'>([
        {
          ALT: () => {
            this.CONSUME(K.REBUILD);
            this.OPTION({
              GATE: () => this.is(T.LeftParenthesis, 2),
              DEF: () => this.SUBRULE(this.indexOptions),
            });
            return 'rebuild';
          },
        },
        {
          ALT: () => {
            this.CONSUME(K.REORGANIZE);
            return 'reorganize';
          },
        },
        {
          ALT: () => {
            this.CONSUME(K.DISABLE);
            return 'disable';
          },
        },
        {
          ALT: () => {
            this.refuse('ALTER INDEX … SET');
            this.CONSUME(K.SET);
            return 'disable';
          },
        },
      ]);
      if (this.is(K.PARTITION) || (this.is(K.WITH) && this.is(T.LeftParenthesis, 2)))
        this.refuse('options of ALTER INDEX');
      return { line, statement: 'alter-index', ...(name === undefined ? {} : { name }), table, action };
    },
  );
}
