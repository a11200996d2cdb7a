import { describe, expect, it } from 'vitest';
import { diskTarget, sourceWords } from '../../../../src/build/standby/disks.ts';
import { isHold, released } from '../../../../src/build/standby/hold.ts';
import { readMark } from '../../../../src/build/standby/mark.ts';
import { macOf } from '../../../../src/build/standby/nics.ts';
import { retarget } from '../../../../src/build/standby/retarget.ts';
import { xmlDiff } from '../../../../src/build/standby/xml-diff.ts';
import { attribute, elements, find, textOf } from '../../../../src/build/standby/xml-tree.ts';
import { DEBIAN, DOMAINS, domainXml, everywhere, tree, wishFor } from './domains.ts';

const made = (name: string, over = {}) => retarget(domainXml(name), wishFor(name, over));
const emulated = { virtualization: { ...DEBIAN, types: ['qemu'] } };

describe.each(DOMAINS)('the standby of %s', name => {
  const source = tree(domainXml(name));
  const standby = tree(made(name).xml);

  it('keeps who it is: name, UUID, memory, MACs, disk targets and serials', () => {
    for (const kept of [
      'name',
      'uuid',
      'memory',
      'currentMemory',
      'title',
      'description',
      'sysinfo',
      'clock',
    ]) {
      expect(find(standby, kept)).toEqual(find(source, kept));
    }
    const macs = (root: typeof source) => elements(find(root, 'devices'), 'interface').map(macOf);
    expect(macs(standby)).toEqual(macs(source));
    const identity = (root: typeof source) =>
      elements(find(released(root), 'devices'), 'disk').map(disk => [
        diskTarget(disk),
        attribute(find(disk, 'target'), 'bus'),
        textOf(find(disk, 'serial')),
        textOf(find(disk, 'wwn')),
        find(disk, 'boot'),
        find(disk, 'address'),
      ]);
    expect(identity(standby)).toEqual(identity(source));
  });

  it('keeps the PCI address of every device that it keeps', () => {
    const addresses = (root: typeof source) =>
      elements(find(root, 'devices'))
        .filter(({ name: device }) => !['hostdev', 'filesystem', 'shmem', 'redirdev'].includes(device))
        .flatMap(device =>
          attribute(find(device, 'address'), 'type') === 'pci' ? [find(device, 'address')] : [],
        );
    expect(addresses(standby)).toEqual(addresses(source));
  });

  it('takes nothing from the storage, the networks and the hardware of the source', () => {
    for (const disk of elements(find(standby, 'devices'), 'disk')) {
      const file = attribute(find(disk, 'source'), 'file');
      expect(file ?? '/var/lib/libvirt/images/landfall-storm-').toMatch(
        isHold(disk) ? /^\/landfall-holds/ : /^\/var\/lib\/libvirt\/images\/landfall-storm-/,
      );
    }
    for (const gone of [
      'hostdev',
      'seclabel',
      'hugepages',
      'numatune',
      'filesystem',
      'kernel',
      'backingStore',
    ]) {
      expect(everywhere(standby, gone)).toEqual([]);
    }
    for (const nic of elements(find(standby, 'devices'), 'interface')) {
      expect(['dallas', 'servers', 'br-dallas-dmz']).toContain(
        attribute(find(nic, 'source'), 'network') ?? attribute(find(nic, 'source'), 'bridge'),
      );
    }
  });

  it('says in one sentence each what became of every disk and why it cannot start', () => {
    const { changes } = made(name);
    for (const disk of elements(find(source, 'devices'), 'disk')) {
      if (find(disk, 'source') === undefined) continue;
      expect(changes.some(line => line.includes(diskTarget(disk)) && line.includes(sourceWords(disk)))).toBe(
        true,
      );
    }
    expect(changes.filter(line => line.startsWith('held against an accidental start'))).toHaveLength(1);
    expect(new Set(changes).size).toBe(changes.length);
  });

  it('is the same text for the same source, and bears a mark that says so', () => {
    const again = made(name);
    expect(again).toEqual(made(name));
    const found = readMark(again.xml, 'standby');
    expect(found).toEqual({
      uuid: textOf(find(source, 'uuid')),
      owner: { evacuation: 'storm', begun: '2026-11-22T12:00:00.000Z', machine: name },
      digest: again.digest,
    });
    expect(readMark(domainXml(name), 'standby')?.owner).toBeUndefined();
  });

  it('is held by one drive more on a controller that is there', () => {
    const holds = elements(find(standby, 'devices'), 'disk').filter(isHold);
    expect(holds).toHaveLength(1);
    const others = elements(find(released(standby), 'devices'), 'disk').map(diskTarget);
    expect(others).not.toContain(holds.map(diskTarget)[0]);
  });

  it('runs emulated where there is no KVM, with nothing that only KVM has', () => {
    const slow = tree(made(name, emulated).xml);
    expect(attribute(slow, 'type')).toBe('qemu');
    expect([undefined, 'maximum']).toContain(attribute(find(slow, 'cpu'), 'mode'));
    expect(everywhere(slow, 'timer').map(timer => attribute(timer, 'name'))).not.toContain('kvmclock');
    expect(everywhere(slow, 'hyperv')).toEqual([]);
  });
});

it('tells the changes of a pinned machine with passed-through devices', () => {
  expect(made('pinned').changes).toMatchInlineSnapshot(`
    [
      "processor host-model instead of host-passthrough: the target has processors of its own (EPYC)",
      "without NUMA placement: it is of the source hypervisor",
      "without control group: it is of the source hypervisor",
      "without security label: it is of the source hypervisor",
      "without pinning to processors: those are of the source hypervisor",
      "without huge pages: the target may have reserved none",
      "without locked memory: that was chosen for the source hypervisor",
      "without directory shared by the hypervisor /srv/share",
      "without passed-through device 65:00.0",
      "without passed-through device usb",
      "without memory shared with other domains ivsh",
      "disk vda is the replica landfall-storm-pinned-vda.qcow2 instead of unix:/run/spdk/vhost.0",
      "NIC 52:54:00:aa:00:06 on servers instead of an unnamed network: no network of the plan replaces that one",
      "NIC 52:54:00:aa:00:16 on servers instead of an unnamed network: no network of the plan replaces that one",
      "NIC 52:54:00:aa:00:16 without VLAN tag 7: servers has to bring what is needed of that",
      "NIC 52:54:00:aa:00:16 of model virtio: the source had none of its own",
      "held against an accidental start: an extra CD drive waits for a medium that does not exist, so libvirt refuses to start it",
    ]
  `);
});

it('tells the changes of a Red Hat machine with Secure Boot and a TPM', () => {
  expect(made('el9-secboot').changes).toMatchInlineSnapshot(`
    [
      "emulator /usr/bin/qemu-system-x86_64 instead of /usr/libexec/qemu-kvm",
      "machine type pc-q35-7.2 instead of pc-q35-rhel9.2.0: the target numbers its machine types in another way",
      "UEFI firmware that the target chooses, with Secure Boot, instead of OVMF_CODE.secboot.fd",
      "the UEFI boot entries do not travel: it starts by the fallback path EFI/BOOT, which a proof tries",
      "the TPM starts empty: its contents do not travel",
      "disk vda is the replica landfall-storm-el9-secboot-vda.qcow2 instead of /var/lib/libvirt/images/app1.qcow2",
      "NIC 52:54:00:aa:00:03 on dallas instead of prod",
      "NIC 52:54:00:aa:00:03 without packet filter clean-traffic, port group web: dallas has to bring what is needed of that",
      "held against an accidental start: an extra CD drive waits for a medium that does not exist, so libvirt refuses to start it",
    ]
  `);
});

it('tells the changes of a machine on Ceph and multipath behind one SCSI controller', () => {
  expect(made('el8-scsi').changes).toMatchInlineSnapshot(`
    [
      "emulator /usr/bin/qemu-system-x86_64 instead of /usr/libexec/qemu-kvm",
      "machine type pc-q35-7.2 instead of pc-q35-rhel8.6.0: the target numbers its machine types in another way",
      "processor host-model instead of Skylake-Server-IBRS with a feature: the target (EPYC) cannot run Skylake-Server-IBRS",
      "disk sda is the replica landfall-storm-el8-scsi-sda.qcow2 instead of rbd:vms/db1-root",
      "disk sda without the login to its storage: the replica is a plain volume",
      "disk sda without cache=writeback: that was chosen for the storage of the source",
      "disk sdb is the replica landfall-storm-el8-scsi-sdb.qcow2 instead of /dev/mapper/mpathb",
      "disk sdb without cache=none and io=native: that was chosen for the storage of the source",
      "disk sdc is the replica landfall-storm-el8-scsi-sdc.qcow2 instead of /dev/mapper/mpathc",
      "disk sdc without sharing with other domains: the replica is a plain volume",
      "NIC 52:54:00:aa:00:02 on dallas instead of br-prod",
      "NIC 52:54:00:aa:00:02 without VLAN tag 42, virtual port: dallas has to bring what is needed of that",
      "serial port on a terminal of libvirt's instead of file",
      "held against an accidental start: an extra CD drive waits for a medium that does not exist, so libvirt refuses to start it",
    ]
  `);
});

it('makes the same standby of what libvirt shows of the running domain and of the stopped one', () => {
  const running = domainXml('live-dump');
  const again = running
    .replaceAll('vnet0', 'vnet7')
    .replaceAll('pts/0', 'pts/9')
    .replace(" id='1'", " id='8'");
  expect(again).not.toBe(running);
  expect(retarget(again, wishFor('live-dump')).digest).toBe(made('live-dump').digest);
});

it('copies the UEFI variables only where the target has the very same firmware image', () => {
  const same = made('uefi-secboot');
  expect(same.xml).toContain('/usr/share/OVMF/OVMF_CODE_4M.ms.fd</loader>');
  expect(same.xml).toContain('>/var/lib/libvirt/qemu/nvram/landfall-storm-uefi-secboot_VARS.fd</nvram>');
  const other = made('uefi-secboot', { virtualization: { ...DEBIAN, loaders: [] } });
  expect(other.xml).not.toContain('<loader');
  expect(other.xml).toContain("<feature enabled='yes' name='secure-boot'/>");
  expect(other.changes).toContain(
    'the UEFI boot entries do not travel: it starts by the fallback path EFI/BOOT, which a proof tries',
  );
});

it('leaves out a disk that the replica has no volume for, and says so', () => {
  const { xml, changes } = made('i440fx', { disks: {} });
  expect(xml).not.toContain('mail1.img');
  expect(changes).toContain('disk hda is left out: the replica has no volume for it (/srv/mail1.img)');
});

it('asks no server for random numbers, and tells what it keeps without knowing what it means', () => {
  const server =
    "<rng model='virtio'><backend model='egd' type='tcp'><source mode='connect' host='10.0.0.9' service='708'/></backend></rng>";
  const args = "<qemu:commandline><qemu:arg value='-snapshot'/></qemu:commandline>";
  const xml = domainXml('i440fx').replace('</devices>', `${server}</devices>${args}`);
  const made = retarget(xml, wishFor('i440fx'));
  expect(made.xml).not.toContain('10.0.0.9');
  expect(made.xml).toContain("<backend model='random'>/dev/urandom</backend>");
  expect(made.changes).toContain('random numbers from /dev/urandom instead of a server');
  expect(made.changes.join()).toMatch(/keeps qemu:commandline as it is at the source/);
});

it('refuses what is no domain', () => {
  expect(() => retarget('<network/>', wishFor('i440fx'))).toThrow('is no libvirt domain');
  expect(() => retarget('not XML', wishFor('i440fx'))).toThrow('is no libvirt domain');
});

it('shows the difference between both definitions line by line', () => {
  const diff = xmlDiff(domainXml('debian-q35'), made('debian-q35').xml);
  expect(diff).toContain("-       <source network='prod'/>");
  expect(diff).toContain("+       <source network='dallas'/>");
  expect(diff).not.toContain('manufacturer');
  expect(xmlDiff(domainXml('pinned'), domainXml('pinned'))).toBe('');
});
