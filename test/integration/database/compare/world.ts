import { z } from 'zod';
import type { RangeVerdict, Side } from '../../../../src/database/compare/index.ts';
import { systemClock } from '../../../../src/foundation/clock.ts';
import type { DatabaseTable } from '../../../../src/journal/database-facts.ts';
import { connectSqlServer } from '../../../../src/remote/sql/connect.ts';
import type { SqlServer, SqlSession } from '../../../../src/remote/sql/server.ts';
import type { Statement } from '../../../../src/remote/sql/statement.ts';
import { SA_PASSWORD, type SqlDouble } from '../../../support/sql-double.ts';

/** Two databases of doubles, as the comparison sees them: through the driver. */

export interface World {
  readonly left: Side;
  readonly right: Side;
  onLeft(...batches: string[]): Promise<void>;
  onRight(...batches: string[]): Promise<void>;
  onBoth(...batches: string[]): Promise<void>;
  /** The table as the left catalog has it. */
  table(name: string, side?: Side): Promise<DatabaseTable>;
}

export const serverOn = (double: SqlDouble, role: 'publisher' | 'subscriber'): SqlServer =>
  connectSqlServer(
    {
      role,
      label: `${role} ${double.name}`,
      address: '127.0.0.1',
      port: double.port,
      user: 'sa',
      password: SA_PASSWORD,
      encrypt: 'off',
      trustCertificate: false,
    },
    { secret: reference => reference },
  );

/** Both sides for as long as the work lasts; the right one is on the same server where no other is given. */
export async function inWorld<T>(
  doubles: { readonly left: SqlDouble; readonly right: SqlDouble },
  work: (world: World) => Promise<T>,
  databases: readonly [left: string, right: string] = ['production', 'copy'],
): Promise<T> {
  const publisher = serverOn(doubles.left, 'publisher');
  const subscriber = serverOn(doubles.right, 'subscriber');
  try {
    return await publisher.session(databases[0], one =>
      subscriber.session(databases[1], other => {
        const left: Side = { session: one, role: 'publisher', database: databases[0] };
        const right: Side = { session: other, role: 'subscriber', database: databases[1] };
        const onLeft = (...batches: string[]): Promise<void> => runAll(left, batches);
        const onRight = (...batches: string[]): Promise<void> => runAll(right, batches);
        return work({
          left,
          right,
          onLeft,
          onRight,
          onBoth: async (...batches) => {
            await onLeft(...batches);
            await onRight(...batches);
          },
          table: (name, side = left) => tableOf(side.session, side, name),
        });
      }),
    );
  } finally {
    await publisher.close();
    await subscriber.close();
  }
}

const statement = ({ role, database }: Side, text: string): Statement => ({
  on: role,
  database,
  title: 'a test',
  text,
  effect: 'writes',
});

async function runAll(side: Side, batches: readonly string[]): Promise<void> {
  for (const batch of batches) await side.session.run(statement(side, batch));
}

const column = z.object({
  name: z.string(),
  type: z.string(),
  length: z.number(),
  precision: z.number(),
  scale: z.number(),
  collation: z.string().nullable(),
  nullable: z.boolean(),
  identity: z.boolean(),
  computed: z.boolean(),
});

async function tableOf(session: SqlSession, side: Side, name: string): Promise<DatabaseTable> {
  const columns = await session.ask(
    statement(
      side,
      `SELECT c.name, TYPE_NAME(c.system_type_id) AS type, CONVERT(int, c.max_length) AS length,
  CONVERT(int, c.precision) AS precision, CONVERT(int, c.scale) AS scale, c.collation_name AS collation,
  c.is_nullable AS nullable, c.is_identity AS [identity], c.is_computed AS computed
FROM sys.columns AS c WHERE c.object_id = OBJECT_ID(N'dbo.${name}') ORDER BY c.column_id`,
    ),
    column,
  );
  const key = await session.ask(
    statement(
      side,
      `SELECT c.name FROM sys.indexes AS i
JOIN sys.index_columns AS ic ON ic.object_id = i.object_id AND ic.index_id = i.index_id
JOIN sys.columns AS c ON c.object_id = ic.object_id AND c.column_id = ic.column_id
WHERE i.is_primary_key = 1 AND i.object_id = OBJECT_ID(N'dbo.${name}') ORDER BY ic.key_ordinal`,
    ),
    z.object({ name: z.string() }),
  );
  return {
    schema: 'dbo',
    name,
    rows: 0,
    bytes: 0,
    key: key.map(each => each.name),
    carriedBy: key.length > 0 ? 'replication' : 'reload',
    columns: columns.map(({ collation, computed, ...each }) => ({
      ...each,
      ...(collation === null ? {} : { collation }),
      carried: !computed && each.type !== 'timestamp',
    })),
  };
}

export const OPTIONS = { signal: new AbortController().signal, clock: systemClock };

export async function all<T>(verdicts: AsyncIterable<T>): Promise<T[]> {
  const seen: T[] = [];
  for await (const verdict of verdicts) seen.push(verdict);
  return seen;
}

/** Differences of all ranges as `different 5`, in the order of their texts. */
export const differencesOf = (verdicts: readonly RangeVerdict[]): string[] =>
  verdicts
    .flatMap(({ differences }) => differences.map(({ kind, key }) => `${kind} ${key.join('|')}`))
    .sort();
