import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Chain, chainNext, chainOf, chainStart } from '../../../src/journal/chain.ts';

const HASH = 'a'.repeat(64);
const first = JSON.stringify({ v: 1, seq: 1, type: 'evacuation.created', planHash: HASH });
const line = fc.string({ maxLength: 40 }).map(text => JSON.stringify(text));
const journal = fc.array(line, { maxLength: 20 }).map(lines => [first, ...lines]);
const bytesOf = (lines: readonly string[]): Buffer => Buffer.from(lines.map(each => `${each}\n`).join(''));

describe('the hash chain of a journal', () => {
  test('starts with the hash of the plan and takes every line in', () => {
    const one = chainNext(HASH, Buffer.from(first));
    const two = chainNext(one, Buffer.from('"b"'));
    expect(chainStart(HASH)).toBe(HASH);
    expect(chainOf(bytesOf([first, '"b"']))).toEqual({ upTo: 2, head: two });
    // The same with sha256sum over 32 bytes 0xaa and the line.
    expect(one).toBe('ce609709eef3c2e2c0a7b81c81ce7932adf393a294cf5d12454fd2e4e40912f8');
  });

  test('is the same however the bytes come, and leaves an unfinished line open', () => {
    fc.assert(
      fc.property(journal, fc.integer({ min: 1, max: 9 }), (lines, size) => {
        const bytes = bytesOf(lines);
        const chain = new Chain();
        for (let at = 0; at < bytes.length; at += size) chain.push(bytes.subarray(at, at + size));
        chain.push(Buffer.from('{"unfinished'));
        expect(chain.current).toEqual(chainOf(bytes));
        expect(chain.bytes).toBe(bytes.length);
      }),
    );
  });

  test('another byte anywhere before gives another head', () => {
    fc.assert(
      fc.property(journal, fc.nat(), fc.integer({ min: 1, max: 255 }), (lines, where, flip) => {
        const bytes = bytesOf(lines);
        const changed = Buffer.from(bytes);
        const at = where % bytes.length;
        changed[at] = (bytes[at] ?? 0) ^ flip;
        expect(chainOf(changed).head).not.toBe(chainOf(bytes).head);
      }),
    );
  });

  test('tells each head as it comes', () => {
    const heads: number[] = [];
    const chain = new Chain(({ upTo }) => heads.push(upTo));
    chain.push(bytesOf([first, '"a"', '"b"']));
    expect(heads).toEqual([1, 2, 3]);
    expect(new Chain().current.upTo).toBe(0);
  });
});
