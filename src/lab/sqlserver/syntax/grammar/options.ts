import type { Option } from '../administration.ts';
import type { Expression } from '../expressions.ts';
import * as T from '../tokens.ts';
import type { Rule } from './base.ts';
import { ModuleGrammar } from './modules.ts';

const { K } = T;

type OptionValue = NonNullable<Option['value']>;

/**
 * Options of databases, logins and backups. What follows `=` is a literal or a variable as an Expression, a word as
 * written (`ON` and `OFF` in upper case), a number with its unit as text (`60 SECONDS`, `10MB`), or, with options in
 * parentheses behind it, a list whose first entry is that word.
 */
export abstract class OptionGrammar extends ModuleGrammar {
  protected readonly singleOption: Rule<Option> = this.rule('singleOption', () => {
    const line = this.line();
    const name = this.SUBRULE(this.optionWord);
    const value = this.OPTION(() =>
      this.choose<OptionValue>([
        {
          ALT: () => {
            this.CONSUME(T.Equals);
            return this.SUBRULE(this.optionValue);
          },
        },
        { ALT: () => this.SUBRULE(this.innerOptions) },
        { ALT: () => this.SUBRULE(this.bareValue) },
      ]),
    );
    return { line, name, ...(value === undefined ? {} : { value }) };
  });

  protected readonly options: Rule<Option[]> = this.listOf('options', () => this.singleOption);

  protected readonly innerOptions: Rule<Option[]> = this.rule('innerOptions', () =>
    this.nested(() => {
      this.CONSUME(T.LeftParenthesis);
      const options = this.SUBRULE(this.options);
      this.CONSUME(T.RightParenthesis);
      return options;
    }),
  );

  protected readonly optionWord: Rule<string> = this.rule('optionWord', () => {
    const words = [
      this.choose([
        { ALT: () => this.CONSUME(T.Name) },
        { ALT: () => this.CONSUME(K.ON) },
        { ALT: () => this.CONSUME(K.OFF) },
        { ALT: () => this.CONSUME(K.FILE) },
        { ALT: () => this.CONSUME(K.DEFAULT) },
      ]).image.toUpperCase(),
    ];
    this.OPTION({
      // `SERVER CERTIFICATE = x` is one name of two words.
      GATE: () => this.is(K.CERTIFICATE) && this.is(T.Equals, 2),
      DEF: () => words.push(this.CONSUME(K.CERTIFICATE).image.toUpperCase()),
    });
    return words.join(' ');
  });

  protected readonly optionValue: Rule<OptionValue> = this.rule('optionValue', () => {
    const line = this.line();
    return this.choose<OptionValue>([
      { IGNORE_AMBIGUITIES: true, ALT: () => this.SUBRULE(this.numberWithUnit) },
      { ALT: () => this.SUBRULE(this.optionLiteral) },
      {
        ALT: () => {
          const word = this.SUBRULE(this.valueWord);
          const inner = this.OPTION(() => this.SUBRULE(this.innerOptions));
          return inner === undefined ? word : [{ line, name: word }, ...(this.RECORDING_PHASE ? [] : inner)];
        },
      },
    ]);
  });

  protected readonly valueWord: Rule<string> = this.rule('valueWord', () =>
    this.choose<string>([
      { ALT: () => this.SUBRULE(this.name) },
      {
        ALT: () =>
          this.choose1([
            { ALT: () => this.CONSUME(K.ON) },
            { ALT: () => this.CONSUME(K.OFF) },
            { ALT: () => this.CONSUME(K.FULL) },
            { ALT: () => this.CONSUME(K.ALL) },
            { ALT: () => this.CONSUME(K.DEFAULT) },
          ]).image.toUpperCase(),
      },
    ]),
  );

  private readonly optionLiteral: Rule<Expression> = this.rule('optionLiteral', () =>
    this.choose<Expression>([
      { ALT: () => this.SUBRULE(this.constant) },
      { ALT: () => this.SUBRULE(this.variable) },
    ]),
  );

  /** `60 SECONDS`, `10MB`, `10%` as text; a number alone as an Expression. */
  private readonly numberWithUnit: Rule<OptionValue> = this.rule('numberWithUnit', () => {
    const line = this.line();
    const begin = this.CONSUME(T.IntegerLiteral);
    const unit = this.OPTION({
      GATE: () => !this.is(T.Colon, 2),
      DEF: () => {
        this.choose([
          { ALT: () => this.CONSUME(T.Name) },
          { ALT: () => this.CONSUME(T.OtherOperator) },
          { ALT: () => this.CONSUME(K.PERCENT) },
        ]);
        return this.textFrom(begin).replace(/\s+/g, ' ').toUpperCase();
      },
    });
    return unit ?? { line, node: 'literal', literal: { kind: 'integer', text: begin.image } };
  });

  /** `RECOVERY SIMPLE`, `READ_COMMITTED_SNAPSHOT ON`, `AUTO_CREATE_STATISTICS ON (INCREMENTAL = ON)`. */
  private readonly bareValue: Rule<OptionValue> = this.rule('bareValue', () => {
    const line = this.line();
    const token = this.choose([
      { ALT: () => this.CONSUME(T.Name) },
      { ALT: () => this.CONSUME(K.ON) },
      { ALT: () => this.CONSUME(K.OFF) },
      { ALT: () => this.CONSUME(K.FULL) },
      { ALT: () => this.CONSUME(K.ALL) },
    ]);
    const word = token.image.toUpperCase();
    const inner = this.OPTION(() => this.SUBRULE(this.innerOptions));
    return inner === undefined ? word : [{ line, name: word }, ...(this.RECORDING_PHASE ? [] : inner)];
  });
}
