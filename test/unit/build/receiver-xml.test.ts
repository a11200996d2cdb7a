import { describe, expect, it } from 'vitest';
import { limitsTranslation } from '../../../src/build/receiver/fitness.ts';
import { type ReceiverSpec, readReceiver, receiverXml } from '../../../src/build/receiver/receiver-xml.ts';

const spec: ReceiverSpec = {
  domain: 'landfall-storm-web1-receiver',
  evacuation: 'storm',
  begun: '2026-11-22T12:00:00.000Z',
  machine: 'web1',
  architecture: 'x86_64',
  kind: 'kvm',
  limitsTranslation: true,
  network: 'servers',
  mac: '52:54:00:12:34:56',
  console: '/run/landfall/storm/landfall-storm-web1-receiver.console.log',
  system: { pool: 'default', volume: 'landfall-storm-web1-receiver.qcow2' },
  seed: undefined,
};
const seed = { pool: 'default', volume: 'landfall-storm-web1-seed.iso' };

describe('receiverXml', () => {
  it('is this document', () => {
    expect(receiverXml(spec)).toMatchSnapshot();
  });

  it('escapes whatever a name may hold', () => {
    const xml = receiverXml({ ...spec, network: `a"<b>&'c` });
    expect(xml).toContain('network="a&quot;&lt;b&gt;&amp;&apos;c"');
  });

  it('is emulated with every feature of a processor, and smaller, where there is no KVM', () => {
    const xml = receiverXml({ ...spec, kind: 'qemu' });
    expect(xml).toContain('<domain type="qemu">');
    expect(xml).toContain('<cpu mode="maximum"/>');
    expect(xml).toMatch(/<tcg>\s*<tb-cache unit="MiB">64<\/tb-cache>\s*<\/tcg>/);
    expect(receiverXml({ ...spec, kind: 'qemu', limitsTranslation: false })).not.toContain('tcg');
    expect(
      ['libvirt 9.0.0, QEMU 7.2.22', 'libvirt 10.1.0', 'libvirt 7.0.0', undefined].map(limitsTranslation),
    ).toEqual([true, true, false, false]);
    expect(xml).toContain(`<memory unit="bytes">${512 * 1024 ** 2}</memory>`);
  });

  it('reads the seed of cloud-init from a disk that it cannot write to, and boots from the other', () => {
    const xml = receiverXml({ ...spec, seed });
    expect(xml.match(/<disk [\s\S]*?<\/disk>/g)).toEqual([
      expect.stringContaining('<boot order="1"/>'),
      expect.stringMatching(/seed\.iso[\s\S]*<readonly\/>/),
    ]);
    expect(xml.match(/<boot /g)).toHaveLength(1);
  });

  it('runs the replica of a 32-bit machine in a 64-bit receiver', () => {
    expect(receiverXml({ ...spec, architecture: 'i686' })).toContain('arch="x86_64" machine="q35"');
    expect(receiverXml({ ...spec, architecture: 'aarch64' })).toContain('arch="aarch64" machine="virt"');
  });
});

describe('readReceiver', () => {
  const stored = receiverXml(spec).replace('<metadata>', '<uuid>ABCD</uuid><metadata>');

  it('knows its own', () => {
    expect(readReceiver(stored, spec)).toEqual({
      uuid: 'abcd',
      ours: true,
      begun: spec.begun,
      serials: [],
    });
  });

  it('sees which replica disks are in it, and no others', () => {
    const disk = (serial: string): string => `<disk><serial>${serial}</serial></disk>`;
    const full = stored.replace('<controller', `${disk('lf-vda')}${disk('WD-123')}<controller`);
    expect(readReceiver(full, spec)?.serials).toEqual(['lf-vda']);
  });

  it('knows it under another prefix, because the namespace decides', () => {
    const other = stored.replaceAll('landfall:receiver', 'x:receiver').replace('xmlns:landfall', 'xmlns:x');
    expect(readReceiver(other, spec)?.ours).toBe(true);
  });

  it.each([
    ['another evacuation', stored.replace('evacuation="storm"', 'evacuation="drill"')],
    ['another evacuation of this name', stored.replace(spec.begun, '2026-11-22T12:00:01.000Z')],
    ['a beginning that nobody knows', stored.replace(` begun="${spec.begun}"`, '')],
    ['another machine', stored.replace('machine="web1"', 'machine="web2"')],
    ['another namespace', stored.replace('urn:landfall:1', 'urn:other')],
    ['no mark', stored.replace(/<metadata>[\s\S]*<\/metadata>/, '')],
  ])('disowns a domain of %s', (_what, xml) => {
    expect(readReceiver(xml, spec)?.ours).toBe(false);
  });
});
