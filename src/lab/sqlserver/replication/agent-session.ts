import type { Database } from '../server/instance.ts';
import { isSysadmin, rolesOf, userOf } from '../server/permissions.ts';
import type { ServerPrincipal } from '../server/principals.ts';

/** Kinds of agents, as their application names have them. */
export type AgentKind = 'LogReader' | 'Distribution' | 'Snapshot';

/** Application names of replication agents: NOT FOR REPLICATION holds in their sessions. */
export const agentApplication = (kind: AgentKind, server: string): string =>
  `Replication ${kind} Agent of ${server}`;

const AGENT = /^Replication (LogReader|Distribution|Snapshot) Agent of /;
const DB_OWNER = 16384;

/**
 * Whether a session is one of a replication agent: it says so by its application name and may, as a member of sysadmin or of
 * db_owner in the database that it opens. SQL Server has a flag of the login for it.
 */
export function isAgentSession(application: string, principal: ServerPrincipal, database: Database): boolean {
  if (!AGENT.test(application)) return false;
  if (isSysadmin(principal)) return true;
  const user = userOf(principal, database);
  return user !== undefined && (user.id === 1 || rolesOf(user, database.catalog).has(DB_OWNER));
}
