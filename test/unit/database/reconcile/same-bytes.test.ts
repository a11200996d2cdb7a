import { expect, test } from 'vitest';
import { bytesStatement, differingTypes } from '../../../../src/database/reconcile/same-bytes.ts';
import { startDouble } from '../../../support/sql-double.ts';

test('every type is answered, comes back as the same value, and two servers agree', async () => {
  await using double = await startDouble();
  const { results, errors } = await double.session().run(bytesStatement('publisher', 'master').text);
  expect(errors).toEqual([]);
  const values = (results[0]?.rows[0] ?? []).map(String);
  const answer = Object.fromEntries((results[0]?.columns ?? []).map((name, at) => [name, values[at] ?? '']));
  expect(Object.keys(answer)).toHaveLength(12);
  expect(values.filter(each => !/^[0-9A-F]+=$/.test(each))).toEqual([]);
  expect(differingTypes(answer, answer)).toEqual([]);
});

test('other bytes, bytes that do not come back, and silence are differences', () => {
  const all = Object.fromEntries(differingTypes(undefined, undefined).map(line => [line, line]));
  expect(Object.keys(all)).toHaveLength(12);
  const good = { date: 'AB=' };
  expect(differingTypes(good, good)).toHaveLength(11);
  expect(differingTypes({ date: 'AB=' }, { date: 'AC=' })[0]).toBe(
    'date: AB= at the source, AC= at the copy',
  );
  expect(differingTypes({ date: 'AB?' }, { date: 'AB?' })[0]).toMatch(/^date: AB\?/);
});
