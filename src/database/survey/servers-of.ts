import type { Plan } from '../../plan/schema.ts';
import type { Role } from '../../remote/sql/statement.ts';

/** A SQL Server of the plan, whatever it is to the databases that name it. */
export interface SurveyedServer {
  /** Address and port as the plan has them: `sql1.miami.example:1433`. */
  readonly key: string;
  /** Through which database of the plan, and as whom, it is asked: production before copies. */
  readonly by: { readonly database: string; readonly role: Exclude<Role, 'distributor'> };
  /** Databases of the plan that leave it; none at a server that only receives. */
  readonly databases: readonly string[];
}

/** Every publisher and every subscriber of the plan, each once, in the order in which the plan names them. */
export function serversOf({ databases }: Pick<Plan, 'databases'>): SurveyedServer[] {
  const found = new Map<string, SurveyedServer>();
  const note = (database: string, role: 'publisher' | 'subscriber'): void => {
    const account = databases[database]?.[role];
    if (account === undefined) return;
    const key = `${account.address}:${account.port}`;
    const known = found.get(key) ?? { key, by: { database, role }, databases: [] };
    found.set(key, role === 'publisher' ? { ...known, databases: [...known.databases, database] } : known);
  };
  for (const name of Object.keys(databases)) note(name, 'publisher');
  for (const name of Object.keys(databases)) note(name, 'subscriber');
  return [...found.values()];
}
