import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { freeMemory, parseDomainCapabilities, parseMachineTypes } from '../../../src/tools/capabilities.ts';

/** Shortened answers of libvirt 9.0 with QEMU 7.2. */
const domain = (type: string): string => `<domainCapabilities>
  <path>/usr/bin/qemu-system-x86_64</path>
  <domain>${type}</domain>
  <machine>pc-i440fx-7.2</machine>
  <arch>x86_64</arch>
  <os supported='yes'>
    <enum name='firmware'><value>efi</value></enum>
    <loader supported='yes'>
      <value>/usr/share/OVMF/OVMF_CODE_4M.fd</value>
      <enum name='type'><value>rom</value><value>pflash</value></enum>
    </loader>
  </os>
  <cpu>
    <mode name='host-passthrough' supported='${type === 'kvm' ? 'yes' : 'no'}'/>
    <mode name='host-model' supported='yes'><model fallback='forbid'>EPYC</model></mode>
    <mode name='custom' supported='yes'>
      <model usable='no' vendor='AMD'>phenom</model>
      <model usable='yes' vendor='unknown'>qemu64</model>
    </mode>
  </cpu>
</domainCapabilities>`;

const HOST = `<capabilities>
  <host><uuid>0</uuid><cpu><arch>x86_64</arch></cpu></host>
  <guest><arch name='i686'><machine>isapc</machine></arch></guest>
  <guest>
    <arch name='x86_64'>
      <machine maxCpus='255'>pc-i440fx-7.2</machine>
      <machine canonical='pc-i440fx-7.2' maxCpus='255'>pc</machine>
      <machine canonical='pc-q35-7.2' maxCpus='288'>q35</machine>
      <domain type='qemu'/>
      <domain type='kvm'><machine maxCpus='288'>pc-q35-6.2</machine></domain>
    </arch>
  </guest>
</capabilities>`;

describe('what a hypervisor can run', () => {
  it('reads each kind of domain by itself', () => {
    expect(parseDomainCapabilities(domain('kvm'))).toEqual({
      type: 'kvm',
      emulator: '/usr/bin/qemu-system-x86_64',
      firmwares: ['bios', 'efi'],
      loaders: ['/usr/share/OVMF/OVMF_CODE_4M.fd'],
      cpu: { modes: ['host-passthrough', 'host-model', 'custom'], hostModel: 'EPYC', models: ['qemu64'] },
    });
    expect(parseDomainCapabilities(domain('qemu'))?.cpu.modes).toEqual(['host-model', 'custom']);
  });

  it('reads machine types of its own architecture, and what their short names stand for', () => {
    expect(parseMachineTypes(HOST)).toEqual({
      machines: ['pc-i440fx-7.2', 'pc-q35-6.2', 'pc-q35-7.2'],
      aliases: { pc: 'pc-i440fx-7.2', q35: 'pc-q35-7.2' },
    });
  });

  it('counts the file cache as memory that a domain could take', () => {
    const text =
      'total  :   24684084 KiB\nfree   :   19580048 KiB\nbuffers:      15512 KiB\ncached :    3995372 KiB\n';
    expect(freeMemory(text)).toBe((19_580_048 + 15_512 + 3_995_372) * 1024);
    expect(freeMemory('error: no')).toBeUndefined();
  });

  it('takes nothing else for an answer, and never throws', () => {
    expect(parseDomainCapabilities('<capabilities/>')).toBeUndefined();
    expect(parseMachineTypes('<domainCapabilities/>')).toBeUndefined();
    fc.assert(
      fc.property(fc.string(), text => {
        parseDomainCapabilities(`<domainCapabilities>${text}</domainCapabilities>`);
        parseMachineTypes(text);
        freeMemory(text);
      }),
    );
  });
});
