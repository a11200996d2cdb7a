import { expect, test } from 'vitest';
import { isARunsBusiness } from '../../../src/readiness/run-business.ts';

test('a run that copied everything is not called unfinished for a record or a telephone number that people owe', () => {
  const people = ['boot-proof', 'contacts', 'dns-answers', 'dns-ttl', 'rehearsed'];
  expect(people.filter(isARunsBusiness)).toEqual([]);
  const settled = [
    'depends-10.1.0.9-5432',
    'address-10.1.0.9',
    'silent-10.1.0.4-2049',
    'mount-mnt-share',
    'order',
  ];
  expect(
    [...settled, 'client-10.1.0.8-80', 'drift-unlisted-domain-x', 'depends-more'].filter(isARunsBusiness),
  ).toEqual([]);
  expect(
    ['converged', 'exposure', 'first-pass', 'verified', 'no-failure'].filter(isARunsBusiness),
  ).toHaveLength(5);
});
