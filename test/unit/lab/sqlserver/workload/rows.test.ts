import { describe, expect, test } from 'vitest';
import { Dice } from '../../../../../src/lab/sqlserver/workload/rows/dice.ts';
import type { Cell, Sketch } from '../../../../../src/lab/sqlserver/workload/rows/sketch.ts';
import { rowsFor } from '../../../../../src/lab/sqlserver/workload/rows.ts';

const rowOf = (sketch: Sketch, n: number, seed: number): readonly Cell[] =>
  sketch.row(n, new Dice(seed, sketch.table, n));

const column = (sketches: readonly Sketch[], table: string, name: string, seed: number): readonly Cell[] => {
  const sketch = sketches.find(each => each.table === table);
  if (sketch === undefined) throw new Error(`no rows for ${table}`);
  const at = sketch.columns.indexOf(name);
  expect(at, `${table}.${name}`).toBeGreaterThanOrEqual(0);
  return Array.from({ length: sketch.count }, (_, n) => rowOf(sketch, n, seed)[at] ?? null);
};

describe('the rows of the workload', () => {
  test.each([1000, 20_000, 1_000_000])('%i rows are about as many', total => {
    const sum = rowsFor(total, 1).reduce((all, { count }) => all + count, 0);
    expect(sum).toBeGreaterThan(0.9 * total);
    expect(sum).toBeLessThan(1.05 * total + 700);
  });

  test('any row can be made again without the ones before it, and another seed makes another', () => {
    const sketches = rowsFor(5000, 7);
    for (const sketch of sketches) {
      const n = sketch.count - 1;
      expect(rowOf(sketch, n, 7)).toEqual(rowOf(sketch, n, 7));
      expect(sketch.row(n, new Dice(7, sketch.table, n))).toHaveLength(sketch.columns.length);
    }
    const [a, b] = [
      column(sketches, 'party.Customer', 'CustomerGuid', 7),
      column(rowsFor(5000, 8), 'party.Customer', 'CustomerGuid', 8),
    ];
    expect(a).not.toEqual(b);
    expect(new Set(a).size).toBe(a.length);
  });

  test.each([
    ['party.CustomerAddress', 'CustomerId', 'party.Customer', 'CustomerId'],
    ['los.Application', 'CustomerId', 'party.Customer', 'CustomerId'],
    ['los.CreditLiability', 'CreditReportId', 'los.CreditReport', 'CreditReportId'],
    ['doc.DocumentContent', 'DocumentId', 'doc.Document', 'DocumentId'],
    ['doc.DocumentTag', 'DocumentId', 'doc.Document', 'DocumentId'],
    ['fin.Loan', 'CurrentScheduleId', 'fin.LoanSchedule', 'ScheduleId'],
    ['fin.LoanSchedule', 'LoanId', 'fin.Loan', 'LoanId'],
  ])('%s.%s refers to rows of %s that are there', (table, name, parent, key) => {
    const sketches = rowsFor(3000, 3);
    const keys = new Set(column(sketches, parent, key, 3).map(String));
    for (const value of column(sketches, table, name, 3)) expect(keys.has(String(value))).toBe(true);
  });
});
