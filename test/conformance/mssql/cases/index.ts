import type { Case } from '../case.ts';
import { ADMINISTRATION } from './administration.ts';
import { CHANGES } from './changes.ts';
import { CONNECT } from './connect.ts';
import { CONSTRAINTS } from './constraints.ts';
import { CONVERSIONS } from './conversions.ts';
import { ERRORS } from './errors.ts';
import { METADATA } from './metadata.ts';
import { OPERATIONS } from './operations.ts';
import { PROGRAMS } from './programs.ts';
import { QUERIES } from './queries.ts';
import { SESSIONS } from './sessions.ts';
import { STRINGS } from './strings.ts';
import { TRANSACTIONS } from './transactions.ts';
import { TYPES } from './types.ts';

/** Every case, by topic. */
export const TOPICS: Readonly<Record<string, readonly Case[]>> = {
  connect: CONNECT,
  types: TYPES,
  conversions: CONVERSIONS,
  strings: STRINGS,
  queries: QUERIES,
  changes: CHANGES,
  constraints: CONSTRAINTS,
  errors: ERRORS,
  transactions: TRANSACTIONS,
  programs: PROGRAMS,
  sessions: SESSIONS,
  metadata: METADATA,
  administration: ADMINISTRATION,
  operations: OPERATIONS,
};
