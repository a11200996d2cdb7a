import type { SqlServerSurvey } from '../../journal/facts-site.ts';
import type { SqlServer } from '../../remote/sql/server.ts';
import { begin } from './begin.ts';
import { databasesOf } from './databases.ts';
import { looker } from './looker.ts';
import { merged } from './rights.ts';

/** A look younger than this is used again as long as the server still begins with the same answers, ms. */
const FRESH_MS = 3600e3;

/**
 * Whether what an earlier look found may still be taken for true: it is younger than an hour, the server is of the same
 * name and version, the login may see what it could, and the databases are the same in the same states.
 */
export async function isAsKnown(
  server: Pick<SqlServer, 'ask' | 'role'>,
  known: SqlServerSurvey & { readonly at: number },
  planned: readonly string[],
  now: number,
  signal: AbortSignal,
): Promise<boolean> {
  const age = now - known.at;
  if (age < 0 || age >= FRESH_MS) return false;
  // What could not be learned may be learned by now: only asking shows it.
  if (known.gaps.some(({ why }) => why === 'timed-out' || why === 'refused')) return false;
  const { about, rows, missing } = await begin(
    looker(server, signal, () => ''),
    server.role,
    planned,
  );
  return (
    known.version.startsWith(about.version) &&
    known.name === (about.local_name ?? about.name) &&
    same(rightsOf(known.missingRights), rightsOf(merged(missing))) &&
    same(known.databases.map(statesOf), databasesOf(rows, [], [], 0).map(statesOf))
  );
}

const rightsOf = (all: SqlServerSurvey['missingRights']): string[] => all.map(({ right }) => right).sort();

const statesOf = ({ name, state, recovery }: SqlServerSurvey['databases'][number]): unknown => [
  name,
  state,
  recovery,
];

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);
