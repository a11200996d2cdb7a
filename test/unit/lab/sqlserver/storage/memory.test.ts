import { expect, test } from 'vitest';
import { SqlError } from '../../../../../src/lab/sqlserver/errors.ts';
import { Collected, WriteMemory } from '../../../../../src/lab/sqlserver/storage/memory.ts';

/** 100 MB that are never laid out: a string that only knows how it is made. */
const LARGE = ['x'.repeat(100 << 20)];

const failure = (work: () => unknown): unknown => {
  try {
    work();
  } catch (error) {
    return error instanceof SqlError ? [error.number, error.severity] : error;
  }
  return undefined;
};

test('open transactions hold so much and no more, until one of them is over', () => {
  const memory = new WriteMemory();
  const first = memory.take(LARGE);
  memory.take(LARGE);
  expect(failure(() => memory.take(LARGE))).toEqual([701, 17]);
  expect(memory.take(null)).toBeGreaterThan(0);
  memory.give(first);
  expect(memory.take(LARGE)).toBe(first);
});

test('a statement collects half of that before it writes', () => {
  const collected = new Collected();
  collected.add(LARGE);
  expect(failure(() => collected.add(LARGE))).toEqual([701, 17]);
});
