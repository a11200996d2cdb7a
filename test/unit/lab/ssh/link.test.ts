import { expect, test } from 'vitest';
import { crossesTheLink } from '../../../../src/lab/ssh/link.ts';
import { seeded, seededUuid } from '../../../../src/lab/world/random.ts';

test('only what comes from a source host and goes to a target host crosses the line', () => {
  expect(crossesTheLink({ site: 'target' }, '127.77.1.11')).toBe(true);
  expect(crossesTheLink({ site: 'target' }, '127.0.0.1')).toBe(false);
  expect(crossesTheLink({ site: 'source' }, '127.77.1.11')).toBe(false);
  expect(crossesTheLink({ site: 'target' }, undefined)).toBe(false);
});

test('a seed and a name always give the same numbers, other names others', () => {
  const numbers = (seed: number, name: string): number[] => {
    const random = seeded(seed, name);
    return Array.from({ length: 20 }, () => random.below(1000));
  };
  expect(numbers(1, 'a')).toEqual(numbers(1, 'a'));
  expect(numbers(1, 'b')).not.toEqual(numbers(1, 'a'));
  expect(numbers(2, 'a')).not.toEqual(numbers(1, 'a'));
  expect(seededUuid(1, 'x')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
});
