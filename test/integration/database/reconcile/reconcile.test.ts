import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pinStage, reconcileStage, unpinStage } from '../../../../src/database/reconcile/index.ts';
import { Pair } from './pair.ts';
import { Trial } from './trial.ts';

let pair: Pair;
beforeAll(async () => {
  pair = await Pair.start();
});
afterAll(async () => {
  await pair[Symbol.asyncDispose]();
});

let count = 0;
async function trial(production: readonly string[], clone: readonly string[] = production): Promise<Trial> {
  count += 1;
  const made = new Trial(pair, { name: `R${count}` });
  await made.create(production, clone);
  await made.assess();
  return made;
}

const seeded = async (made: Trial): Promise<void> => {
  await made.conduct(pinStage);
  await made.conduct(reconcileStage);
};

/** Everything of a table, as text, in any order. */
const rows = async (side: Trial['mia'], table: string): Promise<readonly string[]> =>
  (await side(`SELECT * FROM ${table}`))
    .map(row =>
      row
        .map(value => (value instanceof Uint8Array ? Buffer.from(value).toString('hex') : String(value)))
        .join('|'),
    )
    .sort();

const equal = async (made: Trial, table: string): Promise<void> => {
  const wanted = await rows(made.mia, table);
  expect(await rows(made.dal, table)).toEqual(wanted);
};

describe('reconcile', () => {
  it('brings what is missing, takes what is too much, and changes what differs', async () => {
    const made = await trial([
      `CREATE TABLE dbo.T (id int IDENTITY(1,1) NOT NULL PRIMARY KEY, name nvarchar(40) NULL, n decimal(9,2) NOT NULL)`,
      `INSERT dbo.T (name, n) SELECT N'row ' + value, value FROM STRING_SPLIT(N'1,2,3,4,5,6,7,8,9,10', N',')`,
    ]);
    await made.mia(
      "DELETE dbo.T WHERE id = 3; UPDATE dbo.T SET name = NULL WHERE id = 4; INSERT dbo.T (name, n) VALUES (N'new', 1.5)",
    );
    await made.dal(
      "DELETE dbo.T WHERE id = 5; UPDATE dbo.T SET name = N'' WHERE id = 6; SET IDENTITY_INSERT dbo.T ON; INSERT dbo.T (id, name, n) VALUES (77, N'test', 0)",
    );
    await seeded(made);
    await equal(made, 'dbo.T');
    expect(made.told('reconcile.table')).toMatchObject([
      {
        compared: { table: 'dbo.T', rows: 10, missing: 2, extra: 2, different: 2 },
        ...{ inserted: 2, updated: 2, deleted: 2 },
      },
    ]);
    await made.conduct(unpinStage);
    expect(
      await pair.run(
        'miami',
        'master',
        'SELECT name FROM sys.databases WHERE source_database_id IS NOT NULL',
      ),
    ).toEqual([]);
  });
});
