import fc from 'fast-check';
import { expect, test } from 'vitest';
import { backupText, parseGroupText } from '../../../../src/lab/tools/lvm-metadata.ts';

const name = fc.stringMatching(/^[a-z][a-z0-9_.-]{0,12}$/);
const id = fc.stringMatching(/^[A-Za-z0-9]{6}-[A-Za-z0-9]{4}$/);
const volume = fc.record({
  name,
  uuid: id,
  bytes: fc.integer({ min: 1, max: 4000 }).map(extents => extents * 4 * 1024 ** 2),
  fs: fc.constant(null),
});

test('a volume group is made again from its backup as it was', () => {
  fc.assert(
    fc.property(
      name,
      id,
      id,
      fc.uniqueArray(volume, { selector: each => each.name, maxLength: 4 }),
      (group, uuid, pv, volumes) => {
        const was = { name: group, uuid, volumes };
        const text = backupText(
          { device: { path: '/dev/vda2', bytes: 20 * 1024 ** 3 }, uuid: pv, group: was },
          'host',
        );
        expect(parseGroupText(text)).toEqual(was);
        expect(text).toContain(pv);
      },
    ),
  );
});

test('any other text is none', () => {
  expect(parseGroupText('contents = "Text Format Volume Group"\n')).toBeUndefined();
});
