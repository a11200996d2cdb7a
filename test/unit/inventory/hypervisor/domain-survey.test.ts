import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defineDomain } from '../../../../src/inventory/hypervisor/domain-survey.ts';
import { parseDomainStats } from '../../../../src/tools/domain-stats.ts';

/** Shortened from libvirt 9.0: a running domain on overlays, with devices of its host. */
const XML = `<domain type='kvm' id='3'><name>files1</name><uuid>0A0B0C0D-0000-4000-8000-000000000001</uuid>
  <memory unit='KiB'>4194304</memory><vcpu current='2'>4</vcpu><os><type machine='q35'>hvm</type></os>
  <devices>
    <disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='/images/top.qcow2'/>
      <backingStore type='file'><source file='/images/middle.qcow2'/>
        <backingStore type='file'><source file='/images/base.qcow2'/><backingStore/></backingStore></backingStore>
      <target dev='vda' bus='virtio'/></disk>
    <disk type='block' device='disk'><driver name='qemu' type='raw'/><source dev='/dev/vg/data'/>
      <target dev='vdb' bus='virtio'/></disk>
    <disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='/images/c.qcow2'/>
      <target dev='vdc' bus='virtio'/></disk>
    <interface type='bridge'><mac address='52:54:00:AA:00:01'/><source bridge='br-prod'/>
      <vlan><tag id='42'/></vlan></interface>
    <interface type='hostdev'><mac address='52:54:00:AA:00:02'/>
      <source><address type='pci' domain='0x0000' bus='0x3b' slot='0x02' function='0x1'/></source></interface>
    <hostdev mode='subsystem' type='usb'><source><vendor id='0x0529'/><product id='0x0001'/></source></hostdev>
    <filesystem type='mount'><source dir='/srv/in'/><target dir='in'/></filesystem>
  </devices></domain>`;

const STATS = parseDomainStats(
  "Domain: 'files1'\n  state.state=1\n  block.count=1\n  block.0.name=vdc\n  block.0.capacity=77\n",
);

describe('what the definition of a domain says', () => {
  const found = defineDomain(XML, '', STATS);

  it('its disks and on what they rest, with sizes from the statistics where nothing else has them', () => {
    expect(found?.disks.map(({ target, chain, capacity }) => [target, chain, capacity])).toEqual([
      ['vda', ['/images/middle.qcow2', '/images/base.qcow2'], 0],
      ['vdb', [], 0],
      ['vdc', [], 77],
    ]);
    expect(found?.untold, 'of a raw device nothing has to be asked').toEqual(['vdc']);
    expect(found?.state).toBe('running');
  });

  it('its cards with how they are plugged in, and what it has of its host', () => {
    expect(found?.interfaces[0]).toEqual({
      ...{ mac: '52:54:00:aa:00:01', network: 'br-prod', kind: 'bridge', vlan: 42 },
    });
    expect(found?.passthrough).toEqual([
      'usb 0529:0001',
      'network card pci 0000:3b:02.1',
      'directory /srv/in of the host',
    ]);
    expect(found?.landfall).toBeUndefined();
  });

  it('what landfall made is known by its mark, and what is no domain is none', () => {
    const own = XML.replace('<devices>', "<metadata><l:x xmlns:l='urn:landfall:1'/></metadata><devices>");
    expect(defineDomain(own, '', STATS)?.landfall).toBe(true);
    for (const text of ['', '<network/>', '<domain><name>x</name></domain>'])
      expect(defineDomain(text, '', STATS), text).toBeUndefined();
  });

  it('a chain without an end is cut off', () => {
    const deep = '<backingStore><source file="/x"/>'.repeat(80) + '</backingStore>'.repeat(80);
    const text = XML.replace(/<backingStore type[\s\S]*?<\/backingStore><\/backingStore>/, deep);
    expect(defineDomain(text, '', STATS)?.disks[0]?.chain).toHaveLength(64);
  });

  it('nothing makes it throw', () => {
    fc.assert(
      fc.property(fc.nat({ max: XML.length }), fc.string(), (at, noise) => {
        const bent = XML.slice(0, at) + noise + XML.slice(at + noise.length);
        const domain = defineDomain(bent, noise, STATS);
        expect(domain === undefined || domain.name !== '').toBe(true);
      }),
    );
  });
});
