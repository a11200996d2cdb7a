import { z } from 'zod';
import { LandfallError } from '../../foundation/errors.ts';
import type { DatabaseTable } from '../../journal/database-facts.ts';
import type { SqlSession } from '../../remote/sql/server.ts';
import type { Role, Statement } from '../../remote/sql/statement.ts';
import { readCatalog } from '../catalog/read.ts';
import { databaseTables } from '../catalog/tables.ts';
import { fullName } from '../catalog/types.ts';
import type { CompareOptions } from '../compare/index.ts';
import { repairRange, repairStatements } from '../reconcile/index.ts';
import type { Scene, Stage, Work } from '../stage.ts';
import { arrivalStatements, everythingArrived } from './arrival.ts';
import { type Found, type Sides, said, validateTable } from './table.ts';
import { type Kind, orderOf, tablesToCompare } from './tables.ts';

/**
 * Compares every row of production with the copy. Live, while writers run: what differs is looked at again after
 * everything has arrived, and only what stays counts. Exact, where production is closed to its users: all of it at once.
 * Differences are repaired where the order says so, never otherwise; emits database.validated.
 */
export const validateStage: Stage = {
  id: 'validate',
  title: ({ ref }) => `compare every row of ${ref.source} with ${ref.copy}`,
  preview: scene => [
    ...arrivalStatements(scene),
    ...(orderOf(scene)?.repair === true
      ? tablesToCompare(scene, 'exact', orderOf(scene)).flatMap(table => repairStatements(scene, table))
      : []),
  ],
  async done({ state }) {
    const whole = [state.validated?.live, state.validated?.exact].filter(each => each?.limited !== true);
    const newest = Math.max(...whole.map(each => each?.at ?? 0));
    return orderOf({ state }) === undefined && state.released !== undefined && newest >= state.released.at;
  },
  run: work => compareSides(work, orderOf(work)),
};

type Order = ReturnType<typeof orderOf>;

/** Every table, whatever an order that is open at this moment limits a validation to; repairs nothing. */
export const validateWhole = (work: Work): Promise<void> => compareSides(work, undefined);

async function compareSides(work: Work, order: Order): Promise<void> {
  const { servers, ref, signal } = work;
  await servers.publisher.session(
    ref.source,
    one =>
      servers.subscriber.session(
        ref.copy,
        async other => {
          await withoutLocks(work, one, 'publisher', work.state.assessed?.publisher.database);
          // A repair writes over this connection, what the agent may have written since.
          if (order?.repair !== true)
            await withoutLocks(work, other, 'subscriber', work.state.assessed?.subscriber.database);
          await compareAll(
            work,
            {
              left: { session: one, role: 'publisher', database: ref.source },
              right: { session: other, role: 'subscriber', database: ref.copy },
            },
            order,
          );
        },
        { signal },
      ),
    { signal },
  );
}

/** Production that lets its users in is written to; asked of the server, not of memory. */
const closed = ({ ref }: Pick<Scene, 'ref'>): Statement => ({
  on: 'publisher',
  database: ref.source,
  title: 'ask whether production is closed to its users',
  effect: 'reads',
  text: `SELECT CONVERT(bit, CASE WHEN user_access_desc = N'MULTI_USER' AND is_read_only = 0 THEN 0 ELSE 1 END) AS closed
FROM sys.databases WHERE database_id = DB_ID()`,
});

const closedRow = z.object({ closed: z.boolean() });

async function compareAll(work: Work, sides: Sides, order: Order): Promise<void> {
  const { clock, plan, signal, servers, ref } = work;
  const startedAt = clock.now();
  const begun = clock.monotonic();
  const [row] = await servers.publisher.ask(closed(work), closedRow, { signal });
  const kind: Kind = row?.closed === true ? 'exact' : 'live';
  const tables = tablesToCompare(work, kind, order);
  refuseUnknown(work, tables, order);
  const copy = databaseTables(await readCatalog(servers.subscriber, 'subscriber', ref.copy, signal));
  const total = Math.max(
    1,
    tables.reduce((sum, { rows }) => sum + rows, 0),
  );
  let before = 0;
  let repaired = 0;
  const found: Found[] = [];
  for (const [at, table] of tables.entries()) {
    const told = (rows: number): void =>
      work.sample({
        text: `${fullName(table)} (${at + 1} of ${tables.length}): ${rows} rows compared`,
        fraction: Math.min(1, (before + rows) / total),
      });
    told(0);
    const options: CompareOptions = {
      signal,
      clock,
      maxdop: plan.production.maxdop,
      pauseMs: plan.production.pause,
      lockTimeoutMs: plan.production.lock_timeout,
      rightColumns: counterpart(table, copy, work).columns,
      onProgress: told,
    };
    const result = await validateTable(sides, table, kind, options, () => everythingArrived(work));
    if (order?.repair === true)
      for (const range of result.differences) {
        const { inserted, updated, deleted } = await repairRange(work, sides, table, range);
        repaired += inserted + updated + deleted;
      }
    found.push(result);
    before += table.rows;
  }
  await work.keep(
    `validation-${new Date(startedAt).toISOString().replaceAll(':', '')}.txt`,
    listed(found, kind),
  );
  await work.emit({
    type: 'database.validated',
    database: work.name,
    kind,
    startedAt,
    ms: Math.round(clock.monotonic() - begun),
    tables: found.map(({ told }) => told),
    repaired,
    ...(order?.tables === undefined ? {} : { limited: true as const }),
  });
}

/** A table that cannot be compared was never found equal. */
function refuseUnknown({ name }: Work, tables: readonly DatabaseTable[], order: Order): void {
  const compared = new Set(tables.map(table => fullName(table).toLowerCase()));
  const unknown = (order?.tables ?? []).filter(table => !compared.has(table.toLowerCase()));
  if (unknown.length === 0) return;
  throw new LandfallError('database.blocked', {
    what: `${name} has no ${unknown.slice(0, 8).join(', ')} that can be compared now`,
    why: 'a table without a key, or one that does not follow, is compared only while production is closed',
    next: ['write it as SCHEMA.TABLE; landfall database assess lists every table and how it travels'],
  });
}

/** Where it is allowed, reads take no locks that writers or the agent would wait for, and see no half of a statement. */
async function withoutLocks(
  { signal, ref }: Work,
  session: SqlSession,
  on: Role,
  facts: { readonly snapshotIsolation: boolean } | undefined,
): Promise<void> {
  if (facts?.snapshotIsolation !== true) return;
  await session.run(
    {
      on,
      database: on === 'publisher' ? ref.source : ref.copy,
      title: 'read without locks',
      text: 'SET TRANSACTION ISOLATION LEVEL SNAPSHOT',
      effect: 'reads',
    },
    { signal },
  );
}

function counterpart(
  table: DatabaseTable,
  copy: readonly DatabaseTable[],
  { ref }: Pick<Scene, 'ref'>,
): DatabaseTable {
  const name = fullName(table).toLowerCase();
  const other = copy.find(each => fullName(each).toLowerCase() === name);
  if (other !== undefined) return other;
  throw new LandfallError('database.drift', {
    what: `${ref.copy} has no table ${fullName(table)}`,
    why: 'what production writes there is lost at the hand-over',
    next: ['assess again, then align the copy', 'a validation can be limited to other tables'],
  });
}

/** For people: everything that differs, row by row. */
function listed(found: readonly Found[], kind: Kind): string {
  const lines = [
    kind === 'exact'
      ? 'Compared while production was closed to its users.'
      : 'Compared while writers ran; what is listed was still so after everything had arrived.',
    '',
  ];
  for (const { told, differences, moving } of found) {
    const { table, rows, missing, extra, different, differingRanges, examples } = told;
    lines.push(
      differingRanges === 0
        ? `${table}: ${rows} rows, equal`
        : `${table}: ${rows} rows, ${missing} missing, ${extra} too many, ${different} different`,
    );
    if (moving > 0) lines.push(`  ${moving} rows were written at every look: nothing is said of them`);
    const all = differences.flatMap(each => each.differences).map(said);
    for (const each of all.length > 0 ? all : examples) lines.push(`  ${each}`);
  }
  return `${lines.join('\n')}\n`;
}
