import type { Name as ObjectName } from '../names.ts';
import type { CommonTable, QueryExpression, Source } from '../queries.ts';
import type { Assignment, DataStatement, ExecuteStatement, InsertRows, Output } from '../statements.ts';
import * as T from '../tokens.ts';
import type { Rule } from './base.ts';
import { assignOperatorOf } from './queries.ts';
import { RowsetGrammar } from './rowsets.ts';
import { afterWith } from './shapes.ts';

const { K } = T;

/** INSERT, UPDATE, DELETE, TRUNCATE and the statements that may follow WITH. */
export abstract class DataGrammar extends RowsetGrammar {
  protected abstract readonly execute: Rule<ExecuteStatement>;
  protected abstract readonly merge: Rule<DataStatement, [readonly CommonTable[]]>;
  protected abstract readonly insertBulk: Rule<DataStatement>;

  protected readonly withStatement: Rule<DataStatement> = this.rule('withStatement', () => {
    const tables = this.SUBRULE(this.commonTables);
    return this.SUBRULE(this.dataStatement, { ARGS: [tables] });
  });

  protected readonly dataStatement: Rule<DataStatement, [readonly CommonTable[]]> = this.rule(
    'dataStatement',
    (tables: readonly CommonTable[]) =>
      this.choose<DataStatement>([
        { ALT: () => this.SUBRULE(this.select, { ARGS: [tables] }) },
        { GATE: () => !this.is(K.BULK, 2), ALT: () => this.SUBRULE(this.insert, { ARGS: [tables] }) },
        { ALT: () => this.SUBRULE(this.insertBulk) },
        { ALT: () => this.SUBRULE(this.update, { ARGS: [tables] }) },
        { ALT: () => this.SUBRULE(this.delete, { ARGS: [tables] }) },
        { ALT: () => this.SUBRULE(this.merge, { ARGS: [tables] }) },
      ]),
  );

  private readonly select: Rule<DataStatement, [readonly CommonTable[]]> = this.rule(
    'select',
    (tables: readonly CommonTable[]) => {
      const line = this.line();
      const query: QueryExpression = this.SUBRULE(this.query);
      return { line, statement: 'select', query: this.RECORDING_PHASE ? query : afterWith(tables, query) };
    },
  );

  /** A table, or a table variable as a name of one part. */
  protected readonly target: Rule<ObjectName> = this.rule('target', () => {
    const name = this.choose<ObjectName>([
      { ALT: () => [this.CONSUME(T.Variable).image] },
      { ALT: () => this.SUBRULE(this.path) },
      {
        ALT: () => {
          this.refuse('a rowset function as a target');
          return [
            this.choose1([
              { ALT: () => this.CONSUME(K.OPENQUERY) },
              { ALT: () => this.CONSUME(K.OPENROWSET) },
            ]).image,
          ];
        },
      },
    ]);
    return name;
  });

  protected readonly targetHints: Rule<string[]> = this.rule('targetHints', () => {
    const hints = this.OPTION({
      GATE: () => this.hintAhead() || this.is(K.WITH),
      DEF: () => this.SUBRULE(this.tableHints),
    });
    return hints ?? [];
  });

  private readonly insert: Rule<DataStatement, [readonly CommonTable[]]> = this.rule(
    'insert',
    (tables: readonly CommonTable[]) => {
      const line = this.line();
      this.CONSUME(K.INSERT);
      const top = this.OPTION(() => this.SUBRULE(this.top));
      this.OPTION1(() => this.CONSUME(K.INTO));
      const target = this.SUBRULE(this.target);
      const hints = this.SUBRULE(this.targetHints);
      const columns = this.OPTION2({
        GATE: () => !this.queryAhead(1),
        DEF: () => this.SUBRULE(this.columnNames),
      });
      const output = this.OPTION3(() => this.SUBRULE(this.output));
      const rows = this.SUBRULE(this.insertRows);
      return {
        line,
        statement: 'insert',
        with: tables,
        ...(top === undefined ? {} : { top }),
        target,
        hints,
        columns: columns ?? [],
        ...(output === undefined ? {} : { output }),
        rows,
      };
    },
  );

  /** `(a, t.b)`: the last part is the column. */
  protected readonly columnNames: Rule<string[]> = this.rule('columnNames', () => {
    const names: string[] = [];
    this.CONSUME(T.LeftParenthesis);
    this.AT_LEAST_ONE_SEP({
      SEP: T.Comma,
      DEF: () => {
        const path = this.SUBRULE(this.path);
        if (!this.RECORDING_PHASE) names.push(path.at(-1) ?? '');
      },
    });
    this.CONSUME(T.RightParenthesis);
    return names;
  });

  private readonly insertRows: Rule<InsertRows> = this.rule('insertRows', () =>
    this.choose<InsertRows>([
      {
        ALT: () => {
          this.CONSUME(K.DEFAULT);
          this.CONSUME(K.VALUES);
          return { kind: 'default' };
        },
      },
      { ALT: () => ({ kind: 'values', rows: this.SUBRULE(this.valueRows) }) },
      { ALT: () => ({ kind: 'execute', execute: this.SUBRULE(this.execute) }) },
      { ALT: () => ({ kind: 'query', query: this.SUBRULE(this.query) }) },
    ]),
  );

  protected readonly output: Rule<Output> = this.rule('output', () => {
    this.CONSUME(K.OUTPUT);
    const items = this.SUBRULE(this.selectItems);
    const into = this.OPTION(() => {
      this.CONSUME(K.INTO);
      const target = this.SUBRULE(this.target);
      const columns = this.OPTION1({
        GATE: () => !this.queryAhead(1),
        DEF: () => this.SUBRULE(this.columnNames),
      });
      return { target, columns: columns ?? [] };
    });
    if (this.is(K.OUTPUT)) this.refuse('two OUTPUT clauses');
    return { items, ...(into === undefined ? {} : { into }) };
  });

  private readonly update: Rule<DataStatement, [readonly CommonTable[]]> = this.rule(
    'update',
    (tables: readonly CommonTable[]) => {
      const line = this.line();
      this.CONSUME(K.UPDATE);
      const top = this.OPTION(() => this.SUBRULE(this.top));
      const target = this.SUBRULE(this.target);
      const hints = this.SUBRULE(this.targetHints);
      const set = this.SUBRULE(this.setClause);
      const output = this.OPTION1(() => this.SUBRULE(this.output));
      const from: Source[] | undefined = this.OPTION2(() => this.SUBRULE(this.fromClause));
      const where = this.OPTION3(() => this.SUBRULE(this.whereClause));
      const hintsOption = this.OPTION4(() => this.SUBRULE(this.hintsOption));
      return {
        line,
        statement: 'update',
        with: tables,
        ...(top === undefined ? {} : { top }),
        target,
        hints,
        set,
        ...(output === undefined ? {} : { output }),
        from: from ?? [],
        ...(where === undefined ? {} : { where }),
        hintsOption: hintsOption ?? [],
      };
    },
  );

  protected readonly setClause: Rule<Assignment[]> = this.rule('setClause', () => {
    const assignments: Assignment[] = [];
    this.CONSUME(K.SET);
    this.AT_LEAST_ONE_SEP({
      SEP: T.Comma,
      DEF: () => {
        assignments.push(this.SUBRULE(this.assignment));
      },
    });
    return assignments;
  });

  private readonly assignment: Rule<Assignment> = this.rule('assignment', () =>
    this.choose<Assignment>([
      {
        GATE: () =>
          this.is(T.Equals, 2) && this.is(T.AssignmentOperator, this.pathEnd(3)) && this.is(T.Name, 3),
        ALT: () => {
          const variable = this.CONSUME(T.Variable).image;
          this.CONSUME(T.Equals);
          const column = this.SUBRULE(this.columnAssignment);
          return { ...column, variable };
        },
      },
      {
        ALT: () => {
          const variable = this.CONSUME1(T.Variable).image;
          const operator = assignOperatorOf(this.CONSUME(T.AssignmentOperator));
          return { kind: 'variable', variable, operator, expression: this.SUBRULE(this.expressionOrDefault) };
        },
      },
      { ALT: () => this.SUBRULE1(this.columnAssignment) },
    ]),
  );

  private readonly columnAssignment: Rule<Extract<Assignment, { kind: 'column' }>> = this.rule(
    'columnAssignment',
    () => {
      const name = this.SUBRULE(this.path);
      if (this.is(T.LeftParenthesis)) this.refuse('methods in SET (column.WRITE)');
      const operator = assignOperatorOf(this.CONSUME(T.AssignmentOperator));
      return { kind: 'column', name, operator, expression: this.SUBRULE(this.expressionOrDefault) };
    },
  );

  private readonly delete: Rule<DataStatement, [readonly CommonTable[]]> = this.rule(
    'delete',
    (tables: readonly CommonTable[]) => {
      const line = this.line();
      this.CONSUME(K.DELETE);
      const top = this.OPTION(() => this.SUBRULE(this.top));
      this.OPTION1(() => this.CONSUME(K.FROM));
      const target = this.SUBRULE(this.target);
      const hints = this.SUBRULE(this.targetHints);
      const output = this.OPTION2(() => this.SUBRULE(this.output));
      const from: Source[] | undefined = this.OPTION3(() => this.SUBRULE(this.fromClause));
      const where = this.OPTION4(() => this.SUBRULE(this.whereClause));
      const hintsOption = this.OPTION5(() => this.SUBRULE(this.hintsOption));
      return {
        line,
        statement: 'delete',
        with: tables,
        ...(top === undefined ? {} : { top }),
        target,
        hints,
        ...(output === undefined ? {} : { output }),
        from: from ?? [],
        ...(where === undefined ? {} : { where }),
        hintsOption: hintsOption ?? [],
      };
    },
  );

  protected readonly truncate: Rule<DataStatement> = this.rule('truncate', () => {
    const line = this.line();
    this.CONSUME(K.TRUNCATE);
    this.CONSUME(K.TABLE);
    const table = this.SUBRULE(this.path);
    if (this.is(K.WITH) && this.is(T.LeftParenthesis, 2)) this.refuse('TRUNCATE TABLE … WITH (PARTITIONS)');
    return { line, statement: 'truncate', table };
  });
}
