import { z } from 'zod';
import { LandfallError } from '../../foundation/errors.ts';
import { harmless } from '../../foundation/text.ts';
import type { Role, Statement } from '../../remote/sql/statement.ts';
import { bound, compose, name, type Phrase, template, words } from '../besides/index.ts';
import { restoreObjects, restoreStatements } from '../reconcile/index.ts';
import type { Scene, Work } from '../stage.ts';
import { type Hand, isDark, laneOf } from './hand.ts';

const guardRow = z.object({
  kind: z.enum(['trigger', 'foreign-key', 'check']),
  schema: z.string(),
  table: z.string(),
  name: z.string(),
  disabled: z.boolean(),
  trusted: z.boolean(),
  unreplicated: z.boolean(),
});
export type Guard = z.infer<typeof guardRow>;

const constraints = (kind: string, view: string): string =>
  `SELECT N'${kind}' AS kind, SCHEMA_NAME(t.schema_id) AS [schema], t.name AS [table], g.name, g.is_disabled AS disabled,
  CONVERT(bit, 1 - g.is_not_trusted) AS trusted, g.is_not_for_replication AS unreplicated
FROM ${view} AS g JOIN sys.tables AS t ON t.object_id = g.parent_object_id
WHERE t.is_ms_shipped = 0 AND SCHEMA_NAME(t.schema_id) <> N'landfall'`;

const guardsQuestion = (on: Role, database: string): Statement => ({
  on,
  database,
  title: 'triggers, foreign keys and checks as they stand',
  effect: 'reads',
  text: `${constraints('foreign-key', 'sys.foreign_keys')}
UNION ALL
${constraints('check', 'sys.check_constraints')}
UNION ALL
SELECT N'trigger', SCHEMA_NAME(t.schema_id), t.name, g.name, g.is_disabled, CONVERT(bit, 1), g.is_not_for_replication
FROM sys.triggers AS g JOIN sys.tables AS t ON t.object_id = g.parent_id
WHERE t.is_ms_shipped = 0 AND SCHEMA_NAME(t.schema_id) <> N'landfall';`,
});

/** Foreign keys before what they look at does not matter here: rows are equal already. */
const phrasesOf = ({ ref }: Pick<Scene, 'ref'>) => {
  const copy = (title: string) => ({ title, on: 'subscriber', database: ref.copy }) as const;
  return {
    trigger: compose(copy('a trigger as it is on production, each in turn'))`
${words('how')} TRIGGER ${name('schema')}.${name('object')} ON ${name('schema')}.${name('table')};`,
    constraint: compose(copy('a constraint as it is on production, each in turn'))`
ALTER TABLE ${name('schema')}.${name('table')} ${words('how')} CONSTRAINT ${name('object')};`,
  } as const satisfies Record<string, Phrase>;
};

/** A constraint with NOT FOR REPLICATION is never trusted and cannot lose it. */
const remakeStatement = ({ ref }: Pick<Scene, 'ref'>): Statement => ({
  on: 'subscriber',
  database: ref.copy,
  title: 'a constraint that production has without NOT FOR REPLICATION is made again, each in turn',
  effect: 'writes',
  parameters: {
    schema: { type: 'nvarchar', value: null },
    table: { type: 'nvarchar', value: null },
    object: { type: 'nvarchar', value: null },
    how: { type: 'nvarchar', value: null },
  },
  text: `SET NOCOUNT ON;
SET XACT_ABORT ON;
DECLARE @id int = OBJECT_ID(QUOTENAME(@schema) + N'.' + QUOTENAME(@object)), @at int = 1;
DECLARE @on nvarchar(600) = N'ALTER TABLE ' + QUOTENAME(@schema) + N'.' + QUOTENAME(@table), @made nvarchar(max);
DECLARE @columns nvarchar(max) = N'', @referenced nvarchar(max) = N'', @drop nvarchar(max);
-- The columns of a foreign key, in their order.
WHILE EXISTS (SELECT 1 FROM sys.foreign_key_columns WHERE constraint_object_id = @id AND constraint_column_id = @at)
BEGIN
  SELECT @columns = @columns + CASE @at WHEN 1 THEN N'' ELSE N', ' END + QUOTENAME(COL_NAME(parent_object_id, parent_column_id)),
    @referenced = @referenced + CASE @at WHEN 1 THEN N'' ELSE N', ' END + QUOTENAME(COL_NAME(referenced_object_id, referenced_column_id))
  FROM sys.foreign_key_columns WHERE constraint_object_id = @id AND constraint_column_id = @at;
  SET @at = @at + 1;
END;
SELECT @made = @on + N' WITH ' + @how + N' ADD CONSTRAINT ' + QUOTENAME(@object) + N' FOREIGN KEY (' + @columns + N') REFERENCES '
  + QUOTENAME(OBJECT_SCHEMA_NAME(referenced_object_id)) + N'.' + QUOTENAME(OBJECT_NAME(referenced_object_id)) + N' (' + @referenced
  + N') ON DELETE ' + REPLACE(delete_referential_action_desc, N'_', N' ') + N' ON UPDATE ' + REPLACE(update_referential_action_desc, N'_', N' ') + N';'
FROM sys.foreign_keys WHERE object_id = @id;
SELECT @made = @on + N' WITH ' + @how + N' ADD CONSTRAINT ' + QUOTENAME(@object) + N' CHECK (' + definition + N');'
FROM sys.check_constraints WHERE object_id = @id;
SET @drop = @on + N' DROP CONSTRAINT ' + QUOTENAME(@object) + N';';
BEGIN TRANSACTION;
EXEC sys.sp_executesql @drop;
EXEC sys.sp_executesql @made;
COMMIT TRANSACTION;`,
});

/** What brings one guard of the copy to the state of production's; undefined where it has it. */
export function mending(source: Guard, copy: Guard): 'remake' | string | undefined {
  if (source.kind === 'trigger')
    return source.disabled === copy.disabled ? undefined : source.disabled ? 'DISABLE' : 'ENABLE';
  if (copy.unreplicated && !source.unreplicated) return 'remake';
  if (source.disabled) return copy.disabled ? undefined : 'NOCHECK';
  // More trust than on production does no harm: every row was looked at.
  if (copy.disabled || (source.trusted && !copy.trusted))
    return source.trusted ? 'WITH CHECK CHECK' : 'WITH NOCHECK CHECK';
  return undefined;
}

export const guards: Hand = {
  id: 'guards',
  title: 'foreign keys, checks and triggers as on production',
  before: false,
  preview: scene => [
    ...restoreStatements(scene),
    ...Object.values(phrasesOf(scene)).map(template),
    remakeStatement(scene),
  ],
  async run(work) {
    if (laneOf(work) === 'log-shipping')
      return { skipped: true, evidence: ['nothing was held: the copy is made of production’s own log'] };
    const { restored, refused } = await restoreObjects(work);
    const evidence = [`${restored} that were held have their recorded state again`];
    const open = [...refused];
    if (!isDark(work)) open.push(...(await likeProduction(work, evidence)));
    if (open.length === 0) return { evidence };
    throw new LandfallError('database.differs', {
      what: `${open.length} constraints or triggers of ${work.ref.copy} did not take the state that production has`,
      why: 'the copy would accept or refuse other rows than production did',
      where: { host: work.servers.subscriber.label },
      evidence: [...evidence, ...open],
      next: [
        'where rows break a constraint: find them, mend them, and order the hand-over again; it goes on from here',
        'where it is not to be enforced: ALTER TABLE … DROP CONSTRAINT … by hand, then go on',
      ],
    });
  },
};

const keyOf = ({ kind, schema, name }: Guard): string => `${kind}\u0000${schema}\u0000${name}`.toLowerCase();

/** Compares with production, mends, and answers what is left, one sentence each. */
async function likeProduction(work: Work, evidence: string[]): Promise<string[]> {
  const { servers, ref, signal } = work;
  const read = (role: 'publisher' | 'subscriber', database: string): Promise<Guard[]> =>
    servers[role].ask(guardsQuestion(role, database), guardRow, { signal });
  const source = await read('publisher', ref.source);
  const pairs = async (): Promise<{ wanted: Guard; how: string }[]> => {
    const there = new Map((await read('subscriber', ref.copy)).map(guard => [keyOf(guard), guard] as const));
    return source.flatMap(wanted => {
      const guard = there.get(keyOf(wanted));
      const how = guard === undefined ? undefined : mending(wanted, guard);
      return how === undefined ? [] : [{ wanted, how }];
    });
  };
  const refused: string[] = [];
  const todo = await pairs();
  for (const { wanted, how } of todo)
    try {
      await mend(work, wanted, how);
    } catch (thrown) {
      if (!(thrown instanceof LandfallError) || thrown.code !== 'sql.failed') throw thrown;
      refused.push(`${named(wanted)}: ${thrown.facts.evidence?.[0] ?? thrown.facts.what}`);
    }
  const left = await pairs();
  evidence.push(
    `${source.length} compared with production, ${todo.length - left.length} of them changed to its state`,
  );
  return left.map(
    ({ wanted }) =>
      refused.find(each => each.startsWith(named(wanted))) ?? `${named(wanted)} stays otherwise`,
  );
}

const named = ({ schema, name }: Guard): string => harmless(`${schema}.${name}`);

async function mend(work: Work, { kind, schema, table, name, trusted }: Guard, how: string): Promise<void> {
  const { servers, signal } = work;
  if (how === 'remake') {
    const value = (text: string) => ({ type: 'nvarchar', value: text }) as const;
    await servers.subscriber.run(remakeStatement(work), {
      signal,
      parameters: {
        ...{ schema: value(schema), table: value(table), object: value(name) },
        how: value(trusted ? 'CHECK' : 'NOCHECK'),
      },
    });
    return;
  }
  const phrase: Phrase = phrasesOf(work)[kind === 'trigger' ? 'trigger' : 'constraint'];
  await servers.subscriber.run(template(phrase), {
    signal,
    parameters: bound(phrase, { schema, table, object: name, how }),
  });
}
