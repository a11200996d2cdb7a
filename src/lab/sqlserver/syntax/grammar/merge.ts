import { mergeNeedsSeparator } from '../faults.ts';
import type { TypeName } from '../names.ts';
import type { CommonTable } from '../queries.ts';
import type { DataStatement, MergeBranch } from '../statements.ts';
import * as T from '../tokens.ts';
import type { Rule } from './base.ts';
import { DataGrammar } from './data.ts';

const { K } = T;

interface BulkColumn {
  readonly name: string;
  readonly type: TypeName;
  readonly collation?: string;
}

/** MERGE, and INSERT BULK as the drivers write it. */
export abstract class MergeGrammar extends DataGrammar {
  protected readonly merge: Rule<DataStatement, [readonly CommonTable[]]> = this.rule(
    'merge',
    (tables: readonly CommonTable[]) => {
      const line = this.line();
      this.CONSUME(K.MERGE);
      if (this.is(K.TOP)) this.refuse('MERGE TOP');
      this.OPTION(() => this.CONSUME(K.INTO));
      const target = this.SUBRULE(this.target);
      const hints = this.SUBRULE(this.targetHints);
      const alias = this.OPTION1({
        GATE: () => this.aliasAhead(),
        DEF: () => {
          this.OPTION2(() => this.CONSUME(K.AS));
          return this.SUBRULE(this.name);
        },
      });
      this.CONSUME(K.USING);
      const using = this.SUBRULE(this.joined);
      this.CONSUME(K.ON);
      const on = this.SUBRULE(this.condition);
      const branches: MergeBranch[] = [];
      this.AT_LEAST_ONE(() => {
        branches.push(this.SUBRULE(this.branch));
      });
      const output = this.OPTION3(() => this.SUBRULE(this.output));
      if (this.is(K.OPTION)) this.refuse('MERGE … OPTION');
      if (!this.RECORDING_PHASE && !this.is(T.Semicolon))
        throw mergeNeedsSeparator(this.LA(0).startLine ?? line);
      return {
        line,
        statement: 'merge',
        with: tables,
        target,
        ...(alias === undefined ? {} : { alias }),
        hints,
        using,
        on,
        branches,
        ...(output === undefined ? {} : { output }),
      };
    },
  );

  private readonly branch: Rule<MergeBranch> = this.rule('branch', () => {
    this.CONSUME(K.WHEN);
    const when = this.choose<MergeBranch['when']>([
      {
        ALT: () => {
          this.CONSUME(K.MATCHED);
          return 'matched';
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.NOT);
          this.CONSUME1(K.MATCHED);
          const side = this.OPTION(() => {
            this.CONSUME(K.BY);
            return this.choose1([
              { ALT: () => this.CONSUME(K.TARGET) },
              { ALT: () => this.CONSUME(K.SOURCE) },
            ]);
          });
          return side?.tokenType === K.SOURCE ? 'not-matched-by-source' : 'not-matched-by-target';
        },
      },
    ]);
    const and = this.OPTION1(() => {
      this.CONSUME(K.AND);
      return this.SUBRULE(this.condition);
    });
    this.CONSUME(K.THEN);
    return { when, ...(and === undefined ? {} : { and }), action: this.SUBRULE(this.action) };
  });

  private readonly action: Rule<MergeBranch['action']> = this.rule('action', () =>
    this.choose<MergeBranch['action']>([
      {
        ALT: () => {
          this.CONSUME(K.UPDATE);
          return { kind: 'update', set: this.SUBRULE(this.setClause) };
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.DELETE);
          return { kind: 'delete' };
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.INSERT);
          if (this.is(K.DEFAULT)) this.refuse('MERGE … INSERT DEFAULT VALUES');
          const columns = this.OPTION(() => this.SUBRULE(this.columnNames));
          this.CONSUME(K.VALUES);
          return { kind: 'insert', columns: columns ?? [], values: this.SUBRULE(this.valueRow) };
        },
      },
    ]),
  );

  protected readonly insertBulk: Rule<DataStatement> = this.rule('insertBulk', () => {
    const line = this.line();
    const columns: BulkColumn[] = [];
    this.CONSUME(K.INSERT);
    this.CONSUME(K.BULK);
    const table = this.SUBRULE(this.path);
    this.CONSUME(T.LeftParenthesis);
    this.AT_LEAST_ONE_SEP({
      SEP: T.Comma,
      DEF: () => {
        columns.push(this.SUBRULE(this.bulkColumn));
      },
    });
    this.CONSUME(T.RightParenthesis);
    const options = this.OPTION(() => {
      this.CONSUME(K.WITH);
      return this.SUBRULE(this.bulkOptions);
    });
    return { line, statement: 'insert-bulk', table, columns, options: options ?? [] };
  });

  private readonly bulkColumn: Rule<BulkColumn> = this.rule('bulkColumn', () => {
    const name = this.SUBRULE(this.name);
    const type = this.SUBRULE(this.typeName);
    const collation = this.OPTION(() => {
      this.CONSUME(K.COLLATE);
      return this.SUBRULE1(this.name);
    });
    return { name, type, ...(collation === undefined ? {} : { collation }) };
  });

  private readonly bulkOptions: Rule<string[]> = this.rule('bulkOptions', () => {
    const options: string[] = [];
    this.CONSUME(T.LeftParenthesis);
    this.AT_LEAST_ONE_SEP({
      SEP: T.Comma,
      DEF: () => {
        options.push(this.SUBRULE(this.bulkOption));
      },
    });
    this.CONSUME(T.RightParenthesis);
    return options;
  });

  private readonly bulkOption: Rule<string> = this.rule('bulkOption', () => {
    const begin = this.LA(1);
    this.choose([
      {
        ALT: () => {
          this.CONSUME(T.Name);
          this.OPTION(() => {
            this.CONSUME(T.Equals);
            this.CONSUME(T.IntegerLiteral);
          });
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.ORDER);
          this.CONSUME(T.LeftParenthesis);
          this.SUBRULE(this.orderItems);
          this.CONSUME(T.RightParenthesis);
        },
      },
    ]);
    return this.textFrom(begin).toUpperCase();
  });
}
