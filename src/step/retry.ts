import type { LandfallError } from '../foundation/errors.ts';
import type { RetryPolicy } from './step.ts';

/** Faults of the control connection: the host and the work may be fine. */
export function isLinkFault(error: LandfallError): boolean {
  return ['ssh.connection-lost', 'ssh.timeout', 'ssh.unreachable'].includes(error.code);
}

/** Three attempts, after pauses of 2 and 8 seconds, and only where the control connection failed. */
export const LINK_RETRY: RetryPolicy = {
  attempts: 3,
  pauseMs: attempt => (attempt <= 2 ? 2_000 : 8_000),
  transient: isLinkFault,
};
