import type { Rule } from './wish.ts';
import {
  attribute,
  find,
  mapAt,
  mapElements,
  setAttributes,
  textOf,
  without,
  type XmlElement,
} from './xml-tree.ts';

/** What belongs to the hardware, the storage or the control groups of the source hypervisor, and stays behind. */
export const removed: Rule = domain => {
  const changes: string[] = [];
  const rules = [told, topLevel, givenNames, pinning, memoryBacking, devicesOfHost, directBoot];
  const after = rules.reduce((tree, rule) => rule(tree, changes), domain);
  return { domain: after, changes };
};

/** Arguments of the emulator that somebody wrote by hand: nobody here knows what they name. A proof goes without. */
function told(domain: XmlElement, changes: string[]): XmlElement {
  return mapElements(domain, child => {
    if (child.name.includes(':'))
      changes.push(`keeps ${child.name} as it is at the source: look whether the target has what it names`);
    return child;
  });
}

const TOP_LEVEL: Readonly<Record<string, string>> = {
  numatune: 'NUMA placement',
  resource: 'control group',
  seclabel: 'security label',
  launchSecurity: 'memory encryption by the processor (SEV)',
  perf: 'performance counters',
};

function topLevel(domain: XmlElement, changes: string[]): XmlElement {
  return mapElements(domain, child => {
    const words = TOP_LEVEL[child.name];
    if (words === undefined) return child;
    // libvirt writes both into every running domain; only what somebody chose is worth a word.
    const isDefault =
      (child.name === 'seclabel' && attribute(child, 'type') !== 'static') ||
      (child.name === 'resource' && textOf(find(child, 'partition')) === '/machine');
    if (!isDefault) changes.push(`without ${words}: it is of the source hypervisor`);
    return undefined;
  });
}

/** Names that libvirt gave to the devices of a running domain; those that a person gave begin with `ua-` and stay. */
function givenNames(domain: XmlElement): XmlElement {
  return mapAt(domain, ['devices'], devices =>
    mapElements(devices, device =>
      mapAt(device, ['alias'], alias =>
        attribute(alias, 'name')?.startsWith('ua-') === true ? alias : undefined,
      ),
    ),
  );
}

const PINS = [
  'vcpupin',
  'emulatorpin',
  'iothreadpin',
  'vcpusched',
  'iothreadsched',
  'emulatorsched',
  'cachetune',
  'memorytune',
];

function pinning(domain: XmlElement, changes: string[]): XmlElement {
  const vcpu = find(domain, 'vcpu');
  const tune = find(domain, 'cputune');
  const isPinned =
    attribute(vcpu, 'cpuset') !== undefined || PINS.some(name => find(tune, name) !== undefined);
  if (isPinned) changes.push('without pinning to processors: those are of the source hypervisor');
  const free = mapAt(domain, ['vcpu'], node =>
    setAttributes(node, {
      cpuset: undefined,
      ...(attribute(node, 'placement') === 'auto' ? { placement: 'static' } : {}),
    }),
  );
  const tuned = mapAt(free, ['cputune'], node => unlessEmpty(without(node, ...PINS)));
  // Weights by device name the disks of the hypervisor.
  return mapAt(tuned, ['blkiotune'], node => unlessEmpty(without(node, 'device')));
}

function memoryBacking(domain: XmlElement, changes: string[]): XmlElement {
  return mapAt(domain, ['memoryBacking'], backing => {
    const lost = ['hugepages', 'locked'].filter(name => find(backing, name) !== undefined);
    if (lost.includes('hugepages')) changes.push('without huge pages: the target may have reserved none');
    if (lost.includes('locked'))
      changes.push('without locked memory: that was chosen for the source hypervisor');
    return unlessEmpty(without(backing, ...lost));
  });
}

const HOST_DEVICES: Readonly<Record<string, string>> = {
  hostdev: 'passed-through device',
  redirdev: 'redirected USB device',
  redirfilter: 'filter for redirected USB devices',
  smartcard: 'smart card reader',
  filesystem: 'directory shared by the hypervisor',
  shmem: 'memory shared with other domains',
  lease: 'lease of a lock manager',
};

function devicesOfHost(domain: XmlElement, changes: string[]): XmlElement {
  return mapAt(domain, ['devices'], devices =>
    mapElements(devices, device => {
      const words = HOST_DEVICES[device.name];
      if (words !== undefined) {
        changes.push(`without ${words}${nameOf(device)}`);
        return undefined;
      }
      return adapted(device, changes);
    }),
  );
}

/** Devices that stay, without what ties them to the source. */
function adapted(device: XmlElement, changes: string[]): XmlElement | undefined {
  switch (device.name) {
    case 'tpm':
      if (attribute(find(device, 'backend'), 'type') === 'emulator') {
        changes.push('the TPM starts empty: its contents do not travel');
        return mapAt(device, ['backend'], backend => without(backend, 'encryption', 'source'));
      }
      changes.push('without the TPM of the source hypervisor');
      return undefined;
    case 'input':
      if (!['evdev', 'passthrough'].includes(attribute(device, 'type') ?? '')) return device;
      changes.push('without an input device of the source hypervisor');
      return undefined;
    case 'memory':
      if (!['nvdimm', 'virtio-pmem'].includes(attribute(device, 'model') ?? '')) return device;
      changes.push('without persistent memory: its contents do not travel');
      return undefined;
    case 'rng': {
      const backend = find(device, 'backend');
      const model = attribute(backend, 'model');
      if (model === 'builtin' || textOf(backend) === '/dev/urandom') return device;
      if (model === 'egd') changes.push('random numbers from /dev/urandom instead of a server');
      const plain = { name: 'backend', attributes: { model: 'random' }, children: [{ raw: '/dev/urandom' }] };
      return mapAt(device, ['backend'], () => plain);
    }
    case 'vsock':
      return mapAt(device, ['cid'], cid => setAttributes(cid, { auto: 'yes', address: undefined }));
    default:
      return device;
  }
}

function nameOf(device: XmlElement): string {
  const address = find(device, 'source', 'address');
  const slot = ['bus', 'slot', 'function'].map(name => attribute(address, name)?.replace(/^0x/, ''));
  if (address !== undefined && slot.every(part => part !== undefined)) {
    return ` ${slot[0]}:${slot[1]}.${slot[2]}`;
  }
  const source = find(device, 'source');
  const name =
    attribute(device, 'name') ??
    attribute(source, 'dir') ??
    attribute(find(device, 'target'), 'dir') ??
    attribute(device, 'type');
  return name === undefined ? '' : ` ${name}`;
}

/** A kernel that the hypervisor hands over is a file of the source hypervisor; the disk's own boot loader must do. */
function directBoot(domain: XmlElement, changes: string[]): XmlElement {
  return mapAt(domain, ['os'], os => {
    const kernel = textOf(find(os, 'kernel'));
    if (kernel !== '') {
      changes.push(
        `boots by the boot loader on its own disk instead of the kernel ${kernel} of the source hypervisor`,
      );
    }
    if (find(os, 'acpi') !== undefined) changes.push('without an ACPI table of the source hypervisor');
    return without(os, 'kernel', 'initrd', 'cmdline', 'dtb', 'acpi');
  });
}

const unlessEmpty = (node: XmlElement): XmlElement | undefined =>
  node.children.length === 0 ? undefined : node;
