import type { SqlType, Value } from '../values/types.ts';
import type { BytesOut } from './bytes-out.ts';
import { bareDecimal, decimalEncoder, SIZED, sizedEncoder } from './encode-numbers.ts';
import {
  bareBinary,
  bareText,
  binaryEncoder,
  imageEncoder,
  largeTextEncoder,
  textEncoder,
  xmlEncoder,
} from './encode-texts.ts';
import { bareDate, bareTime, dateEncoder, timeEncoder } from './encode-times.ts';
import { byteLength, type Encoder, textOf, variantOf } from './encoder.ts';
import { writeGuid } from './guid.ts';
import { TYPE } from './type-ids.ts';

/** Of a column that may be null or not; types without a form of their own for the latter are the same both ways. */
export function encoderOf(type: SqlType, nullable = true): Encoder {
  switch (type.kind) {
    case 'bit':
    case 'tinyint':
    case 'smallint':
    case 'int':
    case 'bigint':
    case 'real':
    case 'float':
    case 'smallmoney':
    case 'money':
    case 'datetime':
    case 'smalldatetime':
      return sizedEncoder(type.kind, nullable);
    case 'decimal':
    case 'numeric':
      return decimalEncoder(type);
    case 'char':
    case 'varchar':
    case 'nchar':
    case 'nvarchar':
      return textEncoder(type);
    case 'text':
    case 'ntext':
      return largeTextEncoder(type);
    case 'image':
      return imageEncoder;
    case 'binary':
    case 'varbinary':
      return binaryEncoder(type.kind, type.length);
    case 'rowversion':
      return binaryEncoder('rowversion', 8);
    case 'xml':
      return xmlEncoder;
    case 'uniqueidentifier':
      return guidEncoder;
    case 'sql_variant':
      return variantEncoder;
    case 'date':
      return dateEncoder;
    case 'time':
    case 'datetime2':
    case 'datetimeoffset':
      return timeEncoder(type);
  }
}

const guidEncoder: Encoder = byteLength(
  out => {
    out.u8(TYPE.uniqueidentifier);
    out.u8(16);
  },
  (out, value) => {
    out.u8(16);
    writeGuid(out, textOf(value, 'uniqueidentifier'));
  },
);

const variantEncoder: Encoder = {
  info: out => {
    out.u8(TYPE.variant);
    out.u32(8009);
  },
  value: (out, value) => {
    const { type, value: inner } = variantOf(value);
    const total = out.openU32();
    if (inner !== null) writeVariant(out, type, inner);
    out.closeU32(total);
  },
  none: out => out.u32(0),
  noneSize: 4,
  hasTable: false,
  large: false,
};

/** Base type, properties and bare value (MS-TDS 2.2.5.5.4). */
function writeVariant(out: BytesOut, type: SqlType, value: Value): void {
  switch (type.kind) {
    case 'bit':
    case 'tinyint':
    case 'smallint':
    case 'int':
    case 'bigint':
    case 'real':
    case 'float':
    case 'smallmoney':
    case 'money':
    case 'datetime':
    case 'smalldatetime': {
      const sized = SIZED[type.kind];
      out.u8(sized.own);
      out.u8(0);
      sized.bare(out, value);
      return;
    }
    case 'decimal':
    case 'numeric':
      out.u8(type.kind === 'decimal' ? TYPE.decimalN : TYPE.numericN);
      out.u8(2);
      out.u8(type.precision);
      out.u8(type.scale);
      bareDecimal(type)(out, value);
      return;
    case 'char':
    case 'varchar':
    case 'nchar':
    case 'nvarchar': {
      const { bare, typeId, wire, size } = bareText(type);
      out.u8(typeId);
      out.u8(7);
      out.raw(wire);
      out.u16(size);
      bare(out, value);
      return;
    }
    case 'binary':
    case 'varbinary':
      out.u8(TYPE[type.kind]);
      out.u8(2);
      out.u16(type.length === 'max' ? 8000 : type.length);
      bareBinary(type.kind)(out, value);
      return;
    case 'uniqueidentifier':
      out.u8(TYPE.uniqueidentifier);
      out.u8(0);
      writeGuid(out, textOf(value, 'uniqueidentifier'));
      return;
    case 'date':
      out.u8(TYPE.date);
      out.u8(0);
      bareDate(out, value);
      return;
    case 'time':
    case 'datetime2':
    case 'datetimeoffset': {
      const { bare, typeId } = bareTime(type);
      out.u8(typeId);
      out.u8(1);
      out.u8(type.scale);
      bare(out, value);
      return;
    }
    default:
      throw new TypeError(`the wire was given a sql_variant of ${type.kind}`);
  }
}
