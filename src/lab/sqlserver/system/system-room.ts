import { FUNCTIONS } from './functions/index.ts';
import { PROCEDURES } from './procedures/index.ts';
import type { SystemRoom } from './room.ts';
import { SYSTEM_VIEWS } from './views/index.ts';

/** Catalog and management views, metadata functions and procedures of the server itself. */
export const SYSTEM_ROOM: SystemRoom = {
  views: SYSTEM_VIEWS,
  procedures: PROCEDURES,
  scalars: FUNCTIONS,
  globals: [],
};
