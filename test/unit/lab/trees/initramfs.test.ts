import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ALL_MODULES, makeInitramfs, modulesIn, readInitramfs } from '../../../../src/lab/trees/initramfs.ts';

test('what was put into an initramfs is found in it', () => {
  fc.assert(
    fc.property(fc.subarray([...ALL_MODULES]), fc.uint8Array({ maxLength: 300 }), (modules, ballast) => {
      const files = readInitramfs(makeInitramfs('6.1.0', modules, Buffer.from(ballast)));
      expect(modulesIn(files ?? [])).toEqual(modules);
      expect(files?.at(-1)?.content).toEqual(Buffer.from(ballast));
    }),
  );
});

test('anything else is no initramfs', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
      expect(readInitramfs(Buffer.concat([Buffer.from('x'), Buffer.from(bytes)]))).toBeUndefined();
    }),
  );
});
