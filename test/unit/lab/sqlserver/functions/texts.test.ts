import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { call, NULL, n, say, typed } from './world.ts';

describe('texts', () => {
  it.each([
    ['len', ['abc  '], 'int 3'],
    ['len', [typed('abc', 'varchar(max)')], 'bigint 3'],
    ['len', [12345], 'int 5'],
    ['len', [typed('x', 'text')], 8116],
    ['len', [NULL], 'int NULL'],
    ['datalength', [n('abc')], 'int 6'],
    ['datalength', ['abc '], 'int 4'],
    ['datalength', [typed('1', 'bigint')], 'int 8'],
    ['datalength', [typed('1', 'decimal(20,2)')], 'int 13'],
    ['left', ['abcdef', 2], 'varchar(2) ab'],
    ['left', ['abc', -1], 537],
    ['right', [n('abcdef'), 2], 'nvarchar(2) ef'],
    ['right', ['abc', -1], 536],
    ['substring', ['abcdef', 2, 3], 'varchar(3) bcd'],
    ['substring', ['abcdef', 0, 3], 'varchar(3) ab'],
    ['substring', ['abcdef', 9, 3], 'varchar(3) '],
    ['substring', ['abcdef', 1, -1], 537],
    ['charindex', ['C', 'abcabc'], 'int 3'],
    ['charindex', ['c', 'abcabc', 4], 'int 6'],
    ['charindex', ['', 'abc'], 'int 0'],
    ['patindex', ['%[0-9][0-9]%', 'a1b22'], 'int 4'],
    ['replace', ['aXbx', 'x', '--'], 'varchar(8000) a--b--'],
    ['replace', ['abc', '', 'x'], 'varchar(8000) abc'],
    ['stuff', ['abcdef', 2, 3, 'XY'], 'varchar(8) aXYef'],
    ['stuff', ['abc', 4, 1, 'X'], 'varchar(4) NULL'],
    ['stuff', ['abc', 2, 1, NULL], 'varchar(4) ac'],
    ['replicate', ['ab', 3], 'varchar(6) ababab'],
    ['replicate', ['ab', -1], 'varchar(1) NULL'],
    ['space', [3], 'varchar(8000)    '],
    ['reverse', ['abc'], 'varchar(3) cba'],
    ['upper', [n('straße')], 'nvarchar(6) STRAßE'],
    ['ltrim', ['  a '], 'varchar(4) a '],
    ['rtrim', ['  a '], 'varchar(4)   a'],
    ['trim', ['  a '], 'varchar(4) a'],
    ['ascii', ['€'], 'int 128'],
    ['unicode', [n('€')], 'int 8364'],
    ['char', [128], 'char(1) €'],
    ['char', [256], 'char(1) NULL'],
    ['nchar', [8364], 'nchar(1) €'],
    ['concat', ['a', NULL, 5, typed('1.50', 'decimal(5,2)')], 'varchar(55) a51.50'],
    ['concat', ['a', n('b')], 'nvarchar(2) ab'],
    ['concat_ws', ['-', 'a', NULL, 'b'], 'varchar(5) a-b'],
    ['str', [typed('123.456', 'float'), 8, 2], 'varchar(8)   123.46'],
    ['str', [typed('123.456', 'float'), 2], 'varchar(2) **'],
    ['quotename', ['a]b'], 'nvarchar(258) [a]]b]'],
    ['quotename', ["a'b", "'"], "nvarchar(258) 'a''b'"],
    ['quotename', ['x'.repeat(129)], 'nvarchar(258) NULL'],
    ['parsename', ['srv.db.[a.b].t', 2], 'nvarchar(128) a.b'],
    ['parsename', ['a.b.c.d.e', 1], 'nvarchar(128) NULL'],
    ['translate', ['2*[3]', '[]', '()'], 'varchar(8000) 2*(3)'],
    ['translate', ['a', 'ab', 'x'], 9828],
    ['string_escape', ['a"b\n', 'json'], 'nvarchar(max) a\\"b\\n'],
    ['string_escape', ['a', 'xml'], 13_618],
    ['formatmessage', ['%s has %d', 'x', 5], 'nvarchar(2048) x has 5'],
    ['formatmessage', [50_001], 40_517],
    ['soundex', ['a'], 40_517],
  ])('%s of %o is %s', (name, list, result) => {
    expect(say(name, list)).toBe(result);
  });

  it('cut a concatenation at the limit of its type', () => {
    const long = typed('x'.repeat(5000), 'varchar(5000)');
    const result = call('concat', [long, long]);
    expect('value' in result && typeof result.value === 'string' && result.value.length).toBe(8000);
  });

  it('LEFT, SUBSTRING and RIGHT put a text together again', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 30 }), fc.integer({ min: 0, max: 40 }), (text, at) => {
        const part = (name: string, ...list: readonly (string | number)[]) => {
          const result = call(name, [n(text), ...list]);
          return 'value' in result ? result.value : result.error;
        };
        const head = part('left', at);
        expect(`${head}${part('substring', at + 1, 100)}`).toBe(text);
        expect(part('right', at)).toBe(at === 0 ? '' : text.slice(-at));
        expect(part('reverse')).toBe(Array.from(text).reverse().join(''));
      }),
    );
  });
});

describe('FORMAT', () => {
  it.each([
    [1_234_567, 'N0', '1,234,567'],
    [typed('-1234.565', 'decimal(9,3)'), 'N2', '-1,234.57'],
    [typed('1234.5', 'decimal(9,2)'), '#,##0.00', '1,234.50'],
    [7, '000', '007'],
    [7, 'D4', '0007'],
    [typed('0.5', 'float'), '0.##', '0.5'],
    [typed('0.125', 'float'), '0%', '13%'],
    [typed('2026-11-22 13:05:09', 'datetime'), 'yyyy-MM-dd hh:mm:ss tt', '2026-11-22 01:05:09 PM'],
    [typed('2026-11-22', 'date'), 'D', 'Sunday, November 22, 2026'],
    [typed('2026-11-22', 'date'), 'd', '11/22/2026'],
    [typed('2026-11-22', 'date'), 'yyyyMMdd', '20261122'],
  ])('%o as %s is %s', (value, pattern, text) => {
    expect(say('format', [value, pattern])).toBe(`nvarchar(4000) ${text}`);
  });

  it('refuses other patterns and cultures', () => {
    expect(say('format', [typed('2026-11-22', 'date'), 'G'])).toBe(40_517);
    expect(say('format', [5, 'C'])).toBe(40_517);
    expect(say('format', [5, 'N0', 'de-DE'])).toBe(40_517);
    expect(say('format', ['x', 'N0'])).toBe(8116);
  });
});
