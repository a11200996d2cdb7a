import { createInterface } from 'node:readline';
import { z } from 'zod';
import { systemClock } from '../../src/foundation/clock.ts';
import { createDouble } from '../../src/lab/sqlserver/server/double.ts';
import { load } from '../../src/lab/sqlserver/workload/load.ts';
import { CREATE, DATABASE, drift, driftBatches, sketch } from './reconcile-table.ts';

/**
 * One server of the measurement, in a process of its own. Orders come as lines of JSON, each is answered by one line:
 * `{"order":"load"}`, `{"order":"drift","share":0.01,"spread":"uniform"}`, `{"order":"end"}`.
 */

const [, , directory = '', name = '', count = '0'] = process.argv;
const rows = Number(count);
const PASSWORD = 'Landfall.bench.1';

const order = z.discriminatedUnion('order', [
  z.object({ order: z.literal('load') }),
  z.object({
    order: z.literal('drift'),
    share: z.number(),
    spread: z.enum(['clustered', 'uniform']),
  }),
  z.object({ order: z.literal('end') }),
]);

const double = await createDouble({
  directory,
  name,
  product: '2022-enterprise',
  saPassword: PASSWORD,
  clock: systemClock,
});
const answer = (facts: object): void => {
  process.stdout.write(`${JSON.stringify(facts)}\n`);
};

async function fill(): Promise<void> {
  await double.run('master', `CREATE DATABASE [${DATABASE}]`);
  await double.run('master', `ALTER DATABASE [${DATABASE}] SET RECOVERY SIMPLE`);
  await double.run(DATABASE, CREATE);
  await double.run(DATABASE, 'CREATE SCHEMA [landfall] AUTHORIZATION [dbo]');
  const session = double.instance.login({
    ...{ user: 'sa', password: PASSWORD, database: DATABASE, application: 'bench', host: 'bench' },
    address: '127.0.0.1',
  });
  try {
    await load(double.instance, session, DATABASE, [sketch(rows)], 1);
  } finally {
    session.end();
  }
}

answer({ host: double.host, port: double.port, user: 'sa', password: PASSWORD });
for await (const line of createInterface({ input: process.stdin })) {
  const wanted = order.parse(JSON.parse(line));
  if (wanted.order === 'end') break;
  if (wanted.order === 'load') await fill();
  else
    for (const slice of drift(wanted, rows))
      for (const batch of driftBatches(slice)) await double.run(DATABASE, batch);
  answer({ done: wanted.order });
}
await double.close();
process.exit();
