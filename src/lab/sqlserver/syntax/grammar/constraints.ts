import type { IToken } from 'chevrotain';
import type { Condition } from '../expressions.ts';
import type { Name as ObjectName } from '../names.ts';
import type { ConstraintShape, IndexShape, KeyColumn, ReferentialAction } from '../statements.ts';
import * as T from '../tokens.ts';
import type { Rule } from './base.ts';
import { ExecuteGrammar } from './execute.ts';
import { unwrapped } from './tableparts.ts';

const { K } = T;

interface KeyOptions {
  readonly clustered?: boolean;
}

/** Constraints of columns and tables, and the indexes that are written among them. */
export abstract class ConstraintGrammar extends ExecuteGrammar {
  protected abstract readonly indexOptions: Rule<string[]>;
  protected abstract readonly storage: Rule<void>;

  protected readonly notForReplication: Rule<boolean> = this.rule(
    'notForReplication',
    () =>
      this.OPTION({
        GATE: () => this.is(K.FOR, 2),
        DEF: () => {
          this.CONSUME(K.NOT);
          this.CONSUME(K.FOR);
          return this.CONSUME(K.REPLICATION);
        },
      }) !== undefined,
  );

  private readonly constraintName: Rule<{ name?: string }> = this.rule('constraintName', () => {
    const name = this.OPTION(() => {
      this.CONSUME(K.CONSTRAINT);
      return this.SUBRULE(this.name);
    });
    return name === undefined ? {} : { name };
  });

  protected readonly columnConstraint: Rule<ConstraintShape, [string]> = this.rule(
    'columnConstraint',
    (column: string) => {
      const line = this.line();
      const name = this.SUBRULE(this.constraintName);
      return this.choose<ConstraintShape>([
        { ALT: () => this.SUBRULE(this.key, { ARGS: [line, name, []] }) },
        { ALT: () => this.SUBRULE(this.check, { ARGS: [line, name] }) },
        { ALT: () => this.SUBRULE(this.defaultConstraint, { ARGS: [line, name] }) },
        {
          ALT: () => {
            this.OPTION(() => {
              this.CONSUME(K.FOREIGN);
              this.CONSUME(K.KEY);
            });
            return this.SUBRULE(this.references, { ARGS: [line, name, [column]] });
          },
        },
      ]);
    },
  );

  protected readonly tableConstraint: Rule<ConstraintShape> = this.rule('tableConstraint', () => {
    const line = this.line();
    const name = this.SUBRULE(this.constraintName);
    return this.choose<ConstraintShape>([
      { ALT: () => this.SUBRULE(this.key, { ARGS: [line, name, undefined] }) },
      { ALT: () => this.SUBRULE(this.check, { ARGS: [line, name] }) },
      {
        ALT: () => {
          const shape = this.SUBRULE(this.defaultConstraint, { ARGS: [line, name] });
          this.CONSUME(K.FOR);
          return { ...shape, column: this.SUBRULE(this.name) };
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.FOREIGN);
          this.CONSUME(K.KEY);
          const columns = this.SUBRULE(this.namesInParentheses);
          return this.SUBRULE(this.references, { ARGS: [line, name, columns] });
        },
      },
    ]);
  });

  /** PRIMARY KEY or UNIQUE; `given` are the columns of a column constraint (none), else they follow. */
  private readonly key: Rule<ConstraintShape, [number, { name?: string }, KeyColumn[] | undefined]> =
    this.rule('key', (line: number, name: { name?: string }, given: KeyColumn[] | undefined) => {
      const constraint = this.choose<'primary-key' | 'unique'>([
        {
          ALT: () => {
            this.CONSUME(K.PRIMARY);
            this.CONSUME(K.KEY);
            return 'primary-key';
          },
        },
        {
          ALT: () => {
            this.CONSUME(K.UNIQUE);
            return 'unique';
          },
        },
      ]);
      const clustered: KeyOptions = this.SUBRULE(this.clustering);
      const columns = this.OPTION({
        GATE: () => given === undefined,
        DEF: () => this.SUBRULE(this.keyColumns),
      });
      if (given === undefined && columns === undefined) this.stopAt(this.LA(1));
      const options = this.OPTION1(() => this.SUBRULE(this.indexOptions));
      this.SUBRULE(this.storage);
      return {
        line,
        ...name,
        constraint,
        ...clustered,
        columns: columns ?? given ?? [],
        ...(options === undefined ? {} : { options }),
      };
    });

  protected readonly clustering: Rule<KeyOptions> = this.rule('clustering', () => {
    const token = this.OPTION(() =>
      this.choose([{ ALT: () => this.CONSUME(K.CLUSTERED) }, { ALT: () => this.CONSUME(K.NONCLUSTERED) }]),
    );
    return token === undefined ? {} : { clustered: token.tokenType === K.CLUSTERED };
  });

  protected readonly keyColumns: Rule<KeyColumn[]> = this.rule('keyColumns', () => {
    const columns: KeyColumn[] = [];
    this.CONSUME(T.LeftParenthesis);
    this.AT_LEAST_ONE_SEP({
      SEP: T.Comma,
      DEF: () => {
        const name = this.SUBRULE(this.name);
        const descending = this.OPTION(() => this.SUBRULE(this.direction));
        columns.push({ name, descending: descending ?? false });
      },
    });
    this.CONSUME(T.RightParenthesis);
    return columns;
  });

  private readonly check: Rule<ConstraintShape, [number, { name?: string }]> = this.rule(
    'check',
    (line: number, name: { name?: string }) => {
      this.CONSUME(K.CHECK);
      const notForReplication = this.SUBRULE(this.notForReplication);
      const begin: IToken = this.LA(1);
      this.CONSUME(T.LeftParenthesis);
      const condition: Condition = this.SUBRULE(this.condition);
      this.CONSUME(T.RightParenthesis);
      return {
        line,
        ...name,
        constraint: 'check',
        condition,
        text: unwrapped(this.textFrom(begin)),
        notForReplication,
      };
    },
  );

  private readonly defaultConstraint: Rule<
    Extract<ConstraintShape, { constraint: 'default' }>,
    [number, { name?: string }]
  > = this.rule('defaultConstraint', (line: number, name: { name?: string }) => {
    this.CONSUME(K.DEFAULT);
    const begin = this.LA(1);
    const expression = this.SUBRULE(this.expression);
    const text = unwrapped(this.textFrom(begin));
    const withValues = this.OPTION({
      GATE: () => this.is(K.WITH) && this.is(K.VALUES, 2),
      DEF: () => {
        this.CONSUME(K.WITH);
        this.CONSUME(K.VALUES);
        return true;
      },
    });
    return { line, ...name, constraint: 'default', expression, text, ...(withValues ? { withValues } : {}) };
  });

  private readonly references: Rule<ConstraintShape, [number, { name?: string }, string[]]> = this.rule(
    'references',
    (line: number, name: { name?: string }, columns: string[]) => {
      let onDelete: ReferentialAction = 'no-action';
      let onUpdate: ReferentialAction = 'no-action';
      this.CONSUME(K.REFERENCES);
      const references: ObjectName = this.SUBRULE(this.path);
      const referenced = this.OPTION(() => this.SUBRULE(this.namesInParentheses));
      this.MANY({
        GATE: () => this.is(K.DELETE, 2) || this.is(K.UPDATE, 2),
        DEF: () => {
          this.CONSUME(K.ON);
          const event = this.choose([
            { ALT: () => this.CONSUME(K.DELETE) },
            { ALT: () => this.CONSUME(K.UPDATE) },
          ]);
          const action = this.SUBRULE(this.referentialAction);
          if (event.tokenType === K.DELETE) onDelete = action;
          else onUpdate = action;
        },
      });
      const notForReplication = this.SUBRULE(this.notForReplication);
      return {
        line,
        ...name,
        constraint: 'foreign-key',
        columns,
        references,
        referenced: referenced ?? [],
        onDelete,
        onUpdate,
        notForReplication,
      };
    },
  );

  private readonly referentialAction: Rule<ReferentialAction> = this.rule('referentialAction', () =>
    this.choose<ReferentialAction>([
      {
        ALT: () => {
          this.CONSUME(K.CASCADE);
          return 'cascade';
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.NO);
          this.CONSUME(K.ACTION);
          return 'no-action';
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.SET);
          return this.choose1<ReferentialAction>([
            {
              ALT: () => {
                this.CONSUME(K.NULL);
                return 'set-null';
              },
            },
            {
              ALT: () => {
                this.CONSUME(K.DEFAULT);
                return 'set-default';
              },
            },
          ]);
        },
      },
    ]),
  );

  protected readonly inlineIndex: Rule<IndexShape, [column?: string]> = this.rule(
    'inlineIndex',
    (column?: string) => {
      const line = this.line();
      this.CONSUME(K.INDEX);
      const name = this.SUBRULE(this.name);
      const unique = this.OPTION(() => this.CONSUME(K.UNIQUE)) !== undefined;
      const clustered = this.SUBRULE(this.clustering);
      if (this.is(K.COLUMNSTORE) || this.is(K.HASH)) this.refuse('a COLUMNSTORE or HASH index');
      const columns = this.OPTION1(() => this.SUBRULE(this.keyColumns));
      if (columns === undefined && column === undefined) this.stopAt(this.LA(1));
      const tail = this.SUBRULE(this.indexTail);
      return {
        line,
        name,
        unique,
        clustered: clustered.clustered ?? false,
        columns: columns ?? [{ name: column ?? '', descending: false }],
        ...tail,
      };
    },
  );

  /** INCLUDE, WHERE, WITH and ON behind the keys of an index. */
  protected readonly indexTail: Rule<Pick<IndexShape, 'included' | 'where' | 'options'>> = this.rule(
    'indexTail',
    () => {
      const included = this.OPTION(() => {
        this.CONSUME(K.INCLUDE);
        return this.SUBRULE(this.namesInParentheses);
      });
      const where = this.OPTION1(() => {
        this.CONSUME(K.WHERE);
        const begin = this.LA(1);
        const condition = this.SUBRULE(this.condition);
        return { condition, text: unwrapped(this.textFrom(begin)) };
      });
      const options = this.OPTION2(() => this.SUBRULE(this.indexOptions));
      this.SUBRULE(this.storage);
      return { included: included ?? [], ...(where === undefined ? {} : { where }), options: options ?? [] };
    },
  );
}
