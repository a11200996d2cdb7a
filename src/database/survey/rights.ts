import { z } from 'zod';
import type { MissingRight } from '../../journal/facts-site.ts';
import { identifier, literal } from '../../remote/sql/quote.ts';
import type { Role } from '../../remote/sql/statement.ts';
import { type Question, question } from '../assess/questions-server.ts';
import { text } from '../assess/rows.ts';
import { knowsPermission } from './versions.ts';

/** What a login has to be allowed so that the survey sees everything, asked of the server before anything else. */

/** What a right lets the survey see. */
export type Sight =
  | 'databases'
  | 'agent'
  | 'sizes'
  | 'logins'
  | 'jobs'
  | 'backups'
  | `inside ${string}`
  | `references ${string}`
  | `replication ${string}`;

/** Who asked, and which of the rights that were asked for it has. */
interface Held {
  readonly login: string;
  readonly user: string;
  readonly held: ReadonlySet<string>;
}

const row = z
  .object({ login: text, user: text })
  .catchall(z.union([z.number(), z.null()]))
  .transform(({ login, user, ...rights }): Held => {
    const held = Object.entries(rights).filter(([, value]) => value === 1);
    return { login, user, held: new Set(held.map(([name]) => name)) };
  });

/** Rights of one database or of the server, in one question. */
export interface Asked {
  readonly question: Question<typeof row>;
  /** What the answer lets be seen, and what it lacks. */
  judge(answer: Held): { readonly seen: readonly Sight[]; readonly missing: MissingRight[] };
}

interface ServerRight {
  readonly sight: Sight;
  readonly unlocks: string;
  /** The least right that suffices; granted where all are missing. */
  readonly least: string;
  /** Others that are as good, whether a server of this version knows them or not. */
  readonly others: readonly string[];
}

const serverRights = (major: number): readonly ServerRight[] => [
  {
    sight: 'databases',
    unlocks: 'which databases there are',
    least: 'VIEW ANY DATABASE',
    others: ['ALTER ANY DATABASE'],
  },
  {
    sight: 'agent',
    unlocks: 'whether SQL Server Agent runs',
    ...least(major, 'VIEW SERVER PERFORMANCE STATE', 'VIEW SERVER STATE'),
  },
  {
    sight: 'sizes',
    unlocks: 'sizes of databases that are not opened',
    least: 'VIEW ANY DEFINITION',
    others: ['ALTER ANY DATABASE'],
  },
  {
    sight: 'logins',
    unlocks: 'how many logins there are',
    ...least(major, 'VIEW ANY SECURITY DEFINITION', 'VIEW ANY DEFINITION'),
  },
];

/** The narrower right where the server has it; the wide one is as good. */
const least = (major: number, narrow: string, wide: string): Pick<ServerRight, 'least' | 'others'> =>
  knowsPermission(major, narrow) ? { least: narrow, others: [wide] } : { least: wide, others: [] };

const holds = (permission: string): string => `HAS_PERMS_BY_NAME(NULL, NULL, N'${permission}')`;

/** Rights of the server; a server is never asked for one that its version does not know. */
export function serverRightsAsked(on: Role, major: number): Asked {
  const rights = serverRights(major);
  const columns = rights.flatMap(({ least: one, others }) => [one, ...others]);
  return {
    question: asked(
      on,
      'master',
      'what this login may see of the server',
      [...new Set(columns)].map(permission => [permission, holds(permission)]),
    ),
    judge(answer) {
      const may = (permission: string): boolean => answer.held.has(permission);
      const isHeld = ({ least: one, others }: ServerRight): boolean => may(one) || others.some(may);
      return {
        seen: rights.filter(isHeld).map(({ sight }) => sight),
        missing: merged(
          rights
            .filter(right => !isHeld(right))
            .map(({ least: right, unlocks }) => ({
              right,
              unlocks,
              grant: `USE [master]; GRANT ${right} TO ${identifier(answer.login)};`,
            })),
        ),
      };
    },
  };
}

interface TableRight {
  readonly sight: Sight;
  readonly unlocks: string;
  readonly tables: readonly string[];
}

const MSDB: readonly TableRight[] = [
  {
    sight: 'jobs',
    unlocks: 'jobs of SQL Server Agent, when they run and how they ended',
    tables: [
      'sysjobs',
      'syscategories',
      'sysjobservers',
      'sysjobactivity',
      'syssessions',
      'sysjobhistory',
      'sysjobschedules',
      'sysschedules',
    ],
  },
  { sight: 'backups', unlocks: 'when every database was backed up last', tables: ['backupset'] },
];

export const msdbRightsAsked = (on: Role): Asked => tableRightsAsked(on, 'msdb', MSDB);

export const distributionRightsAsked = (on: Role, database: string): Asked =>
  tableRightsAsked(on, database, [
    {
      sight: `replication ${database}`,
      unlocks: `how the agents of replication in ${database} are`,
      tables: [
        'MSdistribution_agents',
        'MSdistribution_history',
        'MSlogreader_agents',
        'MSlogreader_history',
        'MSrepl_errors',
      ],
    },
  ]);

/** SELECT on tables of one database, table by table: no role is needed that could do more. */
function tableRightsAsked(on: Role, database: string, rights: readonly TableRight[]): Asked {
  return {
    question: asked(
      on,
      database,
      `what this login may read in ${database}`,
      rights.flatMap(({ tables }) =>
        tables.map((table): [string, string] => [table, selects(`dbo.${table}`)]),
      ),
    ),
    judge(answer) {
      const lacking = ({ tables }: TableRight): string[] => tables.filter(table => !answer.held.has(table));
      return {
        seen: rights.filter(right => lacking(right).length === 0).map(({ sight }) => sight),
        missing: rights.flatMap(right => {
          const tables = lacking(right).map(table => `dbo.${table}`);
          if (tables.length === 0) return [];
          return {
            right: `SELECT on ${tables.join(', ')} in ${database}`,
            unlocks: right.unlocks,
            grant: inside(
              database,
              answer,
              tables.map(table => `SELECT ON ${table}`),
            ),
          };
        }),
      };
    },
  };
}

const selects = (table: string): string => `HAS_PERMS_BY_NAME(N'${table}', N'OBJECT', N'SELECT')`;

/** Definitions, and the list of references, which only owners may read by default. */
const DEPENDENCIES = 'sys.sql_expression_dependencies';

/** Rights in a database that the plan moves and that the login can open. */
export function databaseRightsAsked(on: Role, database: string): Asked {
  return {
    question: asked(on, database, `what this login may see of ${database}`, [
      ['definitions', "HAS_PERMS_BY_NAME(DB_NAME(), N'DATABASE', N'VIEW DEFINITION')"],
      ['dependencies', selects(DEPENDENCIES)],
    ]),
    judge(answer) {
      const definitions = answer.held.has('definitions');
      const dependencies = answer.held.has('dependencies');
      const missing: MissingRight[] = [];
      if (!definitions)
        missing.push({
          right: `VIEW DEFINITION in ${database}`,
          unlocks: `tables of ${database}, and what its code needs of other servers`,
          grant: inside(database, answer, ['VIEW DEFINITION']),
        });
      if (!dependencies)
        missing.push({
          right: `SELECT on ${DEPENDENCIES} in ${database}`,
          unlocks: `references out of ${database}`,
          grant: inside(database, answer, [`SELECT ON ${DEPENDENCIES}`]),
        });
      return {
        seen: [
          ...(definitions ? [`inside ${database}` as const] : []),
          ...(definitions && dependencies ? [`references ${database}` as const] : []),
        ],
        missing,
      };
    },
  };
}

/** Two rights of one database are granted one after the other: the second finds the user there. */
const userFor = (login: string): string =>
  `IF USER_ID(${literal(login)}) IS NULL CREATE USER ${identifier(login)} FOR LOGIN ${identifier(login)};`;

/** What a login lacks that has no user in a database of the plan. */
export const closedDatabase = (login: string, database: string): MissingRight => ({
  right: `a user in ${database}`,
  unlocks: `tables of ${database}, and what it needs of other servers`,
  grant: `USE ${identifier(database)}; ${userFor(login)} GRANT VIEW DEFINITION TO ${identifier(login)}; GRANT SELECT ON ${DEPENDENCIES} TO ${identifier(login)};`,
});

/** Nobody grants anything to guest, whom every login may be: it gets a user of its own first. */
function inside(database: string, { login, user }: Held, permissions: readonly string[]): string {
  const isGuest = user.toLowerCase() === 'guest';
  const to = identifier(isGuest ? login : user);
  const create = isGuest ? `${userFor(login)} ` : '';
  return `USE ${identifier(database)}; ${create}${permissions.map(each => `GRANT ${each} TO ${to};`).join(' ')}`;
}

const asked = (
  on: Role,
  database: string,
  title: string,
  columns: readonly (readonly [string, string])[],
): Question<typeof row> =>
  question(
    on,
    database,
    title,
    row,
    `SELECT SUSER_SNAME() AS login, USER_NAME() AS [user],
  ${columns.map(([name, expression]) => `${expression} AS ${identifier(name)}`).join(',\n  ')};`,
  );

/** One right may unlock several things: it is granted once. In the second database of a kind it is another right. */
export function merged(all: readonly MissingRight[]): MissingRight[] {
  const found = new Map<string, MissingRight>();
  for (const each of all) {
    const known = found.get(each.right);
    found.set(
      each.right,
      known === undefined || known.unlocks === each.unlocks
        ? each
        : { ...each, unlocks: `${known.unlocks}; ${each.unlocks}` },
    );
  }
  return [...found.values()];
}

/** What a refusal says is missing, where its words say so; the names in it are the server's own, in every language. */
export function rightOfRefusal(
  number: number | undefined,
  said: string,
  login: string,
  unlocks: string,
): MissingRight | undefined {
  const named = [...said.matchAll(/['"«„“]([^'"»“”]+)['"»“”]/gu)].map(([, name = '']) => name);
  const permission = /\b([A-Z]{4,}(?: [A-Z]{2,})*)\b/.exec(said)?.[1];
  switch (number) {
    case 229: {
      const [object, database, schema] = named;
      if (permission === undefined || object === undefined || database === undefined) return undefined;
      const on = `${schema === undefined ? '' : `${schema}.`}${object}`;
      const securable = [schema, object]
        .filter(part => part !== undefined)
        .map(identifier)
        .join('.');
      return {
        right: `${permission} on ${on} in ${database}`,
        unlocks,
        grant: `USE ${identifier(database)}; GRANT ${permission} ON ${securable} TO ${identifier(login)};`,
      };
    }
    case 262: {
      const [database] = named;
      if (permission === undefined || database === undefined) return undefined;
      return {
        right: `${permission} in ${database}`,
        unlocks,
        grant: `USE ${identifier(database)}; GRANT ${permission} TO ${identifier(login)};`,
      };
    }
    case 300:
      if (permission === undefined) return undefined;
      return {
        right: permission,
        unlocks,
        grant: `USE [master]; GRANT ${permission} TO ${identifier(login)};`,
      };
    case 916:
    case 4060: {
      // 916 names the login first, 4060 the database alone.
      const database = named.find(name => name.toLowerCase() !== login.toLowerCase());
      return database === undefined ? undefined : closedDatabase(login, database);
    }
    case 297:
      // Views of the server's state refuse with this where nothing before it names the right.
      return {
        right: 'VIEW SERVER STATE',
        unlocks,
        grant: `USE [master]; GRANT VIEW SERVER STATE TO ${identifier(login)};`,
      };
    case 371:
    case 15247:
    case 21089:
      // These name no right, and the server keeps no smaller one for what they refuse.
      return {
        right: 'membership in sysadmin',
        unlocks,
        grant: `ALTER SERVER ROLE [sysadmin] ADD MEMBER ${identifier(login)};`,
      };
    default:
      return undefined;
  }
}
