import { SqlError, unsupported } from '../errors.ts';
import type { InputValue, TableValue } from '../server/requests.ts';
import type { Collation } from '../values/index.ts';
import type { SqlType } from '../values/types.ts';
import type { BytesIn } from './bytes-in.ts';
import { readTypeInfo } from './decode.ts';
import type { Decoder } from './decoder.ts';
import { BadValue, badParameter, protocolFault } from './faults.ts';
import { TYPE } from './type-ids.ts';

/** One call of an RPC message. */
export interface Call {
  readonly procedure: string;
  readonly parameters: readonly InputValue[];
}

/** Procedures that have a number (MS-TDS 2.2.6.6). */
const BY_NUMBER: readonly (string | undefined)[] = [
  undefined,
  'sp_cursor',
  'sp_cursoropen',
  'sp_cursorprepare',
  'sp_cursorexecute',
  'sp_cursorprepexec',
  'sp_cursorunprepare',
  'sp_cursorfetch',
  'sp_cursoroption',
  'sp_cursorclose',
  'sp_executesql',
  'sp_prepare',
  'sp_execute',
  'sp_prepexec',
  'sp_prepexecrpc',
  'sp_unprepare',
];

/** Between two calls; no parameter's name is as long. */
const NEXT = { call: 0xff, oldCall: 0x80, withoutRunning: 0xfe } as const;
const PARAMETER = { output: 0x01, byDefault: 0x02, encrypted: 0x08 } as const;
const OPTION = { noMetadata: 0x02, reuseMetadata: 0x04 } as const;

/**
 * The calls of an RPC message, after its headers (facts: tds-double 5.3).
 * @throws SqlError 8009, 8016, 8023 … for a parameter, 8004 for a procedure; OutOfBytes
 */
export function readCalls(from: BytesIn, own: Collation): readonly Call[] {
  const calls: Call[] = [];
  while (!from.ended) {
    calls.push(readCall(from, own));
    if (from.ended) break;
    // It stands where the next parameter would.
    from.skip(1);
    if (from.ended) throw protocolFault('an RPC that ends before its next call');
  }
  if (calls.length === 0) throw protocolFault('an RPC without a procedure');
  return calls;
}

function readCall(from: BytesIn, own: Collation): Call {
  const procedure = readProcedure(from);
  if ((from.u16() & (OPTION.noMetadata | OPTION.reuseMetadata)) !== 0) {
    throw unsupported('an RPC that wants no column metadata');
  }
  const parameters: InputValue[] = [];
  while (!from.ended) {
    const next = from.peek();
    if (next === NEXT.withoutRunning) throw unsupported('an RPC call that is not to be run');
    if (next === NEXT.call || next === NEXT.oldCall) break;
    parameters.push(readParameter(from, own, parameters.length + 1));
  }
  return { procedure, parameters };
}

function readProcedure(from: BytesIn): string {
  const length = from.u16();
  if (length === 0xffff) {
    const name = BY_NUMBER[from.u16()];
    if (name !== undefined) return name;
  } else if (length > 0 && length <= 1046) {
    return from.text(length * 2);
  }
  throw new SqlError(
    8004,
    'The incoming tabular data stream (TDS) remote procedure call (RPC) protocol stream is incorrect. The RPC name is invalid.',
    { endsBatch: true },
  );
}

function readParameter(from: BytesIn, own: Collation, ordinal: number): InputValue {
  const name = from.bVarchar();
  const status = from.u8();
  if ((status & PARAMETER.encrypted) !== 0) throw unsupported('an encrypted parameter');
  if ((status & PARAMETER.byDefault) !== 0) throw unsupported('a parameter sent as its default');
  const output = (status & PARAMETER.output) !== 0;
  try {
    if (from.peek() === TYPE.table) {
      from.skip(1);
      return { name, type: NO_TYPE, value: readTable(from, own), output };
    }
    const { type, read } = readTypeInfo(from, 'parameter', own);
    return { name, type, value: read(from), output };
  } catch (error) {
    if (error instanceof BadValue) throw badParameter(error, ordinal, name);
    throw error;
  }
}

/** A table-valued parameter has the type its value names; no SqlType says that. */
const NO_TYPE: SqlType = { kind: 'sql_variant' };

const NO_COLUMNS = 0xffff;
const TVP = { end: 0x00, row: 0x01, order: 0x10, columnOrder: 0x11 } as const;
const COLUMN_DEFAULT = 0x0200;

/** TVP_TYPE_INFO and its rows (MS-TDS 2.2.5.5.5). */
function readTable(from: BytesIn, own: Collation): TableValue {
  const typeName = [from.bVarchar(), from.bVarchar(), from.bVarchar()].filter(part => part !== '');
  const columns = readTableColumns(from, own);
  const rows: (readonly ReturnType<Decoder['read']>[])[] = [];
  for (let token = from.u8(); token !== TVP.end; token = from.u8()) {
    // Rows of nothing would be as many as the message has bytes.
    if (token !== TVP.row || columns.length === 0) throw new BadValue('value', TYPE.table, 'table type');
    rows.push(columns.map(column => column.read(from)));
  }
  return { typeName, columns: columns.map(column => column.type), rows };
}

function readTableColumns(from: BytesIn, own: Collation): readonly Decoder[] {
  const count = from.u16();
  const columns: Decoder[] = [];
  if (count !== NO_COLUMNS) {
    for (let index = 0; index < count; index += 1) {
      from.skip(4);
      if ((from.u16() & COLUMN_DEFAULT) !== 0)
        throw unsupported('a column of a table parameter sent as its default');
      columns.push(readTypeInfo(from, 'parameter', own));
      from.bVarchar();
    }
  }
  const token = from.u8();
  if (token === TVP.order || token === TVP.columnOrder)
    throw unsupported('an order or a unique key of a table parameter');
  if (token !== TVP.end) throw new BadValue('value', TYPE.table, 'table type');
  return columns;
}
