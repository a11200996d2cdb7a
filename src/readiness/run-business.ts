/**
 * Gates that `landfall run` alone can never open: proofs and rehearsals are orders of their own, what a database needs
 * beyond a copy of its files is decided by people, and names and telephone numbers are theirs to know.
 */
const BEYOND_A_RUN: ReadonlySet<string> = new Set([
  'boot-proof',
  'consistency',
  'contacts',
  'dns-answers',
  'dns-ttl',
  'rehearsed',
]);

export const isARunsBusiness = (check: string): boolean => !BEYOND_A_RUN.has(check);
