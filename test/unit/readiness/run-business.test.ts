import { expect, test } from 'vitest';
import { isARunsBusiness } from '../../../src/readiness/run-business.ts';

test('a run that copied everything is not called unfinished for a record or a telephone number that people owe', () => {
  const people = ['boot-proof', 'contacts', 'dns-answers', 'dns-ttl', 'rehearsed'];
  expect(people.filter(isARunsBusiness)).toEqual([]);
  expect(
    ['converged', 'exposure', 'first-pass', 'verified', 'no-failure'].filter(isARunsBusiness),
  ).toHaveLength(5);
});
