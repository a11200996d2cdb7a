import { describe, expect, it } from 'vitest';
import { parseMemory, readKernel } from '../../../../../src/inventory/survey/system/kernel.ts';
import { readRates } from '../../../../../src/inventory/survey/system/rates.ts';
import { answersOf } from '../answers.ts';

const stats = (uptime: number, read: number, written: number): string => `${uptime}.50 100.00
   8       0 sda 1 2 ${read} 4 5 6 ${written} 8 0 10 11
   8       1 sda1 1 2 ${read} 4 5 6 ${written} 8 0 10 11
 253       0 dm-0 1 2 ${read} 0 0 0 ${written} 0 0 0 0
  11       0 sr0 0 0 0 0 0 0 0 0 0 0 0
`;
const DEVICES = `total 0
lrwxrwxrwx 1 root root 0 Jan 1 00:00 dm-0 -> ../devices/virtual/block/dm-0
lrwxrwxrwx 1 root root 0 Jan 1 00:00 sda -> ../devices/pci0000:00/0000:00:05.0/block/sda
lrwxrwxrwx 1 root root 0 Jan 1 00:00 sr0 -> ../devices/pci0000:00/block/sr0
`;

describe('rates of disks', () => {
  const sections = { 'diskstats-first': stats(100, 1000, 2000), 'block-devices': DEVICES };

  it('counts whole disks between the two looks, in bytes a second', () => {
    const answers = answersOf({ ...sections, 'diskstats-last': stats(110, 3000, 2100) });
    expect(readRates(answers)).toEqual([{ device: 'sda', read: 102_400, written: 5120, seconds: 10 }]);
  });

  it.each([
    ['the last look is missing', {}],
    ['there is too little time between the looks', { 'diskstats-last': stats(101, 3000, 2100) }],
    ['a counter went back', { 'diskstats-last': stats(110, 10, 2100) }],
  ])('gives the mean since the boot where %s', (_why, last) => {
    const rates = readRates(answersOf({ ...sections, ...last }));
    expect(rates).toEqual([{ device: 'sda', read: 5095, written: 10_189, seconds: 101, sinceBoot: true }]);
  });

  it('knows whole disks by their names where /sys says nothing', () => {
    const rates = readRates(answersOf({ 'diskstats-first': stats(100, 1, 1), 'block-devices': 127 }));
    expect(rates?.map(({ device }) => device)).toEqual(['sda']);
  });
});

describe('the kernel', () => {
  it('tells uptime, load and memory, and takes what is easily freed where an old kernel says no more', () => {
    const learned = readKernel(
      answersOf({
        'diskstats-first': stats(100, 1, 1),
        loadavg: '2.79 5.77 4.18 2/211 25061\n',
        cpus: '2\n',
        meminfo: 'MemTotal: 1000 kB\nMemFree: 100 kB\nMemAvailable: 700 kB\n',
        modules: '',
      }),
    );
    expect(learned).toEqual({
      uptimeSeconds: 100,
      load: { cpus: 2, one: 2.79, memory: 1_024_000, available: 716_800 },
      foreignModules: [],
    });
    expect(parseMemory('MemTotal: 1000 kB\nMemFree: 100 kB\nBuffers: 50 kB\nCached: 50 kB\n')).toEqual({
      ...{ total: 1_024_000, available: 204_800 },
    });
    expect(parseMemory('SpeicherGesamt: 3 kB')).toBeUndefined();
  });

  it('tells modules with a mark and modules that stand beside the tree, if they are loaded', () => {
    const modules = 'ext4 \nzfs (PO)\nsigned_only (E)\nmy_driver \n';
    const beside = '/lib/modules/5.14/extra/my-driver.ko.xz\n/lib/modules/5.14/updates/idle.ko\n';
    const answers = answersOf({ modules, 'modules-beside': beside });
    expect(readKernel(answers).foreignModules).toEqual(['my_driver', 'zfs']);
  });

  it('says of a kernel without modules that none is foreign, and of one that was not asked nothing', () => {
    expect(readKernel(answersOf({ modules: 2, 'modules-none': 1 })).foreignModules).toEqual([]);
    expect(readKernel(answersOf({})).foreignModules).toBeUndefined();
  });
});
