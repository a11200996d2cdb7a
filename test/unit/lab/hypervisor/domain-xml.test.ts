import { describe, expect, test } from 'vitest';
import {
  completed,
  parseDisk,
  parseDomain,
  predictableName,
  shownXml,
} from '../../../../src/lab/hypervisor/domain-xml.ts';

const XML = `<domain type='kvm'><name>copy</name><devices>
  <disk type='volume' device='disk'><source pool='default' volume='a.qcow2'/><target dev='vda' bus='virtio'/></disk>
  <disk type='file' device='cdrom'><source file='/nowhere/medium'/><target dev='sdz' bus='sata'/></disk>
  <disk type='file' device='cdrom'><target dev='sdy' bus='sata'/></disk>
  <interface type='network'><source network='island'/><link state='down'/></interface>
  <interface type='network'><mac address='52:54:00:00:00:AA'/><source network='island'/></interface>
  <serial type='file'><source path='/run/console.log'/><target port='0'/></serial>
  <serial type='pty'><target port='1'/></serial>
</devices></domain>`;

describe('domain XML of the lab', () => {
  test('disks, media, cables and serial files are read', () => {
    const reading = parseDomain(completed(XML, 'u', '52:54:00:00:00:01'));
    expect(reading).toMatchObject({
      ok: true,
      value: {
        uuid: 'u',
        disks: [{ file: '/var/lib/libvirt/images/a.qcow2', target: 'vda', bus: 'virtio', serial: null }],
        media: ['/nowhere/medium'],
        interfaces: [
          { mac: '52:54:00:00:00:01', up: false },
          { mac: '52:54:00:00:00:aa', up: true },
        ],
        agent: false,
        receiver: null,
      },
    });
    expect(reading.ok && [...reading.value.serials]).toEqual([[0, '/run/console.log']]);
  });

  test('what is no domain is refused with a reason', () => {
    expect(parseDomain('<domain><name>x</name>')).toMatchObject({
      ok: false,
      why: expect.stringContaining('domain_definition'),
    });
    expect(parseDomain('<network/>').ok).toBe(false);
    expect(parseDisk('<interface/>').ok).toBe(false);
  });

  test('only a running domain shows what was plugged into it, and how its cables are', () => {
    const domain = {
      xml: completed(XML, 'u', '52:54:00:00:00:01'),
      plugged: [
        { xml: '<disk type="file"><source file="/b"/><target dev="sda" bus="scsi"/></disk>', device: 'sda' },
      ],
      links: { '52:54:00:00:00:01': true },
    };
    expect(shownXml({ ...domain, running: false }, 3)).toBe(domain.xml);
    const shown = parseDomain(shownXml({ ...domain, running: true }, 3));
    expect(shown).toMatchObject({
      value: {
        disks: [{ target: 'vda' }, { target: 'sda', bus: 'scsi' }],
        interfaces: [{ up: true }, { up: true }],
      },
    });
  });

  test.each([
    [{ bus: '0x01', slot: '0x00', function: '0x0' }, 'enp1s0'],
    [{ bus: '0x00', slot: '0x03', function: '0x0' }, 'ens3'],
    [{ bus: '0x02', slot: '0x1f', function: '0x2' }, 'enp2s31f2'],
    [undefined, 'enp1s0'],
  ])('%j is called %s', (address, name) => {
    expect(predictableName(address)).toBe(name);
  });
});
