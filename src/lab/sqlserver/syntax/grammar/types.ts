import type { TypeName } from '../names.ts';
import { Comma, Dot, IntegerLiteral, K, LeftParenthesis, Name, RightParenthesis, textOf } from '../tokens.ts';
import { BaseGrammar, type Rule } from './base.ts';

/** Built-in types under all their names, with the name the engine knows them by. */
const BUILT_IN: ReadonlyMap<string, string> = new Map([
  ...[
    'bigint',
    'int',
    'smallint',
    'tinyint',
    'bit',
    'decimal',
    'numeric',
    'money',
    'smallmoney',
    'float',
    'real',
    'char',
    'varchar',
    'nchar',
    'nvarchar',
    'text',
    'ntext',
    'binary',
    'varbinary',
    'image',
    'rowversion',
    'timestamp',
    'xml',
    'uniqueidentifier',
    'sql_variant',
    'date',
    'time',
    'datetime',
    'datetime2',
    'datetimeoffset',
    'smalldatetime',
    'sysname',
    'hierarchyid',
    'geography',
    'geometry',
    'json',
    'vector',
  ].map((name): [string, string] => [name, name]),
  ['integer', 'int'],
  ['dec', 'decimal'],
  ['character', 'char'],
]);
const VARYING: ReadonlyMap<string, string> = new Map([
  ['char', 'varchar'],
  ['nchar', 'nvarchar'],
  ['binary', 'varbinary'],
]);
const NATIONAL: ReadonlyMap<string, string> = new Map([
  ['char', 'nchar'],
  ['varchar', 'nvarchar'],
  ['text', 'ntext'],
]);

const builtIn = (name: string): string => BUILT_IN.get(name.toLowerCase()) ?? name;

/** Types as written in declarations, casts and columns. */
export abstract class TypeGrammar extends BaseGrammar {
  readonly typeName: Rule<TypeName> = this.rule('typeName', () => {
    const name = this.choose([
      { ALT: () => [this.SUBRULE(this.nationalType)] },
      {
        ALT: () => {
          this.CONSUME(K.DOUBLE);
          this.CONSUME(K.PRECISION);
          return ['float'];
        },
      },
      { ALT: () => this.SUBRULE(this.plainType) },
    ]);
    const sizes = this.OPTION(() => this.SUBRULE(this.typeArguments));
    return { name, arguments: sizes ?? [] };
  });

  private readonly nationalType: Rule<string> = this.rule('nationalType', () => {
    this.CONSUME(K.NATIONAL);
    const base = builtIn(textOf(this.CONSUME(Name)));
    const national = NATIONAL.get(base) ?? base;
    return (
      this.OPTION(() => {
        this.CONSUME(K.VARYING);
        return VARYING.get(national) ?? national;
      }) ?? national
    );
  });

  private readonly plainType: Rule<string[]> = this.rule('plainType', () => {
    const parts = [textOf(this.CONSUME(Name))];
    this.MANY(() => {
      this.CONSUME(Dot);
      parts.push(textOf(this.CONSUME1(Name)));
    });
    const last = builtIn(parts.at(-1) ?? '');
    parts[parts.length - 1] = last;
    this.OPTION(() => {
      this.CONSUME(K.VARYING);
      parts[parts.length - 1] = VARYING.get(last) ?? last;
    });
    return parts;
  });

  private readonly typeArguments: Rule<(number | 'max')[]> = this.rule('typeArguments', () => {
    const sizes: (number | 'max')[] = [];
    this.CONSUME(LeftParenthesis);
    this.AT_LEAST_ONE_SEP({
      SEP: Comma,
      DEF: () => {
        sizes.push(
          this.choose<number | 'max'>([
            { ALT: () => Number(this.CONSUME(IntegerLiteral).image) },
            {
              ALT: () => {
                this.CONSUME(K.MAX);
                return 'max';
              },
            },
          ]),
        );
      },
    });
    this.CONSUME(RightParenthesis);
    return sizes;
  });
}
