import { expect, it } from 'vitest';
import { freeIn } from '../../../src/sync/room.ts';

it.each([
  [
    'Filesystem     Inodes IUsed  IFree IUse% Mounted on\n/dev/vdb1      655360 655360     0  100% /mnt/t/srv\n',
    0,
  ],
  ['Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/vdb1 100 40 60 40% /mnt/t\n', 60],
  // btrfs
  [
    'Filesystem     Inodes IUsed IFree IUse% Mounted on\n/dev/vdc            0     0     0     - /mnt/t\n',
    undefined,
  ],
  ['df: /mnt/t: No such file or directory\n', undefined],
  ['', undefined],
])('what df leaves: %j', (text, free) => {
  expect(freeIn(text)).toBe(free);
});
