import type { Shape } from '../catalog/queries.ts';

/** What came with a version later than SQL Server 2012, by the major version of the first that has it. */

export const MAJOR = { 2012: 11, 2014: 12, 2016: 13, 2017: 14, 2019: 15, 2022: 16, 2025: 17 } as const;

/** Columns of catalog views that the survey asks for, as `view.column`; all others are as old as 2012. */
export const COLUMN_SINCE: ReadonlyMap<string, number> = new Map([
  ['databases.delayed_durability_desc', MAJOR[2014]],
  ['databases.is_remote_data_archive_enabled', MAJOR[2016]],
  ['databases.is_ledger_on', MAJOR[2022]],
  ['databases.is_change_feed_enabled', MAJOR[2022]],
  ['tables.is_memory_optimized', MAJOR[2014]],
  ['tables.temporal_type', MAJOR[2016]],
  ['tables.is_external', MAJOR[2016]],
  ['tables.is_node', MAJOR[2017]],
  ['tables.is_edge', MAJOR[2017]],
  ['tables.ledger_type', MAJOR[2022]],
  ['tables.is_dropped_ledger_table', MAJOR[2022]],
]);

/** Server permissions that older versions do not know: they answer NULL when asked, and refuse to grant them. */
export const PERMISSION_SINCE: ReadonlyMap<string, number> = new Map([
  ['VIEW SERVER PERFORMANCE STATE', MAJOR[2022]],
  ['VIEW ANY SECURITY DEFINITION', MAJOR[2022]],
]);

/** The later columns that a server of this major version has. A version that nobody knows yet has all of them. */
export const shapeOf = (major: number): Shape =>
  new Set([...COLUMN_SINCE].filter(([, since]) => since <= major).map(([column]) => column));

export const knowsPermission = (major: number, permission: string): boolean =>
  (PERMISSION_SINCE.get(permission) ?? 0) <= major;

/** `d.is_ledger_on`, or what stands for it on a server that has no such column. */
export const later = (
  major: number,
  alias: string,
  view: string,
  column: string,
  otherwise: string,
): string => ((COLUMN_SINCE.get(`${view}.${column}`) ?? 0) <= major ? `${alias}.${column}` : otherwise);
