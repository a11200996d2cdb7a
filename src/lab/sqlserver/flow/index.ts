import { unsupported } from '../errors.ts';
import type { Database, Instance, SessionFacts } from '../server/instance.ts';
import type { ServerPrincipal } from '../server/principals.ts';
import type { Session } from '../server/requests.ts';

/** A login that was let in. */
export interface SessionLogin {
  /** @@SPID. */
  readonly id: number;
  readonly principal: ServerPrincipal;
  readonly database: Database;
  readonly application: string;
  readonly host: string;
  /** Of a client; false for what the server runs for itself. */
  readonly user: boolean;
}

/** The session of one connection. */
export function createSession(_instance: Instance, _login: SessionLogin): Session & SessionFacts {
  throw unsupported('sessions');
}
