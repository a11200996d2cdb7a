import { createToken, type IToken, type TokenType } from 'chevrotain';
import { RESERVED_WORDS, SOFT_WORDS } from './words.ts';

// The lexer (lexer.ts) is written by hand, so no token type carries a pattern.
const token = (name: string, ...categories: TokenType[]): TokenType =>
  createToken({ name, pattern: /(?!)/, categories });

/** Anything that may name an object: identifiers and the words that are not reserved. */
export const Name = token('Name');
export const ReservedWord = token('ReservedWord');
export const ArithmeticOperator = token('ArithmeticOperator');
export const ComparisonOperator = token('ComparisonOperator');
export const AssignmentOperator = token('AssignmentOperator');
export const AnyString = token('AnyString');
export const AnyNumber = token('AnyNumber');

export const Identifier = token('Identifier', Name);
/** `[x]` or `"x"`: never a keyword. */
export const QuotedName = token('QuotedName', Name);
export const Variable = token('Variable');
export const GlobalVariable = token('GlobalVariable');
export const PseudoColumn = token('PseudoColumn');
export const StringLiteral = token('StringLiteral', AnyString);
export const NationalString = token('NationalString', AnyString);
export const BinaryLiteral = token('BinaryLiteral');
export const IntegerLiteral = token('IntegerLiteral', AnyNumber);
export const DecimalLiteral = token('DecimalLiteral', AnyNumber);
export const FloatLiteral = token('FloatLiteral', AnyNumber);
export const MoneyLiteral = token('MoneyLiteral', AnyNumber);

export const Comma = token('Comma');
export const Dot = token('Dot');
export const Semicolon = token('Semicolon');
export const LeftParenthesis = token('LeftParenthesis');
export const RightParenthesis = token('RightParenthesis');
export const LeftBrace = token('LeftBrace');
export const Colon = token('Colon');
export const DoubleColon = token('DoubleColon');
export const Tilde = token('Tilde');
export const Equals = token('Equals', ComparisonOperator, AssignmentOperator);
export const Comparison = token('Comparison', ComparisonOperator);
export const CompoundAssignment = token('CompoundAssignment', AssignmentOperator);
export const Plus = token('Plus', ArithmeticOperator);
export const Minus = token('Minus', ArithmeticOperator);
export const Star = token('Star', ArithmeticOperator);
/** `/ % & | ^`. */
export const OtherOperator = token('OtherOperator', ArithmeticOperator);
/** Text no token can begin with, an unclosed quotation, a name too long, or GO: the parser stops there. */
export const Invalid = token('Invalid');

type Keyword = (typeof RESERVED_WORDS)[number] | (typeof SOFT_WORDS)[number];

const keywordTokens = (): Record<Keyword, TokenType> => {
  const types: Partial<Record<Keyword, TokenType>> = {};
  for (const word of RESERVED_WORDS) types[word] = token(word, ReservedWord);
  for (const word of SOFT_WORDS) types[word] = token(word, Name);
  return types as Record<Keyword, TokenType>;
};

/** Every word with a meaning of its own, by its upper case. */
export const K = keywordTokens();

export const KEYWORDS: ReadonlyMap<string, TokenType> = new Map(Object.entries(K));

export const VOCABULARY: TokenType[] = [
  Name,
  ReservedWord,
  ArithmeticOperator,
  ComparisonOperator,
  AssignmentOperator,
  AnyString,
  AnyNumber,
  Identifier,
  QuotedName,
  Variable,
  GlobalVariable,
  PseudoColumn,
  StringLiteral,
  NationalString,
  BinaryLiteral,
  IntegerLiteral,
  DecimalLiteral,
  FloatLiteral,
  MoneyLiteral,
  Comma,
  Dot,
  Semicolon,
  LeftParenthesis,
  RightParenthesis,
  LeftBrace,
  Colon,
  DoubleColon,
  Tilde,
  Equals,
  Comparison,
  CompoundAssignment,
  Plus,
  Minus,
  Star,
  OtherOperator,
  Invalid,
  ...Object.values(K),
];

/** A token of a batch. `payload` is the decoded text of a name or a string, or the index of the partner of a parenthesis. */
export class Token implements IToken {
  readonly image: string;
  readonly startOffset: number;
  /** Offset of the last character, as chevrotain counts. */
  readonly endOffset: number;
  readonly startLine: number;
  readonly tokenTypeIdx: number;
  readonly tokenType: TokenType;
  readonly index: number;
  payload: unknown = undefined;

  constructor(type: TokenType, image: string, startOffset: number, startLine: number, index: number) {
    this.image = image;
    this.startOffset = startOffset;
    this.endOffset = startOffset + image.length - 1;
    this.startLine = startLine;
    this.tokenTypeIdx = type.tokenTypeIdx ?? 0;
    this.tokenType = type;
    this.index = index;
  }
}

/** A name or a string without its quotation marks; the image of any other token. */
export const textOf = (from: IToken): string => {
  const text: unknown = from.payload;
  return typeof text === 'string' ? text : from.image;
};
