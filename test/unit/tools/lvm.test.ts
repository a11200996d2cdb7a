import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isPlain, mapperPath, readVolumeGroups } from '../../../src/tools/lvm.ts';

const PVS = `  /dev/vda2|vg-sys|kXtyJ0-GPAj-UiHt-zy2f-Hun1-eKmN-12nH9S|205520896
  /dev/vdb|vg-sys|kXtyJ0-GPAj-UiHt-zy2f-Hun1-eKmN-12nH9T|205520896
  /dev/vdc||aXtyJ0-GPAj-UiHt-zy2f-Hun1-eKmN-12nH9U|1024
`;
const VGS = '  vg-sys|TUCyJx-UvUu-cB0A-VFJa-2A3k-T7MU-sxMX14|2\n';

const groupOf = (lvs: string) =>
  readVolumeGroups({ pvs: PVS, vgs: VGS, lvs, backups: new Map([['vg-sys', 'vg-sys {}']]) })[0];

describe('volume groups', () => {
  it('reads reports of LVM 2.03 as they come, one row a segment', () => {
    // The rows of a volume in two segments, as \`lvs --readonly\` of 2.03.16 printed them.
    const group = groupOf(`  vg-sys|a-b|aaaaaa-bbbb-cccc-dddd-eeee-ffff-gggggg|41943040|linear|-wi-XX----
  vg-sys|a-b|aaaaaa-bbbb-cccc-dddd-eeee-ffff-gggggg|41943040|linear|-wi-XX----
  vg-sys|fast|bbbbbb-bbbb-cccc-dddd-eeee-ffff-gggggg|83886080|striped|-wi-ao----
`);
    expect(group).toEqual({
      name: 'vg-sys',
      uuid: 'TUCyJx-UvUu-cB0A-VFJa-2A3k-T7MU-sxMX14',
      physical: [
        { device: '/dev/vda2', uuid: 'kXtyJ0-GPAj-UiHt-zy2f-Hun1-eKmN-12nH9S', size: 205_520_896 },
        { device: '/dev/vdb', uuid: 'kXtyJ0-GPAj-UiHt-zy2f-Hun1-eKmN-12nH9T', size: 205_520_896 },
      ],
      logical: [
        {
          ...{ name: 'a-b', device: '/dev/mapper/vg--sys-a--b', size: 41_943_040, kind: 'linear' },
          uuid: 'aaaaaa-bbbb-cccc-dddd-eeee-ffff-gggggg',
        },
        {
          ...{ name: 'fast', device: '/dev/mapper/vg--sys-fast', size: 83_886_080, kind: 'striped' },
          uuid: 'bbbbbb-bbbb-cccc-dddd-eeee-ffff-gggggg',
        },
      ],
      backup: 'vg-sys {}',
    });
  });

  it.each([
    ['a snapshot', 'snap|u|4|linear|swi-a-s---', ['snapshot']],
    ['thin', 'pool|u|4|thin-pool|twi-aotz--\n  vg-sys|t|u|4|thin|Vwi-aotz--', ['thin-pool', 'thin']],
    [
      'raid, its parts left out',
      'r|u|4|raid1|rwi-aor---\n  vg-sys|[r_rimage_0]|u|4|linear|iwi-aor---',
      ['raid1'],
    ],
    ['a move that goes on', '[pvmove0]|u|4|mirror|p-C-aom---', ['pvmove']],
    ['mixed segments', 'm|u|4|linear|-wi-a-----\n  vg-sys|m|u|4|error|-wi-a-----', ['error']],
  ])('%s shows by its kind', (_name, rows, kinds) => {
    const group = groupOf(`  vg-sys|${rows}\n`);
    expect(group?.logical.map(volume => volume.kind)).toEqual(kinds);
    expect(group?.logical.some(volume => !isPlain(volume.kind))).toBe(true);
  });

  it('names devices as device-mapper does: the dash between is the only single one', () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9_.+-]{0,10}[a-z]$/);
    fc.assert(
      fc.property(name, name, (group, volume) => {
        const inner = mapperPath(group, volume).slice('/dev/mapper/'.length);
        expect(inner.split(/(?<!-)-(?!-)/).map(part => part.replaceAll('--', '-'))).toEqual([group, volume]);
      }),
    );
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (pvs, vgs, lvs) => {
        readVolumeGroups({ pvs, vgs, lvs, backups: new Map() });
      }),
    );
  });
});
