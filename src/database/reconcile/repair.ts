import type { DatabaseTable } from '../../journal/database-facts.ts';
import { qualified } from '../../remote/sql/quote.ts';
import type { Cell } from '../../remote/sql/server.ts';
import type { Statement } from '../../remote/sql/statement.ts';
import { OWN_SCHEMA } from '../catalog/types.ts';
import type { Difference, RangeVerdict, Side } from '../compare/index.ts';
import type { Scene, Work } from '../stage.ts';
import { type FetchOptions, keysStatement, mostKeys, stagedKey, stagedWanted } from './fetch.ts';
import {
  loadColumns,
  loadStatement,
  repairStatement,
  type Staging,
  stageStatement,
  stagingOf,
  unstageStatement,
} from './staging.ts';

/**
 * Rows of the copy are made equal to the left side while the copy follows it: for differences that stay, found by a
 * validation whose repair was ordered. It needs a key, and constraints and triggers that are still held.
 */

const REPAIR = qualified(OWN_SCHEMA, 'stage_repair');

const staged = (table: DatabaseTable): Staging => stagingOf({ table, stage: REPAIR });

/** Every statement that `repairRange` may send for a table and that writes. */
export function repairStatements({ ref }: Pick<Scene, 'ref'>, table: DatabaseTable): readonly Statement[] {
  if (table.key.length === 0) return [];
  const staging = staged(table);
  return [
    stageStatement(ref.copy, staging),
    loadStatement(ref.copy, staging),
    repairStatement(ref.copy, staging),
    unstageStatement(ref.copy, staging),
  ];
}

/** Makes one compared range of the copy equal to the left side, in batches. */
export async function repairRange(
  work: Pick<Work, 'ref' | 'signal' | 'plan' | 'state'>,
  sides: { readonly left: Side; readonly right: Side },
  table: DatabaseTable,
  { differences }: Pick<RangeVerdict, 'differences'>,
): Promise<{ readonly inserted: number; readonly updated: number; readonly deleted: number }> {
  const { ref, signal, plan, state } = work;
  return repairRows({ ref, signal }, sides, table, differences, {
    maxdop: plan.production.maxdop,
    lockTimeoutMs: plan.production.lock_timeout,
    json: (state.assessed?.publisher.database?.compatibility ?? 0) >= 130,
  });
}

export async function repairRows(
  { ref, signal }: Pick<Work, 'ref' | 'signal'>,
  sides: { readonly left: Side; readonly right: Side },
  table: DatabaseTable,
  differences: readonly Difference[],
  fetch: FetchOptions,
): Promise<{ readonly inserted: number; readonly updated: number; readonly deleted: number }> {
  const { session } = sides.right;
  const staging = staged(table);
  if (differences.length === 0) return { inserted: 0, updated: 0, deleted: 0 };
  await session.run(stageStatement(ref.copy, staging), { signal });
  const most = mostKeys(staging, fetch);
  for (let at = 0; at < differences.length; at += most) {
    const rows = movingRowsOf(sides.left, staging, differences.slice(at, at + most), fetch, signal);
    await session.bulk(
      { database: ref.copy, table: REPAIR, columns: loadColumns(staging), rows },
      { signal },
    );
    await session.run(repairStatement(ref.copy, staging), { signal });
  }
  await session.run(unstageStatement(ref.copy, staging), { signal });
  const of = (kind: Difference['kind']): number => differences.filter(each => each.kind === kind).length;
  return { inserted: of('missing'), updated: of('different'), deleted: of('extra') };
}

/** Keys that go, and rows that come: as many as there are differences, of a source that does not move. */
export async function* rowsOf(
  left: Side,
  staging: Staging,
  differences: readonly Difference[],
  fetch: FetchOptions,
  signal: AbortSignal,
): AsyncGenerator<readonly Cell[]> {
  for (const { kind, key } of differences) if (kind === 'extra') yield stagedKey(staging, key);
  const wanted = differences.filter(({ kind }) => kind !== 'extra');
  if (wanted.length === 0) return;
  const statement = keysStatement(left, staging, wanted, fetch);
  for await (const row of left.session.stream(statement, { signal })) yield stagedWanted(staging, row);
}

/**
 * The same of a source that moves on between the comparison and this: a row that comes takes the place of what is there,
 * and of one that does not come only its key can say that it goes.
 */
async function* movingRowsOf(...wanted: Parameters<typeof rowsOf>): AsyncGenerator<readonly Cell[]> {
  const [, staging, differences] = wanted;
  let came = 0;
  for await (const row of rowsOf(...wanted)) {
    yield row;
    came += 1;
  }
  if (came === differences.length) return;
  for (const { kind, key } of differences) if (kind === 'different') yield stagedKey(staging, key);
}
