import { listed } from '../../foundation/spelling.ts';
import type { Draft } from '../draft.ts';
import { caution, type Finding } from '../finding.ts';

/** Whoever names a database must not believe that it moved. Goes away with the version that moves them. */
export function lintDatabases({ databases }: Draft): Finding[] {
  const names = [...databases.names];
  if (names.length === 0) return [];
  const message = `this version of landfall does not move databases: ${listed(names)} ${names.length === 1 ? 'stays' : 'stay'}`;
  const suggestion = 'move them by hand; the plan may name them for order and contacts';
  return [caution(['databases'], message, { on: 'key', suggestion })];
}
