import type { Condition, Expression } from '../expressions.ts';
import { unknownHint } from '../faults.ts';
import type { Name as ObjectName } from '../names.ts';
import type { Source } from '../queries.ts';
import * as T from '../tokens.ts';
import type { Rule } from './base.ts';
import { QueryGrammar } from './queries.ts';

const { K } = T;

type JoinKind = 'inner' | 'left' | 'right' | 'full';
interface Alias {
  readonly alias: string;
  readonly columns: readonly string[];
}

const TABLE_HINTS = new Set([
  'FORCESCAN',
  'FORCESEEK',
  'HOLDLOCK',
  'IGNORE_CONSTRAINTS',
  'IGNORE_TRIGGERS',
  'INDEX',
  'KEEPDEFAULTS',
  'KEEPIDENTITY',
  'NOEXPAND',
  'NOLOCK',
  'NOWAIT',
  'PAGLOCK',
  'READCOMMITTED',
  'READCOMMITTEDLOCK',
  'READPAST',
  'READUNCOMMITTED',
  'REPEATABLEREAD',
  'ROWLOCK',
  'SERIALIZABLE',
  'SNAPSHOT',
  'TABLOCK',
  'TABLOCKX',
  'UPDLOCK',
  'XLOCK',
]);

/** FROM: tables, derived tables, functions, joins and APPLY. */
export abstract class SourceGrammar extends QueryGrammar {
  protected abstract readonly openJson: Rule<Source>;
  protected abstract readonly changeTable: Rule<Source>;

  protected readonly sources: Rule<Source[]> = this.listOf('sources', () => this.joined);

  /** One source and the joins behind it; `a JOIN b JOIN c ON … ON …` nests to the right. */
  protected readonly joined: Rule<Source> = this.rule('joined', () => {
    let left = this.SUBRULE(this.source);
    let links = 0;
    this.MANY(() => {
      links += 1;
      this.inChain(links);
      left = this.SUBRULE(this.joinPart, { ARGS: [left] });
    });
    this.refusePivot();
    return left;
  });

  private refusePivot(): void {
    if (this.is(K.PIVOT)) this.refuse('PIVOT');
    if (this.is(K.UNPIVOT)) this.refuse('UNPIVOT');
  }

  private readonly joinPart: Rule<Source, [Source]> = this.rule('joinPart', (left: Source) => {
    const line = this.line();
    return this.choose<Source>([
      {
        ALT: () => {
          this.CONSUME(K.CROSS);
          return this.choose1<Source>([
            {
              ALT: () => {
                this.CONSUME(K.JOIN);
                return { line, source: 'join', kind: 'cross', left, right: this.SUBRULE(this.source) };
              },
            },
            {
              ALT: () => {
                this.CONSUME(K.APPLY);
                return { line, source: 'apply', outer: false, left, right: this.SUBRULE1(this.source) };
              },
            },
          ]);
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.OUTER);
          this.CONSUME1(K.APPLY);
          return { line, source: 'apply', outer: true, left, right: this.SUBRULE2(this.source) };
        },
      },
      {
        ALT: () => {
          const kind = this.SUBRULE(this.joinKind);
          const right = this.nested(() => this.SUBRULE(this.joined));
          this.CONSUME(K.ON);
          const on = this.SUBRULE(this.condition);
          return { line, source: 'join', kind, left, right, on };
        },
      },
    ]);
  });

  private readonly joinKind: Rule<JoinKind> = this.rule('joinKind', () => {
    const kind = this.OPTION(() =>
      this.choose<JoinKind>([
        {
          ALT: () => {
            this.CONSUME(K.INNER);
            return 'inner';
          },
        },
        { ALT: () => this.SUBRULE(this.outerKind) },
      ]),
    );
    if ([K.HASH, K.LOOP, K.MERGE].some(type => this.is(type)) && this.is(K.JOIN, 2))
      this.refuse('join hints');
    this.CONSUME(K.JOIN);
    return kind ?? 'inner';
  });

  private readonly outerKind: Rule<JoinKind> = this.rule('outerKind', () => {
    const token = this.choose([
      { ALT: () => this.CONSUME(K.LEFT) },
      { ALT: () => this.CONSUME(K.RIGHT) },
      { ALT: () => this.CONSUME(K.FULL) },
    ]);
    this.OPTION(() => this.CONSUME(K.OUTER));
    return token.tokenType === K.LEFT ? 'left' : token.tokenType === K.RIGHT ? 'right' : 'full';
  });

  protected readonly source: Rule<Source> = this.rule('source', () => {
    const line = this.line();
    return this.choose<Source>([
      {
        GATE: () => this.queryAhead(1),
        ALT: () => {
          const query = this.SUBRULE(this.queryInParentheses);
          this.refusePivot();
          return { line, source: 'query', query, ...this.SUBRULE(this.alias) };
        },
      },
      {
        GATE: () => this.is(K.VALUES, 2),
        ALT: () => {
          this.CONSUME(T.LeftParenthesis);
          const rows = this.SUBRULE(this.valueRows);
          this.CONSUME(T.RightParenthesis);
          return { line, source: 'values', rows, ...this.SUBRULE1(this.alias) };
        },
      },
      {
        ALT: () =>
          this.nested(() => {
            this.CONSUME1(T.LeftParenthesis);
            if ([K.INSERT, K.UPDATE, K.DELETE, K.MERGE].some(type => this.is(type)))
              this.refuse('DML as a source');
            const inner = this.SUBRULE(this.joined);
            this.CONSUME1(T.RightParenthesis);
            return inner;
          }),
      },
      {
        ALT: () => {
          const name = this.CONSUME(T.Variable).image;
          if (this.is(T.Dot)) this.refuse('methods of a variable');
          const alias = this.OPTION({ GATE: () => this.aliasAhead(), DEF: () => this.SUBRULE2(this.alias) });
          if (this.is(K.WITH) && this.is(T.LeftParenthesis, 2)) this.refuse('hints on a table variable');
          return { line, source: 'variable', name, ...(alias === undefined ? {} : { alias: alias.alias }) };
        },
      },
      { GATE: () => this.is(T.LeftParenthesis, 2), ALT: () => this.SUBRULE(this.changeTable) },
      { GATE: () => this.is(T.LeftParenthesis, 2), ALT: () => this.SUBRULE(this.openJson) },
      { ALT: () => this.SUBRULE(this.rowsetFunction) },
      { ALT: () => this.SUBRULE(this.namedSource) },
    ]);
  });

  private readonly rowsetFunction: Rule<Source> = this.rule('rowsetFunction', () => {
    const token = this.choose([
      { ALT: () => this.CONSUME(K.OPENROWSET) },
      { ALT: () => this.CONSUME(K.OPENQUERY) },
      { ALT: () => this.CONSUME(K.OPENDATASOURCE) },
      { ALT: () => this.CONSUME(K.OPENXML) },
      { ALT: () => this.CONSUME(K.CONTAINSTABLE) },
      { ALT: () => this.CONSUME(K.FREETEXTTABLE) },
      { ALT: () => this.CONSUME(T.DoubleColon) },
    ]);
    this.refuse(token.image.toUpperCase());
    return this.SUBRULE(this.namedSource);
  });

  private readonly namedSource: Rule<Source> = this.rule('namedSource', () => {
    const line = this.line();
    const name = this.SUBRULE(this.path);
    return this.choose<Source>([
      {
        GATE: () => !this.hintAhead(),
        ALT: () => this.SUBRULE(this.functionTail, { ARGS: [name, line] }),
      },
      { ALT: () => this.SUBRULE(this.tableTail, { ARGS: [name, line] }) },
    ]);
  });

  private readonly functionTail: Rule<Source, [ObjectName, number]> = this.rule(
    'functionTail',
    (name: ObjectName, line: number) => {
      this.CONSUME(T.LeftParenthesis);
      const values = this.OPTION(() => this.SUBRULE(this.valueList));
      this.CONSUME(T.RightParenthesis);
      const alias = this.OPTION1({ GATE: () => this.aliasAhead(), DEF: () => this.SUBRULE(this.alias) });
      return {
        line,
        source: 'function',
        name,
        arguments: values ?? [],
        ...(alias === undefined ? {} : { alias: alias.alias }),
        columns: alias?.columns ?? [],
      };
    },
  );

  private readonly tableTail: Rule<Source, [ObjectName, number]> = this.rule(
    'tableTail',
    (name: ObjectName, line: number) => {
      if (this.is(K.FOR) && this.is(K.SYSTEM_TIME, 2)) this.refuse('FOR SYSTEM_TIME');
      const alias = this.OPTION({
        GATE: () => this.aliasAhead(),
        DEF: () => {
          this.OPTION1(() => this.CONSUME(K.AS));
          return this.SUBRULE(this.name);
        },
      });
      if (this.is(K.TABLESAMPLE)) this.refuse('TABLESAMPLE');
      const hints = this.OPTION2({
        GATE: () => this.hintAhead() || (this.is(K.WITH) && this.is(T.LeftParenthesis, 2)),
        DEF: () => this.SUBRULE(this.tableHints),
      });
      return { line, source: 'table', name, ...(alias === undefined ? {} : { alias }), hints: hints ?? [] };
    },
  );

  /** A name here is the alias, except where it begins the next clause (`MERGE t USING s`). */
  protected aliasAhead(): boolean {
    return !this.is(K.USING);
  }

  protected readonly alias: Rule<Alias> = this.rule('alias', () => {
    this.OPTION(() => this.CONSUME(K.AS));
    const alias = this.SUBRULE(this.name);
    const columns = this.OPTION1(() => this.SUBRULE(this.namesInParentheses));
    return { alias, columns: columns ?? [] };
  });

  /** `(NOLOCK)` without WITH, which looks like a call. */
  protected hintAhead(): boolean {
    if (!this.is(T.LeftParenthesis) || !TABLE_HINTS.has(this.LA(2).image.toUpperCase())) return false;
    return this.is(T.RightParenthesis, 3) || this.is(T.Comma, 3) || this.LA(2).tokenType === K.INDEX;
  }

  protected readonly tableHints: Rule<string[]> = this.rule('tableHints', () => {
    const hints: string[] = [];
    this.OPTION(() => this.CONSUME(K.WITH));
    this.CONSUME(T.LeftParenthesis);
    this.AT_LEAST_ONE(() => {
      hints.push(this.SUBRULE(this.tableHint));
      this.OPTION1(() => this.CONSUME(T.Comma));
    });
    this.CONSUME(T.RightParenthesis);
    return hints;
  });

  private readonly tableHint: Rule<string> = this.rule('tableHint', () => {
    const token = this.choose([
      { ALT: () => this.CONSUME(T.Name) },
      { ALT: () => this.CONSUME(K.HOLDLOCK) },
      { ALT: () => this.CONSUME(K.INDEX) },
    ]);
    const hint = token.image.toUpperCase();
    if (!this.RECORDING_PHASE && !TABLE_HINTS.has(hint)) throw unknownHint(token.image, token.startLine ?? 1);
    const indexes = this.OPTION(() =>
      this.choose1<string>([
        {
          ALT: () => {
            this.CONSUME(T.Equals);
            return this.SUBRULE(this.indexName);
          },
        },
        {
          ALT: () => {
            const names: string[] = [];
            this.CONSUME(T.LeftParenthesis);
            this.AT_LEAST_ONE_SEP({
              SEP: T.Comma,
              DEF: () => {
                names.push(this.SUBRULE1(this.indexName));
              },
            });
            this.CONSUME(T.RightParenthesis);
            return names.join(', ');
          },
        },
      ]),
    );
    return indexes === undefined ? hint : `${hint}(${indexes})`;
  });

  private readonly indexName: Rule<string> = this.rule('indexName', () =>
    this.choose([
      { ALT: () => this.CONSUME(T.IntegerLiteral).image },
      { ALT: () => this.SUBRULE(this.name) },
    ]),
  );

  protected readonly valueRow: Rule<Expression[]> = this.rule('valueRow', () =>
    this.nested(() => {
      this.CONSUME(T.LeftParenthesis);
      const values = this.SUBRULE(this.valueList);
      this.CONSUME(T.RightParenthesis);
      return values;
    }),
  );

  protected readonly valueRows: Rule<Expression[][]> = this.rule('valueRows', () => {
    const rows: Expression[][] = [];
    this.CONSUME(K.VALUES);
    this.AT_LEAST_ONE_SEP({
      SEP: T.Comma,
      DEF: () => {
        rows.push(this.SUBRULE(this.valueRow));
      },
    });
    return rows;
  });

  protected readonly fromClause: Rule<Source[]> = this.rule('fromClause', () => {
    this.CONSUME(K.FROM);
    return this.SUBRULE(this.sources);
  });

  protected readonly whereClause: Rule<Condition> = this.rule('whereClause', () => {
    this.CONSUME(K.WHERE);
    if (this.is(K.CURRENT) && this.is(K.OF, 2)) this.refuse('WHERE CURRENT OF');
    return this.SUBRULE(this.condition);
  });
}
