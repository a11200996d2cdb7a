import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DiskLook, diskRefusal, tooOld } from '../../../../src/sync/movers/blocks/eligible.ts';
import { isOwnCheckpoint } from '../../../../src/sync/movers/blocks/names.ts';
import {
  hearBackup,
  NOTHING_SAID,
  parsePieces,
  parseProgressLine,
  parseRemoved,
} from '../../../../src/sync/movers/blocks/said.ts';
import { BACKUP_EXIT } from '../../../../src/sync/movers/blocks/scripts/backup.ts';
import { backupFailure, isBroken } from '../../../../src/sync/movers/blocks/trouble.ts';
import { checkpointXml, pushXml } from '../../../../src/sync/movers/blocks/xml.ts';
import {
  parseBackup,
  parseCheckpoint,
  parseJobStats,
  parseLiveDomain,
} from '../../../../src/tools/domain-backup.ts';
import { bytesOfChain, parseImageInfo } from '../../../../src/tools/qemu-img.ts';

/** Answers as libvirt 9.0 and qemu 7.2 gave them. */
const CHECKPOINT = `<domaincheckpoint>
  <name>landfall-e1-p1</name>
  <creationTime>1795403799</creationTime>
  <disks>
    <disk name='vda' checkpoint='bitmap' bitmap='landfall-e1-p1' size='65536'/>
    <disk name='vdb' checkpoint='bitmap' bitmap='landfall-e1-p1'/>
    <disk name='vdc' checkpoint='no'/>
  </disks>
</domaincheckpoint>`;

const COMPLETED = `Job type: 3

operation: 9
time_elapsed: 49
disk_total: 335544320
disk_processed: 335544320
disk_remaining: 0
success: 1
`;

const INFO = `[{"virtual-size":268435456,"filename":"img/vda.qcow2","cluster-size":65536,"format":"qcow2","actual-size":1576960,
"format-specific":{"type":"qcow2","data":{"compat":"1.1","bitmaps":[{"flags":["in-use","auto"],"name":"c2","granularity":65536}],
"corrupt":false}},"dirty-flag":false}]`;

describe('what libvirt and qemu-img answer', () => {
  it('a whole copy of a clone takes what its golden image takes, too, and never more than the disk', () => {
    const image = (allocation: number) => ({
      ...{ path: '/a', format: 'qcow2', compat: '1.1', corrupt: false, backing: undefined, bitmaps: [] },
      ...{ capacity: 1000, allocation },
    });
    expect(bytesOfChain([image(10), image(400)])).toBe(410);
    expect(bytesOfChain([image(700), image(400)])).toBe(1000);
    expect(bytesOfChain([image(1001)])).toBe(1001);
    expect(bytesOfChain([])).toBe(0);
  });

  it('a disk of a checkpoint without a size has a broken bitmap; one that is not covered is none', () => {
    expect(parseCheckpoint(CHECKPOINT)).toEqual({
      name: 'landfall-e1-p1',
      disks: [
        { disk: 'vda', bytes: 65536 },
        { disk: 'vdb', bytes: undefined },
      ],
    });
    expect(parseCheckpoint('error: no such thing')).toBeUndefined();
  });

  it('the figures of a completed backup, and of none', () => {
    expect(parseJobStats(COMPLETED)).toMatchObject({ type: 3, operation: 9, processed: 335544320 });
    expect(parseJobStats('Job type: 0\n\n')).toMatchObject({ type: 0, operation: undefined });
    expect(parseJobStats('error: Requested operation is not valid')).toBeUndefined();
  });

  it('an image with its bitmaps and flags', () => {
    expect(parseImageInfo(INFO)).toMatchObject([
      {
        format: 'qcow2',
        compat: '1.1',
        capacity: 268435456,
        bitmaps: [{ name: 'c2', flags: ['in-use', 'auto'] }],
      },
    ]);
    expect(parseImageInfo('qemu-img: Could not open')).toBeUndefined();
  });

  it('a running backup is known by its files, the disks and the agent by the live domain', () => {
    const backup = `<domainbackup mode='push'><disks><disk name='vda'><target file='/s/e/web1-p2-vda.qcow2'/></disk></disks></domainbackup>`;
    expect(parseBackup(backup)).toEqual({ mode: 'push', files: ['/s/e/web1-p2-vda.qcow2'] });
    const domain = `<domain><devices>
<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='/i/a.qcow2' index='2'/><target dev='vda'/><mirror type='network' job='copy'/></disk>
<disk type='block' device='disk'><driver name='qemu' type='raw'/><source dev='/dev/vg/b'/><target dev='vdb'/><shareable/></disk>
<disk type='file' device='cdrom'><target dev='sda'/><readonly/></disk>
<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0' state='connected'/></channel>
</devices></domain>`;
    expect(parseLiveDomain(domain)).toMatchObject({
      agent: true,
      disks: [
        { target: 'vda', format: 'qcow2', mirror: 'copy', shared: false },
        { target: 'vdb', format: 'raw', path: '/dev/vg/b', mirror: undefined, shared: true },
      ],
    });
  });

  it('no text makes a parser throw', () => {
    fc.assert(
      fc.property(fc.string(), text => {
        parseCheckpoint(text);
        parseBackup(text);
        parseLiveDomain(text);
        parseJobStats(text);
        parseImageInfo(text);
        parsePieces(text);
        parseRemoved(text);
        hearBackup(NOTHING_SAID, text);
      }),
    );
  });
});

describe('what the scripts say', () => {
  const hear = (...lines: string[]) => lines.reduce(hearBackup, NOTHING_SAID);

  it('a backup from the freeze to its sums', () => {
    const said = hear(
      'landfall frozen',
      'landfall thawed 812 yes',
      'landfall begun',
      'landfall copied 65536',
    );
    expect(said).toMatchObject({
      frozen: true,
      frozenMs: 812,
      begun: true,
      thawed: true,
      copied: 65536,
      whole: false,
    });
    expect(hear('landfall piece a.qcow2 393216 648', 'landfall whole').pieces.get('a.qcow2')).toBe(648 * 512);
  });

  it('where the watchdog was first, nothing stood still', () => {
    expect(hear('landfall frozen', 'landfall thawed 21000 no').frozen).toBe(false);
    expect(hear('landfall not-frozen').frozen).toBe(false);
    expect(hear('landfall frozen', 'landfall not-thawed').thawed).toBe(false);
  });

  it('only lines of landfall count', () => {
    expect(hear('begun', ' whole', 'Backup started')).toEqual(NOTHING_SAID);
    expect(parseProgressLine('landfall progress 65536 268435456')).toEqual({ done: 65536, total: 268435456 });
    expect(parseProgressLine('progress 1 2')).toBeUndefined();
    expect(parsePieces('a applied\nb arrived\nc gone\n').get('c')).toBeUndefined();
  });
});

describe('what is ours and what is possible', () => {
  it('only checkpoints of this evacuation with a number are ours', () => {
    expect(isOwnCheckpoint('storm', 'landfall-storm-p12')).toBe(true);
    for (const other of ['landfall-storm-p', 'landfall-storm-p1x', 'landfall-storm-2-p1', 'nightly', 'p1'])
      expect(isOwnCheckpoint('storm', other)).toBe(false);
  });

  it('each kind of disk that cannot be tracked has its own words', () => {
    const good: DiskLook = { format: 'qcow2', type: 'file', compat: '1.1', corrupt: false, shared: false };
    expect(diskRefusal(good)).toBeUndefined();
    expect(diskRefusal({ ...good, format: 'raw', type: 'block' })).toMatch(/raw on a block device/);
    expect(diskRefusal({ ...good, compat: '0.10' })).toMatch(/old version 2/);
    expect(diskRefusal({ ...good, corrupt: true })).toMatch(/corrupt/);
    expect(diskRefusal({ ...good, shared: true })).toMatch(/shared/);
  });

  it('libvirt before 7.2 is too old', () => {
    expect(['7.1.9', '6.0.0', '4.5.0'].map(tooOld).every(why => why !== undefined)).toBe(true);
    expect(['7.2.0', '7.6', '9.0.0', '10.0.0'].map(tooOld)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('disks that do not take part are named, too', () => {
    const disks = [{ disk: 'vda', piece: '/s/<&>.qcow2' }, { disk: 'vdb' }];
    expect(pushXml(disks, 'landfall-e-p1')).toContain('<incremental>landfall-e-p1</incremental>');
    expect(pushXml(disks)).not.toContain('incremental');
    expect(pushXml(disks)).toContain('file="/s/&lt;&amp;&gt;.qcow2"');
    expect(checkpointXml('c', disks)).toContain('<disk name="vdb" checkpoint="no"/>');
  });

  it('each trouble of libvirt has its name', () => {
    const place = { machine: 'web1', host: 'mia-kvm1', domain: 'web1' };
    const code = (exit: number, text: string): string => backupFailure(place, '/s', exit, text).code;
    // A libvirt that is restarted refuses nothing: it is asked again.
    for (const text of [
      'error: Disconnected from qemu:///system due to end of file',
      'error: failed to connect to the hypervisor',
      'error: Cannot recv data: Connection reset by peer',
      'error: End of file while reading data: Input/output error',
    ])
      expect(code(BACKUP_EXIT.refused, text)).toBe('blocks.broken-off');
    expect(code(BACKUP_EXIT.refused, 'error: internal error: unable to open')).toBe('blocks.refused');
    expect(isBroken("error: checkpoint inconsistent: missing or broken bitmap 'c2' for disk 'vda'")).toBe(
      true,
    );
    expect(isBroken("internal error: bitmap 'landfall-e1-p1' not found in backing chain of 'vda'")).toBe(
      true,
    );
    expect(code(31, 'error: Operation not supported: cannot perform disk backup for inactive domain')).toBe(
      'blocks.impossible',
    );
    expect(
      code(31, 'error: Timed out during operation: cannot acquire state change lock (held by monitor=x)'),
    ).toBe('blocks.foreign-job');
    expect(code(32, 'No space left on device')).toBe('blocks.scratch-full');
    expect(code(31, 'Permission denied')).toBe('blocks.refused');
    expect(code(32, 'Job type: 4')).toBe('blocks.broken-off');
  });
});
