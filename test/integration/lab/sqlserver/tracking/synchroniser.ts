import sql from 'mssql';

/** A client of change tracking as Microsoft describes it: reads in SNAPSHOT isolation, applies in one transaction. */

export const SCHEMA = [
  'CREATE TABLE dbo.customer (code nvarchar(10) NOT NULL PRIMARY KEY, name nvarchar(40) NOT NULL, visits int NOT NULL DEFAULT 0)',
  'CREATE TABLE dbo.invoice (number int NOT NULL, line int NOT NULL, customer nvarchar(10) NOT NULL REFERENCES dbo.customer, amount decimal(12,2) NOT NULL, PRIMARY KEY (number, line))',
] as const;

interface Table {
  readonly name: string;
  readonly key: readonly string[];
  readonly others: readonly string[];
}

/** Parents first. */
const TABLES: readonly Table[] = [
  { name: 'dbo.customer', key: ['code'], others: ['name', 'visits'] },
  { name: 'dbo.invoice', key: ['number', 'line'], others: ['customer', 'amount'] },
];

type Row = Readonly<Record<string, unknown>>;

async function inSnapshot<T>(
  pool: sql.ConnectionPool,
  read: (query: (text: string) => Promise<readonly Row[]>) => Promise<T>,
): Promise<T> {
  const transaction = new sql.Transaction(pool);
  await transaction.begin(sql.ISOLATION_LEVEL.SNAPSHOT);
  try {
    const result = await read(async text => (await new sql.Request(transaction).query<Row>(text)).recordset);
    await transaction.commit();
    return result;
  } catch (error) {
    await transaction.rollback();
    throw error;
  }
}

/** @throws TypeError where the server gives something else */
function textOf(row: Row | undefined, name: string): string {
  const value = row?.[name];
  if (typeof value !== 'string') throw new TypeError(`${name} is ${String(value)}`);
  return value;
}

/** The rows of one moment, and its version, into empty tables. */
export async function initialise(from: sql.ConnectionPool, to: sql.ConnectionPool): Promise<void> {
  const { version, rows } = await inSnapshot(from, async query => {
    const [first] = await query('SELECT CONVERT(varchar(20), CHANGE_TRACKING_CURRENT_VERSION()) AS v');
    const all: (readonly Row[])[] = [];
    for (const { name } of TABLES) all.push(await query(`SELECT * FROM ${name}`));
    return { version: textOf(first, 'v'), rows: all };
  });
  await applying(to, async request => {
    for (const [at, table] of TABLES.entries())
      for (const row of rows[at] ?? []) await upsert(request(), table, row);
    await request().query(`DELETE dbo.sync_state; INSERT dbo.sync_state VALUES (1, ${version})`);
  });
}

/** @throws Error where a table has to be initialised again */
export async function synchronise(
  from: sql.ConnectionPool,
  to: sql.ConnectionPool,
): Promise<{ readonly version: string; readonly changes: number }> {
  const state = await to.query<Row>('SELECT CONVERT(varchar(20), last) AS v FROM dbo.sync_state');
  const last = textOf(state.recordset[0], 'v');
  const { version, sets } = await inSnapshot(from, async query => {
    for (const { name } of TABLES) {
      const [valid] = await query(
        `SELECT CASE WHEN ${last} >= CHANGE_TRACKING_MIN_VALID_VERSION(OBJECT_ID(N'${name}')) THEN 1 ELSE 0 END AS ok`,
      );
      if (valid?.['ok'] !== 1) throw new Error(`${name} begins again`);
    }
    const [now] = await query('SELECT CONVERT(varchar(20), CHANGE_TRACKING_CURRENT_VERSION()) AS v');
    const all: (readonly Row[])[] = [];
    for (const { name, key, others } of TABLES)
      all.push(
        await query(
          `SELECT ct.SYS_CHANGE_OPERATION AS op, ${key.map(each => `ct.${each}`).join(', ')}, ${others.map(each => `t.${each}`).join(', ')}
           FROM CHANGETABLE(CHANGES ${name}, ${last}) AS ct LEFT JOIN ${name} AS t ON ${key.map(each => `t.${each} = ct.${each}`).join(' AND ')}`,
        ),
      );
    return { version: textOf(now, 'v'), sets: all };
  });
  await applying(to, async request => {
    for (const [at, table] of [...TABLES.entries()].reverse())
      for (const row of sets[at] ?? []) if (row['op'] === 'D') await remove(request(), table, row);
    for (const [at, table] of TABLES.entries())
      for (const row of sets[at] ?? []) if (row['op'] !== 'D') await upsert(request(), table, row);
    await request().query(`UPDATE dbo.sync_state SET last = ${version}`);
  });
  return { version, changes: sets.reduce((sum, rows) => sum + rows.length, 0) };
}

async function applying(
  to: sql.ConnectionPool,
  work: (request: () => sql.Request) => Promise<void>,
): Promise<void> {
  const transaction = new sql.Transaction(to);
  await transaction.begin();
  try {
    // A parent may go and come back, or change its key, while its children stay.
    await new sql.Request(transaction).query('ALTER TABLE dbo.invoice NOCHECK CONSTRAINT ALL');
    await work(() => new sql.Request(transaction));
    await new sql.Request(transaction).query('ALTER TABLE dbo.invoice WITH CHECK CHECK CONSTRAINT ALL');
    await transaction.commit();
  } catch (error) {
    await transaction.rollback();
    throw error;
  }
}

const bound = (request: sql.Request, names: readonly string[], row: Row): sql.Request => {
  for (const name of names) request.input(name, row[name]);
  return request;
};

const byKey = ({ key }: Table): string => key.map(each => `${each} = @${each}`).join(' AND ');

async function remove(request: sql.Request, table: Table, row: Row): Promise<void> {
  await bound(request, table.key, row).query(`DELETE ${table.name} WHERE ${byKey(table)}`);
}

async function upsert(request: sql.Request, table: Table, row: Row): Promise<void> {
  // A key may have come back in other letters that its collation holds for the same.
  const columns = [...table.key, ...table.others];
  await bound(request, columns, row).query(
    `UPDATE ${table.name} SET ${columns.map(each => `${each} = @${each}`).join(', ')} WHERE ${byKey(table)};
     IF @@ROWCOUNT = 0 INSERT ${table.name} (${columns.join(', ')}) VALUES (${columns.map(each => `@${each}`).join(', ')})`,
  );
}
