import { SqlError } from '../../../../../src/lab/sqlserver/errors.ts';
import type { FunctionContext } from '../../../../../src/lab/sqlserver/functions/function.ts';
import {
  globalVariables,
  scalarFunctions,
  tableFunctions,
} from '../../../../../src/lab/sqlserver/functions/index.ts';
import type { ShapeColumn } from '../../../../../src/lab/sqlserver/functions/table-function.ts';
import {
  convertValue,
  nvarchar,
  type SqlType,
  textOf,
  typeText,
  type Value,
  varchar,
} from '../../../../../src/lab/sqlserver/values/index.ts';
import { type } from '../values/types.ts';
import { database, instance } from './parts.ts';

/** A session for functions: written by hand behind the contract. */

export interface Argument {
  readonly type: SqlType | undefined;
  readonly value: Value;
}

/** The literal NULL. */
export const NULL: Argument = { type: undefined, value: null };

/** A value from its text; a bare text is a varchar literal, a number an int literal. */
export function argument(of: string | number | Argument): Argument {
  if (typeof of === 'number') return { type: { kind: 'int' }, value: of };
  if (typeof of === 'string') return { type: varchar(Math.max(1, of.length)), value: of };
  return of;
}

export const n = (text: string): Argument => ({ type: nvarchar(Math.max(1, text.length)), value: text });

export const typed = (text: string | null, of: string): Argument => ({
  type: type(of),
  value: text === null ? null : convertValue(text, varchar('max'), type(of)),
});

export interface World {
  readonly release?: 2012 | 2014 | 2016 | 2017 | 2019 | 2022;
  readonly session?: Partial<FunctionContext['session']>;
  readonly dateFirst?: number;
}

/** 2026-11-22 17:01:02.123 UTC, a Sunday. */
export const NOW = Date.UTC(2026, 10, 22, 17, 1, 2, 123);

export function context({ release = 2022, session = {}, dateFirst = 7 }: World = {}): FunctionContext {
  return {
    now: NOW,
    database,
    instance: instance(release),
    session: {
      id: 51,
      login: 'sa',
      user: 'dbo',
      application: 'app',
      host: 'host',
      transactionCount: 1,
      transactionState: 1,
      rowCount: 3,
      lastError: 0,
      identity: 7n,
      scopeIdentity: null,
      nestLevel: 0,
      procedure: undefined,
      caught: undefined,
      options: {
        nocount: true,
        xactAbort: false,
        ansiNulls: true,
        ansiWarnings: true,
        ansiPadding: true,
        arithAbort: false,
        concatNullYieldsNull: true,
        quotedIdentifier: true,
        numericRoundAbort: false,
        implicitTransactions: false,
        dateFirst,
        dateFormat: 'mdy',
        language: 'us_english',
        textSize: 2_147_483_647,
        lockTimeout: -1,
        rowCount: 0,
        isolation: 'read-committed',
        deadlockPriority: 0,
      },
      contextInfo: null,
      contextValues: new Map(),
      cursors: new Map(),
      fetchStatus: 0,
      updatedColumns: undefined,
      replication: false,
      ...session,
    },
  };
}

const byName = new Map(scalarFunctions.map(each => [each.name, each]));

export function call(name: string, list: readonly (string | number | Argument)[], world?: World): Result {
  const found = byName.get(name);
  if (found === undefined) throw new Error(`no function ${name}`);
  const given = list.map(argument);
  const types = given.map(each => each.type);
  const values = given.map(each => each.value);
  try {
    const result = found.type(types, values);
    return { type: result, value: found.evaluate(values, types, context(world)) };
  } catch (error) {
    if (error instanceof SqlError) return { error: error.number, text: error.message };
    throw error;
  }
}

export type Result =
  | { readonly type: SqlType; readonly value: Value }
  | { readonly error: number; readonly text: string };

/** `int 5`, `varchar(3) NULL`, or the number of an error. */
export function say(
  name: string,
  list: readonly (string | number | Argument)[],
  world?: World,
): string | number {
  const result = call(name, list, world);
  if ('error' in result) return result.error;
  const { type: of, value } = result;
  return `${typeText(of)} ${value === null ? 'NULL' : value instanceof Uint8Array ? Buffer.from(value).toString('hex') : textOf(value, of)}`;
}

export function rows(
  name: string,
  list: readonly (string | number | Argument)[],
  options: World & { readonly shape?: readonly ShapeColumn[] } = {},
): readonly (readonly Value[])[] | number {
  const found = tableFunctions.find(each => each.name === name);
  if (found === undefined) throw new Error(`no table function ${name}`);
  const given = list.map(argument);
  const types = given.map(each => each.type);
  const values = given.map(each => each.value);
  try {
    found.columns(types, values);
    return [...found.rows(values, types, context(options), options.shape)];
  } catch (error) {
    if (error instanceof SqlError) return error.number;
    throw error;
  }
}

export function global(name: string, world?: World): Value {
  const found = globalVariables.find(each => each.name === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found.value(context(world));
}
