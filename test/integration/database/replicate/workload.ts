import { expect } from 'vitest';
import { CLONE, type Estate, SOURCE } from './estate.ts';

/** Tables with what makes replication difficult: identity, a second unique key, a foreign key, a trigger, a composite key. */
export const SCHEMA = [
  `CREATE TABLE dbo.Loans (id int IDENTITY(1,1) NOT NULL PRIMARY KEY, code varchar(20) NOT NULL CONSTRAINT uq_code UNIQUE, name nvarchar(40) NOT NULL, amount money NOT NULL, v rowversion)`,
  `CREATE TABLE dbo.Payments (loan int NOT NULL CONSTRAINT fk_loan REFERENCES dbo.Loans (id) ON DELETE CASCADE, no int NOT NULL, paid decimal(18,4) NOT NULL, CONSTRAINT pk_payments PRIMARY KEY (loan, no))`,
  'CREATE TABLE dbo.Audit (id int IDENTITY(1,1) NOT NULL PRIMARY KEY, what nvarchar(100) NOT NULL)',
  `CREATE TRIGGER dbo.tr_loans ON dbo.Loans AFTER INSERT AS INSERT dbo.Audit (what) SELECT N'loan ' + name FROM inserted`,
];

/** Rows of both sides, of which the clone's have drifted. */
export async function seeded(estate: Estate, rows = 120): Promise<void> {
  const values = Array.from({ length: rows }, (_, at) => `('c${at}', N'n${at}', ${at}.5)`).join(', ');
  const fill = `INSERT dbo.Loans (code, name, amount) VALUES ${values};
INSERT dbo.Payments (loan, no, paid) SELECT id, 1, id * 1.25 FROM dbo.Loans;`;
  await estate.mia(SOURCE, fill);
  if (!estate.subscriber.instance.databases.has(CLONE.toLowerCase())) return;
  await estate.dal(CLONE, fill);
  await estate.dal(
    CLONE,
    `UPDATE dbo.Loans SET amount = 0 WHERE id % 9 = 4; DELETE dbo.Loans WHERE id % 17 = 3`,
  );
}

/** Writers that do not stop until they are told to; second unique keys move between rows. */
export function writers(estate: Estate): { stop(): Promise<void> } {
  let on = true;
  const write = async (seed: number): Promise<void> => {
    for (let turn = 0; on; turn += 1) {
      const mark = `${seed}-${turn}`;
      await estate.mia(
        SOURCE,
        `SET NOCOUNT ON; SET XACT_ABORT ON;
BEGIN TRAN;
INSERT dbo.Loans (code, name, amount) VALUES ('${mark}', N'${mark}', ${turn});
DECLARE @id int = SCOPE_IDENTITY();
INSERT dbo.Payments (loan, no, paid) VALUES (@id, 1, ${turn}.25);
UPDATE dbo.Loans SET code = 'x' + code, amount = amount + 1 WHERE id = @id - 1;
UPDATE dbo.Loans SET code = '${mark}y' WHERE id = @id;
UPDATE dbo.Loans SET code = '${mark}', amount = amount + 1 WHERE id = @id - 2 AND NOT EXISTS (SELECT 1 FROM dbo.Loans WHERE code = '${mark}');
${turn % 4 === 3 ? 'DELETE TOP (1) dbo.Loans WHERE id % 13 = 5;' : ''}
${turn % 6 === 5 ? 'ROLLBACK' : 'COMMIT'};`,
      );
      // Two of them are to be heard, not to fill the machine.
      await new Promise(resolve => setTimeout(resolve, 200));
    }
  };
  const all = Promise.all([1, 2].map(write));
  // Whoever stops them sees what went wrong.
  all.catch(() => undefined);
  return {
    async stop() {
      on = false;
      await all;
    },
  };
}

/** All rows of both sides, by plain SELECT, once a row that was written behind them is there. */
export async function equal(estate: Estate, copy = CLONE): Promise<void> {
  await estate.mia(SOURCE, `INSERT dbo.Audit (what) VALUES (N'the end')`);
  await expect
    .poll(
      async () => (await estate.dal(copy, `SELECT COUNT(*) FROM dbo.Audit WHERE what = N'the end'`))[0]?.[0],
    )
    .toBe(1);
  for (const [table, columns] of [
    ['Loans', 'id, code, name, CONVERT(varchar(30), amount, 2)'],
    ['Payments', 'loan, no, CONVERT(varchar(30), paid)'],
    ['Audit', 'id, what'],
  ]) {
    const text = `SELECT ${columns} FROM dbo.${table} ORDER BY 1, 2`;
    const rows = await estate.mia(SOURCE, text);
    expect(rows.length).toBeGreaterThan(0);
    expect(await estate.dal(copy, text)).toEqual(rows);
  }
}
