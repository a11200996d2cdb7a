import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MARKER_TEXT } from '../../../../src/database/replicate/marker.ts';
import { validateStage } from '../../../../src/database/validate/index.ts';
import { type Clock, systemClock } from '../../../../src/foundation/clock.ts';
import { Pair } from '../reconcile/pair.ts';
import { Trial } from '../reconcile/trial.ts';

const SCHEMA = [
  'CREATE TABLE dbo.Orders (id int NOT NULL PRIMARY KEY, v varchar(20) NULL, rv rowversion NOT NULL)',
  'CREATE TABLE dbo.Lines (a int NOT NULL, b nvarchar(10) NOT NULL, amount money NULL, PRIMARY KEY (a, b DESC))',
  'CREATE TABLE dbo.Trace (said nvarchar(40) NULL)',
  `WITH d AS (SELECT 0 AS n UNION ALL SELECT n + 1 FROM d WHERE n < 29)
INSERT dbo.Orders (id, v) SELECT n, 'as it was' FROM d`,
  "INSERT dbo.Lines VALUES (1, N'a', 1.5), (1, N'b', NULL), (2, N'a', 3)",
  "INSERT dbo.Trace VALUES (N'one'), (N'two'), (N'two')",
  MARKER_TEXT,
];

/** The distribution agent, as far as a validation sees it: while somebody waits, what was written arrives. */
const agentIn = (arrive: () => Promise<void>): Clock => ({
  ...systemClock,
  sleep: async (_ms, signal) => {
    signal?.throwIfAborted();
    await arrive();
  },
});

describe('a validation', () => {
  let pair: Pair;
  beforeAll(async () => {
    pair = await Pair.start();
  });
  afterAll(() => pair[Symbol.asyncDispose]());

  const markers = async (trial: Trial): Promise<void> => {
    const rows = await trial.mia('SELECT id FROM landfall.marker');
    for (const [id] of rows)
      await trial.dal(
        `IF NOT EXISTS (SELECT 1 FROM landfall.marker WHERE id = ${String(id)}) INSERT landfall.marker VALUES (${String(id)}, SYSUTCDATETIME())`,
      );
  };

  const release = (trial: Trial): void => {
    trial.emit({
      type: 'database.released',
      database: trial.source,
      lane: 'clone',
      how: 'initialize from lsn',
    });
  };

  it('while writers run counts what stays, not what is on its way; repairs only what it is told to', async () => {
    let trial: Trial | undefined;
    const clock = agentIn(async () => {
      if (trial === undefined) return;
      await trial.dal("UPDATE dbo.Orders SET v = 'just written' WHERE id = 5");
      await markers(trial);
    });
    trial = new Trial(pair, { name: 'Live', clock });
    await trial.create(SCHEMA);
    await trial.assess();
    release(trial);
    await trial.mia("UPDATE dbo.Orders SET v = 'just written' WHERE id = 5");
    await trial.dal("UPDATE dbo.Orders SET v = 'a lie' WHERE id = 7");
    await trial.dal('DELETE dbo.Orders WHERE id = 9');
    await trial.dal("INSERT dbo.Orders (id, v) VALUES (100, 'too many')");
    // Loaded whole inside the freeze: no difference before it.
    await trial.dal('DELETE TOP (1) dbo.Trace');
    await trial.conduct(validateStage);
    const [first] = trial.told('database.validated');
    expect(first).toMatchObject({ kind: 'live', repaired: 0 });
    expect(first?.tables).toEqual([
      {
        ...{ table: 'dbo.Lines', rows: 3, ranges: 1, differingRanges: 0 },
        ...{ missing: 0, extra: 0, different: 0, examples: [] },
      },
      {
        ...{ table: 'dbo.Orders', rows: 30, ranges: 1, differingRanges: 1 },
        ...{ missing: 1, extra: 1, different: 1 },
        examples: ['different 7', 'extra 100', 'missing 9'],
      },
    ]);

    trial.emit({
      type: 'database.ordered',
      database: 'Live',
      order: 'validate',
      repair: true,
      tables: ['dbo.Orders'],
    });
    await trial.conduct(validateStage);
    expect(trial.told('database.validated')[1]).toMatchObject({
      repaired: 3,
      tables: [{ table: 'dbo.Orders' }],
    });

    trial.emit({ type: 'database.ordered', database: 'Live', order: 'validate' });
    await trial.conduct(validateStage);
    const last = trial.told('database.validated')[2];
    expect(last?.tables.map(({ table, differingRanges }) => [table, differingRanges])).toEqual([
      ['dbo.Lines', 0],
      ['dbo.Orders', 0],
    ]);
  });

  it('of a closed production is exact, tables without a key included', async () => {
    const trial = new Trial(pair, { name: 'Exact' });
    await trial.create(SCHEMA);
    await trial.assess();
    release(trial);
    await trial.mia('ALTER DATABASE [Exact] SET RESTRICTED_USER');
    await trial.dal("UPDATE dbo.Lines SET amount = 0 WHERE b = N'b'");
    await trial.dal("UPDATE TOP (1) dbo.Trace SET said = N'three' WHERE said = N'two'");
    await trial.conduct(validateStage);
    const [told] = trial.told('database.validated');
    expect(told?.kind).toBe('exact');
    expect(
      told?.tables.map(({ table, rows, different, differingRanges }) => [
        table,
        rows,
        different,
        differingRanges,
      ]),
    ).toEqual([
      ['dbo.Lines', 3, 1, 1],
      ['dbo.Orders', 30, 0, 0],
      ['dbo.Trace', 3, 1, 1],
    ]);
    expect(told?.tables[0]?.examples).toEqual(['different 1, b']);
  });

  it('says which table the copy does not have', async () => {
    const trial = new Trial(pair, { name: 'Lacking' });
    await trial.create(SCHEMA);
    await trial.assess();
    release(trial);
    await trial.dal('DROP TABLE dbo.Lines');
    await expect(trial.conduct(validateStage)).rejects.toMatchObject({
      code: 'database.drift',
      facts: { what: 'LackingDev has no table dbo.Lines' },
    });
  });
});
