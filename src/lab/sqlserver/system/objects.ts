import { AGENT_ROOM } from '../agent/room.ts';
import type { GlobalVariable, ScalarFunction } from '../functions/function.ts';
import { globalVariables, scalarFunctions } from '../functions/index.ts';
import { REPLICATION_ROOM } from '../replication/room.ts';
import type { SystemObjects } from '../server/instance.ts';
import type { ProductFacts } from '../server/product.ts';
import type { SystemProcedure } from './procedure.ts';
import type { SystemRoom } from './room.ts';
import { SYSTEM_ROOM } from './system-room.ts';
import type { SystemView } from './view.ts';

/** Rooms that bring views, procedures and functions; a later one replaces what an earlier one brought under the same name. */
const ROOMS: readonly SystemRoom[] = [
  { views: [], procedures: [], scalars: scalarFunctions, globals: globalVariables },
  SYSTEM_ROOM,
  AGENT_ROOM,
  REPLICATION_ROOM,
];

/** Everything the system brings that this release has: names that it lacks are unknown (195, 208, 2812, 207). */
export function systemObjects(product: ProductFacts, rooms: readonly SystemRoom[] = ROOMS): SystemObjects {
  const views = new Map<string, SystemView>();
  const procedures = new Map<string, SystemProcedure>();
  const scalars = new Map<string, ScalarFunction>();
  const globals = new Map<string, GlobalVariable>();
  const has = (thing: { readonly since?: number }) => (thing.since ?? 0) <= product.release;
  for (const room of rooms) {
    for (const view of room.views.filter(has))
      views.set(`${view.schema}.${view.name}`.toLowerCase(), forRelease(view, product.release));
    for (const procedure of room.procedures.filter(has)) procedures.set(procedureKey(procedure), procedure);
    for (const scalar of room.scalars.filter(has)) scalars.set(scalar.name.toLowerCase(), scalar);
    for (const global of room.globals) globals.set(global.name.toLowerCase(), global);
  }
  return { views, procedures, functions: { scalars, globals } };
}

/** `sp_help` for one that is in every database, `msdb..sp_add_job` for one of a single database. */
export function procedureKey(procedure: SystemProcedure): string {
  const name = procedure.name.toLowerCase();
  return procedure.home.kind === 'sys' ? name : `${procedure.home.database.toLowerCase()}..${name}`;
}

/** The view without the columns that a later release brought. */
function forRelease(view: SystemView, release: number): SystemView {
  const kept = view.columns.flatMap((column, place) => ((column.since ?? 0) <= release ? [place] : []));
  if (kept.length === view.columns.length) return view;
  return {
    ...view,
    columns: view.columns.filter(column => (column.since ?? 0) <= release),
    *rows(context, database, values) {
      for (const row of view.rows(context, database, values)) yield kept.map(place => row[place] ?? null);
    },
  };
}
