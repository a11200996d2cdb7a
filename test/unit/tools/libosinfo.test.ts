import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { planLine } from '../../../src/plan/template.ts';
import { systemInMetadata } from '../../../src/tools/libosinfo.ts';
import { recordedHost } from '../../support/recorded-host.ts';

const domain = (metadata: string): string =>
  `<domain><name>a</name><metadata>${metadata}</metadata></domain>`;
const osinfo = (id: string, prefix = 'libosinfo'): string =>
  domain(
    `<${prefix}:libosinfo xmlns:${prefix}="http://libosinfo.org/xmlns/libvirt/domain/1.0"><${prefix}:os id="${id}"/></${prefix}:libosinfo>`,
  );

describe('the operating system in the metadata of a domain', () => {
  test('is what a real host has recorded', () => {
    expect(systemInMetadata(recordedHost('debian-12').dumpxml)).toBe('debian 12');
  });

  test.each([
    ['http://ubuntu.com/ubuntu/24.04', 'ubuntu 24.04'],
    ['http://microsoft.com/win/2k19', 'win 2k19'],
    ['http://centos.org/centos-stream/9', 'centos-stream 9'],
    ['http://redhat.com/rhel/9.4', 'rhel 9.4'],
    ['http://libosinfo.org/linux/2022', 'linux 2022'],
  ])('%s is %s', (id, said) => {
    expect(systemInMetadata(osinfo(id))).toBe(said);
  });

  test('is found under whatever prefix the namespace has', () => {
    expect(systemInMetadata(osinfo('http://debian.org/debian/12', 'ns0'))).toBe('debian 12');
  });

  test.each([
    '<domain><name>a</name></domain>',
    domain('<nova:instance xmlns:nova="x"><nova:name>a</nova:name></nova:instance>'),
    osinfo('http://libosinfo.org/unknown'),
    osinfo(''),
    osinfo('debian 12'),
    osinfo('http://x/a&#10;machines: {}'),
    osinfo(`http://x/${'a'.repeat(200)}`),
    'no XML',
    '',
  ])('%s says nothing', xml => {
    expect(systemInMetadata(xml)).toBeUndefined();
  });

  test('breaks out of no comment, whatever somebody has written there', () => {
    const hostile = fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^http:\/\/x\/[^"<&]{0,40}$/));
    fc.assert(
      fc.property(hostile, text => {
        const id = text.replace(/[&"<]/g, each => `&#${each.charCodeAt(0)};`);
        const said = systemInMetadata(osinfo(id));
        expect(said ?? '').toMatch(/^[\w.+ -]*$/);
        expect(planLine(4, 'source', '', said)).toMatch(/^ {4}source:(?: +# [^\r\n]+)?$/);
      }),
    );
  });
});
