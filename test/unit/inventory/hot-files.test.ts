import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseHotFiles } from '../../../src/inventory/guest/hot-files.ts';
import { digestOf } from '../../../src/inventory/machine/digest.ts';
import { parseThinPools, readVolumeGroups, withoutOwnSnapshots } from '../../../src/tools/lvm.ts';
import { domainFacts, guestFacts } from '../../support/state.ts';

describe('open files of databases', () => {
  it('are told with their engine and process, each once, sorted', () => {
    const text = [
      'mariadbd\t/var/lib/mysql/shop/orders.ibd',
      'mariadbd\t/var/lib/mysql/ib_logfile0',
      'mariadbd\t/var/lib/mysql/ib_logfile0',
      'postgres\t/var/lib/postgresql/15/main/base/16384/1259',
      'postgres\t/var/lib/postgresql/15/main/pg_wal/000000010000000000000001',
      'bash\t/home/x/base/16384',
      'app\t/srv/my app/state.db-wal',
      'etcd\t/var/lib/etcd/member/snap/db',
      'evil\t/srv/\u001b[31m.ibd',
      'no tab',
    ].join('\n');
    expect(parseHotFiles(text).map(({ path, engine }) => `${engine}: ${path}`)).toEqual([
      'InnoDB: /srv/\\x1b[31m.ibd',
      'SQLite: /srv/my app/state.db-wal',
      'etcd: /var/lib/etcd/member/snap/db',
      'InnoDB: /var/lib/mysql/ib_logfile0',
      'InnoDB: /var/lib/mysql/shop/orders.ibd',
      'PostgreSQL: /var/lib/postgresql/15/main/base/16384/1259',
      'PostgreSQL: /var/lib/postgresql/15/main/pg_wal/000000010000000000000001',
    ]);
  });

  it('are not more than a person would read, and no text makes them fail', () => {
    const many = Array.from({ length: 500 }, (_, at) => `p${at % 20}\t/d/${at}.ibd`).join('\n');
    expect(parseHotFiles(many).length).toBe(60);
    fc.assert(fc.property(fc.string(), text => parseHotFiles(text).length <= 60));
  });

  it('say nothing about what the machine is', () => {
    const guest = guestFacts();
    const hot = [{ path: '/x.ibd', engine: 'InnoDB', process: 'm' }];
    const pools = [{ name: 'p', size: 1, data: 0.5, metadata: 0.5 }];
    const domain = domainFacts();
    expect(digestOf(domain, { ...guest, hotFiles: hot, thinPools: pools })).toBe(digestOf(domain, guest));
  });
});

describe('a volume group in which a pass has its snapshot', () => {
  const reports = {
    pvs: '  /dev/vda2|vg|p1|10000000\n',
    vgs: '  vg|g1|4\n',
    lvs: '  vg|root|l1|4000000|linear|owi-aos---\n  vg|landfall-storm-p3-0|l2|500000|linear|swi-aos---\n',
    room: '  vg|1500000|4194304\n',
    backups: new Map<string, string>(),
  };

  it('is what it is without it: its room comes back', () => {
    const [group] = readVolumeGroups(reports);
    expect(group?.logical.map(({ name }) => name)).toEqual(['root']);
    expect(group).toMatchObject({ free: 2_000_000, extent: 4_194_304 });
    expect(readVolumeGroups({ ...reports, room: undefined })[0]).not.toHaveProperty('free');
  });

  it('shows the same block devices as before', () => {
    const part = { device: '/dev/vda2', type: 'part', size: 1 };
    const lvm = (device: string, parent: string) => ({ device, parent, type: 'lvm', size: 1 });
    const plain = [part, lvm('/dev/mapper/vg-root', '/dev/vda2')];
    expect(
      withoutOwnSnapshots([
        part,
        lvm('/dev/mapper/vg-root-real', '/dev/vda2'),
        lvm('/dev/mapper/vg-root', '/dev/mapper/vg-root-real'),
        lvm('/dev/mapper/vg-landfall--storm--p3--0-cow', '/dev/vda2'),
        lvm('/dev/mapper/vg-landfall--storm--p3--0', '/dev/mapper/vg-root-real'),
      ]),
    ).toEqual(plain);
    const theirs = [part, lvm('/dev/mapper/vg-data-real', '/dev/vda2')];
    expect(withoutOwnSnapshots(theirs)).toEqual(theirs);
  });

  it('and how full its thin pools are, from the kernel', () => {
    const text =
      'vg0-pool-tpool: 0 20971520 thin-pool 1 118/4096 1000/163840 - rw discard_passdown\nNo devices found\n';
    expect(parseThinPools(text)).toEqual([
      { name: 'vg0-pool', size: 20_971_520 * 512, data: 1000 / 163_840, metadata: 118 / 4096 },
    ]);
  });
});
