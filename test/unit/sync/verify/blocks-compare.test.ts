import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createAnswerReader } from '../../../../src/sync/movers/blocks/compare/answers.ts';
import {
  comparedBytes,
  type Extent,
  listOf,
  RANGE,
  rangesOf,
  zeroSum,
} from '../../../../src/sync/movers/blocks/compare/ranges.ts';
import { judgeRanges } from '../../../../src/sync/movers/blocks/compare/verdict.ts';
import { pullXml } from '../../../../src/sync/movers/blocks/compare/xml.ts';

const check = {
  prop:
    <T extends [unknown, ...unknown[]]>(arbitraries: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
    (title: string, holds: (...values: T) => void): void =>
      it(title, () => fc.assert(fc.property(...arbitraries, holds), { numRuns: 60 })),
};

const extents = (capacity: number): fc.Arbitrary<Extent[]> =>
  fc.array(fc.record({ start: fc.nat(capacity), length: fc.integer({ min: 1, max: RANGE * 2 }) }), {
    maxLength: 150,
  });

check.prop([
  fc
    .integer({ min: 512, max: RANGE * 4 })
    .map(size => size - (size % 512))
    .chain(capacity => fc.tuple(fc.constant(capacity), extents(capacity))),
])(
  'no byte that was written since is ever compared, and ranges never overlap or leave the disk',
  ([capacity, written]) => {
    const { ranges } = rangesOf({ disk: 'vda', capacity, written });
    let end = 0;
    for (const range of ranges) {
      expect(range.at).toBeGreaterThanOrEqual(end);
      end = range.at + range.size;
      expect(end).toBeLessThanOrEqual(capacity);
      expect(range.blanks.length).toBeLessThanOrEqual(64);
      expect(comparedBytes(range)).toBeGreaterThan(0);
      let last = -1;
      for (const { start, length } of range.blanks) {
        expect(start).toBeGreaterThan(last);
        expect(length).toBeGreaterThan(0);
        last = start + length;
        expect(last).toBeLessThanOrEqual(range.size);
      }
      for (const extent of written) {
        const from = Math.max(extent.start, range.at) - range.at;
        const to = Math.min(extent.start + extent.length, range.at + range.size) - range.at;
        if (from >= to) continue;
        expect(range.blanks.some(blank => blank.start <= from && blank.start + blank.length >= to)).toBe(
          true,
        );
      }
    }
  },
);

check.prop([fc.integer({ min: 1, max: RANGE * 3 })])(
  'where nothing was written all of the disk is compared',
  capacity => {
    const { ranges, live } = rangesOf({ disk: 'vda', capacity, written: [] });
    expect(ranges.reduce((sum, range) => sum + comparedBytes(range), 0)).toBe(capacity);
    expect(live).toBe(0);
  },
);

const MAP = `written vda
[{ "start": 0, "length": 10485760, "depth": 0, "present": true, "zero": false, "data": true, "offset": 0},
{ "start": 10485760, "length": 65536, "depth": 0, "present": false, "zero": false, "data": false},
{ "start": 10551296, "length": 65536, "depth": 0, "present": false, "zero": false, "data": false},
{ "start": 10616832, "length": 199163904, "depth": 0, "present": true, "zero": false, "data": true, "offset": 10551296}]
written vdb
[]

asked
sum vda 0 67108864 ${'a'.repeat(64)}
sum vdb 0 1024 zero
whole
`;

check.prop([fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1 })])(
  'an answer is read alike however it was cut',
  cuts => {
    const reader = createAnswerReader();
    const bytes = Buffer.from(MAP);
    for (let at = 0, index = 0; at < bytes.length; index += 1) {
      const length = cuts[index % cuts.length] ?? 1;
      reader.push(bytes.subarray(at, at + length));
      at += length;
    }
    reader.end();
    expect(reader.strange).toEqual([]);
    expect(reader.asked && reader.whole).toBe(true);
    expect(reader.written.get('vda')).toEqual([{ start: 10_485_760, length: 131_072 }]);
    expect(reader.written.get('vdb')).toEqual([]);
    expect([...reader.sums.values()]).toEqual(['a'.repeat(64), 'zero']);
  },
);

it('what is no answer is kept as evidence and never taken for one', () => {
  const reader = createAnswerReader();
  reader.push(
    Buffer.from(
      'written vda\nqemu-img: broken\nsum vda 0 10 abc\n{ "start": -1, "length": 2, "data": false}\n',
    ),
  );
  reader.end();
  expect(reader.strange).toHaveLength(3);
  expect(reader.sums.size).toBe(0);
  expect(reader.whole).toBe(false);
});

it('a range that one side has read as zeros equals one that the other never wrote; silence is a difference', () => {
  const { ranges } = rangesOf({ disk: 'vda', capacity: RANGE * 3, written: [] });
  const key = (index: number): string => `vda ${index * RANGE} ${RANGE}`;
  const zeros = zeroSum(RANGE);
  expect(zeros).toBe(createHash('sha256').update(new Uint8Array(RANGE)).digest('hex'));
  const source = new Map([
    [key(0), 'zero'],
    [key(1), 'a'],
    [key(2), 'zero'],
  ]);
  const target = new Map([
    [key(0), zeros],
    [key(1), 'b'],
  ]);
  expect(judgeRanges(ranges, source, target)).toEqual({
    bytes: RANGE,
    mismatches: [
      `vda at offset ${RANGE} (67.1 MB): source and replica differ`,
      `vda at offset ${RANGE * 2} (67.1 MB): not compared`,
    ],
  });
});

it('a list is told in units of 4 KiB', () => {
  const { ranges } = rangesOf({ disk: 'vda', capacity: RANGE, written: [{ start: 5000, length: 10_000 }] });
  expect(listOf(ranges)).toBe(`vda 0 ${RANGE} 1+3\n`);
});

it('names in the XML cannot end a word', () => {
  expect(pullXml(`/a'b`, 'c<d', ['e&f'])).toContain(`socket='/a&#39;b/s'`);
  expect(pullXml('/a', 'c<d', [])).toContain('<incremental>c&#60;d</incremental>');
});
