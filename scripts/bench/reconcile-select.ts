import { connectSqlServer } from '../../src/remote/sql/connect.ts';
import { DATABASE } from './reconcile-table.ts';

/** A plain SELECT of all rows, in a process of its own: its rate and bytes as one line of JSON. */

const [, , port = '', user = '', password = ''] = process.argv;
const server = connectSqlServer(
  {
    ...{ role: 'publisher', label: 'publisher', address: '127.0.0.1', port: Number(port), user, password },
    ...{ encrypt: 'off', trustCertificate: false },
  },
  { secret: reference => reference },
);
await server.session(DATABASE, async session => {
  const begun = performance.now();
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
  const perSecond = (1000 * rows) / (performance.now() - begun);
  process.stdout.write(`${JSON.stringify({ rows, perSecond, bytes: session.traffic().received })}\n`);
});
await server.close();
