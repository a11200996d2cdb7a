import { identifier, literal } from '../../remote/sql/quote.ts';
import type { Deed, Effect, Role, Script, Statement } from '../../remote/sql/statement.ts';
import type { DatabaseRef } from '../names.ts';

/** The few shapes that every statement of this room has. */

export type Words = Omit<Statement, 'effect'> & { readonly effect?: Effect };

export const writing = ({ effect = 'writes', ...words }: Words): Statement => ({ ...words, effect });

/** A question of one bit. `before` are statements ahead of it that only declare and read. */
export const asking = (
  on: Role,
  database: string,
  title: string,
  condition: string,
  before?: string,
): Statement => ({
  on,
  database,
  title,
  effect: 'reads',
  text: `${before === undefined ? '' : `${before}\n`}SELECT CONVERT(bit, CASE WHEN ${condition} THEN 1 ELSE 0 END) AS done;`,
});

/** A question that is answered at once where `first` holds, so that what follows need not exist. */
export const askingUnless = (
  on: Role,
  database: string,
  title: string,
  first: { readonly holds: string; readonly answer: 0 | 1 },
  condition: string,
  before = '',
): Statement => ({
  on,
  database,
  title,
  effect: 'reads',
  text: `IF ${first.holds} SELECT CONVERT(bit, ${first.answer}) AS done;
ELSE
BEGIN
${before}  SELECT CONVERT(bit, CASE WHEN ${condition} THEN 1 ELSE 0 END) AS done;
END;`,
});

/**
 * A question about the distribution database, from master: a pooled connection inside it would keep it from being
 * dropped. `@publisher` is the publisher's id in it: MSreplservers has it on newer builds, sys.servers on older ones.
 */
export function askingDistribution(
  { distribution, publisher }: DatabaseRef,
  title: string,
  condition: string,
  answerWithout: 0 | 1 = 0,
): Statement {
  const servers = `${identifier(distribution)}.dbo.MSreplservers`;
  return askingUnless(
    'distributor',
    'master',
    title,
    { holds: `DB_ID(${literal(distribution)}) IS NULL`, answer: answerWithout },
    condition,
    publisherId(servers, publisher),
  );
}

export const publisherId = (servers: string, publisher: string): string => `  DECLARE @publisher int;
  IF OBJECT_ID(${literal(servers)}) IS NULL SELECT @publisher = server_id FROM sys.servers WHERE name = ${literal(publisher)};
  ELSE SELECT @publisher = srvid FROM ${servers} WHERE srvname = ${literal(publisher)};
`;

/** A table of the distribution database. */
export const inDistribution = ({ distribution }: DatabaseRef, table: string): string =>
  `${identifier(distribution)}.dbo.${table}`;

/** `N'a'` as the value of a parameter of a procedure, one to a line where there are many. */
export const call = (
  procedure: string,
  values: Readonly<Record<string, string | number | undefined>>,
): string => {
  const given = Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [`@${name} = ${value}`],
  );
  const line = `EXEC ${procedure} ${given.join(', ')};`;
  return line.length <= 110 ? line : `EXEC ${procedure}\n  ${wrapped(given)};`;
};

/** Parameters, as many to a line as fit. */
function wrapped(given: readonly string[]): string {
  const lines: string[] = [];
  for (const each of given) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + each.length < 108) lines[lines.length - 1] = `${last}, ${each}`;
    else lines.push(each);
  }
  return lines.join(',\n  ');
}

/** A system procedure of replication in a database, from any context. */
export const procedureOf = (database: string, name: string): string => `${identifier(database)}.sys.${name}`;

/** Everything of a script that writes, in order, each text once: what may be sent, and what a DBA reads. */
export function statementsOf(...scripts: readonly Script[]): Statement[] {
  const found = new Map<string, Statement>();
  for (const statement of scripts.flatMap(({ deeds }) => deeds.flatMap(statementsOfDeed)))
    found.set(`${statement.on}/${statement.database}/${statement.text}`, statement);
  return [...found.values()];
}

const statementsOfDeed = ({ statement, mend }: Deed): readonly Statement[] => [
  statement,
  ...(mend?.statements ?? []),
];

/** `landfall` publishes through a distributor of its own server. */
export const isLocal = ({ distributorAt }: DatabaseRef): boolean => distributorAt === 'publisher';
