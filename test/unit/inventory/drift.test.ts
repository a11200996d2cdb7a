import { describe, expect, it } from 'vitest';
import { drift } from '../../../src/inventory/drift.ts';
import { digestOf, isSameDigest } from '../../../src/inventory/machine/digest.ts';
import { factsOf } from '../../support/recorded-host.ts';

const { domain, guest } = factsOf('ubuntu-24.04');
const before = { domain, guest };

describe('drift', () => {
  it('is silent about numbers that always move', () => {
    const after = {
      domain: { ...domain, disks: domain.disks.map(d => ({ ...d, allocation: d.allocation + 1 })) },
      guest: {
        ...guest,
        fileSystems: guest.fileSystems.map(fs => ({ ...fs, used: fs.used + 1, inodesUsed: 1 })),
      },
    };
    expect(drift(before, after)).toEqual([]);
    expect(digestOf(after.domain, after.guest)).toBe(digestOf(domain, guest));
  });

  it('is silent about what comes and goes by itself: random ports, services on demand', () => {
    const socket = (port: number) => ({
      protocol: 'udp' as const,
      address: '0.0.0.0',
      port,
      process: 'rpc.statd',
    });
    const heard = (port: number, ...services: string[]) => ({
      domain,
      guest: {
        ...guest,
        sockets: [...guest.sockets, socket(port)],
        services: [...guest.services, ...services],
      },
    });
    expect(drift(heard(40_123), heard(51_999, 'user@1000.service', 'packagekit.service'))).toEqual([]);
    expect(drift(before, heard(40_123))).toEqual([
      'the listening socket udp 0.0.0.0:a port of its own choice (rpc.statd) is new',
    ]);
  });

  it('who listens is compared only where both looks were told', () => {
    const nameless = { ...guest, sockets: guest.sockets.map(({ process: _hidden, ...each }) => each) };
    expect(drift(before, { domain, guest: nameless })).toEqual([]);
    expect(drift({ domain, guest: nameless }, before)).toEqual([]);
    const other = { ...guest, sockets: guest.sockets.map(each => ({ ...each, process: 'socat' })) };
    expect(drift(before, { domain, guest: other })[0]).toMatch(
      /^who listens at .* changed from .* to socat$/,
    );
  });

  it('of a machine that nobody logs in to any more only what its hypervisor has is compared', () => {
    const outside = { ...guest, login: false as const, services: [], sockets: [], addresses: [] };
    const grown = { ...domain, memory: domain.memory * 2 };
    expect(drift(before, { domain: grown, guest: outside })).toEqual([
      expect.stringMatching(/^the memory changed from /),
    ]);
  });

  it('tells of cards and of block devices that no file system lies on', () => {
    const [nic] = domain.interfaces;
    const [block] = guest.blocks;
    if (nic === undefined || block === undefined) throw new Error('the fixture has both');
    const after = {
      domain: { ...domain, interfaces: [{ ...nic, network: 'br-other' }, ...domain.interfaces.slice(1)] },
      guest: { ...guest, blocks: [...guest.blocks, { ...block, device: '/dev/vdz', size: 10 ** 10 }] },
    };
    expect(drift(before, after)).toEqual([
      `the network of the card ${nic.mac} changed from ${nic.network} to br-other`,
      '/dev/vdz (10.0 GB) is new in the guest',
    ]);
  });

  it('tells of disks, file systems, addresses, services and sockets, the copy first', () => {
    const [vda, sda] = domain.disks;
    if (vda === undefined || sda === undefined) throw new Error('the fixture has two disks');
    const after = {
      domain: {
        ...domain,
        disks: [
          { ...vda, capacity: 53_687_091_200 },
          { ...sda, target: 'sdb' },
        ],
      },
      guest: {
        ...guest,
        fileSystems: guest.fileSystems.filter(fs => fs.mountpoint !== '/srv/shares'),
        addresses: ['10.10.0.99'],
        services: [...guest.services, 'nginx.service'],
        sockets: guest.sockets.slice(1),
      },
    };
    expect(drift(before, after)).toEqual([
      'disk sdb was added (107 GB)',
      'disk sda was removed (107 GB)',
      'disk vda was resized from 26.8 GB to 53.7 GB',
      'the file system at /srv/shares is gone',
      'the address 10.10.0.99 is new',
      'the address 10.10.0.31 is gone',
      'the address 2001:db8:10::31 is gone',
      'the service nginx.service is new',
      'the listening socket udp 127.0.0.53%lo:53 (systemd-resolve) is gone',
    ]);
    expect(digestOf(after.domain, after.guest)).not.toBe(digestOf(domain, guest));
  });
});

describe('digestOf', () => {
  it('does not depend on the order of keys', () => {
    const turned = Object.fromEntries(Object.entries(guest).toReversed()) as typeof guest;
    expect(digestOf(domain, turned)).toBe(digestOf(domain, guest));
  });
});

describe('what older journals did not know', () => {
  const { domain, guest } = factsOf('debian-12-lvm');
  const { boot, fstab, crypttab, links, network, volumeGroups, hostKeys, ...more } = guest;
  const { enabledUnits, actsTwice, failedUnits, selinux, cloudInit, bootId, ...old } = more;

  it('is no drift, and the digest is that of the older version', () => {
    expect(drift({ domain, guest: old }, { domain, guest })).toEqual([]);
    expect(digestOf(domain, guest).startsWith(`${digestOf(domain, old)}.`)).toBe(true);
    expect(isSameDigest(digestOf(domain, old), digestOf(domain, guest))).toBe(true);
  });

  it('counts once it is known, but for what every start changes', () => {
    const moved = { ...guest, bootId: 'another', failedUnits: ['x.service'] };
    expect(isSameDigest(digestOf(domain, moved), digestOf(domain, guest))).toBe(true);
    const [first, ...rest] = guest.fstab ?? [];
    if (first === undefined || guest.actsTwice === undefined) throw new Error('the fixture has both');
    const changed = {
      ...guest,
      fstab: [{ ...first, spec: 'UUID=00000000-0000-4000-8000-000000000000' }, ...rest],
      actsTwice: guest.actsTwice.filter(({ name }) => name !== 'scrub-drawings.timer'),
    };
    expect(isSameDigest(digestOf(domain, changed), digestOf(domain, guest))).toBe(false);
    expect(drift({ domain, guest }, { domain, guest: changed })).toEqual([
      'the line of fstab UUID=00000000-0000-4000-8000-000000000000 / is new',
      `the line of fstab ${first.spec} / is gone`,
      'the job or agent scrub-drawings.timer is gone',
    ]);
  });
});
