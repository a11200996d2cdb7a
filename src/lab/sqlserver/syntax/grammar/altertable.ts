import type { DefinitionStatement, TableAction } from '../definitions.ts';
import type { ColumnShape, ConstraintShape, IndexShape } from '../statements.ts';
import * as T from '../tokens.ts';
import type { Rule } from './base.ts';
import { TableDefinitionGrammar } from './definitions.ts';

const { K } = T;

type DropItem = Extract<TableAction, { kind: 'drop' }>['items'][number];

/** ALTER TABLE. */
export abstract class AlterTableGrammar extends TableDefinitionGrammar {
  protected readonly alterTable: Rule<DefinitionStatement, [number]> = this.rule(
    'alterTable',
    (line: number) => {
      this.CONSUME(K.TABLE);
      const name = this.SUBRULE(this.path);
      const begin = this.LA(1);
      const action = this.SUBRULE(this.tableAction);
      return { line, statement: 'alter-table', name, action, text: this.textFrom(begin) };
    },
  );

  private readonly tableAction: Rule<TableAction> = this.rule('tableAction', () =>
    this.choose<TableAction>([
      { ALT: () => this.SUBRULE(this.checkedAction) },
      {
        ALT: () => {
          this.CONSUME(K.ALTER);
          this.CONSUME(K.COLUMN);
          return this.SUBRULE(this.alterColumn);
        },
      },
      { ALT: () => this.SUBRULE(this.dropAction) },
      { ALT: () => this.SUBRULE(this.toggleAction) },
      {
        ALT: () => {
          this.CONSUME(K.REBUILD);
          if (this.is(K.WITH) || this.is(K.PARTITION)) this.refuse('options of ALTER TABLE … REBUILD');
          return { kind: 'rebuild' };
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.SET);
          return { kind: 'set', options: this.SUBRULE(this.settings) };
        },
      },
      {
        ALT: () => {
          this.refuse('ALTER TABLE … SWITCH');
          this.CONSUME(K.SWITCH);
          return { kind: 'rebuild' };
        },
      },
    ]),
  );

  /** `[WITH CHECK|NOCHECK] ADD … | CHECK|NOCHECK CONSTRAINT …`. */
  private readonly checkedAction: Rule<TableAction> = this.rule('checkedAction', () => {
    const withCheck = this.OPTION(() => {
      this.CONSUME(K.WITH);
      return this.SUBRULE(this.checkWord);
    });
    const checked = withCheck === undefined ? {} : { withCheck };
    return this.choose<TableAction>([
      {
        ALT: () => {
          const columns: ColumnShape[] = [];
          const constraints: ConstraintShape[] = [];
          const indexes: IndexShape[] = [];
          this.CONSUME(K.ADD);
          if (this.is(K.INDEX)) this.refuse('ALTER TABLE … ADD INDEX');
          this.AT_LEAST_ONE_SEP({
            SEP: T.Comma,
            DEF: () => this.SUBRULE(this.tableElement, { ARGS: [columns, constraints, indexes] }),
          });
          if (indexes.length > 0) this.refuse('ALTER TABLE … ADD INDEX');
          return { kind: 'add', ...checked, columns, constraints };
        },
      },
      {
        ALT: () => {
          const check = this.SUBRULE1(this.checkWord);
          this.CONSUME(K.CONSTRAINT);
          return { kind: 'check', ...checked, check, names: this.SUBRULE(this.allOrNames) };
        },
      },
    ]);
  });

  private readonly checkWord: Rule<boolean> = this.rule('checkWord', () => {
    const token = this.choose([{ ALT: () => this.CONSUME(K.CHECK) }, { ALT: () => this.CONSUME(K.NOCHECK) }]);
    return token.tokenType === K.CHECK;
  });

  /** ALL is no name. */
  protected readonly allOrNames: Rule<string[]> = this.rule('allOrNames', () =>
    this.choose<string[]>([
      {
        ALT: () => {
          this.CONSUME(K.ALL);
          return [];
        },
      },
      { ALT: () => this.SUBRULE(this.nameList) },
    ]),
  );

  private readonly alterColumn: Rule<TableAction> = this.rule('alterColumn', () => {
    const column = this.SUBRULE(this.name);
    if (this.is(K.ADD) || this.is(K.DROP)) this.refuse('ALTER COLUMN … ADD and DROP');
    const type = this.SUBRULE(this.typeName);
    const collation = this.OPTION(() => {
      this.CONSUME(K.COLLATE);
      return this.SUBRULE1(this.name);
    });
    const nullable = this.OPTION1(() => this.SUBRULE(this.nullability));
    if (this.is(K.WITH) || this.is(K.SPARSE)) this.refuse('options of ALTER COLUMN');
    return {
      kind: 'alter-column',
      column,
      type,
      ...(collation === undefined ? {} : { collation }),
      ...(nullable === undefined ? {} : { nullable }),
    };
  });

  protected readonly ifExists: Rule<boolean> = this.rule(
    'ifExists',
    () =>
      this.OPTION(() => {
        this.CONSUME(K.IF);
        return this.CONSUME(K.EXISTS);
      }) !== undefined,
  );

  private readonly dropAction: Rule<TableAction> = this.rule('dropAction', () => {
    const items: DropItem[] = [];
    const existing: boolean[] = [];
    this.CONSUME(K.DROP);
    let kind: DropItem['kind'] = 'constraint';
    this.AT_LEAST_ONE_SEP({
      SEP: T.Comma,
      DEF: () => {
        // The word holds for the names behind it, up to the next word.
        this.OPTION(() => {
          kind = this.choose<DropItem['kind']>([
            {
              ALT: () => {
                this.CONSUME(K.COLUMN);
                return 'column';
              },
            },
            {
              ALT: () => {
                this.CONSUME(K.CONSTRAINT);
                return 'constraint';
              },
            },
          ]);
          existing.push(this.SUBRULE(this.ifExists));
        });
        items.push({ kind, name: this.SUBRULE(this.name) });
      },
    });
    if (this.is(K.WITH) && this.is(T.LeftParenthesis, 2)) this.refuse('options of DROP CONSTRAINT');
    return { kind: 'drop', ifExists: existing.includes(true), items };
  });

  private readonly toggleAction: Rule<TableAction> = this.rule('toggleAction', () => {
    const word = this.choose([{ ALT: () => this.CONSUME(K.ENABLE) }, { ALT: () => this.CONSUME(K.DISABLE) }]);
    const enable = word.tokenType === K.ENABLE;
    return this.choose1<TableAction>([
      {
        ALT: () => {
          this.CONSUME(K.TRIGGER);
          return { kind: 'trigger', enable, names: this.SUBRULE(this.allOrNames) };
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.CHANGE_TRACKING);
          const trackColumns = this.OPTION({
            GATE: () => this.is(T.LeftParenthesis, 2),
            DEF: () => {
              this.CONSUME(K.WITH);
              this.CONSUME(T.LeftParenthesis);
              this.CONSUME(K.TRACK_COLUMNS_UPDATED);
              this.CONSUME(T.Equals);
              const on = this.SUBRULE(this.onOff);
              this.CONSUME(T.RightParenthesis);
              return on;
            },
          });
          return { kind: 'change-tracking', enable, trackColumns: trackColumns ?? false };
        },
      },
    ]);
  });

  /** `(LOCK_ESCALATION = AUTO)`: each as written in upper case. */
  private readonly settings: Rule<string[]> = this.rule('settings', () => {
    const settings: string[] = [];
    this.CONSUME(T.LeftParenthesis);
    if (!this.is(T.Equals, 2) || this.is(T.LeftParenthesis, 4))
      this.refuse('this option of ALTER TABLE … SET');
    this.AT_LEAST_ONE_SEP({
      SEP: T.Comma,
      DEF: () => {
        const begin = this.LA(1);
        this.CONSUME(T.Name);
        this.CONSUME(T.Equals);
        this.choose([
          { ALT: () => this.CONSUME1(T.Name) },
          { ALT: () => this.CONSUME(K.TABLE) },
          { ALT: () => this.CONSUME(K.ON) },
          { ALT: () => this.CONSUME(K.OFF) },
        ]);
        settings.push(
          this.textFrom(begin)
            .replace(/\s*=\s*/, ' = ')
            .toUpperCase(),
        );
      },
    });
    this.CONSUME(T.RightParenthesis);
    return settings;
  });
}
