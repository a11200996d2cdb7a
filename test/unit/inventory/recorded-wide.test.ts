import { describe, expect, it } from 'vitest';
import { type GuestReading, readGuest } from '../../../src/inventory/guest/guest.ts';
import { decodeSections } from '../../../src/inventory/guest/sections.ts';
import { readSurvey, type SurveyReading } from '../../../src/inventory/survey/survey.ts';
import { collectorOutput, recordedGuest } from '../../support/recorded-host.ts';

/** What both looks read of each kind of guest: what a copy needs, and the wide look behind it. */

function looked(name: string): GuestReading & SurveyReading {
  const sections = decodeSections(collectorOutput(recordedGuest(name)), name);
  return { ...readGuest(sections, name), ...readSurvey(sections) };
}

/** What a move has to be tried against, and the recording that holds it with both looks. */
const KINDS = {
  'Debian 12': 'debian-12-docker',
  'Ubuntu 24.04': 'ubuntu-24.04',
  'Alma or RHEL 9': 'alma-9',
  'CentOS 7': 'centos-7',
  SUSE: 'sles-15',
  'Alpine, busybox': 'alpine-3.20',
  'a BIOS guest': 'debian-12-luks',
  'a UEFI guest': 'ubuntu-24.04',
  'LVM on LUKS': 'debian-12-luks',
  btrfs: 'debian-12-dead-nfs',
  ZFS: 'ubuntu-zfs',
  'a Docker host': 'debian-12-docker',
  'a dead NFS mount': 'debian-12-dead-nfs',
  'localized output': 'debian-12-localized',
} as const;

describe('every kind of guest has both looks', () => {
  it.each(Object.entries(KINDS))('%s: %s', (_kind, name) => {
    const { facts, survey, peers } = looked(name);
    expect(facts.os.id).toMatch(/^[a-z]+$/);
    expect(facts.kernel).toMatch(/^\d+\.\d+/);
    expect(facts.fileSystems[0]?.mountpoint).toBe('/');
    expect(survey.root).toBe(true);
    expect(survey.gaps.map(({ why }) => why)).not.toContain('cut-short');
    expect(peers?.samples).toBe(4);
    expect(survey.packages?.count).toBeGreaterThan(0);
    expect(survey.rates?.every(({ sinceBoot, seconds }) => sinceBoot === undefined && seconds > 2)).toBe(
      true,
    );
  });

  it('firmware is told apart', () => {
    expect(looked(KINDS['a BIOS guest']).facts.bootMode).toBe('bios');
    expect(looked(KINDS['a UEFI guest']).facts.bootMode).toBe('uefi');
  });
});

describe('the wide look at guests of each kind', () => {
  it('ubuntu-24.04: ufw over nftables, a held kernel, a snap, a member of a domain', () => {
    const { facts, survey, peers } = looked('ubuntu-24.04');
    expect([facts.os.id, facts.os.version, facts.kernel]).toEqual(['ubuntu', '24.04', '6.8.0-49-generic']);
    expect(survey.gaps).toEqual([]);
    expect(survey.firewall).toEqual({ kind: 'ufw', rules: 3, addresses: ['10.10.0.0/24', '10.40.0.8'] });
    expect(survey.time).toEqual({
      ...{ zone: 'America/New_York', service: 'timesyncd', synchronized: true, offsetMs: 1.204 },
    });
    // What was removed and left its configuration is not installed.
    expect(survey.packages).toMatchObject({ manager: 'dpkg', count: 5, held: ['linux-image-generic'] });
    expect(survey.containers).toMatchObject([{ engine: 'snap', name: 'rocketchat-server' }]);
    expect(survey.dataServices).toEqual([
      {
        ...{ engine: 'SMB shares', version: '2:4.19.5+dfsg-4ubuntu9', process: 'smbd' },
        ...{ directories: ['/srv/shares'], ports: [445], bytes: 68_157_440 * 1024 },
      },
    ]);
    expect(survey.certificates).toMatchObject([
      { subject: 'O=Example, CN=files1.corp.example', notAfter: Date.UTC(2027, 2, 1), selfSigned: true },
    ]);
    expect(survey.identity?.map(({ kind }) => kind)).toEqual([
      ...['machine-id', 'domain-join', 'domain-join', 'domain-join', 'keytab', 'vpn', 'subscription'],
    ]);
    expect(survey.virtualLinks).toEqual([{ name: 'enp1s0.40', kind: 'vlan', over: ['enp1s0'] }]);
    expect(survey.schedules).toContainEqual(
      expect.objectContaining({ where: '/etc/cron.d/share-report', mailTo: 'storage@corp.example' }),
    );
    expect(survey.upstreams?.map(({ role, host }) => `${role} ${host}`)).toEqual([
      ...['dns 10.10.0.2', 'ntp ntp.corp.example', 'ldap dc1.corp.example', 'syslog 10.10.0.9'],
      'repository apt.vendor.example',
    ]);
    // Disks of its own making are none: neither loops nor zram.
    expect(survey.rates).toEqual([
      { device: 'vda', written: 102_400, read: 0, seconds: 20 },
      { device: 'sda', written: 10_240_000, read: 5_120_000, seconds: 20 },
    ]);
    expect(peers?.peers).toContainEqual(
      expect.objectContaining({ address: '10.10.0.9', port: 514, seen: 2, unanswered: true }),
    );
  });

  it('alma-9: firewalld with a set of addresses, podman, chrony, a module that is not the kernel’s', () => {
    const { facts, survey, peers } = looked('alma-9');
    expect([facts.os.id, facts.kernel]).toEqual(['almalinux', '5.14.0-427.13.1.el9_4.x86_64']);
    expect(survey.gaps).toEqual([]);
    expect(survey.firewall).toEqual({
      ...{ kind: 'firewalld', rules: 2, addresses: ['10.10.0.0/24', '192.0.2.0/25'] },
    });
    expect(survey.time).toEqual({
      ...{ zone: 'America/New_York', service: 'chrony', synchronized: true, offsetMs: -0.021 },
    });
    expect(survey.packages).toMatchObject({
      ...{ manager: 'rpm', count: 5, held: ['java-17-openjdk-headless-1:17.0.13.0.11-3.el9.*'] },
    });
    expect(survey.foreignModules).toEqual(['falcon_lsm_serviceable']);
    expect(survey.containers).toMatchObject([
      { engine: 'podman', name: 'orders-cache', ports: ['127.0.0.1:6379->6379/tcp'], restart: 'always' },
    ]);
    expect(survey.schedules).toMatchObject([
      { where: 'orders-export.timer', user: 'orders', what: expect.stringContaining('edi.partner.example') },
    ]);
    expect(survey.certificates).toMatchObject([{ notAfter: Date.UTC(2026, 11, 15) }]);
    expect(survey.identity).toContainEqual(
      expect.objectContaining({ kind: 'licence', where: '/opt/orders/etc/orders.lic' }),
    );
    expect(survey.hardAddresses).toMatchObject([{ address: '203.0.113.40', setting: 'payments.host' }]);
    expect(peers?.peers).toMatchObject([
      { direction: 'out', address: '10.10.0.21', port: 5432, process: 'java', seen: 4 },
      { direction: 'out', address: '203.0.113.40', port: 443, seen: 1 },
    ]);
  });

  it('centos-7: tools without JSON, the older filter, ntpd, a queue, a share, a certificate that has ended', () => {
    const { facts, survey, peers } = looked('centos-7');
    expect([facts.os.id, facts.os.version, facts.kernel]).toEqual([
      ...['centos', '7', '3.10.0-1160.119.1.el7.x86_64'],
    ]);
    expect(survey.gaps).toEqual([]);
    expect(survey.routes).toEqual([
      expect.objectContaining({ to: 'default', via: '10.10.0.1', device: 'eth0' }),
      expect.objectContaining({ to: '10.10.0.0/24', device: 'eth0' }),
    ]);
    expect(survey.firewall).toEqual({ kind: 'iptables', rules: 4, addresses: ['10.10.0.0/24'] });
    expect(survey.time).toMatchObject({ service: 'ntpd', synchronized: true, offsetMs: 2.104 });
    expect(survey.packages).toMatchObject({ manager: 'rpm', count: 5, held: ['kernel'] });
    expect(survey.mail).toEqual([{ agent: 'postfix', queued: 14, relay: 'relay.example.net' }]);
    expect(survey.dataServices).toMatchObject([
      { engine: 'Dovecot', version: '2.2.36-8.el7', directories: ['/var/spool/shared'] },
    ]);
    expect(survey.shares).toEqual([
      {
        ...{ mountpoint: '/var/spool/shared', type: 'nfs4', server: 'nas1', path: '/spool' },
        ...{ state: 'mounted', address: '10.10.0.9', answers: true },
      },
    ]);
    expect(survey.certificates).toMatchObject([
      { path: '/etc/pki/tls/certs/mail1.pem', notAfter: Date.UTC(2025, 0, 1) },
    ]);
    expect(survey.schedules?.map(({ kind, user, mails }) => [kind, user, mails])).toEqual([
      ['at', '1001', undefined],
      ['cron', 'root', true],
      ['cron', 'postmaster', true],
    ]);
    expect(peers?.peers.map(({ direction, port }) => `${direction} ${port}`)).toEqual([
      ...['out 2049', 'out 25', 'in 25'],
    ]);
  });

  it('sles-15: locks of zypper, a cluster, a registration, a share that waits for its first use', () => {
    const { facts, survey, peers } = looked('sles-15');
    expect([facts.os.id, facts.os.version, facts.kernel]).toEqual([
      ...['sles', '15.5', '5.14.21-150500.55.83-default'],
    ]);
    expect(survey.gaps).toEqual([]);
    expect(survey.firewall).toEqual({ kind: 'firewalld', rules: 2, addresses: ['10.10.0.41'] });
    expect(survey.time).toMatchObject({ zone: 'Europe/Berlin', service: 'chrony', offsetMs: 0.301 });
    expect(survey.packages).toMatchObject({ manager: 'rpm', count: 4, held: ['kernel-default'] });
    expect(survey.identity?.map(({ kind }) => kind)).toEqual([
      ...['machine-id', 'cluster', 'host-id', 'subscription'],
    ]);
    expect(survey.shares).toMatchObject([
      { mountpoint: '/sapmnt/trans', server: 'nas1', state: 'automount' },
    ]);
    expect(survey.schedules?.map(({ where, user }) => [where, user])).toEqual([
      ['/var/spool/cron/tabs/h00adm', 'h00adm'],
      ['hana-export.timer', 'h00adm'],
    ]);
    // The other half of the cluster, not the machine's own line.
    expect(survey.staticNames).toMatchObject([{ address: '10.10.0.76' }]);
    expect(survey.certificates).toMatchObject([{ notAfter: Date.UTC(2028, 0, 1) }]);
    expect(peers?.peers).toMatchObject([
      { direction: 'in', address: '10.10.0.41', port: 30_013, process: 'hdbnameserver' },
      { direction: 'out', protocol: 'udp', address: '10.10.0.76', port: 5405 },
    ]);
  });

  it('alpine-3.20: no ss, no systemd, no filter loaded: what is not there is not a gap', () => {
    const { facts, survey, peers } = looked('alpine-3.20');
    expect([facts.os.id, facts.kernel]).toEqual(['alpine', '6.6.52-0-virt']);
    expect(survey.gaps).toEqual([]);
    expect(survey.firewall).toEqual({ kind: 'none', rules: 0, addresses: [] });
    expect(survey.time).toMatchObject({ zone: 'America/New_York', service: 'chrony', synchronized: true });
    expect(survey.packages).toMatchObject({ manager: 'apk', count: 5 });
    expect(survey.routes?.map(({ to }) => to)).toEqual(['default', '10.10.0.0/24']);
    expect(survey.dataServices).toMatchObject([{ engine: 'BIND', version: '9.18.31-r0' }]);
    expect(survey.schedules).toEqual([]);
    expect(survey.certificates).toMatchObject([{ subject: 'O=Example, CN=dns1.example.net' }]);
    expect(peers?.peers).toMatchObject([
      { direction: 'out', address: '10.10.0.54', port: 53, process: 'named', seen: 4 },
      { direction: 'in', address: '10.10.0.41', port: 53, seen: 2 },
    ]);
  });

  it('ubuntu-zfs: modules of ZFS, the host id that its pools know, rules of an nft without JSON, exports', () => {
    const { facts, survey, peers } = looked('ubuntu-zfs');
    expect([facts.os.version, facts.kernel]).toEqual(['22.04', '5.15.0-122-generic']);
    expect(survey.gaps).toEqual([]);
    expect(survey.foreignModules).toEqual(['spl', 'zcommon', 'zfs', 'zunicode']);
    expect(survey.identity).toContainEqual(expect.objectContaining({ kind: 'host-id', detail: '2f2f0082' }));
    expect(survey.firewall).toEqual({ kind: 'nftables', rules: 2, addresses: ['10.10.0.0/24'] });
    expect(survey.time).toMatchObject({ service: 'timesyncd', synchronized: true, offsetMs: -0.083 });
    expect(survey.packages).toMatchObject({ manager: 'dpkg', count: 3 });
    expect(survey.dataServices).toMatchObject([{ engine: 'NFS exports', directories: ['/srv'] }]);
    // A volume of a pool is no disk of the machine.
    expect(survey.rates?.map(({ device }) => device)).toEqual(['vda']);
    expect(survey.certificates).toMatchObject([{ notAfter: Date.UTC(2029, 0, 1) }]);
    expect(peers?.peers).toMatchObject([{ direction: 'in', address: '10.10.0.51', port: 2049 }]);
  });

  it('debian-12-localized: figures are read, words of another language become gaps with their text', () => {
    const { facts, survey, peers } = looked('debian-12-localized');
    expect([facts.os.id, facts.kernel]).toEqual(['debian', '6.1.0-26-amd64']);
    expect(survey.gaps.map(({ what, why }) => [what, why])).toEqual([
      ['routes of IPv6 and of other tables', 'no-tool'],
      ['firewall rules', 'unreadable'],
      ['offset of the clock', 'unreadable'],
    ]);
    expect(survey.gaps[1]?.raw).toContain('Regelwerk konnte nicht gelesen werden');
    expect(survey.firewall).toBeUndefined();
    expect(survey.time).toEqual({ zone: 'Europe/Berlin', service: 'timesyncd', synchronized: true });
    expect(survey.routes?.map(({ to, via }) => [to, via])).toEqual([
      ['default', '10.10.0.1'],
      ['10.10.0.0/24', undefined],
    ]);
    expect(survey.certificates).toMatchObject([
      { path: '/etc/ssl/local/büro1.crt', subject: 'O=Example, CN=büro1.example.de' },
    ]);
    expect(survey.schedules?.map(({ where }) => where)).toEqual(['/etc/cron.d/bericht', '月次.timer']);
    expect(survey.mail).toEqual([{ agent: 'exim', queued: 3, relay: 'mail.example.de' }]);
    expect(survey.packages).toMatchObject({ manager: 'dpkg', count: 2 });
    expect(peers?.peers).toMatchObject([{ address: '10.10.0.60', process: 'druckdienst-für' }]);
  });

  it('rocky-8-lvm: a login without root reads what is open, and names each thing that is closed to it', () => {
    const { facts, survey, peers } = looked('rocky-8-lvm');
    expect([facts.os.id, facts.kernel]).toEqual(['rocky', '4.18.0-513.el8.x86_64']);
    expect(survey.root).toBe(false);
    expect(survey.gaps.map(({ what }) => what)).toEqual([
      ...['firewall rules', 'principals in keytabs', 'names of tunnels below /etc/wireguard'],
      ...['cron tables of users', 'jobs of at', 'containers that users run for themselves'],
      ...['containers of docker', 'certificates in closed files', 'sizes of services that hold data'],
      ...['where databases of others keep their files', 'the queue of postfix'],
      'addresses in configuration files that only root may read',
    ]);
    expect(new Set(survey.gaps.map(({ why }) => why))).toEqual(new Set(['needs-root']));
    // A filter that is loaded and closed is not taken for none.
    expect(survey.firewall).toBeUndefined();
    expect(survey.time).toEqual({ zone: 'America/Chicago', service: 'chrony', synchronized: false });
    expect(survey.packages).toMatchObject({ manager: 'rpm', count: 3 });
    expect(survey.dataServices).toMatchObject([{ process: 'mysqld', directories: ['/var/lib/mysql'] }]);
    expect(survey.dataServices?.[0]?.bytes).toBeUndefined();
    expect(survey.mail).toEqual([{ agent: 'postfix' }]);
    // What lies over the disk of the machine is not counted a second time.
    expect(survey.rates?.map(({ device }) => device)).toEqual(['vda']);
    expect(peers?.peers).toEqual([
      { direction: 'in', protocol: 'tcp', address: '10.10.0.41', port: 3306, seen: 4 },
    ]);
  });
});
