import { connectSqlServer } from '../../src/remote/sql/connect.ts';
import { DATABASE } from './reconcile-table.ts';

/**
 * A plain SELECT of all rows of one server, or of several at once, in a process of its own: rows a second of each table,
 * and the bytes, as one line of JSON.
 */

const [, , user = '', password = '', ...ports] = process.argv;

async function selectAll(port: number): Promise<{ readonly rows: number; readonly bytes: number }> {
  const server = connectSqlServer(
    {
      ...{ role: 'publisher', label: 'publisher', address: '127.0.0.1', port, user, password },
      ...{ encrypt: 'off', trustCertificate: false },
    },
    { secret: reference => reference },
  );
  try {
    return await server.session(DATABASE, async session => {
      let rows = 0;
      for await (const _ of session.stream({
        on: 'publisher',
        database: DATABASE,
        title: 'select',
        effect: 'reads',
        timeoutMs: 0,
        text: 'SELECT * FROM dbo.Posting',
      }))
        rows += 1;
      return { rows, bytes: session.traffic().received };
    });
  } finally {
    await server.close();
  }
}

const begun = performance.now();
const all = await Promise.all(ports.map(port => selectAll(Number(port))));
const seconds = (performance.now() - begun) / 1000;
const [{ rows, bytes } = { rows: 0, bytes: 0 }] = all;
process.stdout.write(`${JSON.stringify({ rows, bytes, perSecond: rows / seconds })}\n`);
