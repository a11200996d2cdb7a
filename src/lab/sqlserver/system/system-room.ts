import type { SystemRoom } from './room.ts';

/** Catalog and management views, metadata functions and procedures of the server itself. */
export const SYSTEM_ROOM: SystemRoom = { views: [], procedures: [], scalars: [], globals: [] };
