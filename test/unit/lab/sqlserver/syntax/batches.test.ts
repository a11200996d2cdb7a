import { describe, expect, it } from 'vitest';
import { parseBatch } from '../../../../../src/lab/sqlserver/syntax/parse.ts';
import { BATCHES } from './batches.ts';

const kinds = (text: string): string[] => parseBatch(text).map(({ statement }) => statement);

describe('batches that the double must understand', () => {
  it.each(Object.entries(BATCHES))('%s', (_, text) => {
    expect(kinds(text)).toMatchSnapshot();
  });

  it('knows statements without anything between them', () => {
    expect(
      kinds(
        'declare @a int set @a=1 select @a if @a=1 print 1 else print 2 exec p update t set a=1 delete t',
      ),
    ).toEqual(['declare', 'set-variable', 'select', 'if', 'execute', 'update', 'delete']);
  });

  it('gives each statement the line it begins on', () => {
    const lines = parseBatch("select 'a\nb'\n\n  select /* \n */ 2\nif 1 = 1\n  select 3").map(
      ({ line }) => line,
    );
    expect(lines).toEqual([1, 4, 6]);
  });

  it('reads no statements from nothing', () => {
    expect(parseBatch('')).toEqual([]);
    expect(parseBatch(' ;; -- nothing\n;/* at all */')).toEqual([]);
  });

  it('gives the same tree for the same text', () => {
    expect(parseBatch('select 42 as a')).toBe(parseBatch('select 42 as a'));
    expect(parseBatch('select "a"')).not.toEqual(parseBatch('select "a"', { quotedIdentifier: false }));
  });
});
