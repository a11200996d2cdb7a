import mssql from 'mssql';
import type { BenchLab } from './reconcile-lab.ts';
import { CREATE, DATABASE } from './reconcile-table.ts';

/** What a full copy costs: SELECT of all columns, and INSERT BULK of the same rows in the table's own types. */

const TABLE = 'dbo.Posting';
const COPY = 'dbo.PostingCopy';
const CHUNK = 2_000;

/** Columns of the table as the driver announces them. */
const COLUMNS: readonly (readonly [name: string, type: () => mssql.ISqlType, nullable?: true])[] = [
  ['PostingId', () => mssql.BigInt()],
  ['LoanId', () => mssql.BigInt()],
  ['PostingGuid', () => mssql.UniqueIdentifier()],
  ['Account', () => mssql.VarChar(20)],
  ['Amount', () => mssql.Decimal(19, 4)],
  ['Balance', () => mssql.Money()],
  ['Rate', () => mssql.Float(), true],
  ['Currency', () => mssql.Char(3)],
  ['Reversed', () => mssql.Bit()],
  ['ValueDate', () => mssql.Date()],
  ['PostedAt', () => mssql.DateTime2(7)],
  ['ChangedAt', () => mssql.DateTime(), true],
  ['Text', () => mssql.NVarChar(200), true],
];

/** Bytes a row over both connections, of the first rows of the table. */
export async function plainCopy(lab: BenchLab, rows: number): Promise<number> {
  const [from, to] = await Promise.all([connect(lab, 'publisher'), connect(lab, 'subscriber')]);
  try {
    await to.pool.request().batch(CREATE.replace(TABLE, COPY).replace('PK_Posting', 'PK_PostingCopy'));
    const before = from.bytes() + to.bytes();
    const request = from.pool.request();
    request.arrayRowMode = true;
    const { recordset } = await request.query(`SELECT TOP (${rows}) * FROM ${TABLE}`);
    for (let at = 0; at < recordset.length; at += CHUNK) {
      const table = new mssql.Table(COPY);
      for (const [name, type, nullable = false] of COLUMNS) table.columns.add(name, type(), { nullable });
      for (const row of recordset.slice(at, at + CHUNK)) if (Array.isArray(row)) table.rows.add(...row);
      await to.pool.request().bulk(table, { keepNulls: true });
    }
    const copied = from.bytes() + to.bytes() - before;
    await to.pool.request().batch(`DROP TABLE ${COPY}`);
    return copied / rows;
  } finally {
    await from.pool.close();
    await to.pool.close();
  }
}

async function connect(lab: BenchLab, role: 'publisher' | 'subscriber') {
  const { host, port, user, password } = lab.at(role);
  const sockets: (() => number)[] = [];
  const pool = new mssql.ConnectionPool({
    ...{ server: host, port, user, password, database: DATABASE, requestTimeout: 0 },
    pool: { max: 1, min: 1 },
    options: { encrypt: false, trustServerCertificate: true, useUTC: true },
    validateConnection: false,
    beforeConnect: made => {
      sockets.push(() => {
        const socket: unknown = Reflect.get(made, 'socket');
        const count = (name: string): number =>
          typeof socket === 'object' && socket !== null ? Number(Reflect.get(socket, name)) : 0;
        return count('bytesRead') + count('bytesWritten');
      });
    },
  });
  await pool.connect();
  return { pool, bytes: () => sockets.reduce((sum, each) => sum + each(), 0) };
}
