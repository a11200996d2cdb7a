import type { IToken } from 'chevrotain';
import type { Expression } from '../expressions.ts';
import type {
  AssignOperator,
  CommonTable,
  ForClause,
  QueryBody,
  QueryExpression,
  QuerySpecification,
  SelectItem,
  Source,
  Top,
} from '../queries.ts';
import * as T from '../tokens.ts';
import type { Rule } from './base.ts';
import { ConditionGrammar } from './conditions.ts';
import { afterWith, setOperation } from './shapes.ts';

const { K } = T;

export const assignOperatorOf = (token: IToken): AssignOperator => {
  switch (token.image) {
    case '+=':
    case '-=':
    case '*=':
    case '/=':
    case '%=':
    case '&=':
    case '|=':
    case '^=':
      return token.image;
    default:
      return '=';
  }
};

/** SELECT: set operations, the select list, grouping and ordering. Sources are in sources.ts. */
export abstract class QueryGrammar extends ConditionGrammar {
  protected abstract readonly sources: Rule<Source[]>;
  protected abstract readonly forClause: Rule<ForClause>;
  protected abstract readonly hintsOption: Rule<string[]>;

  /** A query without WITH, as it stands in parentheses. */
  readonly query: Rule<QueryExpression> = this.rule('query', () => {
    const line = this.line();
    const body = this.SUBRULE(this.queryBody);
    const order = this.OPTION(() => this.SUBRULE(this.orderBy));
    const forClause = this.OPTION1({
      GATE: () => this.is(K.JSON, 2) || this.is(K.XML, 2) || this.is(K.BROWSE, 2),
      DEF: () => this.SUBRULE(this.forClause),
    });
    const hints = this.OPTION2(() => this.SUBRULE(this.hintsOption));
    return {
      line,
      with: [],
      body,
      orderBy: order?.orderBy ?? [],
      ...(order?.offset === undefined ? {} : { offset: order.offset }),
      ...(order?.fetch === undefined ? {} : { fetch: order.fetch }),
      ...(forClause === undefined ? {} : { forClause }),
      hints: hints ?? [],
    };
  });

  protected readonly queryWithTables: Rule<QueryExpression> = this.rule('queryWithTables', () => {
    const tables = this.OPTION(() => this.SUBRULE(this.commonTables));
    const query = this.SUBRULE(this.query);
    return afterWith(tables ?? [], query);
  });

  protected readonly commonTables: Rule<CommonTable[]> = this.rule('commonTables', () => {
    const tables: CommonTable[] = [];
    this.CONSUME(K.WITH);
    if (this.is(K.XMLNAMESPACES)) this.refuse('WITH XMLNAMESPACES');
    this.AT_LEAST_ONE_SEP({
      SEP: T.Comma,
      DEF: () => {
        tables.push(this.SUBRULE(this.commonTable));
      },
    });
    return tables;
  });

  private readonly commonTable: Rule<CommonTable> = this.rule('commonTable', () => {
    if (this.LA(1).image.toUpperCase() === 'CHANGE_TRACKING_CONTEXT')
      this.refuse('WITH CHANGE_TRACKING_CONTEXT');
    const name = this.SUBRULE(this.name);
    const columns = this.OPTION(() => this.SUBRULE(this.namesInParentheses));
    this.CONSUME(K.AS);
    return { name, columns: columns ?? [], query: this.SUBRULE(this.queryInParentheses) };
  });

  protected readonly namesInParentheses: Rule<string[]> = this.rule('namesInParentheses', () => {
    this.CONSUME(T.LeftParenthesis);
    const names = this.SUBRULE(this.nameList);
    this.CONSUME(T.RightParenthesis);
    return names;
  });

  private readonly queryBody: Rule<QueryBody> = this.rule('queryBody', () => {
    let left = this.SUBRULE(this.intersection);
    let links = 0;
    this.MANY(() => {
      links += 1;
      this.inChain(links);
      const line = this.line();
      const kind = this.choose<'union' | 'union-all' | 'except'>([
        {
          ALT: () => {
            this.CONSUME(K.UNION);
            return this.OPTION(() => this.CONSUME(K.ALL)) === undefined ? 'union' : 'union-all';
          },
        },
        {
          ALT: () => {
            this.CONSUME(K.EXCEPT);
            return 'except';
          },
        },
      ]);
      left = setOperation(line, kind, left, this.SUBRULE1(this.intersection));
    });
    return left;
  });

  private readonly intersection: Rule<QueryBody> = this.rule('intersection', () => {
    let left = this.SUBRULE(this.queryTerm);
    let links = 0;
    this.MANY(() => {
      links += 1;
      this.inChain(links);
      const line = this.line();
      this.CONSUME(K.INTERSECT);
      left = setOperation(line, 'intersect', left, this.SUBRULE1(this.queryTerm));
    });
    return left;
  });

  private readonly queryTerm: Rule<QueryBody> = this.rule('queryTerm', () => {
    const line = this.line();
    return this.choose<QueryBody>([
      { ALT: () => this.SUBRULE(this.specification) },
      { ALT: () => ({ line, body: 'nested', query: this.SUBRULE(this.queryInParentheses) }) },
    ]);
  });

  private readonly specification: Rule<QuerySpecification> = this.rule('specification', () => {
    const line = this.line();
    this.CONSUME(K.SELECT);
    const distinct = this.OPTION(() =>
      this.choose([{ ALT: () => this.CONSUME(K.ALL) }, { ALT: () => this.CONSUME(K.DISTINCT) }]),
    );
    const top = this.OPTION1(() => this.SUBRULE(this.top));
    const items = this.SUBRULE(this.selectItems);
    const into = this.OPTION2(() => {
      this.CONSUME(K.INTO);
      const name = this.SUBRULE(this.path);
      this.fileGroup();
      return name;
    });
    const from = this.OPTION3(() => {
      this.CONSUME(K.FROM);
      return this.SUBRULE(this.sources);
    });
    const where = this.OPTION4(() => {
      this.CONSUME(K.WHERE);
      return this.SUBRULE(this.condition);
    });
    const groupBy = this.OPTION5(() => this.SUBRULE(this.groupBy));
    const having = this.OPTION6(() => {
      this.CONSUME(K.HAVING);
      return this.SUBRULE1(this.condition);
    });
    return {
      line,
      body: 'select',
      distinct: distinct?.tokenType === K.DISTINCT,
      ...(top === undefined ? {} : { top }),
      items,
      ...(into === undefined ? {} : { into }),
      from: from ?? [],
      ...(where === undefined ? {} : { where }),
      groupBy: groupBy ?? [],
      ...(having === undefined ? {} : { having }),
    };
  });

  private fileGroup(): void {
    if (this.is(K.ON)) this.refuse('SELECT INTO … ON a file group');
  }

  protected readonly top: Rule<Top> = this.rule('top', () => {
    this.CONSUME(K.TOP);
    const count = this.choose<Expression>([
      {
        ALT: () => {
          this.CONSUME(T.LeftParenthesis);
          const value = this.SUBRULE(this.expression);
          this.CONSUME(T.RightParenthesis);
          return value;
        },
      },
      { ALT: () => this.SUBRULE(this.literal) },
      { ALT: () => this.SUBRULE(this.variable) },
    ]);
    const percent = this.OPTION(() => this.CONSUME(K.PERCENT)) !== undefined;
    const ties = this.OPTION1({
      GATE: () => this.is(K.TIES, 2),
      DEF: () => {
        this.CONSUME(K.WITH);
        return this.CONSUME(K.TIES);
      },
    });
    return { count, percent, withTies: ties !== undefined };
  });

  protected readonly selectItem: Rule<SelectItem> = this.rule('selectItem', () => {
    const line = this.line();
    return this.choose<SelectItem>([
      {
        ALT: () => {
          this.CONSUME(T.Star);
          return { line, item: 'star', qualifier: [] };
        },
      },
      {
        GATE: () => this.is(T.AssignmentOperator, 2),
        ALT: () => {
          const variable = this.CONSUME(T.Variable).image;
          const operator = assignOperatorOf(this.CONSUME(T.AssignmentOperator));
          return { line, item: 'assign', variable, operator, expression: this.SUBRULE(this.expression) };
        },
      },
      {
        GATE: () => this.is(T.Equals, 2),
        ALT: () => {
          const alias = this.SUBRULE(this.label);
          this.CONSUME(T.Equals);
          return { line, item: 'expression', expression: this.SUBRULE1(this.expression), alias };
        },
      },
      { GATE: () => this.starAhead(), ALT: () => this.SUBRULE(this.qualifiedStar) },
      {
        ALT: () => {
          const expression = this.SUBRULE2(this.expression);
          const alias = this.OPTION(() => {
            this.OPTION1(() => this.CONSUME(K.AS));
            return this.SUBRULE1(this.label);
          });
          return { line, item: 'expression', expression, ...(alias === undefined ? {} : { alias }) };
        },
      },
    ]);
  });

  protected readonly selectItems: Rule<SelectItem[]> = this.listOf('selectItems', () => this.selectItem);

  private starAhead(): boolean {
    let at = 1;
    while (this.is(T.Name, at) && this.is(T.Dot, at + 1)) at += 2;
    return at > 1 && this.is(T.Star, at);
  }

  private readonly qualifiedStar: Rule<SelectItem> = this.rule('qualifiedStar', () => {
    const line = this.line();
    const qualifier: string[] = [];
    this.AT_LEAST_ONE(() => {
      qualifier.push(this.SUBRULE(this.name));
      this.CONSUME(T.Dot);
    });
    this.CONSUME(T.Star);
    return { line, item: 'star', qualifier };
  });

  /** A column's name: `AS x`, `AS [x]`, `AS 'x'`. */
  private readonly label: Rule<string> = this.rule('label', () =>
    this.choose([{ ALT: () => this.SUBRULE(this.name) }, { ALT: () => this.SUBRULE(this.anyString) }]),
  );

  private readonly groupBy: Rule<Expression[]> = this.rule('groupBy', () => {
    this.CONSUME(K.GROUP);
    this.CONSUME(K.BY);
    if (this.is(K.ALL)) this.refuse('GROUP BY ALL');
    if (this.is(K.GROUPING) && this.is(K.SETS, 2)) this.refuse('GROUPING SETS');
    if (this.is(K.ROLLUP) && this.is(T.LeftParenthesis, 2)) this.refuse('ROLLUP');
    if (this.is(K.CUBE) && this.is(T.LeftParenthesis, 2)) this.refuse('CUBE');
    const expressions = this.SUBRULE(this.expressionList);
    if (this.is(K.WITH) && (this.is(K.ROLLUP, 2) || this.is(K.CUBE, 2)))
      this.refuse('GROUP BY … WITH ROLLUP');
    return expressions;
  });

  private readonly orderBy: Rule<Pick<QueryExpression, 'orderBy' | 'offset' | 'fetch'>> = this.rule(
    'orderBy',
    () => {
      this.CONSUME(K.ORDER);
      this.CONSUME(K.BY);
      const orderBy = this.SUBRULE(this.orderItems);
      const page = this.OPTION(() => {
        this.CONSUME(K.OFFSET);
        const offset = this.SUBRULE(this.expression);
        this.SUBRULE(this.rowWord);
        const fetch = this.OPTION1({
          GATE: () => (this.is(K.NEXT, 2) || this.is(K.FIRST, 2)) && !this.is(K.FROM, 3),
          DEF: () => {
            this.CONSUME(K.FETCH);
            this.choose([{ ALT: () => this.CONSUME(K.NEXT) }, { ALT: () => this.CONSUME(K.FIRST) }]);
            const count = this.SUBRULE1(this.expression);
            this.SUBRULE1(this.rowWord);
            this.CONSUME(K.ONLY);
            return count;
          },
        });
        return { offset, ...(fetch === undefined ? {} : { fetch }) };
      });
      return { orderBy, ...page };
    },
  );

  private readonly rowWord: Rule<void> = this.rule('rowWord', () => {
    this.choose([{ ALT: () => this.CONSUME(K.ROW) }, { ALT: () => this.CONSUME(K.ROWS) }]);
  });
}
