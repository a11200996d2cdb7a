import type { Message, OutputValue, ResultColumn } from '../server/replies.ts';
import { type Collation, collation } from '../values/index.ts';
import type { SqlType } from '../values/types.ts';
import type { BytesOut } from './bytes-out.ts';
import { encoderOf } from './encode.ts';
import type { Encoder } from './encoder.ts';

/** The first byte of each token of a reply (facts: tds-double 7). */
export const TOKEN = {
  returnStatus: 0x79,
  columns: 0x81,
  error: 0xaa,
  info: 0xab,
  returnValue: 0xac,
  loginAck: 0xad,
  featureAck: 0xae,
  row: 0xd1,
  nullRow: 0xd2,
  environment: 0xe3,
  done: 0xfd,
  doneProcedure: 0xfe,
  doneInProcedure: 0xff,
} as const;

export const DONE = {
  more: 0x01,
  error: 0x02,
  transaction: 0x04,
  count: 0x10,
  attention: 0x20,
} as const;

export type DoneToken = typeof TOKEN.done | typeof TOKEN.doneProcedure | typeof TOKEN.doneInProcedure;

export function writeDone(
  out: BytesOut,
  token: DoneToken,
  status: number,
  command: number,
  count: number,
): void {
  out.u8(token);
  out.u16(status);
  out.u16(command);
  out.uint(count, 6);
  out.u16(0);
}

/** ERROR from severity 11 on, INFO below. */
export function writeMessage(out: BytesOut, message: Message, server: string): void {
  out.u8(message.severity > 10 ? TOKEN.error : TOKEN.info);
  const length = out.openU16();
  out.i32(message.number);
  out.u8(message.state);
  out.u8(message.severity);
  // The token holds 65 535 bytes; SQL Server's own messages end at 2 048 characters, PRINT's at 4 000.
  out.usVarchar(message.text.slice(0, 30_000));
  out.bVarchar(server);
  out.bVarchar(message.procedure);
  out.u32(message.line);
  out.closeU16(length);
}

export const ENVIRONMENT = {
  database: 1,
  language: 2,
  packetSize: 4,
  collation: 7,
  begin: 8,
  commit: 9,
  rollback: 10,
  reset: 18,
} as const;

export function writeTextChange(out: BytesOut, type: number, now: string, before: string): void {
  out.u8(TOKEN.environment);
  const length = out.openU16();
  out.u8(type);
  out.bVarchar(now);
  out.bVarchar(before);
  out.closeU16(length);
}

export function writeBytesChange(out: BytesOut, type: number, now: Uint8Array, before: Uint8Array): void {
  out.u8(TOKEN.environment);
  const length = out.openU16();
  out.u8(type);
  out.u8(now.length);
  out.raw(now);
  out.u8(before.length);
  out.raw(before);
  out.closeU16(length);
}

const NOTHING = new Uint8Array(0);

export function writeTransactionChange(
  out: BytesOut,
  kind: 'begin' | 'commit' | 'rollback',
  transaction: bigint,
): void {
  const descriptor = Buffer.alloc(8);
  descriptor.writeBigUInt64LE(BigInt.asUintN(64, transaction));
  if (kind === 'begin') writeBytesChange(out, ENVIRONMENT.begin, descriptor, NOTHING);
  else writeBytesChange(out, ENVIRONMENT[kind], NOTHING, descriptor);
}

export const writeReset = (out: BytesOut): void => writeBytesChange(out, ENVIRONMENT.reset, NOTHING, NOTHING);

export function writeReturnStatus(out: BytesOut, status: number): void {
  out.u8(TOKEN.returnStatus);
  out.i32(status);
}

const FLAG = { nullable: 0x01, caseSensitive: 0x02, mayBeUpdated: 0x08, identity: 0x10 } as const;
/** User types that a client can tell a column's type by. */
const TIMESTAMP = 80;

const userTypeOf = (type: SqlType): number => (type.kind === 'rowversion' ? TIMESTAMP : 0);

function isCaseSensitive(type: SqlType): boolean {
  if (!('collation' in type)) return false;
  const own: Collation = collation(type.collation);
  return own.caseSensitive || own.binary;
}

/** COLMETADATA; what the rows after it are written with. */
export function writeColumns(out: BytesOut, columns: readonly ResultColumn[]): readonly Encoder[] {
  out.u8(TOKEN.columns);
  out.u16(columns.length);
  return columns.map(column => {
    const encoder = encoderOf(column.type, column.nullable);
    out.u32(userTypeOf(column.type));
    out.u16(
      (column.nullable ? FLAG.nullable : 0) |
        (isCaseSensitive(column.type) ? FLAG.caseSensitive : 0) |
        (column.identity ? FLAG.identity : FLAG.mayBeUpdated),
    );
    encoder.info(out);
    if (encoder.hasTable) {
      out.u8(1);
      out.usVarchar('');
    }
    out.bVarchar(column.name);
    return encoder;
  });
}

export function writeReturnValue(out: BytesOut, output: OutputValue, ordinal: number): void {
  const encoder = encoderOf(output.type);
  out.u8(TOKEN.returnValue);
  out.u16(ordinal);
  out.bVarchar(output.name);
  out.u8(1);
  out.u32(userTypeOf(output.type));
  out.u16(0);
  encoder.info(out);
  if (output.value === null) encoder.none(out);
  else encoder.value(out, output.value);
}

/** Large objects come last (MS-TDS 2.2.7.19). */
export const isLargeOutput = (output: OutputValue): boolean => encoderOf(output.type).large;
