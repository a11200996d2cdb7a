import { z } from 'zod';
import { LandfallError } from '../../foundation/errors.ts';
import { harmless } from '../../foundation/text.ts';
import type { Marker } from '../../journal/database-facts.ts';
import type { Cell, SqlSession } from '../../remote/sql/server.ts';
import type { Work } from '../stage.ts';
import { holdWhereNot } from './hold.ts';
import {
  againStatement,
  beginApplying,
  beginReading,
  changesStatement,
  deleteStatement,
  endApplying,
  endReading,
  insertStatement,
  loadColumns,
  momentStatement,
  stageStatement,
  stateStatement,
  type Tracked,
  trackedOf,
  validStatement,
  versionStatement,
} from './statements.ts';

export interface TrackingRound {
  /** Change tracking version of production that the copy has now. */
  readonly version: string;
  /** Changes that were brought, deletions included. */
  readonly rows: number;
  /** Over both connections. */
  readonly bytes: number;
  /** The marker that arrived with it. */
  readonly marker?: Marker;
  /** Tables that have to be copied again before they follow, as `schema.name`. */
  readonly again: readonly string[];
}

export const stateRow = z.object({
  schema: z.string(),
  table: z.string(),
  publisher: z.string(),
  version: z.string(),
  copied: z.boolean(),
});
export type StateRow = z.infer<typeof stateRow>;

export const momentRow = z.object({
  version: z.string().nullable(),
  publisher: z.string(),
  marker: z.string().nullable(),
  marker_at: z.string().nullable(),
});
type Moment = z.infer<typeof momentRow> & { readonly version: string };

const validRow = z.object({ name: z.string(), least: z.string().nullable() });

/**
 * One round (facts: mssql 6.1): the net changes since the version that the copy has, as they are at one moment of
 * production, applied in one transaction with the new version. Nothing is half done: whatever fails, the next round
 * begins where this one did, and may apply the same changes again. Tables whose first copy is not whole are left out.
 *
 * @throws LandfallError identity.mismatch where production is on another branch of its history; database.not-captured
 * where it is not tracked
 */
export async function oneRound(work: Work): Promise<TrackingRound> {
  const { servers, ref, signal } = work;
  await holdWhereNot(work);
  const states = await servers.subscriber.ask(stateStatement(work), stateRow, { signal });
  return servers.publisher.session(
    ref.source,
    async source =>
      servers.subscriber.session(
        ref.copy,
        async copy => {
          const gathered = await gather(work, source, copy, states);
          await apply(work, copy, gathered);
          const [here, there] = [source.traffic(), copy.traffic()];
          return {
            version: gathered.moment.version,
            rows: gathered.changed.reduce((sum, { rows }) => sum + rows, 0),
            bytes: here.received + here.sent + there.received + there.sent,
            ...markerOf(gathered.moment),
            again: gathered.again,
          };
        },
        { signal },
      ),
    { signal },
  );
}

const markerOf = ({ marker, marker_at }: Moment): { readonly marker?: Marker } =>
  marker === null || marker_at === null
    ? {}
    : { marker: { id: marker, at: Date.parse(`${marker_at.slice(0, 23).replace(' ', 'T')}Z`) } };

interface Gathered {
  readonly moment: Moment;
  readonly changed: readonly { readonly tracked: Tracked; readonly rows: number }[];
  readonly again: readonly string[];
}

/** Reads all changes of one moment into temporary tables of the copy's session. */
async function gather(
  work: Work,
  source: SqlSession,
  copy: SqlSession,
  states: readonly StateRow[],
): Promise<Gathered> {
  const { signal } = work;
  await source.run(beginReading(work), { signal });
  const moment = await momentOf(work, source);
  refuseOtherBranch(work, moment, states);
  const least = new Map(
    (await source.ask(validStatement(work), validRow, { signal })).map(row => [
      row.name.toLowerCase(),
      row.least,
    ]),
  );
  const changed: { tracked: Tracked; rows: number }[] = [];
  const again: string[] = [];
  for (const tracked of trackedOf(work)) {
    const state = states.find(each => isOf(each, tracked));
    if (state?.copied !== true) {
      again.push(tracked.name);
      continue;
    }
    if (!isKept(state, least.get(tracked.name.toLowerCase()))) {
      again.push(tracked.name);
      await copy.run(againStatement(work), { signal, parameters: named(tracked) });
      continue;
    }
    const rows = await load(work, source, copy, tracked, state.version);
    if (rows > 0) changed.push({ tracked, rows });
  }
  await source.run(endReading(work), { signal });
  return { moment, changed, again };
}

export async function momentOf(work: Work, source: SqlSession): Promise<Moment> {
  const [moment] = await source.ask(momentStatement(work), momentRow, { signal: work.signal });
  const version = moment?.version;
  if (moment === undefined || version == null)
    throw new LandfallError('database.not-captured', {
      what: `${work.ref.source} does not track its changes`,
      why: 'what was changed since it was turned off is known to nobody',
      where: { host: work.servers.publisher.label },
      next: ['track it again, then copy its tables again: landfall database seed'],
    });
  return { ...moment, version };
}

/** A restored production has versions that look valid and are not; and nobody should follow it unseen. */
function refuseOtherBranch(work: Work, moment: Moment, states: readonly StateRow[]): void {
  const other = states.find(
    ({ publisher, version }) => publisher !== moment.publisher || BigInt(version) > BigInt(moment.version),
  );
  if (other === undefined) return;
  throw new LandfallError('identity.mismatch', {
    what: `${work.ref.source} is not the database that the copy followed: it was restored, or is another one`,
    why: 'the copy may have commits that production has lost',
    where: { host: work.servers.publisher.label },
    evidence: [
      `the copy has version ${other.version} of ${harmless(other.publisher)}`,
      `production is at version ${moment.version} of ${harmless(moment.publisher)}`,
    ],
    next: [
      'find out which of the two is right before anything is copied over the other',
      'where it is production: landfall database assess, then seed',
    ],
  });
}

export const isOf = ({ schema, table }: StateRow, tracked: Tracked): boolean =>
  schema.toLowerCase() === tracked.table.schema.toLowerCase() &&
  table.toLowerCase() === tracked.table.name.toLowerCase();

/** Changes are kept back to the version that the copy has. */
export const isKept = ({ version }: Pick<StateRow, 'version'>, least: string | null | undefined): boolean =>
  least != null && BigInt(version) >= BigInt(least);

export const named = ({ table: { schema, name } }: Tracked) =>
  ({
    schema: { type: 'nvarchar', value: schema },
    table: { type: 'nvarchar', value: name },
  }) as const;

async function load(
  work: Work,
  source: SqlSession,
  copy: SqlSession,
  tracked: Tracked,
  since: string,
): Promise<number> {
  const { signal, ref } = work;
  const changes = source.stream(changesStatement(work, tracked), {
    signal,
    parameters: { since: { type: 'bigint', value: since } },
  });
  const first = await changes[Symbol.asyncIterator]().next();
  if (first.done === true) return 0;
  await copy.run(stageStatement(work, tracked), { signal });
  return copy.bulk(
    {
      database: ref.copy,
      table: tracked.stage,
      columns: loadColumns(tracked),
      rows: cells(tracked, first.value, changes),
    },
    { signal },
  );
}

async function* cells(
  { keys, values }: Tracked,
  first: readonly Cell[],
  rest: AsyncIterable<readonly Cell[]>,
): AsyncGenerator<readonly Cell[]> {
  const fields = [...keys, ...values];
  const cell = (row: readonly Cell[]): Cell[] => [
    row[0] ?? null,
    ...fields.map((_, at) => row[at + 1] ?? null),
  ];
  yield cell(first);
  for await (const row of rest) yield cell(row);
}

/** One transaction: rows, version and marker. */
async function apply(work: Work, copy: SqlSession, { moment, changed }: Gathered): Promise<void> {
  const { signal } = work;
  await copy.run(beginApplying(work), { signal });
  for (const { tracked } of changed) await copy.run(deleteStatement(work, tracked), { signal });
  for (const { tracked } of changed) await copy.run(insertStatement(work, tracked), { signal });
  await copy.run(versionStatement(work), {
    signal,
    parameters: {
      version: { type: 'nvarchar', value: moment.version },
      publisher: { type: 'nvarchar', value: moment.publisher },
      marker: { type: 'nvarchar', value: moment.marker },
      marker_at: { type: 'nvarchar', value: moment.marker_at },
    },
  });
  await copy.run(endApplying(work), { signal });
}
