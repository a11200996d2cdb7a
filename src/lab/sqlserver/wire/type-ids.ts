/** Bytes that begin a TYPE_INFO (facts: tds-double 8). */
export const TYPE = {
  image: 0x22,
  text: 0x23,
  uniqueidentifier: 0x24,
  intN: 0x26,
  date: 0x28,
  time: 0x29,
  datetime2: 0x2a,
  datetimeoffset: 0x2b,
  tinyint: 0x30,
  bit: 0x32,
  smallint: 0x34,
  int: 0x38,
  smalldatetime: 0x3a,
  real: 0x3b,
  money: 0x3c,
  datetime: 0x3d,
  float: 0x3e,
  variant: 0x62,
  ntext: 0x63,
  bitN: 0x68,
  decimalN: 0x6a,
  numericN: 0x6c,
  floatN: 0x6d,
  moneyN: 0x6e,
  datetimeN: 0x6f,
  smallmoney: 0x7a,
  bigint: 0x7f,
  varbinary: 0xa5,
  varchar: 0xa7,
  binary: 0xad,
  char: 0xaf,
  nvarchar: 0xe7,
  nchar: 0xef,
  udt: 0xf0,
  xml: 0xf1,
  table: 0xf3,
} as const;

/** Bytes of a decimal's value with its sign, by precision. */
export const decimalSize = (precision: number): 5 | 9 | 13 | 17 =>
  precision <= 9 ? 5 : precision <= 19 ? 9 : precision <= 28 ? 13 : 17;

/** Bytes of a time, by scale. */
export const timeSize = (scale: number): 3 | 4 | 5 => (scale <= 2 ? 3 : scale <= 4 ? 4 : 5);

export const TICKS_OF_A_DAY = 864_000_000_000;
/** 9999-12-31. */
export const LAST_DAY = 3_652_058;
