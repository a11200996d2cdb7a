import {
  EmbeddedActionsParser,
  EOF,
  type IParserErrorMessageProvider,
  type IToken,
  type ParserMethod,
  type TokenType,
  tokenMatcher,
} from 'chevrotain';
import { unsupported } from '../../errors.ts';
import { near, nearEnd, syntaxError, tooDeep } from '../faults.ts';
import type { Name as ObjectName, TypeName } from '../names.ts';
import { Comma, Dot, Name, textOf, VOCABULARY } from '../tokens.ts';

export type Rule<T, A extends unknown[] = []> = ParserMethod<A, T>;

/** Levels of parentheses, subqueries, CASE, blocks …; far below what the stack holds (a level costs some 40 frames). */
const DEEPEST = 100;
const MOST_PARTS = 4;
/** Longest chain of one kind (`a + b + …`, UNION, JOIN): its tree leans to one side, and everybody walks it by recursion. */
const LONGEST_CHAIN = 1000;

// Errors are told from the token alone (faults.ts), so chevrotain's own texts are never built.
const SILENT: IParserErrorMessageProvider = {
  buildMismatchTokenMessage: () => '',
  buildNotAllInputParsedMessage: () => '',
  buildNoViableAltMessage: () => '',
  buildEarlyExitMessage: () => '',
};

export interface Choice<T> {
  readonly GATE?: () => boolean;
  /** Another choice takes the same first token on purpose; the earlier one wins. */
  readonly IGNORE_AMBIGUITIES?: true;
  readonly ALT: () => T;
}

export interface GrammarOptions {
  /** Let chevrotain look for ambiguities; a test does, the double does not pay for it. */
  readonly validate?: boolean;
}

/** What all rules share: looking ahead, names, refusals. */
export abstract class BaseGrammar extends EmbeddedActionsParser {
  #text = '';
  #depth = 0;

  constructor(options: GrammarOptions = {}) {
    super(VOCABULARY, {
      maxLookahead: 1,
      recoveryEnabled: false,
      skipValidations: options.validate !== true,
      errorMessageProvider: SILENT,
    });
  }

  /** A rule whose result has the declared type. */
  protected rule<T, A extends unknown[] = []>(name: string, implementation: (...values: A) => T): Rule<T, A> {
    return this.RULE(name, implementation);
  }

  /** The first alternative whose gate is open and whose first token fits. The digit tells choices of one rule apart. */
  protected choose<T>(choices: Choice<T>[]): T {
    return this.chosen(0, choices);
  }
  protected choose1<T>(choices: Choice<T>[]): T {
    return this.chosen(1, choices);
  }
  protected choose2<T>(choices: Choice<T>[]): T {
    return this.chosen(2, choices);
  }
  protected choose3<T>(choices: Choice<T>[]): T {
    return this.chosen(3, choices);
  }

  private chosen<T>(digit: number, choices: Choice<T>[]): T {
    if (!this.RECORDING_PHASE) return this.or(digit, choices);
    // While chevrotain records the grammar it gives nothing back; rules go on with what the first alternative gave.
    const given: T[] = [];
    const recorded = choices.map(choice => ({
      ...choice,
      ALT: () => {
        const value = choice.ALT();
        given.push(value);
        return value;
      },
    }));
    const nothing: T = this.or(digit, recorded);
    return given[0] ?? nothing;
  }

  /** Runs one rule over the whole text. Throws SqlError. */
  parse<T>(rule: Rule<T>, text: string, tokens: IToken[]): T {
    this.#text = text;
    this.#depth = 0;
    this.input = tokens;
    try {
      const result = rule.call(this);
      const error = this.errors[0];
      if (error === undefined) return result;
      if (error.token.tokenType !== EOF) throw near(error.token);
      const last = tokens.at(-1);
      throw last === undefined ? syntaxError(102, "Incorrect syntax near ''.", 1) : nearEnd(last);
    } finally {
      // The parser outlives the batch, which may be large.
      this.input = [];
      this.#text = '';
    }
  }

  protected get text(): string {
    return this.#text;
  }

  protected is(type: TokenType, ahead = 1): boolean {
    return tokenMatcher(this.LA(ahead), type);
  }

  protected line(): number {
    const next = this.LA(1);
    return (next.tokenType === EOF ? this.LA(0).startLine : next.startLine) ?? 1;
  }

  /** Refuses T-SQL that the tree has no place for. */
  protected refuse(construct: string): void {
    if (!this.RECORDING_PHASE) throw unsupported(construct, this.line());
  }

  /** A syntax error at a token that chevrotain would accept. */
  protected stopAt(token: IToken): void {
    if (!this.RECORDING_PHASE) throw token.tokenType === EOF ? nearEnd(this.LA(0)) : near(token);
  }

  protected nested<T>(body: () => T): T {
    this.#depth += 1;
    if (this.#depth > DEEPEST) throw tooDeep(this.line());
    const result = body();
    this.#depth -= 1;
    return result;
  }

  /** Ends a chain that makes the tree too deep. */
  protected inChain(links: number): void {
    if (links > LONGEST_CHAIN) throw tooDeep(this.line());
  }

  /** The text from a token to the last one taken. */
  protected textFrom(begin: IToken): string {
    return this.#text.slice(begin.startOffset, (this.LA(0).endOffset ?? -1) + 1);
  }

  /** How far ahead the token after a dotted name stands. */
  protected pathEnd(ahead: number): number {
    let at = ahead;
    if (!this.is(Name, at)) return at;
    at += 1;
    while (this.is(Dot, at)) {
      while (this.is(Dot, at)) at += 1;
      if (!this.is(Name, at)) return at;
      at += 1;
    }
    return at;
  }

  /** How far ahead the token after a pair of parentheses stands; 0 where it is not closed. */
  protected pairEnd(ahead: number): number {
    const open = this.LA(ahead);
    const partner: unknown = open.payload;
    const index = 'index' in open ? open.index : undefined;
    return typeof partner === 'number' && typeof index === 'number' ? ahead + partner - index + 1 : 0;
  }

  protected readonly name: Rule<string> = this.rule('name', () => textOf(this.CONSUME(Name)));

  protected readonly path: Rule<ObjectName> = this.rule('path', () => {
    const begin = this.LA(1);
    const parts = [textOf(this.CONSUME(Name))];
    this.MANY(() => {
      this.CONSUME(Dot);
      this.MANY1(() => {
        this.CONSUME1(Dot);
        parts.push('');
      });
      parts.push(textOf(this.CONSUME1(Name)));
    });
    if (parts.length > MOST_PARTS && !this.RECORDING_PHASE)
      throw syntaxError(
        117,
        `The object name '${this.textFrom(begin)}' contains more than the maximum number of prefixes. The maximum is 3.`,
        begin.startLine ?? 1,
      );
    return parts;
  });

  /** A rule for one or more of another, with commas. */
  protected listOf<T>(name: string, item: () => Rule<T>): Rule<T[]> {
    return this.rule(name, () => {
      const items: T[] = [];
      this.AT_LEAST_ONE_SEP({
        SEP: Comma,
        DEF: () => {
          items.push(this.SUBRULE(item()));
        },
      });
      return items;
    });
  }

  protected readonly nameList: Rule<string[]> = this.listOf('nameList', () => this.name);

  protected abstract readonly typeName: Rule<TypeName>;
}
