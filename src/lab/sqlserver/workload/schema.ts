import { APPLICATION_SCHEMA } from './schema/applications.ts';
import { MODULES } from './schema/modules.ts';
import { PARTY_SCHEMA } from './schema/parties.ts';
import { REFERENCE_SCHEMA } from './schema/reference.ts';
import { SERVICING_SCHEMA } from './schema/servicing.ts';

/**
 * The loan-origination application of the scenario as T-SQL batches, each to be sent by itself: tables first, modules last.
 * It has what makes an evacuation of a database hard: tables without a key, large objects, triggers, identities, foreign keys
 * in a circle, rowversions, a history that looks temporal, keys of every kind and collation.
 */
export const SCHEMA: readonly string[] = [
  ...REFERENCE_SCHEMA,
  ...PARTY_SCHEMA,
  ...APPLICATION_SCHEMA,
  ...SERVICING_SCHEMA,
];

export { MODULES };
