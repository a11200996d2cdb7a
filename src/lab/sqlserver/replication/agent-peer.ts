import { SqlError } from '../errors.ts';
import { AGENT_ACCOUNT } from '../server/first-principals.ts';
import type { Instance } from '../server/instance.ts';
import { type AgentKind, agentApplication } from './agent-session.ts';
import { connectPeer, type Peer } from './peer.ts';
import { same } from './places.ts';

/** How an agent logs in: 1 is integrated security, as the account of SQL Server Agent; 0 a SQL login. */
export interface AgentLogin {
  readonly mode: number;
  readonly login: string;
  readonly password: string;
  readonly database: string;
  readonly kind: AgentKind;
}

/**
 * @throws SqlError 18452 with integrated security between servers that share no domain; what the other server says
 */
export async function agentPeer(
  instance: Instance,
  server: string,
  { mode, login, password, database, kind }: AgentLogin,
  signal: AbortSignal,
): Promise<Peer> {
  const address = same(server, instance.name)
    ? { name: server, host: instance.host, port: instance.port }
    : instance.servers.find(server);
  if (address === undefined)
    throw new SqlError(
      18482,
      `Could not connect to server '${server}' because it is not defined as a remote server.`,
    );
  const user = mode === 0 ? { user: login, password } : { user: AGENT_ACCOUNT, password: instance.trust };
  const application = agentApplication(kind, instance.name);
  return connectPeer(address, { ...user, database, application }, signal);
}
