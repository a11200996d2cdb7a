import { z } from 'zod';
import { LandfallError } from '../../foundation/errors.ts';
import { harmless } from '../../foundation/text.ts';
import type { Statement } from '../../remote/sql/statement.ts';
import {
  applyWanted,
  besidesStatements,
  bound,
  compose,
  name,
  number,
  type Phrase,
  readDatabase,
  surveyBesides,
  template,
  words,
} from '../besides/index.ts';
import type { Scene, Work } from '../stage.ts';
import { readFrozen } from './freeze.ts';
import { type Hand, isDark, laneOf } from './hand.ts';

/** Logins that come to the copy, and users who find them again. */
export const people: Hand = {
  id: 'people',
  title: 'users find their logins; logins are as they were on production',
  before: false,
  preview: ({ ref }) => besidesStatements(ref),
  run: work => (isDark(work) ? withoutPublisher(work) : fromPublisher(work)),
};

async function fromPublisher(work: Work) {
  // Production is not to be read in the lane whose tail of the log it gave away: what it froze came with that log.
  const frozen = await readFrozen(work, laneOf(work) === 'log-shipping' ? 'subscriber' : 'publisher');
  const lent = new Set(frozen.filter(({ kind }) => kind === 'login').map(each => each.name.toLowerCase()));
  const { comparison } = await surveyBesides(work, lent);
  const wanted = comparison.wanted.filter(({ when }) => when !== 'by-hand');
  const { made, refused } = await applyWanted(work, wanted);
  const orphans = await orphansOf(work);
  if (refused.length > 0) throw unfinished(work, refused);
  return {
    evidence: [
      `${made.length} made or changed${made.length === 0 ? '' : `: ${some(made)}`}`,
      orphans.length === 0
        ? 'every user of the copy has a login'
        : `users without a login, as on production or only of the clone: ${some(orphans.map(each => each.user))}`,
      ...byHand(work),
    ],
  };
}

/** Nobody can be asked for hashes any more: users are led to the logins that are there by their names. */
async function withoutPublisher(work: Work) {
  const orphans = await orphansOf(work);
  const known = orphans.filter(({ login }) => login);
  const { made, refused } = await applyWanted(
    work,
    known.map(({ user }) => ({
      item: `user ${user}`,
      when: 'handover',
      sayings: [{ phrase: 'orphan', values: { user, login: user } }],
    })),
  );
  if (refused.length > 0) throw unfinished(work, refused);
  const left = orphans.filter(({ login }) => !login).map(({ user }) => user);
  return {
    evidence: [
      `${made.length} users found their logins again`,
      ...(left.length === 0
        ? []
        : [
            `users whose login is not here: ${some(left)}; besides.sql of the last comparison has them with their SID`,
          ]),
      ...byHand(work),
    ],
  };
}

const some = (names: readonly string[]): string =>
  `${names
    .slice(0, 10)
    .map(each => harmless(each))
    .join(', ')}${names.length > 10 ? ' …' : ''}`;

function byHand({ state }: Work): string[] {
  const items = (state.besides?.items ?? []).filter(({ status }) => status === 'by-hand');
  return items.length === 0
    ? []
    : [`by hand, see besides-shown.sql: ${some(items.map(each => `${each.kind} ${each.name}`))}`];
}

const unfinished = (work: Work, refused: readonly string[]): LandfallError =>
  new LandfallError('sql.failed', {
    what: `${refused.length} logins, users or permissions were refused by the ${work.servers.subscriber.label}`,
    why: 'applications that use them cannot work with the copy',
    where: { host: work.servers.subscriber.label },
    evidence: refused,
    next: ['make them by hand from besides.sql, then order the hand-over again; it goes on from here'],
  });

const orphanRow = z.object({ user: z.string(), login: z.boolean() });

/** Users of logins whose SID no login of this server has; `login`: one of their name is there. */
const orphansOf = ({ servers, ref, signal }: Work): Promise<z.infer<typeof orphanRow>[]> =>
  servers.subscriber.ask(
    {
      on: 'subscriber',
      database: ref.copy,
      title: 'users without a login',
      effect: 'reads',
      text: `SELECT u.name AS [user], CONVERT(bit, CASE WHEN SUSER_ID(u.name) IS NULL THEN 0 ELSE 1 END) AS login
FROM sys.database_principals AS u WHERE u.type = 'S' AND u.authentication_type = 1 AND u.principal_id > 4
  AND NOT EXISTS (SELECT 1 FROM sys.server_principals AS l WHERE l.sid = u.sid) ORDER BY u.name;`,
    },
    orphanRow,
    { signal },
  );

const phrasesOf = ({ ref }: Pick<Scene, 'ref'>) => {
  const server = (title: string) => ({ title, on: 'subscriber', database: 'master' }) as const;
  return {
    owner: compose(server('the owner that production has'))`
ALTER AUTHORIZATION ON DATABASE::${name('database')} TO ${name('owner')};`,
    compatibility: compose(server('the compatibility level that production has'))`
ALTER DATABASE ${name('database')} SET COMPATIBILITY_LEVEL = ${number('level')};`,
    setting: compose(server(`an option of ${ref.copy} as on production, each in turn`))`
ALTER DATABASE ${name('database')} SET ${words('setting')};`,
  } as const satisfies Record<string, Phrase>;
};

const statisticsStatement = ({ ref }: Pick<Scene, 'ref'>): Statement => ({
  on: 'subscriber',
  database: ref.copy,
  title: 'statistics of all tables',
  effect: 'writes',
  timeoutMs: 0,
  text: 'EXEC sys.sp_updatestats;',
});

/** How an option is set; needs the database for itself where others would have to wait. */
export function settingOf(option: string, value: string): string | undefined {
  switch (option) {
    case 'READ_COMMITTED_SNAPSHOT':
      return `READ_COMMITTED_SNAPSHOT ${value} WITH ROLLBACK IMMEDIATE`;
    case 'ENABLE_BROKER':
      // The copy is a database of its own: it must not answer in production's conversations.
      return value === 'ON' ? 'NEW_BROKER WITH ROLLBACK IMMEDIATE' : 'DISABLE_BROKER WITH ROLLBACK IMMEDIATE';
    case 'PARAMETERIZATION':
      return `PARAMETERIZATION ${value === 'ON' ? 'FORCED' : 'SIMPLE'}`;
    case 'OWNER':
    case 'COMPATIBILITY_LEVEL':
      return undefined;
    default:
      return `${option} ${value}`;
  }
}

interface Wanted {
  readonly name: string;
  readonly value: string;
}

/** What production has; of a publisher that is gone, what the assessment wrote down. */
async function optionsOfProduction(work: Work): Promise<readonly Wanted[]> {
  const before = work.state.assessed?.publisher.database;
  const assessed: Wanted[] =
    before === undefined
      ? []
      : [
          { name: 'COMPATIBILITY_LEVEL', value: String(before.compatibility) },
          { name: 'RECOVERY', value: before.recovery },
          { name: 'READ_COMMITTED_SNAPSHOT', value: before.readCommittedSnapshot ? 'ON' : 'OFF' },
          // Landfall itself may have turned it on since.
          { name: 'ALLOW_SNAPSHOT_ISOLATION', value: before.snapshotIsolation ? 'ON' : 'OFF' },
        ];
  if (isDark(work)) return assessed;
  const now = await readDatabase(work.servers.publisher, 'publisher', work.ref.source, work.signal);
  if (now === undefined) return assessed;
  return now.options.map(option =>
    option.name === 'ALLOW_SNAPSHOT_ISOLATION'
      ? (assessed.find(each => each.name === option.name) ?? option)
      : option,
  );
}

export const options: Hand = {
  id: 'options',
  title: 'owner, compatibility and options as on production; statistics',
  before: false,
  preview: scene => [...Object.values(phrasesOf(scene)).map(template), statisticsStatement(scene)],
  async run(work) {
    const { servers, ref, signal } = work;
    const there = await readDatabase(servers.subscriber, 'subscriber', ref.copy, signal);
    const phrases = phrasesOf(work);
    const changed: string[] = [];
    for (const { name, value } of await optionsOfProduction(work)) {
      const now = there?.options.find(each => each.name === name)?.value ?? '';
      if (value === '' || now.toLowerCase() === value.toLowerCase()) continue;
      const setting = settingOf(name, value);
      const owner = name === 'OWNER' && (await isLogin(work, value)) ? value : 'sa';
      const [phrase, values]: [Phrase, Record<string, string | number>] =
        setting !== undefined
          ? [phrases.setting, { setting }]
          : name === 'OWNER'
            ? [phrases.owner, { owner }]
            : [phrases.compatibility, { level: Number(value) }];
      if (name === 'OWNER' && now.toLowerCase() === owner.toLowerCase()) continue;
      await servers.subscriber.run(template(phrase), {
        signal,
        parameters: bound(phrase, { ...values, database: ref.copy }),
      });
      changed.push(`${name} ${now} -> ${name === 'OWNER' ? owner : value}`);
    }
    await openGate(work);
    work.sample({ text: 'statistics' });
    await servers.subscriber.run(statisticsStatement(work), { signal });
    return {
      evidence: [
        changed.length === 0 ? 'options are those of production' : harmless(changed.join(', ')),
        'statistics are of now',
      ],
    };
  },
};

/** A copy that came by the log of a frozen database is frozen, too. */
async function openGate(work: Work): Promise<void> {
  const { servers, ref, signal } = work;
  const [row] = await servers.subscriber.ask(
    {
      on: 'subscriber',
      database: ref.copy,
      title: 'who is let in',
      effect: 'reads',
      text: 'SELECT user_access_desc AS access FROM sys.databases WHERE database_id = DB_ID();',
    },
    z.object({ access: z.string() }),
    { signal },
  );
  if (row?.access === 'MULTI_USER') return;
  const phrase = phrasesOf(work).setting;
  await servers.subscriber.run(template(phrase), {
    signal,
    parameters: bound(phrase, { database: ref.copy, setting: 'MULTI_USER' }),
  });
}

async function isLogin({ servers, signal }: Work, login: string): Promise<boolean> {
  const [row] = await servers.subscriber.ask(
    {
      on: 'subscriber',
      database: 'master',
      title: 'is the login there',
      effect: 'reads',
      text: 'SELECT CONVERT(bit, CASE WHEN SUSER_ID(@login) IS NULL THEN 0 ELSE 1 END) AS there;',
      parameters: { login: { type: 'nvarchar', value: login } },
    },
    z.object({ there: z.boolean() }),
    { signal },
  );
  return row?.there === true;
}
