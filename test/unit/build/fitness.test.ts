import { describe, expect, it } from 'vitest';
import { domainKind, fitnessOf } from '../../../src/build/receiver/fitness.ts';
import type { VirtualizationFacts } from '../../../src/journal/facts.ts';
import type { PlanInput } from '../../../src/plan/schema.ts';
import { planOf, Story } from '../../support/state.ts';

const GB = 1e9;
const facts: VirtualizationFacts = {
  types: ['kvm', 'qemu'],
  emulator: '/usr/bin/qemu-system-x86_64',
  machines: ['pc-i440fx-7.2', 'pc-q35-7.2'],
  aliases: { pc: 'pc-i440fx-7.2', q35: 'pc-q35-7.2' },
  cpu: { modes: ['host-model'], models: [] },
  firmwares: ['bios'],
  loaders: [],
  memoryFree: 16 * GB,
};

const planWith = (virt: 'auto' | 'kvm' | 'qemu'): Partial<PlanInput> => ({
  hypervisors: {
    'mia-kvm1': { site: 'miami', address: '10.20.0.1' },
    'dal-kvm1': { site: 'dallas', address: '10.30.0.1', virt },
  },
});

function story(
  change: Partial<VirtualizationFacts> | undefined,
  virt: 'auto' | 'kvm' | 'qemu' = 'auto',
): Story {
  return new Story(planOf(planWith(virt)))
    .begin()
    .tell({
      type: 'hypervisor.observed',
      hypervisor: 'dal-kvm1',
      version: 'libvirt 9.0.0',
      cpus: 8,
      memory: 32 * GB,
      pools: {},
      networks: [],
      hostId: 'd',
      ...(change === undefined ? {} : { virtualization: { ...facts, ...change } }),
    })
    .observe('web1');
}

const refusals = (told: Story): string[] =>
  fitnessOf(told.view, 'web1').refusals.map(error => error.facts.what);

describe('whether the target can run what is to be built', () => {
  it('it can, and says nothing', () => {
    expect(fitnessOf(story({}).view, 'web1')).toEqual({ refusals: [], warnings: [] });
  });

  it('is not judged by an old journal, which has not asked', () => {
    expect(fitnessOf(story(undefined).view, 'web1')).toEqual({ refusals: [], warnings: [] });
    expect(domainKind(planOf(), 'dal-kvm1', undefined)).toBe('kvm');
  });

  it('emulates where there is no KVM, and says that it is slow, unless the plan wants it so', () => {
    const told = story({ types: ['qemu'] });
    expect(domainKind(told.plan, 'dal-kvm1', { ...facts, types: ['qemu'] })).toBe('qemu');
    expect(fitnessOf(told.view, 'web1').warnings).toEqual([expect.stringContaining('will be emulated')]);
    expect(fitnessOf(story({ types: ['qemu'] }, 'qemu').view, 'web1').warnings).toEqual([]);
  });

  it('refuses KVM that the plan asks for and libvirt does not offer', () => {
    expect(refusals(story({ types: ['qemu'] }, 'kvm'))).toEqual([
      'libvirt on dal-kvm1 runs no domains of type kvm, which the plan asks for',
    ]);
  });

  it('refuses a machine of another architecture', () => {
    const told = story({ machines: ['virt-7.2'], aliases: { virt: 'virt-7.2' } });
    expect(refusals(told)).toEqual([expect.stringContaining('it is a x86_64 machine')]);
  });

  it('refuses where the receiver has no room in memory, and warns where the standby will have none', () => {
    expect(refusals(story({ memoryFree: 0.5 * GB }))).toEqual([expect.stringContaining('needs 1.07 GB')]);
    const tight = fitnessOf(story({ memoryFree: 3 * GB }).view, 'web1');
    expect(tight.refusals).toEqual([]);
    expect(tight.warnings).toEqual([expect.stringContaining('too little for the standby of web1')]);
    const running = story({ memoryFree: 0.5 * GB }).tell({
      type: 'receiver.started',
      machine: 'web1',
      domain: 'r',
      uuid: 'u',
    });
    expect(refusals(running)).toEqual([]);
  });
});
