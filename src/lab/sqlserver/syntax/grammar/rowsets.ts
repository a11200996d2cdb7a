import type { Expression } from '../expressions.ts';
import type { TypeName } from '../names.ts';
import type { ForClause, Source } from '../queries.ts';
import * as T from '../tokens.ts';
import type { Rule } from './base.ts';
import { SourceGrammar } from './sources.ts';

const { K } = T;

type ChangeTable = Extract<Source, { source: 'changetable' }>;

interface JsonColumn {
  readonly name: string;
  readonly type: TypeName;
  readonly path?: string;
  readonly json: boolean;
}

/** OPENJSON, CHANGETABLE, FOR JSON, FOR XML and OPTION. */
export abstract class RowsetGrammar extends SourceGrammar {
  protected readonly openJson: Rule<Source> = this.rule('openJson', () => {
    const line = this.line();
    const name = [this.CONSUME(K.OPENJSON).image];
    this.CONSUME(T.LeftParenthesis);
    const values = this.SUBRULE(this.expressionList);
    this.CONSUME(T.RightParenthesis);
    const shape = this.OPTION({
      GATE: () => this.is(T.LeftParenthesis, 2),
      DEF: () => {
        const columns: JsonColumn[] = [];
        this.CONSUME(K.WITH);
        this.CONSUME1(T.LeftParenthesis);
        this.AT_LEAST_ONE_SEP({
          SEP: T.Comma,
          DEF: () => {
            columns.push(this.SUBRULE(this.jsonColumn));
          },
        });
        this.CONSUME1(T.RightParenthesis);
        return columns;
      },
    });
    const alias = this.OPTION1({ GATE: () => this.aliasAhead(), DEF: () => this.SUBRULE(this.alias) });
    return {
      line,
      source: 'function',
      name,
      arguments: values,
      ...(alias === undefined ? {} : { alias: alias.alias }),
      columns: alias?.columns ?? [],
      ...(shape === undefined ? {} : { shape }),
    };
  });

  private readonly jsonColumn: Rule<JsonColumn> = this.rule('jsonColumn', () => {
    const name = this.SUBRULE(this.name);
    const type = this.SUBRULE(this.typeName);
    const path = this.OPTION(() => this.SUBRULE(this.anyString));
    const json = this.OPTION1(() => {
      this.CONSUME(K.AS);
      return this.CONSUME(K.JSON);
    });
    return { name, type, ...(path === undefined ? {} : { path }), json: json !== undefined };
  });

  protected readonly changeTable: Rule<Source> = this.rule('changeTable', () => {
    const line = this.line();
    this.CONSUME(K.CHANGETABLE);
    this.CONSUME(T.LeftParenthesis);
    const rows = this.choose<Pick<ChangeTable, 'table' | 'since' | 'version'>>([
      {
        ALT: () => {
          this.CONSUME(K.CHANGES);
          const table = this.SUBRULE(this.path);
          this.CONSUME(T.Comma);
          return { table, since: this.SUBRULE(this.expression) };
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.VERSION);
          const table = this.SUBRULE1(this.path);
          this.CONSUME1(T.Comma);
          const keys = this.SUBRULE(this.namesInParentheses);
          this.CONSUME2(T.Comma);
          const values: Expression[] = this.SUBRULE(this.valueRow);
          return { table, version: { keys, values } };
        },
      },
    ]);
    this.CONSUME(T.RightParenthesis);
    return { line, source: 'changetable', ...rows, ...this.SUBRULE(this.alias) };
  });

  protected readonly forClause: Rule<ForClause> = this.rule('forClause', () => {
    this.CONSUME(K.FOR);
    return this.choose<ForClause>([
      { ALT: () => this.SUBRULE(this.forJson) },
      { ALT: () => this.SUBRULE(this.forXml) },
      {
        ALT: () => {
          this.refuse('FOR BROWSE');
          this.CONSUME(K.BROWSE);
          return this.SUBRULE1(this.forJson);
        },
      },
    ]);
  });

  private readonly stringInParentheses: Rule<string> = this.rule('stringInParentheses', () => {
    this.CONSUME(T.LeftParenthesis);
    const text = this.SUBRULE(this.anyString);
    this.CONSUME(T.RightParenthesis);
    return text;
  });

  private readonly forJson: Rule<ForClause> = this.rule('forJson', () => {
    this.CONSUME(K.JSON);
    const mode = this.choose([{ ALT: () => this.CONSUME(K.PATH) }, { ALT: () => this.CONSUME(K.AUTO) }]);
    let root: string | undefined;
    let includeNulls = false;
    let withoutWrapper = false;
    this.MANY(() => {
      this.CONSUME(T.Comma);
      this.choose1([
        {
          ALT: () => {
            this.CONSUME(K.ROOT);
            root = this.OPTION(() => this.SUBRULE(this.stringInParentheses)) ?? 'root';
          },
        },
        {
          ALT: () => {
            const option = this.CONSUME(T.Identifier);
            const word = option.image.toUpperCase();
            if (word === 'INCLUDE_NULL_VALUES') includeNulls = true;
            else if (word === 'WITHOUT_ARRAY_WRAPPER') withoutWrapper = true;
            else this.stopAt(option);
          },
        },
      ]);
    });
    return {
      kind: 'json',
      mode: mode.tokenType === K.PATH ? 'path' : 'auto',
      ...(root === undefined ? {} : { root }),
      includeNulls,
      withoutWrapper,
    };
  });

  private readonly forXml: Rule<ForClause> = this.rule('forXml', () => {
    this.CONSUME(K.XML);
    if (this.is(K.EXPLICIT)) this.refuse('FOR XML EXPLICIT');
    const mode = this.choose<'raw' | 'path' | 'auto'>([
      {
        ALT: () => {
          this.CONSUME(K.RAW);
          return 'raw';
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.PATH);
          return 'path';
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.AUTO);
          return 'auto';
        },
      },
    ]);
    const element = this.OPTION(() => this.SUBRULE(this.stringInParentheses));
    const options: string[] = [];
    this.MANY(() => {
      this.CONSUME(T.Comma);
      options.push(this.SUBRULE(this.xmlOption));
    });
    return { kind: 'xml', mode, ...(element === undefined ? {} : { element }), options };
  });

  private readonly xmlOption: Rule<string> = this.rule('xmlOption', () => {
    const words: string[] = [];
    this.AT_LEAST_ONE(() => {
      words.push(this.CONSUME(T.Name).image.toUpperCase());
    });
    const argument = this.OPTION(() => this.SUBRULE(this.stringInParentheses));
    const option = words.join(' ');
    return argument === undefined || this.RECORDING_PHASE
      ? option
      : `${option}('${argument.replaceAll("'", "''")}')`;
  });

  protected readonly hintsOption: Rule<string[]> = this.rule('hintsOption', () => {
    const hints: string[] = [];
    this.CONSUME(K.OPTION);
    this.CONSUME(T.LeftParenthesis);
    this.AT_LEAST_ONE_SEP({
      SEP: T.Comma,
      DEF: () => {
        hints.push(this.SUBRULE(this.queryHint));
      },
    });
    this.CONSUME(T.RightParenthesis);
    return hints;
  });

  private readonly queryHint: Rule<string> = this.rule('queryHint', () => {
    const begin = this.LA(1);
    this.AT_LEAST_ONE(() =>
      this.choose([
        { ALT: () => this.CONSUME(T.Name) },
        { ALT: () => this.CONSUME(T.ReservedWord) },
        { ALT: () => this.CONSUME(T.AnyNumber) },
        { ALT: () => this.CONSUME(T.AnyString) },
        { ALT: () => this.CONSUME(T.Variable) },
        { ALT: () => this.CONSUME(T.Equals) },
        { ALT: () => this.CONSUME(T.Dot) },
        { ALT: () => this.SUBRULE(this.hintArguments) },
      ]),
    );
    return this.textFrom(begin).replace(/\s+/g, ' ').toUpperCase();
  });

  private readonly hintArguments: Rule<void> = this.rule('hintArguments', () => {
    this.CONSUME(T.LeftParenthesis);
    this.AT_LEAST_ONE_SEP({
      SEP: T.Comma,
      DEF: () => {
        this.nested(() => this.SUBRULE(this.queryHint));
      },
    });
    this.CONSUME(T.RightParenthesis);
  });
}
