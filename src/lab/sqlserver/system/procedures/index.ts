import type { SystemProcedure } from '../procedure.ts';
import { CHANGE_PROCEDURES } from './changes.ts';
import { COLUMN_PROCEDURES } from './columns.ts';
import { configure } from './configuration.ts';
import { HELP_PROCEDURES } from './help.ts';
import { LOCK_PROCEDURES } from './locks.ts';
import { PRINCIPAL_PROCEDURES } from './principals.ts';
import { SERVER_PROCEDURES } from './servers.ts';

/** Procedures of the server itself. */
export const PROCEDURES: readonly SystemProcedure[] = [
  configure,
  ...CHANGE_PROCEDURES,
  ...COLUMN_PROCEDURES,
  ...HELP_PROCEDURES,
  ...LOCK_PROCEDURES,
  ...PRINCIPAL_PROCEDURES,
  ...SERVER_PROCEDURES,
];
