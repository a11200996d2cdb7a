import { lookAtServer } from '../../../../src/database/survey/look.ts';
import type { SqlServerSurvey } from '../../../../src/journal/facts-site.ts';
import { SA_PASSWORD, type SqlDouble, startDouble } from '../../../support/sql-double.ts';
import { serverAt } from '../assess/world.ts';

/** A production server with the things that documentation has forgotten, and a login that may see next to nothing. */

export const FEW = { user: "o'few]x", password: 'Correct horse 2' } as const;

type Product = NonNullable<Parameters<typeof startDouble>[0]>['product'];

export async function production(product: Product = '2022-standard'): Promise<SqlDouble> {
  const double = await startDouble({ product, databases: ['Orders', 'Crm'] });
  await inside(double, 'Orders', [
    'CREATE TABLE dbo.Orders (id int NOT NULL PRIMARY KEY, note nvarchar(max))',
    'CREATE TABLE dbo.Audit (at datetime2, what nvarchar(100))',
    'CREATE PROCEDURE dbo.Totals AS SELECT * FROM LEGACY.Books.dbo.Totals; SELECT * FROM Crm.dbo.Customer',
    `CREATE PROCEDURE dbo.Nightly AS
EXEC (N'SELECT * FROM openquery([OLD], ''SELECT 1'')');
EXEC (N'INSERT dbo.Audit SELECT * FROM OPENROWSET(''MSOLEDBSQL'', ''Server=old;Uid=u;Pwd=hunter2'', ''SELECT 1'')');
EXEC (N'BULK INSERT dbo.Audit FROM ''\\\\files7\\drop\\audit.csv''');
EXEC (N'EXEC (''SELECT 1'') AT [LEGACY]')`,
    'CREATE SYNONYM dbo.People FOR [LEGACY].[Hr].[dbo].[People]',
  ]);
  await inside(double, 'master', [
    "EXEC dbo.sp_addlinkedserver @server = N'LEGACY', @srvproduct = N'', @provider = N'MSOLEDBSQL', @datasrc = N'old-sql.miami.example'",
    `CREATE LOGIN [o'few]]x] WITH PASSWORD = N'${FEW.password}'`,
  ]);
  return double;
}

export async function inside(double: SqlDouble, database: string, batches: readonly string[]): Promise<void> {
  const session = double.session({ database });
  for (const batch of batches) {
    const { errors } = await session.run(batch);
    const [error] = errors;
    if (error) throw new Error(`${error.number}: ${error.text}\n${batch}`);
  }
  session.end();
}

export interface As {
  readonly user: string;
  readonly password: string;
}

export async function surveyAs(
  double: SqlDouble,
  planned: readonly string[],
  as: As = { user: 'sa', password: SA_PASSWORD },
): Promise<SqlServerSurvey> {
  const server = serverAt('publisher', { port: double.port, ...as });
  try {
    return await lookAtServer(server, planned, new AbortController().signal);
  } finally {
    await server.close();
  }
}
