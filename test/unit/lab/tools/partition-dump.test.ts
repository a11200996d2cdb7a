import { expect, test } from 'vitest';
import { MACHINE_NAMES } from '../../../../src/lab/machine-names.ts';
import { dumpTable, parseDump } from '../../../../src/lab/tools/partition-dump.ts';
import { machineFacts } from '../../../../src/lab/world/layout.ts';

test('every disk of the lab survives dump and restore', () => {
  const disks = machineFacts(3, '/lab', MACHINE_NAMES).flatMap(machine => machine.disks);
  const tables = disks.filter(({ disk }) => disk.table !== null);
  expect(tables.length).toBeGreaterThan(5);
  for (const { disk } of tables) {
    const dump = dumpTable('/dev/vdb', disk);
    const read = parseDump(dump, disk.bytes);
    if (!read.ok) throw new Error(`line ${read.line} of\n${dump}`);
    expect(dumpTable('/dev/vdb', { ...disk, table: read.table, partitions: read.partitions })).toBe(dump);
  }
});

test('partitions lie behind one another and inside their disk', () => {
  for (const { disk } of machineFacts(3, '/lab', MACHINE_NAMES).flatMap(machine => machine.disks)) {
    let end = 0;
    for (const { start, sectors } of disk.partitions) {
      expect(start).toBeGreaterThanOrEqual(end);
      expect(sectors).toBeGreaterThan(0);
      end = start + sectors;
    }
    expect(end * 512).toBeLessThanOrEqual(disk.bytes);
  }
});

test.each([
  ['label: gpt\n/dev/vdb1 : start=2048, size=999999999, type=83\n', 2],
  ['label: sun\n', 1],
  ['label: gpt\n\nrubbish\n', 3],
  ['/dev/vdb1 : size=10, type=83\n', 1],
])('%j is refused with its line', (text, line) => {
  expect(parseDump(text, 10 * 1024 * 1024)).toEqual({ ok: false, line });
});
