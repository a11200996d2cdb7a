import { z } from 'zod';
import { LandfallError } from '../../foundation/errors.ts';
import { harmless } from '../../foundation/text.ts';
import { identifier, qualified } from '../../remote/sql/quote.ts';
import type { Role, Statement } from '../../remote/sql/statement.ts';
import {
  bound,
  compose,
  name,
  readSequences,
  type SequenceFacts,
  template,
  whole,
} from '../besides/index.ts';
import type { Scene, Work } from '../stage.ts';
import { type Hand, isDark, laneOf } from './hand.ts';
import { DARK_GAP, GAP, isBeyond, nextValue, rangeOf } from './next-value.ts';

const big = z
  .string()
  .regex(/^-?\d+$/)
  .transform(BigInt);

const identityRow = z.object({
  schema: z.string(),
  name: z.string(),
  column: z.string(),
  type: z.string(),
  precision: z.number(),
  increment: big,
  last: big.nullable(),
});
type Identity = z.infer<typeof identityRow>;

const identitiesQuestion = (on: Role, database: string): Statement => ({
  on,
  database,
  title: 'identity columns and what they gave last',
  effect: 'reads',
  text: `SELECT SCHEMA_NAME(t.schema_id) AS [schema], t.name, c.name AS [column], TYPE_NAME(c.system_type_id) AS type,
  CONVERT(int, c.precision) AS precision, CONVERT(varchar(40), c.increment_value) AS increment, CONVERT(varchar(40), c.last_value) AS last
FROM sys.identity_columns AS c JOIN sys.tables AS t ON t.object_id = c.object_id
WHERE t.is_ms_shipped = 0 AND SCHEMA_NAME(t.schema_id) <> N'landfall' ORDER BY 1, 2;`,
});

const topQuestion = (database: string, { schema, name, column, increment }: Identity): Statement => ({
  on: 'subscriber',
  database,
  title: 'the outermost value of an identity column',
  effect: 'reads',
  timeoutMs: 0,
  text: `SELECT CONVERT(varchar(40), ${increment > 0n ? 'MAX' : 'MIN'}(CONVERT(decimal(38, 0), ${identifier(column)}))) AS top_value FROM ${qualified(schema, name)};`,
});

/** The value travels as text: a bigint or a decimal does not fit into a number. */
export const reseedStatement = ({ ref }: Pick<Scene, 'ref'>): Statement => ({
  on: 'subscriber',
  database: ref.copy,
  title: 'an identity goes on behind production and a gap, each table in turn',
  effect: 'writes',
  parameters: { table: { type: 'nvarchar', value: null }, value: { type: 'nvarchar', value: null } },
  text: `DECLARE @to decimal(38, 0) = CONVERT(decimal(38, 0), @value);
DBCC CHECKIDENT (@table, RESEED, @to) WITH NO_INFOMSGS;`,
});

const restart = ({ ref }: Pick<Scene, 'ref'>) =>
  compose({
    title: 'a sequence goes on behind production and a gap, each in turn',
    on: 'subscriber',
    database: ref.copy,
  })`ALTER SEQUENCE ${name('schema')}.${name('sequence')} RESTART WITH ${whole('value')};`;

/** Replication's mark on identity columns: without agents it is of no use, and the next replication sets its own. */
export const unmarkStatement = ({ ref }: Pick<Scene, 'ref'>): Statement => ({
  on: 'subscriber',
  database: ref.copy,
  title: 'identity columns are for every writer again: NOT FOR REPLICATION is taken off',
  effect: 'writes',
  text: `SET NOCOUNT ON;
DECLARE @id int;
DECLARE marked CURSOR LOCAL STATIC FOR
  SELECT c.object_id FROM sys.identity_columns AS c JOIN sys.tables AS t ON t.object_id = c.object_id
  WHERE c.is_not_for_replication = 1 AND t.is_ms_shipped = 0;
OPEN marked;
FETCH NEXT FROM marked INTO @id;
WHILE @@FETCH_STATUS = 0
BEGIN
  EXEC sys.sp_identitycolumnforreplication @object_id = @id, @value = 0;
  FETCH NEXT FROM marked INTO @id;
END;
CLOSE marked;
DEALLOCATE marked;`,
});

const markedQuestion = ({ ref }: Pick<Scene, 'ref'>): Statement => ({
  on: 'subscriber',
  database: ref.copy,
  title: 'identity columns that are still marked',
  effect: 'reads',
  text: `SELECT COUNT(*) AS n FROM sys.identity_columns AS c JOIN sys.tables AS t ON t.object_id = c.object_id
WHERE c.is_not_for_replication = 1 AND t.is_ms_shipped = 0;`,
});

export const counters: Hand = {
  id: 'identities',
  title: 'identities and sequences go on behind production',
  before: false,
  preview: scene => [unmarkStatement(scene), reseedStatement(scene), template(restart(scene))],
  async run(work) {
    if (laneOf(work) === 'log-shipping')
      return {
        skipped: true,
        evidence: ['the copy is made of production’s own log: it counts on by itself'],
      };
    const identities = await reseedIdentities(work);
    const sequences = await restartSequences(work);
    return { evidence: [...identities, ...sequences] };
  },
};

const tableKey = ({ schema, name }: { readonly schema: string; readonly name: string }): string =>
  `${schema}\u0000${name}`.toLowerCase();

async function reseedIdentities(work: Work): Promise<string[]> {
  const { servers, ref, signal } = work;
  const dark = isDark(work);
  const ask = (role: 'publisher' | 'subscriber', database: string): Promise<Identity[]> =>
    servers[role].ask(identitiesQuestion(role, database), identityRow, { signal });
  await servers.subscriber.run(unmarkStatement(work), { signal });
  const [marked] = await servers.subscriber.ask(markedQuestion(work), z.object({ n: z.number() }), {
    signal,
  });
  const given = new Map(
    (dark ? [] : await ask('publisher', ref.source)).map(each => [tableKey(each), each.last] as const),
  );
  const copied = await ask('subscriber', ref.copy);
  const evidence: string[] = [];
  for (const [at, identity] of copied.entries()) {
    const table = `${identity.schema}.${identity.name}`;
    work.sample({ text: `the identity of ${table}`, fraction: at / copied.length });
    const [row] = await servers.subscriber.ask(
      topQuestion(ref.copy, identity),
      z.object({ top_value: big.nullable() }),
      { signal },
    );
    const last = given.get(tableKey(identity)) ?? undefined;
    const top = row?.top_value ?? undefined;
    const next = nextValue({
      ...rangeOf(identity.type, identity.precision),
      ...(last === undefined ? {} : { last }),
      ...(top === undefined ? {} : { top }),
      increment: identity.increment,
      gap: dark ? DARK_GAP : GAP,
    });
    if (next === undefined) continue;
    if (identity.last === null || !isBeyond(identity.last, next.value, identity.increment)) {
      await servers.subscriber.run(reseedStatement(work), {
        signal,
        parameters: {
          table: { type: 'nvarchar', value: qualified(identity.schema, identity.name) },
          value: { type: 'nvarchar', value: String(next.value) },
        },
      });
      await requireReseeded(work, identity, next.value);
    }
    evidence.push(
      harmless(
        `${table}: production gave ${last ?? 'nothing that can be asked'}, the copy holds ${top ?? 'no row'}, goes on at ${next.value}${next.narrow ? ' (its type is nearly used up)' : ''}`,
      ),
    );
  }
  if ((marked?.n ?? 0) > 0)
    evidence.push(
      `${marked?.n} identity columns keep NOT FOR REPLICATION: this server does not take it off; it is of no effect without agents`,
    );
  return evidence.length === 0 ? ['no identity was ever used'] : evidence;
}

/** What a table that never had a row shows differs between versions: one increment before the value, or nothing yet. */
async function requireReseeded(work: Work, identity: Identity, value: bigint): Promise<void> {
  const { servers, ref, signal } = work;
  const rows = await servers.subscriber.ask(identitiesQuestion('subscriber', ref.copy), identityRow, {
    signal,
  });
  const now = rows.find(each => tableKey(each) === tableKey(identity))?.last;
  const first = value - identity.increment;
  if (now === undefined || now === null || isBeyond(now, first, identity.increment)) return;
  throw new LandfallError('sql.failed', {
    what: `the identity of ${harmless(`${identity.schema}.${identity.name}`)} did not take its new value`,
    why: 'it would give out numbers that production has given out already',
    where: { host: servers.subscriber.label },
    evidence: [`wanted ${value}, stands at ${now}`],
    next: [
      `by hand: DBCC CHECKIDENT (N'${harmless(qualified(identity.schema, identity.name))}', RESEED, ${value})`,
    ],
  });
}

async function restartSequences(work: Work): Promise<string[]> {
  const { servers, ref, signal } = work;
  const dark = isDark(work);
  const phrase = restart(work);
  const given = new Map(
    (dark ? [] : await readSequences(servers.publisher, 'publisher', ref.source, signal)).map(
      each => [tableKey(each), each] as const,
    ),
  );
  const evidence: string[] = [];
  for (const sequence of await readSequences(servers.subscriber, 'subscriber', ref.copy, signal)) {
    const value = restartAt(sequence, given.get(tableKey(sequence)), dark);
    const stands = BigInt(sequence.current);
    if (!isBeyond(stands, value, BigInt(sequence.increment)))
      await servers.subscriber.run(template(phrase), {
        signal,
        parameters: {
          ...bound(phrase, { schema: sequence.schema, sequence: sequence.name, value: String(value) }),
        },
      });
    evidence.push(
      harmless(
        `${sequence.schema}.${sequence.name}: production was at ${given.get(tableKey(sequence))?.current ?? 'what nobody can ask'}, goes on at ${value}`,
      ),
    );
  }
  return evidence;
}

/** A sequence that cycles comes back to every value anyway: it goes on where production was. */
export function restartAt(copy: SequenceFacts, source: SequenceFacts | undefined, dark: boolean): bigint {
  const last = BigInt(source?.current ?? copy.current);
  if (copy.cycles) return last;
  const gap = (dark || source === undefined ? DARK_GAP : GAP) + BigInt(copy.cache);
  const next = nextValue({
    last,
    increment: BigInt(copy.increment),
    minimum: BigInt(copy.minimum),
    maximum: BigInt(copy.maximum),
    gap,
  });
  return next?.value ?? last;
}
