import { describe, expect, it } from 'vitest';
import { diskTarget } from '../../../../src/build/standby/disks.ts';
import { isHold } from '../../../../src/build/standby/hold.ts';
import { islandXml, isOwnIsland } from '../../../../src/build/standby/island.ts';
import { isOwn, readMark } from '../../../../src/build/standby/mark.ts';
import { memoryOf } from '../../../../src/build/standby/memory.ts';
import { macOf } from '../../../../src/build/standby/nics.ts';
import { type ProofDomainWish, proofDomain } from '../../../../src/build/standby/proof-domain.ts';
import { retarget } from '../../../../src/build/standby/retarget.ts';
import {
  append,
  attribute,
  element,
  elements,
  find,
  mapAt,
  printTree,
  textOf,
} from '../../../../src/build/standby/xml-tree.ts';
import { DOMAINS, domainXml, everywhere, place, tree, wishFor } from './domains.ts';

const GIB = 1024 ** 3;
const standbyOf = (name: string): string => retarget(domainXml(name), wishFor(name)).xml;

function proofWish(name: string, over: Partial<ProofDomainWish> = {}): ProofDomainWish {
  const { evacuation, begun, disks } = wishFor(name);
  const folder = `/run/landfall/storm/proof/${name}`;
  return {
    evacuation,
    begun,
    machine: name,
    domain: `landfall-storm-${name}-proof`,
    disks: Object.fromEntries(Object.keys(disks).map(target => [target, place(name, target, '-proof')])),
    island: 'landfall-storm-island',
    console: `${folder}/console.log`,
    evidence: `${folder}/evidence.log`,
    nvram: `${folder}/VARS.fd`,
    memory: GIB,
    ...over,
  };
}

describe.each(DOMAINS)('the proof of %s', name => {
  const proof = tree(proofDomain(standbyOf(name), proofWish(name)));
  const devices = find(proof, 'devices');

  it('is a domain of its own that is gone at its end', () => {
    expect(textOf(find(proof, 'name'))).toBe(`landfall-storm-${name}-proof`);
    expect(find(proof, 'uuid')).toBeUndefined();
    expect(everywhere(proof, 'entry').filter(entry => attribute(entry, 'name') === 'uuid')).toEqual([]);
    expect(['on_poweroff', 'on_reboot', 'on_crash'].map(event => textOf(find(proof, event)))).toEqual([
      'destroy',
      'restart',
      'destroy',
    ]);
    const named = printTree(append(proof, element('uuid', {}, ['0a1b2c3d-0000-4000-8000-000000000000'])));
    const mark = readMark(named, 'proof');
    expect(mark !== undefined && isOwn(mark, wishFor(name))).toBe(true);
    expect(readMark(named, 'standby')?.owner).toBeUndefined();
  });

  it('writes into overlays only', () => {
    const disks = elements(devices, 'disk');
    expect(disks.filter(isHold)).toEqual([]);
    for (const disk of disks) {
      const file = attribute(find(disk, 'source'), 'file');
      if (['cdrom', 'floppy'].includes(attribute(disk, 'device') ?? 'disk')) expect(file).toBeUndefined();
      else expect(file).toBe(place(name, diskTarget(disk), '-proof').path);
    }
    const nvram = find(proof, 'os', 'nvram');
    if (nvram !== undefined) expect(textOf(nvram)).toBe(proofWish(name).nvram);
  });

  it('has no way out: every NIC is unplugged and on the island, and no device reaches the host', () => {
    const nics = elements(devices, 'interface');
    expect(nics.map(macOf)).toEqual(elements(find(tree(standbyOf(name)), 'devices'), 'interface').map(macOf));
    for (const nic of nics) {
      expect(attribute(find(nic, 'source'), 'network')).toBe('landfall-storm-island');
      expect(attribute(find(nic, 'link'), 'state')).toBe('down');
    }
    for (const gone of [
      'graphics',
      'vsock',
      'tpm',
      'qemu:commandline',
      'hostdev',
      'filesystem',
      'redirdev',
    ]) {
      expect(everywhere(proof, gone)).toEqual([]);
    }
    const channels = elements(devices, 'channel').map(each => attribute(find(each, 'target'), 'name'));
    expect(channels.filter(channel => channel !== 'org.qemu.guest_agent.0')).toEqual([]);
  });

  it('speaks through two files and a screen in text mode', () => {
    const files = elements(devices, 'serial').map(port => attribute(find(port, 'source'), 'path'));
    expect(files).toEqual([proofWish(name).console, proofWish(name).evidence]);
    expect(elements(devices, 'video').map(each => attribute(find(each, 'model'), 'type'))).toEqual(['vga']);
  });

  it('takes no more memory than it is given, and no more than its source has', () => {
    const memory = memoryOf(tree(domainXml(name))) ?? 0;
    expect(memoryOf(proof)).toBe(Math.min(memory, GIB));
    expect(memoryOf(tree(proofDomain(standbyOf(name), proofWish(name, { memory: undefined }))))).toBe(memory);
  });
});

it('lets libvirt fill the UEFI variables from the copy of the source, or from its own template', () => {
  const copied = find(tree(proofDomain(standbyOf('uefi-secboot'), proofWish('uefi-secboot'))), 'os', 'nvram');
  expect(attribute(copied, 'template')).toBe(
    '/var/lib/libvirt/qemu/nvram/landfall-storm-uefi-secboot_VARS.fd',
  );
  const chosen = find(tree(proofDomain(standbyOf('efi-auto'), proofWish('efi-auto'))), 'os', 'nvram');
  expect(chosen?.attributes).toEqual({});
});

it('takes the ways out of a standby that somebody edited', () => {
  const edited = mapAt(tree(standbyOf('debian-q35')), ['devices'], devices =>
    append(devices, element('interface', { type: 'user' }, [element('model', { type: 'virtio' })])),
  );
  const proof = tree(proofDomain(printTree(edited), proofWish('debian-q35')));
  expect(elements(find(proof, 'devices'), 'interface').map(nic => attribute(nic, 'type'))).toEqual([
    'network',
    'network',
  ]);
});

it('keeps no device that reaches out, whatever it is called and however it came into the standby', () => {
  const noise = element('rng', { model: 'virtio' }, [
    element('backend', { model: 'egd', type: 'tcp' }, [
      element('source', { mode: 'connect', host: '10.0.0.9', service: '708' }),
    ]),
  ]);
  const agent = element('channel', { type: 'tcp' }, [
    element('source', { mode: 'connect', host: '10.0.0.9', service: '7' }),
    element('target', { type: 'virtio', name: 'org.qemu.guest_agent.0' }),
  ]);
  const reaching = [
    noise,
    agent,
    element('pstore', { backend: 'acpi-erst' }, [element('path', {}, ['/var/lib/shared.pstore'])]),
    element('crypto', { model: 'virtio', type: 'qemu' }),
    element('device-of-next-year', { path: '/srv' }),
    element('input', { type: 'evdev' }, [element('source', { dev: '/dev/input/event0' })]),
    element('disk', { type: 'file', device: 'cdrom' }, [
      element('source', { file: '/srv/config.iso' }),
      element('target', { dev: 'sdy', bus: 'sata' }),
    ]),
  ];
  const edited = mapAt(tree(standbyOf('debian-q35')), ['devices'], devices => append(devices, ...reaching));
  const proof = tree(proofDomain(printTree(edited), proofWish('debian-q35')));
  const text = printTree(proof);
  for (const out of ['10.0.0.9', 'egd', 'shared.pstore', 'next-year', 'crypto', 'event0', 'config.iso']) {
    expect(text).not.toContain(out);
  }
  expect(text).toContain("<backend model='random'>/dev/urandom</backend>");
});

it('refuses what is no domain', () => {
  expect(() => proofDomain('', proofWish('i440fx'))).toThrow('is no libvirt domain');
});

it('has an island without a way out and without an address', () => {
  const owner = { evacuation: 'storm', begun: '2026-11-22T10:00:00.000Z', machine: 'web1' };
  const island = islandXml('landfall-storm-island', owner);
  expect(island.replace(/<uuid>[^<]*/, '<uuid>')).toBe(
    "<network>\n  <name>landfall-storm-island</name>\n  <uuid></uuid>\n  <bridge stp='off' delay='0'/>\n</network>\n",
  );
  expect(isOwnIsland(island, owner)).toBe(true);
  expect(isOwnIsland(island, { ...owner, machine: 'web2' })).toBe(false);
  expect(isOwnIsland(island, { ...owner, begun: '2026-11-22T10:00:01.000Z' })).toBe(false);
  expect(isOwnIsland('<network><name>landfall-storm-island</name></network>', owner)).toBe(false);
});
