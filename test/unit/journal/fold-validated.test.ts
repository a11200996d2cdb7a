import { describe, expect, it } from 'vitest';
import type { TableDifference } from '../../../src/journal/database-facts.ts';
import type { EventBody } from '../../../src/journal/events.ts';
import { apply } from '../../../src/journal/fold.ts';
import { EMPTY_STATE } from '../../../src/journal/state.ts';

const table = (name: string, missing = 0): TableDifference => ({
  ...{ table: name, rows: 3, ranges: 1, differingRanges: missing, missing, extra: 0, different: 0 },
  examples: [],
});

const compared = (startedAt: number, tables: TableDifference[], limited?: true): EventBody => ({
  type: 'database.validated',
  ...{ database: 'Orders', kind: 'live', startedAt, ms: 1, tables, repaired: 0 },
  ...(limited === undefined ? {} : { limited }),
});

const folded = (...bodies: readonly EventBody[]) =>
  bodies.reduce(
    (state, body, at) => apply(state, { ...body, v: 1, seq: at + 1, at: (at + 1) * 100, by: 'ana@here' }),
    EMPTY_STATE,
  ).databases['Orders']?.validated?.live;

describe('a comparison of some tables', () => {
  it('never stands for one of all', () => {
    expect(folded(compared(50, [table('dbo.A')], true))).toMatchObject({ limited: true });
  });

  it('takes the places of its tables in the one of all, which keeps its age', () => {
    const known = folded(
      compared(50, [table('dbo.A', 2), table('dbo.B', 1)]),
      compared(150, [table('dbo.A')], true),
    );
    expect(known).toMatchObject({ at: 100, startedAt: 50 });
    expect(known?.limited).toBeUndefined();
    expect(known?.tables.map(each => [each.table, each.missing])).toEqual([
      ['dbo.B', 1],
      ['dbo.A', 0],
    ]);
  });

  it('is not mixed with one of before the copy followed', () => {
    const known = folded(
      compared(50, [table('dbo.A'), table('dbo.B')]),
      { type: 'database.released', database: 'Orders', lane: 'clone', how: 'initialize from lsn' },
      compared(250, [table('dbo.A')], true),
    );
    expect(known).toMatchObject({ limited: true, tables: [{ table: 'dbo.A' }] });
  });
});
