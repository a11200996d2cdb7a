import { describe, expect, it } from 'vitest';
import { type ReceiverSpec, readReceiver, receiverXml } from '../../../src/build/receiver/receiver-xml.ts';

const spec: ReceiverSpec = {
  domain: 'landfall-storm-web1-receiver',
  evacuation: 'storm',
  begun: '2026-11-22T12:00:00.000Z',
  machine: 'web1',
  architecture: 'x86_64',
  network: 'servers',
  system: { pool: 'default', volume: 'landfall-storm-web1-receiver.qcow2' },
  replicas: [
    { disk: 'vda', pool: 'fast', volume: 'landfall-storm-web1-vda.qcow2' },
    { disk: 'sdb', pool: 'fast', volume: 'landfall-storm-web1-sdb.qcow2' },
  ],
};

describe('receiverXml', () => {
  it('is this document', () => {
    expect(receiverXml(spec)).toMatchSnapshot();
  });

  it('escapes whatever a name may hold', () => {
    const xml = receiverXml({ ...spec, network: `a"<b>&'c` });
    expect(xml).toContain('network="a&quot;&lt;b&gt;&amp;&apos;c"');
  });

  it('names disks as the kernel does, past z', () => {
    const replicas = Array.from({ length: 27 }, (_, i) => ({ disk: `d${i}`, pool: 'p', volume: `v${i}` }));
    expect(receiverXml({ ...spec, replicas })).toContain('dev="vdab"');
  });
});

describe('readReceiver', () => {
  const stored = receiverXml(spec).replace('<metadata>', '<uuid>ABCD</uuid><metadata>');

  it('knows its own', () => {
    expect(readReceiver(stored, spec)).toEqual({
      uuid: 'abcd',
      ours: true,
      begun: spec.begun,
      serials: ['lf-vda', 'lf-sdb'],
    });
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
