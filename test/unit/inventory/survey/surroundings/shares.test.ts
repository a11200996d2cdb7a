import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { serverOf } from '../../../../../src/inventory/survey/surroundings/shares.ts';
import { complaints, stalled } from '../../../../../src/inventory/survey/surroundings/silence.ts';
import { readSurroundings } from '../../../../../src/inventory/survey/surroundings.ts';
import { answersOf, wildSections } from '../answers.ts';

const mounted = [
  'mount\t/srv/data\tnfs4\tnas1.corp.example:/export/data\t10.1.0.40',
  'mount\t/mnt/leg\\040al\tcifs\t//filer/legal\t10.1.0.41',
  'mount\t/misc\tautofs\t/etc/auto.misc\t',
  'mount\t/misc/keep\tnfs\tnas2:/keep\t10.1.0.42',
  'mount\t/snap/x\tfuse.snapfuse\tsnap\t',
  '',
].join('\n');
const fstab =
  '10.1.0.50:/old /mnt/old nfs noauto,x-systemd.automount 0 0\n//filer/legal /mnt/leg\\040al cifs 0 0\n';
const base = {
  'shares:mounted': mounted,
  'shares:automount': 'automount\t/misc/keep\tnfs\tnas2:/keep\t\nautomount\t/misc/rare\tnfs4\tnas2:/rare\t\n',
  'shares:units': '',
  'kernel-ring': '',
  fstab,
};
const sharesOf = (sections: Record<string, string>) =>
  readSurroundings(answersOf({ ...base, ...sections })).shares;
const shareAt = (place: string, sections: Record<string, string>) =>
  sharesOf(sections)?.find(({ mountpoint }) => mountpoint === place);

describe('file systems of other servers', () => {
  it('are told with where they are documented, and those that are not', () => {
    expect(sharesOf({})).toEqual([
      {
        ...{ mountpoint: '/srv/data', type: 'nfs4', server: 'nas1.corp.example', path: '/export/data' },
        ...{ state: 'mounted', address: '10.1.0.40', undocumented: true },
      },
      {
        ...{ mountpoint: '/mnt/leg al', type: 'cifs', server: 'filer', path: '/legal' },
        ...{ state: 'mounted', address: '10.1.0.41' },
      },
      {
        ...{ mountpoint: '/misc/keep', type: 'nfs', server: 'nas2', path: '/keep' },
        ...{ state: 'mounted', address: '10.1.0.42' },
      },
      { mountpoint: '/misc/rare', type: 'nfs4', server: 'nas2', path: '/rare', state: 'automount' },
      { mountpoint: '/mnt/old', type: 'nfs', server: '10.1.0.50', path: '/old', state: 'automount' },
    ]);
  });

  it('says nothing of documents where the fstab could not be read', () => {
    const { fstab: _, ...rest } = base;
    const shares = readSurroundings(answersOf(rest)).shares ?? [];
    expect(shares.some(({ undocumented }) => undefined !== undocumented)).toBe(false);
  });

  it.each([
    ['it takes no connection', { 'peers:1': 'out\ttcp\t10.1.0.40\t2049\twaiting\t\n' }, false],
    ['it holds none although it always does', { 'peers:1': '@ 1.00\n' }, false],
    ['its connection stands', { 'peers:1': 'out\ttcp\t10.1.0.40\t2049\t\t\n' }, true],
    ['the kernel complains', { 'kernel-ring': 'nfs: server nas1.corp.example not responding\n' }, false],
    [
      'the kernel complained until it came back',
      {
        'kernel-ring': 'nfs: server nas1.corp.example not responding\nnfs: server nas1.corp.example OK\n',
        'peers:1': 'out\ttcp\t10.1.0.40\t2049\t\t\n',
      },
      true,
    ],
    [
      'its requests wait',
      {
        'nfs-stats:1': '/srv/data\t119\t117\n',
        'nfs-stats:2': '/srv/data\t120\t117\n',
        'peers:1': 'out\ttcp\t10.1.0.40\t2049\t\t\n',
      },
      false,
    ],
    ['nobody looked', {}, undefined],
  ])('answers, or does not: %s', (_why, sections, answers) => {
    expect(shareAt('/srv/data', sections)?.answers).toBe(answers);
  });

  it('holds nothing against an older NFS that let go of an idle connection', () => {
    expect(shareAt('/misc/keep', { 'peers:1': '@ 1.00\n' })?.answers).toBeUndefined();
  });

  it('reads the server out of every form of a source', () => {
    expect(serverOf('[fd00::4]:/export')).toEqual({ server: 'fd00::4', path: '/export' });
    expect(serverOf('//Filer/legal')).toEqual({ server: 'filer', path: '/legal' });
    expect(serverOf('10.1.0.1:6789,10.1.0.2:6789:/')).toEqual({ server: '10.1.0.1', path: '/' });
    expect(serverOf('s3fs')).toBeUndefined();
  });

  it('hears complaints of CIFS, too, and sees a request that moves on as no stall', () => {
    expect([...complaints('\\\\10.1.0.41 has not responded\n')]).toEqual(['10.1.0.41']);
    expect(stalled('/a\t5\t4\n', '/a\t6\t5\n').size).toBe(0);
    expect([...stalled('/a\t5\t4\n', '/a\t6\t4\n')]).toEqual(['/a']);
  });

  it('never throws', () => {
    fc.assert(
      fc.property(
        wildSections({
          'shares:mounted': [mounted],
          'shares:automount': [base['shares:automount']],
          'shares:units': ['unit\t/mnt/legal\tcifs\t//filer/legal\t\n'],
          'kernel-ring': ['nfs: server a not responding\n'],
          'nfs-stats:1': ['/a\t1\t1\n'],
          'nfs-stats:2': ['/a\t1\t1\n'],
          fstab: [fstab],
        }),
        sections => {
          for (const { server, mountpoint } of readSurroundings(answersOf(sections)).shares ?? []) {
            expect(server).not.toMatch(/\s/);
            expect(mountpoint).not.toMatch(/\p{Cc}/u);
          }
        },
      ),
    );
  });
});
