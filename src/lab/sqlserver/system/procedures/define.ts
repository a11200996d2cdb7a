import type { Catalog } from '../../catalog/schema.ts';
import type { ResultColumn } from '../../server/replies.ts';
import { LockWait } from '../../storage/store.ts';
import type { Value } from '../../values/types.ts';
import { parseColumnType } from '../column-type.ts';
import type { ProcedureContext, ProcedureParameter, ProcedureValues, SystemProcedure } from '../procedure.ts';

export type Run = (
  context: ProcedureContext,
  values: ProcedureValues,
) => number | undefined | Promise<number | undefined>;

/**
 * A procedure from the text of its parameters, `@name type [= default] [output]` each behind a semicolon. Without a default
 * it is required; the return status is 0 unless `run` gives another.
 */
export function procedure(
  name: string,
  parameters: string,
  run: Run,
  home: SystemProcedure['home'] = { kind: 'sys' },
  since?: number,
): SystemProcedure {
  return {
    name,
    home,
    parameters: parameters
      .split(';')
      .map(text => text.trim())
      .filter(text => text !== '')
      .map(parameter),
    ...(since === undefined ? {} : { since }),
    run: async (context, values) => (await run(context, values)) ?? 0,
  };
}

function parameter(text: string): ProcedureParameter {
  const found = /^(@\w+)\s+(\S+)(?:\s+=\s+(\S+))?(\s+output)?$/.exec(text);
  if (found === null) throw new Error(`not a parameter: ${text}`);
  const [, name = '', type = '', fallback, output] = found;
  return {
    name,
    type: parseColumnType(type),
    ...(fallback === undefined ? {} : { default: defaultValue(fallback, type) }),
    ...(output === undefined ? {} : { output: true }),
  };
}

function defaultValue(text: string, type: string): Value {
  if (text === 'null') return null;
  if (type === 'bigint') return BigInt(text);
  return /^-?\d+$/.test(text) && !/char|sysname|text/.test(type) ? Number(text) : text.replaceAll("'", '');
}

/** Columns of a result: `name type`, NULL allowed. */
export const columns = (...pairs: readonly string[]): readonly ResultColumn[] =>
  pairs.map(pair => {
    const place = pair.lastIndexOf(' ');
    return {
      name: pair.slice(0, place),
      type: parseColumnType(pair.slice(place + 1)),
      nullable: true,
      identity: false,
    };
  });

/** Changes the catalog of the procedure's database: in the session's transaction where one is open, else at once. */
export async function changeCatalog(
  context: ProcedureContext,
  change: (catalog: Catalog) => Catalog,
): Promise<void> {
  const { store } = context.database;
  if (store === undefined) return;
  const open = context.transaction;
  const transaction = open ?? store.begin(context.session.id, { snapshot: false });
  try {
    for (;;) {
      try {
        transaction.define(change);
        break;
      } catch (wait) {
        if (!(wait instanceof LockWait)) throw wait;
        const { lockTimeout } = context.session.options;
        await store.locks.wait(transaction, wait, lockTimeout, context.signal);
      }
    }
    if (open === undefined) transaction.commit();
  } catch (error) {
    if (open === undefined) transaction.rollback();
    throw error;
  }
}
