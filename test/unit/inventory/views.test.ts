import { describe, expect, it } from 'vitest';
import { readGuest } from '../../../src/inventory/guest/guest.ts';
import { decodeSections } from '../../../src/inventory/guest/sections.ts';
import { unsupportedLayout } from '../../../src/tools/unsupported.ts';
import { collectorOutput, factsOf, recordedHost } from '../../support/recorded-host.ts';

type Row = readonly [target: string, source: string];

/** The recorded host with other mounts, in the order of findmnt. */
function viewsOf(...rows: readonly Row[]): readonly string[] | undefined {
  const host = recordedHost('debian-12');
  const filesystems = rows.map(([target, source]) => ({
    ...{ target, source, fstype: 'ext4', uuid: null, label: null },
    ...{ size: 1, used: 1 },
  }));
  const findmnt = { rc: 0, text: JSON.stringify({ filesystems }) };
  const output = collectorOutput({ ...host, sections: { ...host.sections, findmnt } });
  return readGuest(decodeSections(output, 'web1'), 'web1').facts.views;
}

const ROOT: Row = ['/', '/dev/vda1'];
const DATA: Row = ['/data', '/dev/vdb1'];

describe('bind mounts', () => {
  it('show what has a place of its own: a pass must not copy it twice', () => {
    expect(viewsOf(ROOT, ['/srv/jail/etc', '/dev/vda1[/etc]'])).toEqual(['/srv/jail/etc']);
    expect(viewsOf(ROOT, DATA, ['/var/www', '/dev/vdb1[/www]'])).toEqual(['/var/www']);
    expect(viewsOf(ROOT, DATA, ['/mirror', '/dev/vdb1'])).toEqual(['/mirror']);
  });

  it('are the data itself where a directory is bound onto itself', () => {
    expect(viewsOf(ROOT, ['/home', '/dev/vda1[/home]'])).toEqual([]);
    expect(viewsOf(ROOT, DATA, ['/data/db', '/dev/vdb1[/db]'])).toEqual([]);
  });

  it('are the only way to the data where another mount hides its own place', () => {
    expect(viewsOf(ROOT, DATA, ['/var/www', '/dev/vda1[/data/www]'])).toEqual([]);
  });
});

describe('file systems that cannot be copied', () => {
  const { domain, guest } = factsOf('debian-12');
  const mountedAt = (mountpoint: string) => ({
    ...guest,
    fileSystems: guest.fileSystems.map(fs => (fs.mountpoint === '/boot/efi' ? { ...fs, mountpoint } : fs)),
  });

  it.each(['/srv/my files', "/srv/it's", '/srv/ä', '/srv/$HOME', '/srv/a\nb'])(
    'are named before the build where no pass could reach them: %j',
    mountpoint => {
      expect(unsupportedLayout(domain, mountedAt(mountpoint)).map(f => f.found)).toEqual([
        expect.stringContaining('unusable name'),
      ]);
    },
  );

  it('are named where another one hides them', () => {
    expect(unsupportedLayout(domain, mountedAt('/')).map(f => f.found)).toEqual([
      expect.stringContaining('hidden by another file system'),
    ]);
  });
});
