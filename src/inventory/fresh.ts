/** Facts younger than this are used again as long as the host still answers as the same one. */
export const FRESH_MS = 3600e3;

/** A clock that was set back makes facts look young for ever: those count as old. */
export function isFresh(observedAt: number, now: number): boolean {
  const age = now - observedAt;
  return age >= 0 && age < FRESH_MS;
}
