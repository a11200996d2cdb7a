/** The reason of the last pass; a journal that holds it was past the first half of its rehearsal. */
export const LAST_PASS = 'the writer of the lab has stopped';

/** The reason of the proofs at the end. */
export const LAST_PROOF = 'the copies are compared, so they are booted';
