import {
  binary,
  nvarchar,
  type SqlType,
  SYSNAME,
  typeFacts,
  type Value,
  varbinary,
} from '../../values/index.ts';
import { badArgument, textArgument } from '../arguments.ts';
import { define } from '../define.ts';
import type { FunctionContext } from '../function.ts';
import { dataLength } from '../text/lengths.ts';

/** What a session knows of itself, and of the error that its CATCH block handles. */

const fact = (name: string, type: SqlType, read: (context: FunctionContext) => Value, since?: number) =>
  define({
    name,
    count: 0,
    ...(since === undefined ? {} : { since }),
    type,
    evaluate: (_values, _types, context) => read(context),
  });

const INTEGER: SqlType = { kind: 'int' };

const contextInfo = fact('context_info', varbinary(128), context => context.session.contextInfo);

const sessionContext = define({
  name: 'session_context',
  count: 1,
  since: 2016,
  type: ([type]) => {
    if (type !== undefined && type.kind !== 'nvarchar' && type.kind !== 'nchar') {
      throw badArgument(type, 1, 'session_context');
    }
    return { kind: 'sql_variant' };
  },
  evaluate: ([key = null], [type], context) => {
    const found = context.session.contextValues.get((textArgument(key, type) ?? '').toLowerCase());
    if (found === undefined || found.value === null) return null;
    const { value } = found;
    return typeof value === 'object' && 'type' in value ? value : { type: found.type, value };
  },
});

const SETTINGS: Readonly<Record<string, keyof FunctionContext['session']['options']>> = {
  ansi_nulls: 'ansiNulls',
  ansi_padding: 'ansiPadding',
  ansi_warnings: 'ansiWarnings',
  arithabort: 'arithAbort',
  concat_null_yields_null: 'concatNullYieldsNull',
  numeric_roundabort: 'numericRoundAbort',
  quoted_identifier: 'quotedIdentifier',
};

const sessionProperty = define({
  name: 'sessionproperty',
  count: 1,
  type: { kind: 'sql_variant' },
  evaluate: ([name = null], [type], context) => {
    const option = SETTINGS[(textArgument(name, type) ?? '').trim().toLowerCase()];
    if (option === undefined) return null;
    return { type: INTEGER, value: context.session.options[option] === true ? 1 : 0 };
  },
});

/** A bit for each column of the trigger's table, from the lowest of the first byte on; NULL outside of triggers. */
const columnsUpdated = fact('columns_updated', varbinary(128), ({ session }) => {
  const { updatedColumns } = session;
  if (updatedColumns === undefined) return null;
  const highest = Math.max(1, ...updatedColumns);
  const bits = new Uint8Array(Math.ceil(highest / 8));
  for (const id of updatedColumns) {
    const at = (id - 1) >> 3;
    bits[at] = (bits[at] ?? 0) | (1 << ((id - 1) & 7));
  }
  return bits;
});

const PROPERTIES: Readonly<Record<string, (type: SqlType, value: Value) => Value>> = {
  basetype: type => typeFactsName(type),
  precision: type => digits(type),
  scale: type => typeFacts(type).scale,
  totalbytes: (type, value) => dataLength(value, type) + 2,
  collation: type => typeFacts(type).collation,
  maxlength: type => typeFacts(type).maxLength,
};

const typeFactsName = (type: SqlType): string => (type.kind === 'rowversion' ? 'timestamp' : type.kind);

const digits = (type: SqlType): number => typeFacts(type).precision;

const variantProperty = define({
  name: 'sql_variant_property',
  count: 2,
  type: { kind: 'sql_variant' },
  evaluate: ([value = null, name = null], types) => {
    const property = (textArgument(name, types[1]) ?? '').toLowerCase();
    const [type] = types;
    if (value === null || type === undefined) return null;
    const variant = typeof value === 'object' && 'type' in value ? value : { type, value };
    const read = PROPERTIES[property];
    if (read === undefined) return null;
    const result = read(variant.type, variant.value);
    if (result === null || (typeof result === 'object' && 'type' in result)) return null;
    return { type: typeof result === 'string' ? SYSNAME : INTEGER, value: result };
  },
});

/** 1 open with rows, 0 open without, -1 closed, -3 none of this name. */
const cursorStatus = define({
  name: 'cursor_status',
  count: 2,
  type: { kind: 'smallint' },
  evaluate: ([, name = null], types, context) => {
    const wanted = (textArgument(name, types[1]) ?? '').toLowerCase();
    for (const [key, cursor] of context.session.cursors)
      if (key.toLowerCase() === wanted) return cursor.status;
    return -3;
  },
});

export const SESSION = [
  fact('error_number', INTEGER, context => context.session.caught?.number ?? null),
  fact('error_message', nvarchar(4000), context => context.session.caught?.message ?? null),
  fact('error_severity', INTEGER, context => context.session.caught?.severity ?? null),
  fact('error_state', INTEGER, context => context.session.caught?.state ?? null),
  fact('error_line', INTEGER, context => context.session.caught?.line ?? null),
  fact('error_procedure', nvarchar(128), context => context.session.caught?.procedure ?? null),
  fact('xact_state', { kind: 'smallint' }, context => context.session.transactionState),
  fact(
    'scope_identity',
    { kind: 'numeric', precision: 38, scale: 0 },
    context => context.session.scopeIdentity,
  ),
  fact('app_name', nvarchar(128), context => context.session.application),
  fact('host_name', nvarchar(128), context => context.session.host),
  fact('rowcount_big', { kind: 'bigint' }, context => BigInt(context.session.rowCount)),
  fact(
    'min_active_rowversion',
    binary(8),
    context => context.database.store?.minimumActiveRowVersion() ?? null,
  ),
  contextInfo,
  sessionContext,
  sessionProperty,
  columnsUpdated,
  variantProperty,
  cursorStatus,
];
