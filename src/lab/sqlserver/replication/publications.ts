import type { ProcedureContext } from '../system/procedure.ts';
import type { Value } from '../values/types.ts';
import { noPublication, notEnabled } from './faults.ts';
import { quoted } from './places.ts';

/** A publication as dbo.syspublications has it, as far as the procedures ask. */
export interface Publication {
  readonly id: number;
  readonly name: string;
  readonly active: boolean;
  readonly independentAgent: boolean;
  readonly immediateSync: boolean;
  readonly allowPush: boolean;
  readonly allowPull: boolean;
  readonly fromBackup: boolean;
  readonly replicateDdl: number;
}

const flag = (value: Value | undefined): boolean => value === 1;

/** @throws SqlError 14013 outside a publication database, 20026 where there is none of this name */
export async function publicationOf(context: ProcedureContext, name: string | null): Promise<Publication> {
  if (!context.database.options.published) throw notEnabled();
  const [row] = await context.query(
    context.database.name,
    `SELECT pubid, name, status, independent_agent, immediate_sync, allow_push, allow_pull, allow_initialize_from_backup, replicate_ddl
FROM dbo.syspublications WHERE name = ${quoted(name ?? '')}`,
  );
  if (row === undefined) throw noPublication(name ?? '');
  return {
    id: Number(row['pubid']),
    name: String(row['name']),
    active: row['status'] === 1,
    independentAgent: flag(row['independent_agent']),
    immediateSync: flag(row['immediate_sync']),
    allowPush: flag(row['allow_push']),
    allowPull: flag(row['allow_pull']),
    fromBackup: flag(row['allow_initialize_from_backup']),
    replicateDdl: Number(row['replicate_ddl']),
  };
}

/** `true` and `false` as the replication procedures take them. */
export const truth = (value: string | null): boolean | undefined => {
  const word = value?.toLowerCase();
  return word === 'true' ? true : word === 'false' ? false : undefined;
};

/** Names that a publication or an article must not have: REPL/publish, naming rules. */
export const FORBIDDEN_CHARACTERS = /[%*[\]|:"?\\/<>]/;
