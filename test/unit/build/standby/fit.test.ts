import { describe, expect, it } from 'vitest';
import { fitCpu } from '../../../../src/build/standby/cpu.ts';
import { unfitness } from '../../../../src/build/standby/fitness.ts';
import { chooseMachineType } from '../../../../src/build/standby/machine-type.ts';
import type { VirtualizationFacts } from '../../../../src/journal/facts.ts';
import { DEBIAN, domainXml, tree, wishFor } from './domains.ts';

const EL9: VirtualizationFacts = {
  ...DEBIAN,
  emulator: '/usr/libexec/qemu-kvm',
  machines: ['pc-q35-rhel8.4.0', 'pc-q35-rhel9.0.0', 'pc-q35-rhel9.4.0', 'pc-i440fx-rhel7.6.0'],
  aliases: { q35: 'pc-q35-rhel9.4.0', pc: 'pc-i440fx-rhel7.6.0' },
};

describe('the machine type', () => {
  it.each([
    ['pc-q35-7.2', DEBIAN, 'pc-q35-7.2'],
    ['q35', DEBIAN, 'q35'],
    ['pc-q35-7.0', DEBIAN, 'pc-q35-6.2'],
    ['pc-q35-10.1', DEBIAN, 'pc-q35-7.2'],
    ['pc-q35-2.9', DEBIAN, 'pc-q35-4.2'],
    ['pc-q35-jammy', DEBIAN, 'pc-q35-6.2'],
    ['pc-1.3', DEBIAN, 'pc-i440fx-2.12'],
    ['pc-q35-rhel9.2.0', DEBIAN, 'pc-q35-7.2'],
    ['pc-q35-rhel9.2.0', EL9, 'pc-q35-rhel9.0.0'],
    ['pc-q35-rhel7.6.0', EL9, 'pc-q35-rhel8.4.0'],
    ['pc-q35-8.2', EL9, 'pc-q35-rhel9.4.0'],
    ['pc-i440fx-2.12', EL9, 'pc-i440fx-rhel7.6.0'],
    ['virt-8.2', DEBIAN, undefined],
    ['microvm', DEBIAN, undefined],
  ])('%s', (wanted, known, chosen) => {
    expect(chooseMachineType(wanted, known)?.machine).toBe(chosen);
  });

  it('never leaves the chipset of the source: its PCI layout is another one', () => {
    const el10 = { ...EL9, machines: ['pc-q35-rhel10.0.0'], aliases: { q35: 'pc-q35-rhel10.0.0' } };
    expect(chooseMachineType('pc-i440fx-rhel7.6.0', el10)).toBeUndefined();
  });
});

describe('the processor', () => {
  const modeOf = (cpu: string, over: Partial<VirtualizationFacts> = {}) =>
    fitCpu(tree(cpu), { virt: 'auto', virtualization: { ...DEBIAN, ...over } })?.mode;

  it.each([
    ["<cpu mode='host-passthrough'/>", 'host-model'],
    ["<cpu mode='host-model'/>", undefined],
    ["<cpu mode='custom'><model>Nehalem</model></cpu>", undefined],
    ["<cpu match='exact'><model>Nehalem</model></cpu>", undefined],
    ["<cpu mode='custom'><model>Icelake-Server</model></cpu>", 'host-model'],
    [
      "<cpu mode='custom' check='full'><model>EPYC</model><feature policy='require' name='x'/></cpu>",
      'host-model',
    ],
  ])('%s', (cpu, mode) => {
    expect(modeOf(cpu)).toBe(mode);
    expect(modeOf(cpu, { types: ['qemu'] })).toBe('maximum');
  });
});

describe('what a target lacks', () => {
  const lacks = (
    name: string,
    over: Partial<VirtualizationFacts> = {},
    virt: 'auto' | 'kvm' | 'qemu' = 'auto',
  ) =>
    unfitness(
      tree(domainXml(name)),
      wishFor(name, { virt, virtualization: { ...DEBIAN, ...over } }),
      'dal-kvm1',
    ).map(each => each.what);

  it('is nothing for a hypervisor like the source', () => {
    for (const name of ['debian-q35', 'i440fx', 'el9-secboot', 'pinned']) expect(lacks(name)).toEqual([]);
  });

  it('is told for every kind, with a remedy each', () => {
    expect(lacks('debian-q35', { types: ['qemu'] }, 'kvm')).toEqual([
      'the plan asks for kvm, but libvirt on dal-kvm1 offers qemu',
    ]);
    expect(lacks('i440fx', { machines: ['pc-q35-9.2'], aliases: { q35: 'pc-q35-9.2' } })).toEqual([
      'dal-kvm1 knows no machine type of the kind of pc-i440fx-rhel7.6.0',
    ]);
    expect(lacks('uefi-secboot', { firmwares: ['bios'], loaders: [] })).toEqual([
      'it boots by UEFI, and dal-kvm1 has no UEFI firmware for guests',
    ]);
    expect(lacks('debian-q35', { memoryFree: 1024 ** 3 })).toEqual([
      'it has 4.29 GB of memory, and dal-kvm1 has 1.07 GB free',
    ]);
    expect(lacks('debian-q35', { emulator: '/usr/bin/qemu-system-aarch64' })).toEqual([
      'it is a x86_64 machine, and dal-kvm1 runs aarch64',
    ]);
    expect(lacks('debian-q35', { cpu: { modes: ['custom'], models: ['qemu64'] } })).toEqual([
      'dal-kvm1 can show neither the processor host-passthrough nor host-model',
    ]);
  });
});
