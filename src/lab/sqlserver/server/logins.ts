import { SqlError } from '../errors.ts';
import { AGENT_ACCOUNT } from './first-principals.ts';
import type { Database, Instance } from './instance.ts';
import { passwordMatches } from './password.ts';
import { userOf } from './permissions.ts';
import type { ServerPrincipal } from './principals.ts';
import type { Login } from './requests.ts';

/** Who may come in. */

/** States of 18456, which say to the server's own log what the client is not told in words. */
const STATE = {
  unknown: 5,
  windows: 6,
  disabled: 7,
  password: 8,
  denied: 12,
  database: 38,
  defaultDatabase: 40,
} as const;

const refused = (user: string, state: number): SqlError =>
  new SqlError(18456, `Login failed for user '${user}'.`, { severity: 14, state });

/** @throws SqlError 18456, 18470, 18488 */
export function authenticate(instance: Instance, { user, password }: Login): ServerPrincipal {
  const principal = instance.principals.find(user);
  if (!principal || principal.type === 'R') throw refused(user, STATE.unknown);
  // Servers of one domain know the account of each other's agents by its secret.
  if (principal.name === AGENT_ACCOUNT && password === instance.trust) return principal;
  if (principal.type !== 'S' || !principal.hash) throw refused(user, STATE.windows);
  if (!passwordMatches(password, principal.hash))
    throw refused(user, principal.disabled ? STATE.disabled : STATE.password);
  if (principal.disabled)
    throw new SqlError(18470, `Login failed for user '${user}'. Reason: The account is disabled.`, {
      severity: 14,
    });
  if (principal.mustChange)
    throw new SqlError(
      18488,
      `Login failed for user '${user}'.  Reason: The password of the account must be changed.`,
      { severity: 14 },
    );
  const denied = instance.principals.permissions.some(
    each => each.grantee === principal.id && each.permission === 'CONNECT SQL' && each.state === 'D',
  );
  if (denied) throw refused(user, STATE.denied);
  return principal;
}

/** The database that a login begins in. @throws SqlError 4060, 4064 */
export function openingDatabase(instance: Instance, principal: ServerPrincipal, wanted: string): Database {
  const name = wanted === '' ? principal.defaultDatabase : wanted;
  const database = instance.databases.get(name.toLowerCase());
  if (database && database.options.state === 'ONLINE' && hasPlace(instance, principal, database))
    return database;
  const failed = refused(principal.name, wanted === '' ? STATE.defaultDatabase : STATE.database);
  if (wanted === '')
    throw new SqlError(4064, 'Cannot open user default database. Login failed.', {
      severity: 11,
      preceding: [failed],
    });
  throw new SqlError(4060, `Cannot open database "${name}" requested by the login. The login failed.`, {
    severity: 11,
    preceding: [failed],
  });
}

function hasPlace(instance: Instance, principal: ServerPrincipal, database: Database): boolean {
  const user = userOf(principal, database);
  if (!user) return false;
  const { access } = database.options;
  if (access === 'RESTRICTED_USER') return user.id === 1;
  if (access === 'SINGLE_USER')
    return ![...instance.sessions.values()].some(each => each.user && each.database === database);
  return true;
}
