import { formatDuration } from '../foundation/units.ts';

/** Evidence older than this counts as none: an estate changes within a day. */
export const EVIDENCE_MAX_AGE_MS = 24 * 3600e3;

/** A clock that was stepped back by less than this is not worth an alarm. */
export const CLOCK_TOLERANCE_MS = 60e3;

/** How old evidence is; `future` where its time lies ahead of now, so that one of the clocks is wrong. */
export type Age = { readonly kind: 'past'; readonly ms: number } | { readonly kind: 'future' };

export function ageOf(at: number, now: number): Age {
  const ms = now - at;
  if (!Number.isFinite(ms) || ms < -CLOCK_TOLERANCE_MS) return { kind: 'future' };
  return { kind: 'past', ms: Math.max(0, ms) };
}

/** `2m10s ago`, or the plain statement that the time makes no sense. */
export function ago(at: number, now: number): string {
  const age = ageOf(at, now);
  return age.kind === 'past'
    ? `${formatDuration(age.ms)} ago`
    : 'at a time that lies in the future: compare the clock of this machine with the journal';
}

/** Whether evidence may still be relied on. */
export function isRecent(at: number, now: number, maxAgeMs: number = EVIDENCE_MAX_AGE_MS): boolean {
  const age = ageOf(at, now);
  return age.kind === 'past' && age.ms <= maxAgeMs;
}
