import sql from 'mssql';
import type { Dice } from './dice.ts';

export interface Writers {
  /** Resolves when so many transactions have ended. */
  reached(count: number): Promise<void>;
  ended(): boolean;
  readonly done: Promise<{ readonly committed: number; readonly failures: readonly number[] }>;
}

/** So many writers, each so many transactions of one to three statements; some are rolled back. */
export function startWriters(
  pool: sql.ConnectionPool,
  throwDice: Dice,
  writers: number,
  each: number,
): Writers {
  const failures: number[] = [];
  let [committed, count, over] = [0, 0, false];
  const waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  const one = async (): Promise<void> => {
    for (let at = 0; at < each; at += 1) {
      const statements = Array.from({ length: 1 + throwDice(3) }, () => statement(throwDice));
      const end = throwDice(8) === 0 ? 'ROLLBACK' : 'COMMIT';
      try {
        await pool.batch(`SET XACT_ABORT ON; BEGIN TRAN; ${statements.join('; ')}; ${end}`);
        if (end === 'COMMIT') committed += 1;
      } catch (error) {
        if (!(error instanceof sql.RequestError) || error.number === undefined) throw error;
        failures.push(error.number);
      }
      count += 1;
      for (const { count: wanted, resolve } of waiting) if (count >= wanted) resolve();
    }
  };
  const done = Promise.all(Array.from({ length: writers }, one)).then(() => {
    over = true;
    return { committed, failures };
  });
  return {
    reached: wanted =>
      count >= wanted
        ? Promise.resolve()
        : new Promise(resolve => {
            waiting.push({ count: wanted, resolve });
          }),
    ended: () => over,
    done,
  };
}

/** Keys differ in case as well: the collation decides which are the same. */
function statement(throwDice: Dice): string {
  const code = `N'${throwDice(2) === 0 ? 'c' : 'C'}${throwDice(12)}'`;
  const other = `N'c${throwDice(12)}'`;
  const number = throwDice(15);
  switch (throwDice(8)) {
    case 0:
    case 1:
      return `IF NOT EXISTS (SELECT 1 FROM dbo.customer WITH (UPDLOCK, HOLDLOCK) WHERE code = ${code}) INSERT dbo.customer (code, name) VALUES (${code}, N'name ${throwDice(100)}')`;
    case 2:
      return `UPDATE dbo.customer SET visits = visits + 1 WHERE code = ${code}`;
    case 3:
      return `DELETE dbo.customer WHERE code = ${code} AND NOT EXISTS (SELECT 1 FROM dbo.invoice WHERE customer = ${code})`;
    case 4:
      // The primary key itself: a delete and an insert.
      return `UPDATE dbo.customer SET code = ${other} WHERE code = ${code} AND NOT EXISTS (SELECT 1 FROM dbo.invoice WHERE customer = ${code}) AND NOT EXISTS (SELECT 1 FROM dbo.customer WHERE code = ${other})`;
    case 5:
      return `DELETE dbo.invoice WHERE number = ${number}`;
    case 6:
      return `UPDATE dbo.invoice SET amount = amount + 0.01 WHERE number % 5 = ${number % 5}`;
    default:
      return `IF EXISTS (SELECT 1 FROM dbo.customer WHERE code = ${code}) INSERT dbo.invoice (number, line, customer, amount) SELECT ${number}, COALESCE(MAX(line), 0) + 1, ${code}, ${throwDice(1000)}.50 FROM dbo.invoice WHERE number = ${number}`;
  }
}

/** Everything that has to be equal, as text: keys exactly as they are written. */
export async function snapshotOf(pool: sql.ConnectionPool): Promise<readonly string[]> {
  const { recordset } = await pool.query<{ readonly row: string }>(
    `SELECT CONCAT(N'c|', code, N'|', name, N'|', visits) AS row FROM dbo.customer
     UNION ALL SELECT CONCAT(N'i|', number, N'|', line, N'|', customer, N'|', amount) FROM dbo.invoice`,
  );
  return recordset.map(({ row }) => row).sort();
}
