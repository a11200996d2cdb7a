import type { TokenType } from 'chevrotain';
import { emptyName, identifierTooLong, missingEndComment, unclosedQuotation } from './faults.ts';
import * as T from './tokens.ts';

const LONGEST_NAME = 128;
const LETTER = /[\p{L}_#]/u;
const NAME = /[\p{L}\p{Nd}_#@$]*/uy;
const NUMBER = /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d*)?/y;
const HEX = /[0-9a-fA-F]*/y;
const BLANKS = /[\s\uFEFF]*/y;
const ASCII_WORD = /^[A-Za-z_]+$/;
const CURRENCY = new Set(['$', '£', '€', '¥', '¢']);
const PSEUDO = /\$(?:action|identity|rowguid|partition)(?![\p{L}\p{Nd}_#@$])/iuy;

const SINGLE: Readonly<Record<string, TokenType>> = {
  ',': T.Comma,
  ';': T.Semicolon,
  '(': T.LeftParenthesis,
  ')': T.RightParenthesis,
  '{': T.LeftBrace,
  '~': T.Tilde,
};
const ARITHMETIC: Readonly<Record<string, TokenType>> = {
  '+': T.Plus,
  '-': T.Minus,
  '*': T.Star,
  '/': T.OtherOperator,
  '%': T.OtherOperator,
  '&': T.OtherOperator,
  '|': T.OtherOperator,
  '^': T.OtherOperator,
};
/** `< =` is `<=`: T-SQL lets blanks stand inside a comparison. Not less than is written as at least. */
const COMPARISONS: Readonly<Record<string, string>> = {
  '<': '<',
  '>': '>',
  '<=': '<=',
  '>=': '>=',
  '<>': '<>',
  '!=': '<>',
  '!<': '>=',
  '!>': '<=',
};

/** The tokens of a batch. Never throws: a fault becomes an Invalid token that carries its error. */
class Lexer {
  readonly #text: string;
  readonly #quotedIdentifier: boolean;
  readonly #tokens: T.Token[] = [];
  readonly #open: T.Token[] = [];
  #at = 0;
  #line = 1;

  constructor(text: string, quotedIdentifier: boolean) {
    this.#text = text;
    this.#quotedIdentifier = quotedIdentifier;
  }

  run(): T.Token[] {
    const text = this.#text;
    while (this.#at < text.length) {
      const character = text.charAt(this.#at);
      const after = text.charAt(this.#at + 1);
      if (character === '\n') {
        this.#line += 1;
        this.#at += 1;
      } else if (character === ' ' || character === '\t' || character === '\r') this.#at += 1;
      else if (character === '-' && after === '-') this.#lineComment();
      else if (character === '/' && after === '*') {
        if (!this.#blockComment()) break;
      } else if (character === "'") this.#string(this.#at, this.#at, T.StringLiteral);
      else if ((character === 'N' || character === 'n') && after === "'")
        this.#string(this.#at, this.#at + 1, T.NationalString);
      else if (character === '[') this.#quoted(']');
      else if (character === '"') {
        if (this.#quotedIdentifier) this.#quoted('"');
        else this.#string(this.#at, this.#at, T.StringLiteral);
      } else if (LETTER.test(character)) this.#word();
      else if (character === '0' && (after === 'x' || after === 'X')) this.#binary();
      else if ((character >= '0' && character <= '9') || (character === '.' && after >= '0' && after <= '9'))
        this.#number();
      else if (character === '@') this.#variable();
      else if (CURRENCY.has(character)) this.#money();
      else this.#symbol(character, after);
    }
    return this.#tokens;
  }

  #push(type: TokenType, length: number, payload?: unknown): T.Token {
    const image = this.#text.slice(this.#at, this.#at + length);
    const token = new T.Token(type, image, this.#at, this.#line, this.#tokens.length);
    token.payload = payload;
    this.#tokens.push(token);
    this.#at += length;
    return token;
  }

  #match(pattern: RegExp, from: number): string {
    pattern.lastIndex = from;
    return pattern.exec(this.#text)?.[0] ?? '';
  }

  #countLines(from: number, to: number): void {
    for (let at = this.#text.indexOf('\n', from); at >= 0 && at < to; at = this.#text.indexOf('\n', at + 1))
      this.#line += 1;
  }

  #lineComment(): void {
    const end = this.#text.indexOf('\n', this.#at);
    this.#at = end < 0 ? this.#text.length : end;
  }

  #blockComment(): boolean {
    const text = this.#text;
    const begin = this.#line;
    let depth = 1;
    let at = this.#at + 2;
    for (; depth > 0 && at < text.length; at += 1) {
      const character = text.charAt(at);
      if (character === '\n') this.#line += 1;
      else if (character === '*' && text.charAt(at + 1) === '/') {
        depth -= 1;
        at += 1;
      } else if (character === '/' && text.charAt(at + 1) === '*') {
        depth += 1;
        at += 1;
      }
    }
    if (depth === 0) {
      this.#at = at;
      return true;
    }
    this.#push(T.Invalid, text.length - this.#at, missingEndComment(begin));
    return false;
  }

  /** End of a quotation whose doubled closer stands for itself, or -1. */
  #closer(closer: string, from: number): number {
    for (let at = this.#text.indexOf(closer, from); at >= 0; at = this.#text.indexOf(closer, at + 2))
      if (this.#text.charAt(at + 1) !== closer) return at;
    return -1;
  }

  #string(begin: number, quote: number, type: TokenType): void {
    const closer = this.#text.charAt(quote);
    const end = this.#closer(closer, quote + 1);
    const line = this.#line;
    const content = this.#text
      .slice(quote + 1, end < 0 ? this.#text.length : end)
      .replaceAll(closer + closer, closer);
    if (end < 0) {
      this.#push(T.Invalid, this.#text.length - begin, unclosedQuotation(content, line));
      return;
    }
    // A backslash at the end of a line joins it with the next one.
    this.#push(type, end + 1 - begin, content.includes('\\') ? content.replace(/\\\r?\n/g, '') : content);
    this.#countLines(begin, end);
  }

  #quoted(closer: string): void {
    const begin = this.#at;
    const end = this.#closer(closer, begin + 1);
    const content = this.#text
      .slice(begin + 1, end < 0 ? this.#text.length : end)
      .replaceAll(closer + closer, closer);
    const length = (end < 0 ? this.#text.length : end + 1) - begin;
    if (end < 0) this.#push(T.Invalid, length, unclosedQuotation(content, this.#line));
    else if (content === '') this.#push(T.Invalid, length, emptyName(this.#line));
    else if (content.length > LONGEST_NAME)
      this.#push(T.Invalid, length, identifierTooLong(content, this.#line));
    else {
      this.#push(T.QuotedName, length, content);
      this.#countLines(begin, end);
    }
  }

  #word(): void {
    const image = this.#match(NAME, this.#at);
    if (image.length > LONGEST_NAME) {
      this.#push(T.Invalid, image.length, identifierTooLong(image, this.#line));
      return;
    }
    const upper = ASCII_WORD.test(image) ? image.toUpperCase() : '';
    if (upper === 'GO' && this.#aloneOnItsLine(image.length)) this.#push(T.Invalid, image.length);
    else this.#push(T.KEYWORDS.get(upper) ?? T.Identifier, image.length);
  }

  /** A line of GO is the client's separator of batches and never reaches a server. */
  #aloneOnItsLine(length: number): boolean {
    const lineStart = this.#text.lastIndexOf('\n', this.#at - 1) + 1;
    const lineEnd = this.#text.indexOf('\n', this.#at);
    const before = this.#text.slice(lineStart, this.#at);
    const rest = this.#text.slice(this.#at + length, lineEnd < 0 ? this.#text.length : lineEnd);
    return before.trim() === '' && /^\s*\d*\s*(?:--.*)?$/.test(rest);
  }

  #variable(): void {
    const image = this.#match(NAME, this.#at);
    if (image.length > LONGEST_NAME)
      this.#push(T.Invalid, image.length, identifierTooLong(image, this.#line));
    else this.#push(image.startsWith('@@') && image.length > 2 ? T.GlobalVariable : T.Variable, image.length);
  }

  #binary(): void {
    this.#push(T.BinaryLiteral, 2 + this.#match(HEX, this.#at + 2).length);
  }

  #number(): void {
    const image = this.#match(NUMBER, this.#at);
    const float = image.includes('e') || image.includes('E');
    this.#push(
      float ? T.FloatLiteral : image.includes('.') ? T.DecimalLiteral : T.IntegerLiteral,
      image.length,
    );
  }

  #money(): void {
    const pseudo = this.#match(PSEUDO, this.#at);
    if (pseudo !== '') this.#push(T.PseudoColumn, pseudo.length);
    else
      this.#push(
        T.MoneyLiteral,
        1 + (/^(?:\d+\.?\d*|\.\d+)/.exec(this.#text.slice(this.#at + 1, this.#at + 64))?.[0] ?? '').length,
      );
  }

  #symbol(character: string, after: string): void {
    const single = SINGLE[character];
    const arithmetic = ARITHMETIC[character];
    if (single !== undefined) this.#parenthesis(this.#push(single, 1));
    else if (arithmetic !== undefined) {
      if (after === '=') this.#push(T.CompoundAssignment, 2);
      else this.#push(arithmetic, 1);
    } else if (character === '.') this.#push(T.Dot, 1);
    else if (character === '=') this.#push(T.Equals, 1);
    else if (character === ':') this.#push(after === ':' ? T.DoubleColon : T.Colon, after === ':' ? 2 : 1);
    else if (character === '<' || character === '>' || character === '!') this.#comparison(character);
    else if (/\s|\uFEFF/.test(character)) this.#at += 1;
    else this.#push(T.Invalid, (this.#text.codePointAt(this.#at) ?? 0) > 0xffff ? 2 : 1);
  }

  #comparison(first: string): void {
    const blanks = this.#match(BLANKS, this.#at + 1).length;
    const second = this.#text.charAt(this.#at + 1 + blanks);
    const both = COMPARISONS[first + second];
    if (both !== undefined && second !== '') {
      const begin = this.#at;
      this.#push(T.Comparison, 2 + blanks, both);
      this.#countLines(begin, begin + blanks + 1);
    } else this.#push(first === '!' ? T.Invalid : T.Comparison, 1, first);
  }

  /** Partners know one another, so that the parser can look past a pair in one step. */
  #parenthesis(token: T.Token): void {
    if (token.tokenType === T.LeftParenthesis) this.#open.push(token);
    else if (token.tokenType === T.RightParenthesis) {
      const open = this.#open.pop();
      if (open === undefined) return;
      open.payload = token.index;
      token.payload = open.index;
    }
  }
}

export const tokensOf = (text: string, quotedIdentifier: boolean): T.Token[] =>
  new Lexer(text, quotedIdentifier).run();
