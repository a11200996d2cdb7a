import type { DefinitionStatement, SequenceOptions } from '../definitions.ts';
import { mustBeFirst } from '../faults.ts';
import type { Name as ObjectName } from '../names.ts';
import * as T from '../tokens.ts';
import { AlterTableGrammar } from './altertable.ts';
import type { Rule } from './base.ts';

const { K } = T;

type DropKind = Extract<DefinitionStatement, { statement: 'drop' }>['kind'];
type Definition<S extends DefinitionStatement['statement']> = Extract<DefinitionStatement, { statement: S }>;

/** Schemas, sequences, types, synonyms, statistics, triggers on and off, and DROP. */
export abstract class ObjectGrammar extends AlterTableGrammar {
  protected readonly createSchema: Rule<DefinitionStatement, [number, boolean]> = this.rule(
    'createSchema',
    (line: number, first: boolean) => {
      this.CONSUME(K.SCHEMA);
      if (!this.RECORDING_PHASE && !first) throw mustBeFirst('CREATE SCHEMA', line);
      if (this.is(K.AUTHORIZATION)) this.refuse('CREATE SCHEMA AUTHORIZATION without a name');
      const name = this.SUBRULE(this.name);
      const owner = this.OPTION(() => {
        this.CONSUME(K.AUTHORIZATION);
        return this.SUBRULE1(this.name);
      });
      if (this.is(K.CREATE) || this.is(K.GRANT) || this.is(K.DENY)) this.refuse('elements of CREATE SCHEMA');
      return { line, statement: 'create-schema', name, ...(owner === undefined ? {} : { owner }) };
    },
  );

  protected readonly createSequence: Rule<DefinitionStatement, [number]> = this.rule(
    'createSequence',
    (line: number) => {
      this.CONSUME(K.SEQUENCE);
      const name = this.SUBRULE(this.path);
      const type = this.OPTION(() => {
        this.CONSUME(K.AS);
        return this.SUBRULE(this.typeName);
      });
      const options = this.SUBRULE(this.sequenceOptions);
      return { line, statement: 'create-sequence', name, ...(type === undefined ? {} : { type }), options };
    },
  );

  protected readonly alterSequence: Rule<DefinitionStatement, [number]> = this.rule(
    'alterSequence',
    (line: number) => {
      this.CONSUME(K.SEQUENCE);
      const name = this.SUBRULE(this.path);
      return { line, statement: 'alter-sequence', name, options: this.SUBRULE(this.sequenceOptions) };
    },
  );

  private readonly sequenceOptions: Rule<SequenceOptions> = this.rule('sequenceOptions', () => {
    let options: SequenceOptions = {};
    this.MANY(() => {
      options = { ...options, ...this.SUBRULE(this.sequenceOption) };
    });
    return options;
  });

  private readonly sequenceOption: Rule<SequenceOptions> = this.rule('sequenceOption', () =>
    this.choose<SequenceOptions>([
      {
        ALT: () => {
          this.CONSUME(K.START);
          this.CONSUME(K.WITH);
          return { start: this.SUBRULE(this.signedInteger) };
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.RESTART);
          const restart = this.OPTION(() => {
            this.CONSUME1(K.WITH);
            return this.SUBRULE1(this.signedInteger);
          });
          return { restart: restart ?? 'start' };
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.INCREMENT);
          this.CONSUME(K.BY);
          return { increment: this.SUBRULE2(this.signedInteger) };
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.MINVALUE);
          return { minimum: this.SUBRULE3(this.signedInteger) };
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.MAXVALUE);
          return { maximum: this.SUBRULE4(this.signedInteger) };
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.CYCLE);
          return { cycle: true };
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.CACHE);
          const size = this.OPTION1(() => Number(this.CONSUME(T.IntegerLiteral).image));
          return size === undefined ? {} : { cache: size };
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.NO);
          return this.choose1<SequenceOptions>([
            {
              ALT: () => {
                this.CONSUME1(K.MINVALUE);
                return { minimum: 'none' };
              },
            },
            {
              ALT: () => {
                this.CONSUME1(K.MAXVALUE);
                return { maximum: 'none' };
              },
            },
            {
              ALT: () => {
                this.CONSUME1(K.CYCLE);
                return { cycle: false };
              },
            },
            {
              ALT: () => {
                this.CONSUME1(K.CACHE);
                return { cache: 'none' };
              },
            },
          ]);
        },
      },
    ]),
  );

  protected readonly createType: Rule<DefinitionStatement, [number]> = this.rule(
    'createType',
    (line: number) => {
      this.CONSUME(K.TYPE);
      const name = this.SUBRULE(this.path);
      const kind = this.choose<Omit<Definition<'create-type'>, 'line' | 'statement' | 'name'>>([
        {
          ALT: () => {
            this.CONSUME(K.FROM);
            const from = this.SUBRULE(this.typeName);
            const nullable = this.OPTION(() => this.SUBRULE(this.nullability));
            return { from, ...(nullable === undefined ? {} : { nullable }) };
          },
        },
        {
          ALT: () => {
            this.CONSUME(K.AS);
            this.CONSUME(K.TABLE);
            const table = this.SUBRULE(this.tableShape);
            if (this.is(K.WITH)) this.refuse('options of CREATE TYPE');
            return { table };
          },
        },
        {
          ALT: () => {
            this.refuse('CREATE TYPE … EXTERNAL NAME');
            this.CONSUME(K.EXTERNAL);
            return {};
          },
        },
      ]);
      return { line, statement: 'create-type', name, ...kind };
    },
  );

  protected readonly createSynonym: Rule<DefinitionStatement, [number]> = this.rule(
    'createSynonym',
    (line: number) => {
      this.CONSUME(K.SYNONYM);
      const name = this.SUBRULE(this.path);
      this.CONSUME(K.FOR);
      return { line, statement: 'create-synonym', name, target: this.SUBRULE1(this.path) };
    },
  );

  /** The options are about statistics, of which there are none, so they are read and change nothing. */
  protected readonly updateStatistics: Rule<DefinitionStatement> = this.rule('updateStatistics', () => {
    const line = this.line();
    this.CONSUME(K.UPDATE);
    this.CONSUME(K.STATISTICS);
    const table = this.SUBRULE(this.path);
    if (this.is(T.Name) || this.is(T.LeftParenthesis)) this.refuse('UPDATE STATISTICS of one index');
    this.OPTION({
      GATE: () => this.is(T.Name, 2),
      DEF: () => {
        this.CONSUME(K.WITH);
        this.AT_LEAST_ONE_SEP({ SEP: T.Comma, DEF: () => this.SUBRULE(this.statisticsOption) });
      },
    });
    return { line, statement: 'update-statistics', table };
  });

  private readonly statisticsOption: Rule<void> = this.rule('statisticsOption', () => {
    this.CONSUME(T.Name);
    this.OPTION(() => {
      this.choose([
        {
          ALT: () => {
            this.CONSUME(T.IntegerLiteral);
            this.choose1([{ ALT: () => this.CONSUME(K.PERCENT) }, { ALT: () => this.CONSUME(K.ROWS) }]);
          },
        },
        {
          ALT: () => {
            this.CONSUME(T.Equals);
            this.choose2([
              { ALT: () => this.CONSUME(K.ON) },
              { ALT: () => this.CONSUME(K.OFF) },
              { ALT: () => this.CONSUME1(T.IntegerLiteral) },
              { ALT: () => this.CONSUME1(T.Name) },
            ]);
          },
        },
      ]);
    });
  });

  protected readonly toggleTrigger: Rule<DefinitionStatement> = this.rule('toggleTrigger', () => {
    const line = this.line();
    const word = this.choose([{ ALT: () => this.CONSUME(K.ENABLE) }, { ALT: () => this.CONSUME(K.DISABLE) }]);
    this.CONSUME(K.TRIGGER);
    const triggers = this.SUBRULE(this.allOrPaths);
    this.CONSUME(K.ON);
    const on = this.choose1<ObjectName | 'database' | 'server'>([
      {
        ALT: () => {
          this.CONSUME(K.DATABASE);
          return 'database';
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.ALL);
          this.CONSUME(K.SERVER);
          return 'server';
        },
      },
      { ALT: () => this.SUBRULE(this.path) },
    ]);
    return { line, statement: 'toggle-trigger', triggers, on, enable: word.tokenType === K.ENABLE };
  });

  /** Triggers live in the schema of their table, so only the last part of a name counts. */
  private readonly allOrPaths: Rule<string[]> = this.rule('allOrPaths', () =>
    this.choose<string[]>([
      {
        ALT: () => {
          this.CONSUME(K.ALL);
          return [];
        },
      },
      {
        ALT: () => {
          const names = this.SUBRULE(this.pathList);
          return this.RECORDING_PHASE ? [] : names.map(name => name.at(-1) ?? '');
        },
      },
    ]),
  );

  protected readonly pathList: Rule<ObjectName[]> = this.listOf('pathList', () => this.path);

  protected readonly dropObject: Rule<DefinitionStatement, [number]> = this.rule(
    'dropObject',
    (line: number) => {
      const kind = this.SUBRULE(this.dropKind);
      const ifExists = this.SUBRULE(this.ifExists);
      const names = this.SUBRULE(this.pathList);
      if (kind === 'trigger' && this.is(K.ON)) this.refuse('triggers of a database or the server');
      return { line, statement: 'drop', kind, names, ifExists };
    },
  );

  private readonly dropKind: Rule<DropKind> = this.rule('dropKind', () => {
    const token = this.choose([
      { ALT: () => this.CONSUME(K.TABLE) },
      { ALT: () => this.CONSUME(K.VIEW) },
      { ALT: () => this.CONSUME(K.PROCEDURE) },
      { ALT: () => this.CONSUME(K.PROC) },
      { ALT: () => this.CONSUME(K.FUNCTION) },
      { ALT: () => this.CONSUME(K.TRIGGER) },
      { ALT: () => this.CONSUME(K.SCHEMA) },
      { ALT: () => this.CONSUME(K.SEQUENCE) },
      { ALT: () => this.CONSUME(K.TYPE) },
      { ALT: () => this.CONSUME(K.SYNONYM) },
    ]);
    switch (token.tokenType) {
      case K.VIEW:
        return 'view';
      case K.PROCEDURE:
      case K.PROC:
        return 'procedure';
      case K.FUNCTION:
        return 'function';
      case K.TRIGGER:
        return 'trigger';
      case K.SCHEMA:
        return 'schema';
      case K.SEQUENCE:
        return 'sequence';
      case K.TYPE:
        return 'type';
      case K.SYNONYM:
        return 'synonym';
      default:
        return 'table';
    }
  });

  protected readonly dropIndex: Rule<DefinitionStatement, [number]> = this.rule(
    'dropIndex',
    (line: number) => {
      const indexes: Definition<'drop-index'>['indexes'][number][] = [];
      this.CONSUME(K.INDEX);
      const ifExists = this.SUBRULE(this.ifExists);
      this.AT_LEAST_ONE_SEP({
        SEP: T.Comma,
        DEF: () => {
          const path = this.SUBRULE(this.path);
          const table = this.OPTION(() => {
            this.CONSUME(K.ON);
            return this.SUBRULE1(this.path);
          });
          if (this.RECORDING_PHASE) return;
          // The old form is `table.index`.
          if (table === undefined && path.length < 2) this.stopAt(this.LA(0));
          indexes.push({ name: path.at(-1) ?? '', table: table ?? path.slice(0, -1) });
        },
      });
      if (this.is(K.WITH) && this.is(T.LeftParenthesis, 2)) this.refuse('options of DROP INDEX');
      return { line, statement: 'drop-index', indexes, ifExists };
    },
  );
}
