import type { LandfallError } from '../foundation/errors.ts';
import type { RetryPolicy } from '../step/step.ts';

const TRANSIENT: ReadonlySet<LandfallError['code']> = new Set([
  'sync.link-lost',
  'ssh.connection-lost',
  'ssh.unreachable',
  'ssh.timeout',
  // A port that a connection of before still holds is free once that is gone.
  'ssh.forwarding-refused',
  'remote.timeout',
  'remote.no-exit-status',
  'job.lost',
]);

/** Attempts while nothing but the line is wrong; with the pauses below, somewhat more than six hours. */
export const LINE_ATTEMPTS = 400;

/**
 * Links drop and come back, in a storm after hours and while nobody looks: 2 s, 4 s, 8 s … up to a minute, for six hours.
 * What else may be wrong with a run has fewer attempts of its own (exit-codes.ts).
 */
export const LINK_RETRY: RetryPolicy = {
  attempts: LINE_ATTEMPTS,
  pauseMs: attempt => Math.min(60_000, 2000 * 2 ** (attempt - 2)),
  transient: error => TRANSIENT.has(error.code),
};

/** For what somebody sits and waits for, such as a measurement or cleaning up: about three minutes. */
export const WAITING_RETRY: RetryPolicy = { ...LINK_RETRY, attempts: 8 };
