import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deviceFile, forgetUnfinished } from '../../../../../src/lab/sqlserver/backup/device.ts';
import { startDouble } from '../../../../support/sql-double.ts';

test('no path of a device reaches outside of the lab', async () => {
  await using double = await startDouble();
  const { instance, directory } = double;
  const piece = fc.oneof(
    fc.constantFrom('..', '.', '', 'C:', '~', 'a.bak', '\\', '/', '//', '\\\\'),
    fc.string({ maxLength: 5 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 6 }), fc.constantFrom('\\', '/'), (pieces, separator) => {
      const file = deviceFile(instance, pieces.join(separator));
      const shares = join(directory, '..', 'shares');
      const homes = [join(directory, 'backup'), shares];
      expect(homes.some(home => file === home || file.startsWith(home + sep))).toBe(true);
    }),
  );
  expect(deviceFile(instance, 'X:\\B\\one.BAK')).toBe(deviceFile(instance, 'x:/b/ONE.bak'));
  expect(deviceFile(instance, '\\\\FS1\\bak\\a.trn')).toBe(deviceFile(instance, '//fs1/bak/A.trn'));
  expect(deviceFile(instance, '\\\\FS1\\bak\\a.trn')).not.toBe(deviceFile(instance, 'FS1\\bak\\a.trn'));
});

test('what a killed backup had put aside goes, backups stay', () => {
  const directory = mkdtempSync(join(tmpdir(), 'landfall-sql-'));
  const aside = '.BA053D56-C449-43BF-89B4-653AC3AEDE3B';
  for (const name of [aside, `${aside}.gz`, 'a.bak', '.kept']) writeFileSync(join(directory, name), '');
  mkdirSync(join(directory, 'x_'));
  forgetUnfinished(directory);
  expect(readdirSync(directory).sort()).toEqual(['.kept', 'a.bak', 'x_']);
  rmSync(directory, { recursive: true, force: true });
});
