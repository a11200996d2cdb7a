import { describe, expect, it } from 'vitest';
import type { SqlType, Value } from '../../../../../src/lab/sqlserver/values/index.ts';
import { BytesOut } from '../../../../../src/lab/sqlserver/wire/bytes-out.ts';
import { encoderOf } from '../../../../../src/lab/sqlserver/wire/encode.ts';
import { rowWriter } from '../../../../../src/lab/sqlserver/wire/rows.ts';
import { bytes, hex } from './hex.ts';

const TINY: SqlType = { kind: 'tinyint' };
const BLOB: SqlType = { kind: 'varbinary', length: 'max' };

function written(types: readonly SqlType[], row: readonly Value[]): string {
  const out = new BytesOut();
  rowWriter(types.map(type => encoderOf(type)))(out, row);
  return hex(out.written());
}

describe('a row', () => {
  it('is a ROW while its nulls take no more than the bitmap of an NBCROW', () => {
    expect(written([TINY, TINY], [7, null])).toBe(hex(bytes('d1 01 07 00')));
  });

  it('is an NBCROW, lowest bit first, where that is shorter', () => {
    expect(written([TINY, TINY, TINY], [null, 7, null])).toBe(hex(bytes('d2 05 01 07')));
    expect(written([TINY, BLOB], [7, null])).toBe(hex(bytes('d2 02 01 07')));
    const nine = Array.from({ length: 9 }, () => TINY);
    expect(written(nine, [1, 2, 3, 4, 5, 6, null, null, null])).toBe(
      hex(bytes('d2 c0 01 01 01 01 02 01 03 01 04 01 05 01 06')),
    );
  });

  it('of another width than its columns is a fault of the double', () => {
    expect(() => written([TINY], [1, 2])).toThrow('2 values for 1 columns');
  });
});
