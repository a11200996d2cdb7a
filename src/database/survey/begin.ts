import type { z } from 'zod';
import type { MissingRight } from '../../journal/facts-site.ts';
import type { Role } from '../../remote/sql/statement.ts';
import { serverQuestion } from '../assess/questions-server.ts';
import type { DatabaseRow } from './databases.ts';
import type { Looker } from './looker.ts';
import { databasesQuestion, MOST } from './questions-server.ts';
import {
  type Asked,
  closedDatabase,
  databaseRightsAsked,
  distributionRightsAsked,
  msdbRightsAsked,
  type Sight,
  serverRightsAsked,
} from './rights.ts';

/** What every look at a server begins with: which one it is, what the login may see there, which databases it has. */
export interface Beginning {
  readonly about: z.infer<ReturnType<typeof serverQuestion>['row']>;
  readonly major: number;
  /** False where the edition has no msdb of its own: there are no jobs and no history of backups. */
  readonly hasMsdb: boolean;
  readonly rows: readonly DatabaseRow[];
  readonly seen: ReadonlySet<Sight>;
  readonly missing: readonly MissingRight[];
}

/** Azure SQL Database and its relatives keep neither jobs nor backups that anybody could read. */
const WITHOUT_MSDB: ReadonlySet<number> = new Set([5, 6, 11, 12]);

/** `planned` are databases of the plan that leave this server. @throws LandfallError where the server cannot be asked at all */
export async function begin(
  look: Looker,
  on: Role,
  planned: readonly string[],
  told: (login: string) => void = () => undefined,
): Promise<Beginning> {
  const [about] = await look.must(serverQuestion(on));
  if (about === undefined) throw new TypeError('a SELECT without FROM gives one row');
  told(about.login);
  const major = Number.parseInt(about.version, 10) || 0;
  const hasMsdb = !WITHOUT_MSDB.has(about.engine_edition);
  const all = (await look.may(databasesQuestion(on, major))) ?? [];
  const rows = look.first(MOST.databases, 'databases', all) ?? [];
  const seen = new Set<Sight>();
  const missing: MissingRight[] = [];
  const judge = async (asked: Asked): Promise<void> => {
    const [answer] = (await look.may(asked.question)) ?? [];
    if (answer === undefined) return;
    const judged = asked.judge(answer);
    for (const sight of judged.seen) seen.add(sight);
    missing.push(...judged.missing);
  };
  await judge(serverRightsAsked(on, major));
  if (hasMsdb) await judge(msdbRightsAsked(on));
  for (const { name, distributor, opens, state } of rows)
    if (distributor && state === 'ONLINE') {
      if (opens) await judge(distributionRightsAsked(on, name));
      else missing.push(closedDatabase(about.login, name));
    }
  for (const name of planned) {
    const row = rowOf(rows, name);
    if (row?.state !== 'ONLINE') continue;
    if (row.opens) await judge(databaseRightsAsked(on, row.name));
    else missing.push(closedDatabase(about.login, row.name));
  }
  return { about, major, hasMsdb, rows, seen, missing };
}

/** A database by its name; a server that tells case apart has two at most, and the plan means the one spelled so. */
export const rowOf = (rows: readonly DatabaseRow[], name: string): DatabaseRow | undefined =>
  rows.find(each => each.name === name) ?? rows.find(each => each.name.toLowerCase() === name.toLowerCase());
