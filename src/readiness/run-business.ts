/**
 * Gates that `landfall run` alone can never open: a proof is an order of its own, and what a database needs beyond a
 * copy of its files is decided by people.
 */
const BEYOND_A_RUN: ReadonlySet<string> = new Set(['boot-proof', 'consistency']);

export const isARunsBusiness = (check: string): boolean => !BEYOND_A_RUN.has(check);
