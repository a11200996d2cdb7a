import type { Expression, Literal } from '../expressions.ts';
import * as T from '../tokens.ts';
import type { Rule } from './base.ts';
import { TypeGrammar } from './types.ts';

const bytesOf = (image: string): Uint8Array => {
  const digits = image.slice(2);
  return Uint8Array.from(Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex'));
};

/** Literals and variables. */
export abstract class LiteralGrammar extends TypeGrammar {
  protected readonly literal: Rule<Expression> = this.rule('literal', () => {
    const line = this.line();
    const literal = this.choose<Literal>([
      { ALT: () => ({ kind: 'integer', text: this.CONSUME(T.IntegerLiteral).image }) },
      { ALT: () => ({ kind: 'decimal', text: this.CONSUME(T.DecimalLiteral).image }) },
      { ALT: () => ({ kind: 'float', text: this.CONSUME(T.FloatLiteral).image }) },
      { ALT: () => ({ kind: 'money', text: this.CONSUME(T.MoneyLiteral).image.slice(1) || '0' }) },
      { ALT: () => ({ kind: 'string', text: T.textOf(this.CONSUME(T.StringLiteral)) }) },
      { ALT: () => ({ kind: 'nstring', text: T.textOf(this.CONSUME(T.NationalString)) }) },
      { ALT: () => ({ kind: 'binary', bytes: bytesOf(this.CONSUME(T.BinaryLiteral).image) }) },
      {
        ALT: () => {
          this.CONSUME(T.K.NULL);
          return { kind: 'null' };
        },
      },
    ]);
    return { line, node: 'literal', literal };
  });

  protected readonly variable: Rule<Expression> = this.rule('variable', () => {
    const line = this.line();
    return this.choose<Expression>([
      {
        ALT: () => ({ line, node: 'variable', name: this.CONSUME(T.Variable).image }),
      },
      {
        ALT: () => ({ line, node: 'global', name: this.CONSUME(T.GlobalVariable).image.toLowerCase() }),
      },
    ]);
  });

  /** `DEFAULT` as a value of VALUES, SET or an argument. */
  protected readonly defaultValue: Rule<Expression> = this.rule('defaultValue', () => {
    const line = this.line();
    this.CONSUME(T.K.DEFAULT);
    return { line, node: 'literal', literal: { kind: 'default' } };
  });

  protected readonly anyString: Rule<string> = this.rule('anyString', () =>
    T.textOf(this.CONSUME(T.AnyString)),
  );

  /** A whole number with its sign. */
  protected readonly signedInteger: Rule<bigint> = this.rule('signedInteger', () => {
    let sign = 1n;
    this.OPTION(() => {
      sign = this.choose([
        {
          ALT: () => {
            this.CONSUME(T.Minus);
            return -1n;
          },
        },
        {
          ALT: () => {
            this.CONSUME(T.Plus);
            return 1n;
          },
        },
      ]);
    });
    const digits = this.CONSUME(T.IntegerLiteral).image;
    return this.RECORDING_PHASE ? 0n : sign * BigInt(digits);
  });
}
