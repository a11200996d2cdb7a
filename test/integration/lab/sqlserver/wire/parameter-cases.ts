import { TYPES } from 'tedious';
import { DEFAULT_COLLATION, type SqlType } from '../../../../../src/lab/sqlserver/values/index.ts';

const MOMENT = new Date('2026-01-02T03:04:05.678Z');
export const LONG = 'ä€🙂'.repeat(20_000);
export const text = (kind: 'varchar' | 'nvarchar' | 'char' | 'nchar', length: number | 'max'): SqlType => ({
  kind,
  length,
  collation: DEFAULT_COLLATION,
});

/** A parameter as the driver is given it, and as server and driver see it. */
export interface Case {
  readonly name: string;
  readonly type: (typeof TYPES)[keyof typeof TYPES];
  readonly options?: { length?: number; precision?: number; scale?: number };
  readonly sent: unknown;
  readonly back?: unknown;
  readonly seen: SqlType;
}

export const CASES: readonly Case[] = [
  { name: 'bit', type: TYPES.Bit, sent: true, seen: { kind: 'bit' } },
  { name: 'tinyint', type: TYPES.TinyInt, sent: 255, seen: { kind: 'tinyint' } },
  { name: 'smallint', type: TYPES.SmallInt, sent: -32_768, seen: { kind: 'smallint' } },
  { name: 'int', type: TYPES.Int, sent: -2_147_483_648, seen: { kind: 'int' } },
  { name: 'bigint', type: TYPES.BigInt, sent: '-9223372036854775808', seen: { kind: 'bigint' } },
  { name: 'real', type: TYPES.Real, sent: 0.25, seen: { kind: 'real' } },
  { name: 'float', type: TYPES.Float, sent: -1.1e300, seen: { kind: 'float' } },
  { name: 'smallmoney', type: TYPES.SmallMoney, sent: -1.5, seen: { kind: 'smallmoney' } },
  { name: 'money', type: TYPES.Money, sent: 123456789.1234, seen: { kind: 'money' } },
  {
    name: 'decimal(9,2)',
    type: TYPES.Decimal,
    options: { precision: 9, scale: 2 },
    sent: -123.45,
    seen: { kind: 'decimal', precision: 9, scale: 2 },
  },
  {
    name: 'numeric(38,0)',
    type: TYPES.Numeric,
    options: { precision: 38, scale: 0 },
    sent: 12_345_678,
    seen: { kind: 'numeric', precision: 38, scale: 0 },
  },
  {
    name: 'decimal(28,4)',
    type: TYPES.Decimal,
    options: { precision: 28, scale: 4 },
    sent: 99.5,
    seen: { kind: 'decimal', precision: 28, scale: 4 },
  },
  {
    name: 'datetime',
    type: TYPES.DateTime,
    sent: new Date('1753-01-01T00:00:00.010Z'),
    seen: { kind: 'datetime' },
  },
  {
    name: 'smalldatetime',
    type: TYPES.SmallDateTime,
    sent: new Date('2026-01-02T03:04:00Z'),
    seen: { kind: 'smalldatetime' },
  },
  { name: 'date', type: TYPES.Date, sent: new Date('0001-01-01T00:00:00Z'), seen: { kind: 'date' } },
  {
    name: 'time(3)',
    type: TYPES.Time,
    options: { scale: 3 },
    sent: new Date('1970-01-01T23:59:59.999Z'),
    seen: { kind: 'time', scale: 3 },
  },
  {
    name: 'datetime2(7)',
    type: TYPES.DateTime2,
    options: { scale: 7 },
    sent: MOMENT,
    seen: { kind: 'datetime2', scale: 7 },
  },
  {
    name: 'datetime2(0)',
    type: TYPES.DateTime2,
    options: { scale: 0 },
    sent: new Date('9999-12-31T23:59:59Z'),
    seen: { kind: 'datetime2', scale: 0 },
  },
  {
    name: 'datetimeoffset(7)',
    type: TYPES.DateTimeOffset,
    options: { scale: 7 },
    sent: MOMENT,
    seen: { kind: 'datetimeoffset', scale: 7 },
  },
  {
    name: 'uniqueidentifier',
    type: TYPES.UniqueIdentifier,
    sent: '11223344-5566-7788-99aa-bbccddeeff00',
    back: '11223344-5566-7788-99AA-BBCCDDEEFF00',
    seen: { kind: 'uniqueidentifier' },
  },
  {
    name: 'nvarchar(20)',
    type: TYPES.NVarChar,
    options: { length: 20 },
    sent: 'ä€🙂\ud800',
    seen: text('nvarchar', 20),
  },
  { name: 'nvarchar(max)', type: TYPES.NVarChar, sent: LONG, seen: text('nvarchar', 'max') },
  { name: 'nchar(4)', type: TYPES.NChar, options: { length: 4 }, sent: 'ab€d', seen: text('nchar', 4) },
  {
    name: 'varchar(20)',
    type: TYPES.VarChar,
    options: { length: 20 },
    sent: 'naïve €',
    seen: text('varchar', 20),
  },
  { name: 'varchar(max)', type: TYPES.VarChar, sent: 'é'.repeat(100_000), seen: text('varchar', 'max') },
  { name: 'char(5)', type: TYPES.Char, options: { length: 5 }, sent: 'Zürch', seen: text('char', 5) },
  { name: 'text', type: TYPES.Text, sent: 'a long ß', seen: { kind: 'text', collation: DEFAULT_COLLATION } },
  {
    name: 'varbinary(8)',
    type: TYPES.VarBinary,
    options: { length: 8 },
    sent: Buffer.from('00ff10', 'hex'),
    seen: { kind: 'varbinary', length: 8 },
  },
  {
    name: 'varbinary(max)',
    type: TYPES.VarBinary,
    sent: Buffer.alloc(70_000, 7),
    seen: { kind: 'varbinary', length: 'max' },
  },
  {
    name: 'binary(3)',
    type: TYPES.Binary,
    options: { length: 3 },
    sent: Buffer.from('010203', 'hex'),
    seen: { kind: 'binary', length: 3 },
  },
  { name: 'image', type: TYPES.Image, sent: Buffer.from('image'), seen: { kind: 'image' } },
];
