import type { LandfallError } from '../foundation/errors.ts';
import type { RetryPolicy } from '../step/step.ts';

const TRANSIENT: ReadonlySet<LandfallError['code']> = new Set([
  'sync.link-lost',
  'ssh.connection-lost',
  'ssh.unreachable',
  'ssh.timeout',
  'remote.timeout',
  'remote.no-exit-status',
  'job.lost',
]);

/** Links drop and come back: 2 s, 4 s, 8 s … up to a minute, about three minutes in all. */
export const LINK_RETRY: RetryPolicy = {
  attempts: 8,
  pauseMs: attempt => Math.min(60_000, 2000 * 2 ** (attempt - 2)),
  transient: error => TRANSIENT.has(error.code),
};
