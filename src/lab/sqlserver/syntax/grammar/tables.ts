import type { ColumnShape, ConstraintShape, IndexShape, TableShape } from '../statements.ts';
import * as T from '../tokens.ts';
import type { Rule } from './base.ts';
import { ConstraintGrammar } from './constraints.ts';
import { type ColumnDraft, type ColumnPart, columnOf, unwrapped } from './tableparts.ts';

const { K } = T;

/** What stands between the parentheses of CREATE TABLE: columns, constraints, indexes. */
export abstract class TableGrammar extends ConstraintGrammar {
  protected readonly tableShape: Rule<TableShape> = this.rule('tableShape', () => {
    const columns: ColumnShape[] = [];
    const constraints: ConstraintShape[] = [];
    const indexes: IndexShape[] = [];
    this.CONSUME(T.LeftParenthesis);
    this.SUBRULE(this.tableElement, { ARGS: [columns, constraints, indexes] });
    this.MANY({
      GATE: () => !this.is(T.RightParenthesis, 2),
      DEF: () => {
        this.CONSUME(T.Comma);
        this.SUBRULE1(this.tableElement, { ARGS: [columns, constraints, indexes] });
      },
    });
    // T-SQL lets a comma stand before the closing parenthesis.
    this.OPTION(() => this.CONSUME1(T.Comma));
    this.CONSUME(T.RightParenthesis);
    return { columns, constraints, indexes };
  });

  protected readonly tableElement: Rule<void, [ColumnShape[], ConstraintShape[], IndexShape[]]> = this.rule(
    'tableElement',
    (columns: ColumnShape[], constraints: ConstraintShape[], indexes: IndexShape[]) => {
      const line = this.line();
      this.choose([
        {
          ALT: () => {
            const shape = this.SUBRULE(this.tableConstraint);
            this.ACTION(() => constraints.push(shape));
          },
        },
        {
          ALT: () => {
            const shape = this.SUBRULE(this.inlineIndex);
            this.ACTION(() => indexes.push(shape));
          },
        },
        {
          GATE: () => this.is(K.TIMESTAMP) && !this.is(T.Name, 2),
          ALT: () => {
            const type = { name: [this.CONSUME(K.TIMESTAMP).image.toLowerCase()], arguments: [] };
            this.ACTION(() => columns.push(columnOf(line, 'timestamp', { type, constraints: [] })));
          },
        },
        {
          ALT: () => {
            const shape = this.SUBRULE(this.column, { ARGS: [indexes] });
            this.ACTION(() => columns.push(shape));
          },
        },
      ]);
    },
  );

  protected readonly column: Rule<ColumnShape, [IndexShape[]]> = this.rule(
    'column',
    (indexes: IndexShape[]) => {
      const line = this.line();
      const draft: ColumnDraft = { constraints: [] };
      const name = this.SUBRULE(this.name);
      this.choose([
        {
          ALT: () => {
            this.CONSUME(K.AS);
            const begin = this.LA(1);
            const expression = this.SUBRULE(this.expression);
            const text = unwrapped(this.textFrom(begin));
            const persisted = this.OPTION(() => this.CONSUME(K.PERSISTED)) !== undefined;
            draft.computed = { expression, text, persisted };
          },
        },
        {
          ALT: () => {
            draft.type = this.SUBRULE(this.typeName);
          },
        },
      ]);
      this.MANY(() => {
        const { constraint, index, ...part } = this.SUBRULE(this.columnPart, { ARGS: [name] });
        Object.assign(draft, part);
        if (constraint !== undefined) draft.constraints.push(constraint);
        if (index !== undefined) this.ACTION(() => indexes.push(index));
      });
      return columnOf(line, name, draft);
    },
  );

  private readonly columnPart: Rule<ColumnPart, [string]> = this.rule('columnPart', (name: string) =>
    this.choose<ColumnPart>([
      {
        ALT: () => {
          this.CONSUME(K.COLLATE);
          return { collation: this.SUBRULE(this.name) };
        },
      },
      { GATE: () => !this.is(K.FOR, 2), ALT: () => ({ nullable: this.SUBRULE(this.nullability) }) },
      { ALT: () => ({ identity: this.SUBRULE(this.identity) }) },
      {
        ALT: () => {
          this.CONSUME(K.ROWGUIDCOL);
          return { rowguid: true };
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.SPARSE);
          return { sparse: true };
        },
      },
      { ALT: () => ({ constraint: this.SUBRULE(this.columnConstraint, { ARGS: [name] }) }) },
      { ALT: () => ({ index: this.SUBRULE(this.inlineIndex, { ARGS: [name] }) }) },
      { ALT: () => this.SUBRULE(this.unknownColumnPart) },
    ]),
  );

  private readonly unknownColumnPart: Rule<ColumnPart> = this.rule('unknownColumnPart', () => {
    const token = this.choose([
      { ALT: () => this.CONSUME(K.FILESTREAM) },
      { ALT: () => this.CONSUME(K.MASKED) },
      { ALT: () => this.CONSUME(K.ENCRYPTED) },
      { ALT: () => this.CONSUME(K.GENERATED) },
    ]);
    this.refuse(`a column ${token.image.toUpperCase()}`);
    return {};
  });

  /** NULL or NOT NULL; whether NULL is allowed. */
  protected readonly nullability: Rule<boolean> = this.rule('nullability', () => {
    const not = this.OPTION(() => this.CONSUME(K.NOT));
    this.CONSUME(K.NULL);
    return not === undefined;
  });

  private readonly identity: Rule<NonNullable<ColumnShape['identity']>> = this.rule('identity', () => {
    this.CONSUME(K.IDENTITY);
    const range = this.OPTION(() => {
      this.CONSUME(T.LeftParenthesis);
      const seed = this.SUBRULE(this.signedInteger);
      this.CONSUME(T.Comma);
      const increment = this.SUBRULE1(this.signedInteger);
      this.CONSUME(T.RightParenthesis);
      return { seed, increment };
    });
    const notForReplication = this.SUBRULE(this.notForReplication);
    return { seed: range?.seed ?? 1n, increment: range?.increment ?? 1n, notForReplication };
  });
}
