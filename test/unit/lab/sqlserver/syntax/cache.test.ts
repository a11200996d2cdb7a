import { describe, expect, it } from 'vitest';
import { TextCache } from '../../../../../src/lab/sqlserver/syntax/cache.ts';

describe('the texts used last', () => {
  it('are kept, the oldest goes first', () => {
    const cache = new TextCache<number>(6, 6);
    cache.set('aa', 1);
    cache.set('bb', 2);
    cache.set('cc', 3);
    expect(cache.get('aa')).toBe(1);
    cache.set('dd', 4);
    expect([cache.get('aa'), cache.get('bb'), cache.get('cc'), cache.get('dd')]).toEqual([
      1,
      undefined,
      3,
      4,
    ]);
    expect(cache.size).toBe(6);
  });

  it('do not hold one that is too long', () => {
    const cache = new TextCache<number>(10, 3);
    cache.set('abcd', 1);
    expect([cache.get('abcd'), cache.size]).toEqual([undefined, 0]);
  });

  it('count a text once', () => {
    const cache = new TextCache<number>(10, 10);
    cache.set('abc', 1);
    cache.set('abc', 2);
    expect([cache.get('abc'), cache.size]).toEqual([1, 3]);
  });
});
