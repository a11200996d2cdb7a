import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseLsblkJson, partitionInfix, partitionNumber } from '../../../src/tools/block-devices.ts';
import { bytesOf, parsePool, parseVolume, parseXml } from '../../../src/tools/libvirt-xml.ts';
import { parseFindmnt, parseProcMounts } from '../../../src/tools/mounts.ts';
import { parseRsyncVersion } from '../../../src/tools/rsync-version.ts';
import { suggestion } from '../../../src/tools/suggest.ts';
import { blockInfo, firstColumn, nodeFacts, refusalOf, versionLine } from '../../../src/tools/virsh.ts';

describe('virsh', () => {
  it.each([
    [
      "error: failed to get domain 'x'\nerror: Domain not found: no domain with matching name 'x'",
      'domain-absent',
    ],
    ["error: failed to get domain 'x'\n\n", 'domain-absent'],
    ["error: failed to get domain 'x'\nerror: access denied by policy", 'other'],
    ["error: Storage volume not found: no storage vol with matching name 'x'", 'volume-absent'],
    [
      "error: failed to get pool 'x'\nerror: Storage pool not found: no storage pool with matching name 'x'",
      'pool-absent',
    ],
    ['error: Domain is already active', 'already-active'],
    ['error: Guest agent is not responding: QEMU guest agent is not connected', 'agent-silent'],
    [
      "error: failed to connect to the hypervisor\nerror: Failed to connect socket to '/run/libvirt/libvirt-sock'",
      'no-connection',
    ],
    ['error: something new', 'other'],
  ] as const)('%s', (stderr, refusal) => {
    expect(refusalOf(stderr)).toBe(refusal);
  });

  it('reads tables and key-value answers', () => {
    expect(
      firstColumn(' Name        Path\n-----------------\n a b.qcow2   /p/a b.qcow2\n c   /p/c\n\n'),
    ).toEqual(['a b.qcow2', 'c']);
    expect(
      nodeFacts('CPU model:           x86_64\nCPU(s):              8\nMemory size:         16310000 KiB\n'),
    ).toEqual({
      cpus: 8,
      memory: 16_310_000 * 1024,
    });
    expect(versionLine('Using library: libvirt 9.0.0\nRunning hypervisor: QEMU 7.2.22\n')).toBe(
      'libvirt 9.0.0, QEMU 7.2.22',
    );
    expect(blockInfo(' vda  1 2 3\n sda  - - -\n').size).toBe(1);
    expect(versionLine('nonsense')).toBeUndefined();
    expect(nodeFacts('nonsense')).toBeUndefined();
  });
});

describe('libvirt XML', () => {
  it('scales units and tells what is absent', () => {
    const node = (xml: string) => (parseXml(xml) ?? parseXml('<x/>'))?.child('memory');
    const memory = node("<memory unit='MiB'>3</memory>");
    if (memory === undefined) throw new Error('parsed');
    expect(bytesOf(memory, 'KiB')).toBe(3 * 1024 ** 2);
    expect(parsePool('<pool><name>p</name></pool>')).toEqual({
      name: 'p',
      type: 'dir',
      capacity: 0,
      available: 0,
      path: '',
    });
    expect(parseVolume('<volume><name>v</name></volume>')).toBeUndefined();
    expect(parsePool('<pool')).toBeUndefined();
  });

  it('never throws on what a host may send', () => {
    fc.assert(
      fc.property(fc.string(), text => {
        parsePool(text);
        parseVolume(`<volume>${text}</volume>`);
        parseLsblkJson(text);
        parseFindmnt(text);
        parseProcMounts(text);
        parseRsyncVersion(text);
      }),
    );
  });
});

describe('block devices', () => {
  it('finds the number behind any disk name', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[a-z]{2,4}[a-z0-9]{0,4}$/),
        fc.integer({ min: 1, max: 128 }),
        (name, n) => {
          const disk = `/dev/${name}`;
          expect(partitionNumber(disk, `${disk}${partitionInfix(disk)}${n}`)).toBe(n);
        },
      ),
    );
    expect(partitionNumber('/dev/vda', '/dev/vdb1')).toBeUndefined();
    expect(partitionNumber('/dev/vda', '/dev/vda')).toBeUndefined();
  });

  it('lists a device above two others once', () => {
    const md = { name: 'md0', path: '/dev/md0', type: 'raid1', size: 5 };
    const disk = (name: string) => ({ name, path: `/dev/${name}`, type: 'disk', size: '5', children: [md] });
    const blocks = parseLsblkJson(JSON.stringify({ blockdevices: [disk('vda'), disk('vdb')] }));
    expect(blocks?.map(b => b.device)).toEqual(['/dev/vda', '/dev/md0', '/dev/vdb']);
  });
});

describe('rsync --version', () => {
  it.each([
    ['rsync  version 3.0.9  protocol version 30\nCapabilities:\n    ACLs, no xattrs\n', false, true, false],
    ['rsync  version 3.1.3  protocol version 31\nCapabilities:\n    no ACLs, xattrs\n', true, false, true],
    ['rsync  version v3.2.3  protocol version 31\nCapabilities:\n    ACLs,\n    xattrs\n', true, true, true],
    [
      'rsync  version 3.5.0  protocol version 32\nCapabilities:\n    ACLs, ACL-at, xattrs\n',
      true,
      true,
      true,
    ],
  ])('%j', (text, nanoseconds, acls, xattrs) => {
    expect(parseRsyncVersion(text)).toMatchObject({ nanoseconds, acls, xattrs });
  });
});

describe('suggestions', () => {
  it('names the nearest, else what there is, in harmless letters', () => {
    expect(suggestion('golden.qcow', ['golden.qcow2', 'x'], 'volume')).toBe('did you mean "golden.qcow2"?');
    expect(suggestion('zzzzzz', ['a', '\u001b[2J'], 'pool')).toBe('there are a and \\x1b[2J');
    expect(suggestion('a', [], 'pool')).toBe('there is no pool at all');
  });
});
