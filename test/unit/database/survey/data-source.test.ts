import { expect, it } from 'vitest';
import { dataSourceOf } from '../../../../src/database/survey/data-source.ts';

it.each([
  ['legacy\\inst', 'legacy\\inst'],
  ['legacy,1433;Password=Hunter2', 'legacy,1433'],
  ['PWD=Hunter2;Server=legacy;UID=sa', 'Server=legacy'],
  ['Driver={x};Password=Hunter2', undefined],
])('a data source that begins with a password is not told as the first part of it: %s', (source, told) => {
  expect(dataSourceOf(source)).toBe(told);
});
