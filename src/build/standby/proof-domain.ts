import { LandfallError } from '../../foundation/errors.ts';
import { diskTarget, onVolume } from './disks.ts';
import { withOwnVariables } from './firmware.ts';
import { released } from './hold.ts';
import { marked, type Owner } from './mark.ts';
import { memoryOf } from './memory.ts';
import { onNetwork } from './nics.ts';
import type { DiskPlace } from './wish.ts';
import {
  append,
  attribute,
  element,
  elements,
  find,
  mapAt,
  mapElements,
  parseTree,
  printTree,
  put,
  without,
  type XmlElement,
} from './xml-tree.ts';

export interface ProofDomainWish extends Owner {
  /** The name of the domain that boots: `landfall-EVAC-M-proof`. */
  readonly domain: string;
  /** The overlays by the source's disk: vda. A disk without one is left out. */
  readonly disks: Readonly<Record<string, DiskPlace>>;
  /** The island network that every NIC is plugged into, with its link down. */
  readonly island: string;
  /** File of the first serial port on the hypervisor: what the kernel says. */
  readonly console: string;
  /** File of the second serial port: what the proof script says. */
  readonly evidence: string;
  /** File for the UEFI variables of this boot; it is left when the domain ends, and is the caller's to remove. */
  readonly nvram: string;
  /** Bytes at most; otherwise as much as the source. */
  readonly memory?: number | undefined;
}

/**
 * The throw-away domain that boots overlays of the replica, made of the standby's definition: for `virsh create`.
 * It has no way out (every NIC on the island, unplugged; no shared memory, no channel but the guest agent's) and
 * nothing of it stays. Throws `prove.impossible` where the text is no domain.
 */
export function proofDomain(standbyXml: string, wish: ProofDomainWish): string {
  const standby = parseTree(standbyXml);
  if (standby?.name !== 'domain') {
    throw new LandfallError('prove.impossible', {
      what: `the definition of the standby of ${wish.machine} is no libvirt domain`,
      where: { machine: wish.machine },
      evidence: standbyXml.split('\n').slice(0, 3),
      next: ['run again: landfall run PLAN defines the standby anew'],
    });
  }
  const named = renamed(released(standby), wish);
  const small = withMemory(named, wish.memory);
  const isolated = mapAt(small, ['devices'], devices => instrumented(devices, wish));
  return printTree(marked(isolated, 'proof', wish).domain);
}

/** Name and UUID of its own, and an end at power-off and crash; a reboot is what many systems do at first boot. */
function renamed(domain: XmlElement, wish: ProofDomainWish): XmlElement {
  // What stands in a namespace of an emulator's own is arguments for it, which could open a way out.
  const plain = mapElements(domain, child =>
    child.name === 'uuid' || child.name === 'genid' || child.name.includes(':') ? undefined : child,
  );
  let own = put(plain, element('name', {}, [wish.domain]));
  for (const [event, action] of [
    ['on_poweroff', 'destroy'],
    ['on_reboot', 'restart'],
    ['on_crash', 'destroy'],
  ] as const) {
    own = put(own, element(event, {}, [action]));
  }
  // libvirt refuses a system UUID in SMBIOS that is not the domain's own.
  const withoutUuid = mapAt(own, ['sysinfo', 'system', 'entry'], entry =>
    attribute(entry, 'name') === 'uuid' ? undefined : entry,
  );
  return mapAt(withoutUuid, ['os'], os => withOwnVariables(os, wish.nvram));
}

function withMemory(domain: XmlElement, most: number | undefined): XmlElement {
  const has = memoryOf(domain);
  if (most === undefined || has === undefined || has <= most) return domain;
  const memory = element('memory', { unit: 'KiB' }, [String(Math.floor(most / 1024))]);
  // Cells and plugged modules add up to the source's memory.
  const less = put(without(domain, 'currentMemory', 'maxMemory', 'memtune'), memory);
  const cells = mapAt(less, ['cpu'], cpu => without(cpu, 'numa'));
  return mapAt(cells, ['devices'], devices => without(devices, 'memory'));
}

const AGENT = 'org.qemu.guest_agent.0';
/**
 * Devices of the standby that a proof keeps. A list of what stays, because a device that nobody has heard of yet may reach
 * out of the domain: into a directory, a file, a socket or a network of the hypervisor.
 */
const KEPT = ['emulator', 'controller', 'iommu', 'memballoon', 'memory', 'panic', 'watchdog'];

function instrumented(devices: XmlElement, wish: ProofDomainWish): XmlElement {
  const first = elements(devices, 'video')[0];
  const kept = mapElements(devices, device => {
    if (KEPT.includes(device.name)) return device;
    if (device.name === 'disk') return overlaid(device, wish);
    if (device.name === 'interface') return onIsland(device, wish);
    if (device.name === 'rng') return withOwnNoise(device);
    return isAgent(device) || isPlainInput(device) ? device : undefined;
  });
  return append(kept, serial(0, wish.console), serial(1, wish.evidence), screen(first));
}

/** The one channel that a proof asks, on a socket that libvirt itself makes. */
const isAgent = (device: XmlElement): boolean =>
  device.name === 'channel' &&
  attribute(device, 'type') === 'unix' &&
  attribute(find(device, 'target'), 'name') === AGENT &&
  find(device, 'source') === undefined;

const isPlainInput = (device: XmlElement): boolean =>
  device.name === 'input' && ['mouse', 'tablet', 'keyboard'].includes(attribute(device, 'type') ?? '');

/** A source of noise may be a server in the network. */
const withOwnNoise = (rng: XmlElement): XmlElement =>
  put(rng, element('backend', { model: 'random' }, ['/dev/urandom']));

/** What is written is thrown away, so it need not reach the disk of the hypervisor. */
function overlaid(disk: XmlElement, { disks }: ProofDomainWish): XmlElement | undefined {
  const device = attribute(disk, 'device') ?? 'disk';
  if (device !== 'disk' && device !== 'lun') return without(disk, 'source', 'backingStore', 'auth');
  const place = disks[diskTarget(disk)];
  return place === undefined ? undefined : onVolume(disk, place, { cache: 'unsafe' });
}

const onIsland = (nic: XmlElement, { island }: ProofDomainWish): XmlElement =>
  put(
    onNetwork(without(nic, 'bandwidth', 'port'), island, { known: [island] }),
    element('link', { state: 'down' }),
  );

const serial = (port: number, path: string): XmlElement =>
  element('serial', { type: 'file' }, [
    element('source', { path, append: 'off' }),
    element('target', { port: String(port) }),
  ]);

/** A VGA card in text mode, whose memory tells what a boot loader wrote; it takes the place of the source's own. */
function screen(had: XmlElement | undefined): XmlElement {
  const address = find(had, 'address');
  return element('video', {}, [
    element('model', { type: 'vga', vram: '16384', heads: '1', primary: 'yes' }),
    ...(address === undefined ? [] : [address]),
  ]);
}
