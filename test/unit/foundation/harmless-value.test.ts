import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { harmlessValue } from '../../../src/foundation/harmless-value.ts';
import { harmless } from '../../../src/foundation/text.ts';

describe('harmlessValue', () => {
  it('makes every text harmless, however deep it lies', () => {
    const value = { a: ['\u001b[2J', { b: 'x\ny' }], c: 3, d: undefined, e: null };
    expect(harmlessValue(value)).toEqual({ a: ['\\x1b[2J', { b: 'x\\ny' }], c: 3, d: undefined, e: null });
  });

  it('keeps the objects in which nothing had to change', () => {
    const clean = { text: 'clean' };
    const value = { clean, dirty: { text: '\u0007' } };
    expect(harmlessValue(clean)).toBe(clean);
    const made = harmlessValue(value);
    expect(made.clean).toBe(clean);
    expect(value.dirty.text).toBe('\u0007');
  });

  it('keeps the shape of any plain data', () => {
    fc.assert(
      fc.property(fc.jsonValue(), value => {
        const text = (inner: unknown): unknown =>
          JSON.parse(JSON.stringify(inner), (_key, each) =>
            typeof each === 'string' ? harmless(each) : each,
          );
        expect(JSON.stringify(harmlessValue(value))).toBe(JSON.stringify(text(value)));
      }),
    );
  });

  it('takes __proto__ for a name like any other', () => {
    const value: unknown = JSON.parse('{"__proto__": {"x": "\\u0007"}}');
    expect(JSON.stringify(harmlessValue(value))).toBe('{"__proto__":{"x":"\\\\x07"}}');
  });
});
