import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqlError } from '../../../../../src/lab/sqlserver/errors.ts';
import { createDouble, type Double } from '../../../../../src/lab/sqlserver/server/double.ts';
import type { ProductName } from '../../../../../src/lab/sqlserver/server/products.ts';

/** A double with one database, gone with its files when the test is over. */
export async function server(product: ProductName = '2022-standard'): Promise<Double & AsyncDisposable> {
  const directory = mkdtempSync(join(tmpdir(), 'landfall-system-'));
  const double = await createDouble({
    directory,
    name: 'MIA-SQL1',
    product,
    saPassword: 'Correct-Horse-1',
    databases: ['PubDB'],
  });
  return {
    ...double,
    async [Symbol.asyncDispose]() {
      await double.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Number of the error that a batch ends in; 0 where it ends in none. */
export async function errorOf(double: Double, text: string, database = 'PubDB'): Promise<number> {
  try {
    await double.run(database, text);
    return 0;
  } catch (error) {
    if (error instanceof SqlError) return error.number;
    throw error;
  }
}

/** First column of the first row. */
export async function single(double: Double, text: string, database = 'PubDB'): Promise<unknown> {
  const [row] = await double.run(database, text);
  return row?.[0];
}

export const SCHEMA = `
CREATE TABLE dbo.Loan (Id int IDENTITY(1,1) NOT NULL PRIMARY KEY, Name nvarchar(50) NOT NULL DEFAULT N'x', Version rowversion,
  Amount decimal(18,2) CHECK (Amount > 0), Doubled AS (Amount * 2));
CREATE TABLE dbo.Note (Id bigint NOT NULL CONSTRAINT PK_Note PRIMARY KEY, Loan int NULL CONSTRAINT FK_Note_Loan REFERENCES dbo.Loan(Id),
  Body varchar(max));
CREATE TABLE dbo.Pile (A int, B xml);
CREATE INDEX IX_Note_Loan ON dbo.Note(Loan) INCLUDE (Body) WHERE Loan IS NOT NULL;`;
