import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Expression } from '../../../../../src/lab/sqlserver/syntax/expressions.ts';
import { tokensOf } from '../../../../../src/lab/sqlserver/syntax/lexer.ts';
import { parseBatch, parseExpression, splitName } from '../../../../../src/lab/sqlserver/syntax/parse.ts';
import { textOf } from '../../../../../src/lab/sqlserver/syntax/tokens.ts';

const kinds = (text: string, quotedIdentifier = true): string[] =>
  tokensOf(text, quotedIdentifier).map(token => `${token.tokenType.name} ${textOf(token)}`);
const literal = (text: string) => {
  const tree: Expression = parseExpression(text);
  return tree.node === 'literal' ? tree.literal : tree;
};

describe('tokens', () => {
  it('names', () => {
    expect(kinds('a #t ##t _x ü1 a@b$c# [a]]b] "c""d" Größe')).toEqual([
      'Identifier a',
      'Identifier #t',
      'Identifier ##t',
      'Identifier _x',
      'Identifier ü1',
      'Identifier a@b$c#',
      'QuotedName a]b',
      'QuotedName c"d',
      'Identifier Größe',
    ]);
  });

  it('variables, and columns with a dollar', () => {
    expect(kinds('@v @@error @_1 @ $action $IDENTITY $1')).toEqual([
      'Variable @v',
      'GlobalVariable @@error',
      'Variable @_1',
      'Variable @',
      'PseudoColumn $action',
      'PseudoColumn $IDENTITY',
      'MoneyLiteral $1',
    ]);
  });

  it('keywords in any case, but not with letters that only look alike', () => {
    expect(kinds('SeLeCt select ſelect')).toEqual(['SELECT SeLeCt', 'SELECT select', 'Identifier ſelect']);
  });

  it('numbers', () => {
    expect(kinds('1 1. .5 1.50 1e3 1E-3 1.5e+2 .5e2 0x 0xAb 5a')).toEqual([
      'IntegerLiteral 1',
      'DecimalLiteral 1.',
      'DecimalLiteral .5',
      'DecimalLiteral 1.50',
      'FloatLiteral 1e3',
      'FloatLiteral 1E-3',
      'FloatLiteral 1.5e+2',
      'FloatLiteral .5e2',
      'BinaryLiteral 0x',
      'BinaryLiteral 0xAb',
      'IntegerLiteral 5',
      'Identifier a',
    ]);
  });

  it('comparisons with blanks inside', () => {
    expect(kinds('< <= < = <> < > > = >\n= != !< !> =')).toEqual(
      ['<', '<=', '<=', '<>', '<>', '>=', '>=', '<>', '>=', '<=', '='].map((operator, index) =>
        index === 10 ? `Equals ${operator}` : `Comparison ${operator}`,
      ),
    );
  });

  it('comments, nested ones too', () => {
    expect(kinds('1 -- 2 /* \n /* 3 /* 4 */ 5 */ 6 --')).toEqual(['IntegerLiteral 1', 'IntegerLiteral 6']);
  });

  it('quotation marks are strings when QUOTED_IDENTIFIER is off', () => {
    expect(kinds('"it""s"', false)).toEqual(['StringLiteral it"s']);
    expect(kinds('[a]', false)).toEqual(['QuotedName a']);
  });

  it('lines, whatever breaks them', () => {
    const lines = tokensOf("a\nb\r\nc 'x\ny' d /* \n */ e [f\ng] h -- \ni < \n = j", true).map(
      token => token.startLine,
    );
    expect(lines).toEqual([1, 2, 3, 3, 4, 5, 5, 6, 7, 7, 8]);
  });

  it('a number of GO alone on its line is no name; GO elsewhere is one', () => {
    expect(kinds('go')).toEqual(['Invalid go']);
    expect(kinds('a\n go 5 -- x\nb')[1]).toBe('Invalid go');
    expect(kinds('select go from t')[1]).toBe('Identifier go');
  });

  it('any string comes back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        const plain = text.replaceAll('\\', '');
        expect(literal(`N'${plain.replaceAll("'", "''")}'`)).toEqual({ kind: 'nstring', text: plain });
      }),
    );
  });

  it('a backslash joins lines in a string', () => {
    expect(literal("'a\\\nb\\\r\nc\\d'")).toEqual({ kind: 'string', text: 'abc\\d' });
  });
});

describe('literals', () => {
  it.each([
    ['0x', { kind: 'binary', bytes: Uint8Array.of() }],
    ['0xA', { kind: 'binary', bytes: Uint8Array.of(10) }],
    ['0x0102FF', { kind: 'binary', bytes: Uint8Array.of(1, 2, 255) }],
    ['$12.50', { kind: 'money', text: '12.50' }],
    ['$', { kind: 'money', text: '0' }],
    ['99999999999999999999', { kind: 'integer', text: '99999999999999999999' }],
    ['null', { kind: 'null' }],
    ["n'x'", { kind: 'nstring', text: 'x' }],
  ])('%s', (text, expected) => {
    expect(literal(text)).toEqual(expected);
  });
});

describe('names in strings', () => {
  it.each([
    ['t', ['t']],
    ['dbo.t', ['dbo', 't']],
    ['[a b].dbo."x""y"', ['a b', 'dbo', 'x"y']],
    ['tempdb..[#t]', ['tempdb', '', '#t']],
    ['..t', ['', '', 't']],
    [' [a] . b c ', ['a', 'b c']],
    ['dbo.select', ['dbo', 'select']],
    ['[a]]b]', ['a]b']],
    ['', ['']],
    ['s.d.o.t', ['s', 'd', 'o', 't']],
  ])('%s', (text, parts) => {
    expect(splitName(text)).toEqual(parts);
  });

  it.each(['[a', 'a]', '[a]b', '"a', 'a.b.c.d.e', 'x'.repeat(129)])('%s is none', text => {
    expect(() => splitName(text)).toThrow(expect.objectContaining({ severity: 15 }));
  });

  it('any parts come back from brackets', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ minLength: 1, maxLength: 20 }), { minLength: 1, maxLength: 4 }),
        parts => {
          expect(splitName(parts.map(part => `[${part.replaceAll(']', ']]')}]`).join('.'))).toEqual(parts);
        },
      ),
    );
  });

  it('a column of a name with every quotation is one column', () => {
    expect(parseBatch('select [a].[b]')).toEqual(parseBatch('select "a"."b"'));
  });
});
