import type { Value } from '../values/types.ts';
import type { BytesOut } from './bytes-out.ts';
import type { Encoder } from './encoder.ts';
import { TOKEN } from './tokens.ts';

export type RowWriter = (out: BytesOut, row: readonly Value[]) => void;

/** ROW, or NBCROW where its bitmap is shorter than the nulls it stands for. */
export function rowWriter(encoders: readonly Encoder[]): RowWriter {
  const count = encoders.length;
  const bitmap = Math.ceil(count / 8);

  const nulls = (row: readonly Value[]): number => {
    let bytes = 0;
    for (let index = 0; index < count; index += 1) {
      if (row[index] === null) bytes += encoders[index]?.noneSize ?? 0;
    }
    return bytes;
  };

  return (out, row) => {
    if (row.length !== count) {
      throw new TypeError(`the wire was given a row of ${row.length} values for ${count} columns`);
    }
    if (nulls(row) > bitmap) {
      writeNullRow(out, row);
      return;
    }
    out.u8(TOKEN.row);
    for (let index = 0; index < count; index += 1) {
      const value = row[index];
      const encoder = encoders[index];
      if (encoder === undefined || value === undefined)
        throw new TypeError('the wire was given a hole in a row');
      if (value === null) encoder.none(out);
      else encoder.value(out, value);
    }
  };

  function writeNullRow(out: BytesOut, row: readonly Value[]): void {
    out.u8(TOKEN.nullRow);
    for (let start = 0; start < count; start += 8) {
      let bits = 0;
      for (let bit = 0; bit < 8; bit += 1) if (row[start + bit] === null) bits |= 1 << bit;
      out.u8(bits);
    }
    for (let index = 0; index < count; index += 1) {
      const value = row[index];
      if (value === null) continue;
      const encoder = encoders[index];
      if (encoder === undefined || value === undefined)
        throw new TypeError('the wire was given a hole in a row');
      encoder.value(out, value);
    }
  }
}
