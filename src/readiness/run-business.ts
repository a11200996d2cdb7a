/**
 * Gates that `landfall run` alone can never open: proofs and rehearsals are orders of their own, what a database needs
 * beyond a copy of its files is decided by people, names and telephone numbers are theirs to know, and so is what becomes
 * of a server that nobody moves.
 */
const BEYOND_A_RUN: ReadonlySet<string> = new Set([
  'boot-proof',
  'consistency',
  'contacts',
  'dns-answers',
  'dns-ttl',
  'rehearsed',
]);

/** One gate each for what the inventory found and only a plan or a waiver settles (gates/settling, gates/drift). */
const SETTLED_BY_PEOPLE = /^(?:depends|address|silent|mount|client|drift)-|^order$/;

export const isARunsBusiness = (check: string): boolean =>
  !BEYOND_A_RUN.has(check) && !SETTLED_BY_PEOPLE.test(check);
