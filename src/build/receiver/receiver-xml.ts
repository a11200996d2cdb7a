import { XMLBuilder } from 'fast-xml-parser';
import { LANDFALL_NAMESPACE, parseXml, type XmlNode } from '../../tools/libvirt-xml.ts';
import { replicaSerial } from '../names.ts';

const MIB = 1024 ** 2;

/**
 * What a receiver needs: rsync holds the list of all files in memory, and an initramfs is made in it. An emulated one
 * is slow anyway, and shares the host with others of its kind.
 */
export const RECEIVER_SIZE = {
  kvm: { memory: 1024 * MIB, vcpus: 2 },
  qemu: { memory: 512 * MIB, vcpus: 1 },
} as const;

/**
 * An emulator keeps what it has translated until its cache is full, by default a gigabyte. A page of a library that many
 * processes have run has then hundreds of thousands of translations, and QEMU walks them all at every byte that is
 * written when the page is used anew: a receiver under copying stood still for minutes (QEMU 7.2).
 */
const TRANSLATION_CACHE_MIB = '64';

/** Hardware virtualization, or emulation of a processor that knows everything that can be emulated. */
export type DomainKind = keyof typeof RECEIVER_SIZE;

export interface VolumeName {
  readonly pool: string;
  readonly volume: string;
}

export interface ReceiverSpec {
  readonly domain: string;
  readonly evacuation: string;
  /** When the evacuation began: tells this one from another of its name, steered from elsewhere. */
  readonly begun: string;
  readonly machine: string;
  readonly architecture: string;
  readonly kind: DomainKind;
  /** Where the hypervisor's libvirt can say how much translated code an emulator keeps (8.0). */
  readonly limitsTranslation: boolean;
  readonly network: string;
  readonly mac: string;
  /** File on the hypervisor that keeps what it says on its serial line. */
  readonly console: string;
  readonly system: VolumeName;
  /** What cloud-init reads at the first boot, where the image asks for it. */
  readonly seed: VolumeName | undefined;
}

/**
 * The receiver as libvirt XML: modest, on q35 with BIOS, with its own disk and nothing of the replica, because nothing
 * must ever boot from that. The replica's disks are plugged into its SCSI controller when it is up, which needs no free
 * PCI slot. UUID and PCI addresses are libvirt's to choose.
 */
export function receiverXml(spec: ReceiverSpec): string {
  const builder = new XMLBuilder({
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    format: true,
    suppressEmptyNode: true,
    suppressBooleanAttributes: false,
  });
  return builder.build({
    domain: {
      '@type': spec.kind,
      name: spec.domain,
      metadata: {
        'landfall:receiver': {
          '@xmlns:landfall': LANDFALL_NAMESPACE,
          '@evacuation': spec.evacuation,
          '@begun': spec.begun,
          '@machine': spec.machine,
        },
      },
      memory: { '@unit': 'bytes', '#text': String(RECEIVER_SIZE[spec.kind].memory) },
      vcpu: String(RECEIVER_SIZE[spec.kind].vcpus),
      os: {
        type: {
          '@arch': boardOf(spec.architecture).arch,
          '@machine': boardOf(spec.architecture).machine,
          '#text': 'hvm',
        },
      },
      features: {
        acpi: '',
        apic: '',
        ...(spec.kind === 'qemu' && spec.limitsTranslation
          ? { tcg: { 'tb-cache': { '@unit': 'MiB', '#text': TRANSLATION_CACHE_MIB } } }
          : {}),
      },
      cpu: { '@mode': spec.kind === 'kvm' ? 'host-model' : 'maximum' },
      on_poweroff: 'destroy',
      // A boot of the same domain would see the disks that were plugged in, with the identifiers of the source.
      on_reboot: 'destroy',
      on_crash: 'destroy',
      devices: {
        disk: [
          { ...disk(spec.system, 'vda', 'qcow2'), boot: { '@order': '1' } },
          ...(spec.seed === undefined ? [] : [{ ...disk(spec.seed, 'vdb', 'raw'), readonly: '' }]),
        ],
        controller: { '@type': 'scsi', '@index': '0', '@model': 'virtio-scsi' },
        interface: {
          '@type': 'network',
          mac: { '@address': spec.mac },
          source: { '@network': spec.network },
          model: { '@type': 'virtio' },
        },
        serial: { '@type': 'pty', log: { '@file': spec.console, '@append': 'on' } },
        console: { '@type': 'pty' },
        channel: {
          '@type': 'unix',
          target: { '@type': 'virtio', '@name': 'org.qemu.guest_agent.0' },
        },
        rng: { '@model': 'virtio', backend: { '@model': 'random', '#text': '/dev/urandom' } },
      },
    },
  });
}

function disk({ pool, volume }: VolumeName, target: string, format: string) {
  return {
    '@type': 'volume',
    '@device': 'disk',
    driver: { '@name': 'qemu', '@type': format, '@discard': 'unmap' },
    source: { '@pool': pool, '@volume': volume },
    target: { '@dev': target, '@bus': 'virtio' },
  };
}

/** A 32-bit source's replica is worked on in a 64-bit receiver. */
export function boardOf(architecture: string): { readonly arch: string; readonly machine: string } {
  const isX86 = /^(?:x86_64|i[3-6]86)$/.test(architecture);
  return isX86 ? { arch: 'x86_64', machine: 'q35' } : { arch: architecture, machine: 'virt' };
}

export interface ExistingReceiver {
  readonly uuid: string;
  /** True where our mark names this very evacuation, begun at that instant, and this machine. */
  readonly ours: boolean;
  /** Where the mark names an evacuation and a machine of these names: when that evacuation began. */
  readonly begun?: string;
  /** Serials of replica disks in it: what was plugged in, or what an early landfall had put into its definition. */
  readonly serials: readonly string[];
}

/** What `virsh dumpxml` shows of a domain that bears the receiver's name; undefined where it is no domain. */
export function readReceiver(
  xml: string,
  wanted: Pick<ReceiverSpec, 'evacuation' | 'begun' | 'machine'>,
): ExistingReceiver | undefined {
  const domain = parseXml(xml)?.child('domain');
  const uuid = domain?.child('uuid').text;
  if (domain === undefined || uuid === undefined) return undefined;
  const mark = findMark(domain.child('metadata'));
  const isNamed =
    mark?.attribute('evacuation') === wanted.evacuation && mark.attribute('machine') === wanted.machine;
  const begun = isNamed ? (mark.attribute('begun') ?? 'an unknown time') : undefined;
  return {
    uuid: uuid.toLowerCase(),
    ours: begun !== undefined && begun === wanted.begun,
    ...(begun === undefined ? {} : { begun }),
    serials: domain
      .child('devices')
      .children('disk')
      .flatMap(item => item.child('serial').text ?? [])
      .filter(serial => serial.startsWith(replicaSerial(''))),
  };
}

/** libvirt keeps the prefix as it was written; the namespace decides, not the prefix. */
function findMark(metadata: XmlNode): XmlNode | undefined {
  for (const name of metadata.names) {
    const [prefix, local] = name.includes(':') ? name.split(':') : ['', name];
    const node = metadata.child(name);
    const namespace = node.attribute(prefix === '' ? 'xmlns' : `xmlns:${prefix}`);
    if (local === 'receiver' && namespace === LANDFALL_NAMESPACE) return node;
  }
  return undefined;
}
