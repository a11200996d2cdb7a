import type { LandfallError } from '../foundation/errors.ts';
import type { RetryPolicy } from './step.ts';

/** Faults of the control connection: the host and the work may be fine. */
export function isLinkFault(error: LandfallError): boolean {
  return ['ssh.connection-lost', 'ssh.timeout', 'ssh.unreachable'].includes(error.code);
}

/** Faults of the connection to a SQL Server: whether the statement took effect is asked before it is repeated. */
export function isSqlFault(error: LandfallError): boolean {
  return ['sql.connection-lost', 'sql.timeout', 'sql.unreachable'].includes(error.code);
}

/** Three attempts, after pauses of 2 and 8 seconds, and only where the control connection failed. */
export const LINK_RETRY: RetryPolicy = {
  attempts: 3,
  pauseMs: attempt => (attempt <= 2 ? 2_000 : 8_000),
  transient: isLinkFault,
};

/** The same for the connection to a SQL Server. */
export const SQL_RETRY: RetryPolicy = { ...LINK_RETRY, transient: isSqlFault };
