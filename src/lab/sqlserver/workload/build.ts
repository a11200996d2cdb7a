import type { Double } from '../server/double.ts';
import type { Instance } from '../server/instance.ts';
import { CLONE_DRIFT } from './clone.ts';
import { load } from './load.ts';
import { rowsFor } from './rows.ts';
import { MODULES, SCHEMA } from './schema.ts';

export interface BuildOptions {
  readonly database: string;
  /** About so many rows in all. */
  readonly rows: number;
  readonly seed: number;
  /** Rows that are in, of how many. */
  readonly progress?: (done: number, total: number) => void;
}

/** The login that the loads come with. */
export interface Builder {
  readonly double: Double;
  readonly user: string;
  readonly password: string;
}

/**
 * The application's database as production has it: tables, rows, trusted constraints, modules; recovery FULL, snapshot
 * isolation allowed.
 */
export async function buildProduction(builder: Builder, options: BuildOptions): Promise<void> {
  const { double } = builder;
  const { database } = options;
  await double.run('master', `CREATE DATABASE [${database}]`);
  await double.run('master', `ALTER DATABASE [${database}] SET ALLOW_SNAPSHOT_ISOLATION ON`);
  for (const batch of SCHEMA) await double.run(database, batch);
  await fill(builder, options);
  for (const table of tablesOf(double.instance, database)) {
    await double.run(database, `ALTER TABLE ${table} WITH CHECK CHECK CONSTRAINT ALL`);
  }
  for (const batch of MODULES) await double.run(database, batch);
  for (const batch of SETTINGS) await double.run(database, batch);
}

/** A clone of production as it was some time ago, and what developers have made of it since. */
export async function buildClone(builder: Builder, options: BuildOptions): Promise<void> {
  await buildProduction(builder, options);
  for (const batch of CLONE_DRIFT) await builder.double.run(options.database, batch);
}

async function fill(
  { double, user, password }: Builder,
  { database, rows, seed, progress }: BuildOptions,
): Promise<void> {
  const session = double.instance.login({
    ...{ user, password, database: 'master', application: 'workload', host: 'lab', address: '127.0.0.1' },
  });
  try {
    await load(double.instance, session, database, rowsFor(rows, seed), seed, progress);
  } finally {
    session.end();
  }
}

function tablesOf(instance: Instance, database: string): readonly string[] {
  const catalog = instance.databases.get(database.toLowerCase())?.catalog;
  return [...(catalog?.tables.values() ?? [])]
    .filter(({ foreignKeys, checks }) => foreignKeys.length + checks.length > 0)
    .map(({ schemaId, name }) => `[${catalog?.schemas.get(schemaId)?.name ?? 'dbo'}].[${name}]`);
}

/** Values of every base type in one column; one statement each, for the rows of one would have to agree on a type. */
const SETTINGS: readonly string[] = [
  "(N'branch.default', CONVERT(int, 1), '2026-01-05T08:00:00')",
  "(N'rate.floor', CONVERT(decimal(9,6), 2.875), '2026-01-05T08:00:00')",
  "(N'mail.sender', N'loans@harbor.test', '2026-02-05T08:30:00')",
  "(N'season.begins', CONVERT(date, '2026-06-01'), '2026-02-05T08:30:00')",
  "(N'empty', NULL, '2026-02-05T08:30:00')",
].map(values => `INSERT ops.Setting (Name, Value, ChangedAt) VALUES ${values}`);
