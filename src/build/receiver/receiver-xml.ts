import { XMLBuilder } from 'fast-xml-parser';
import { parseXml, type XmlNode } from '../../tools/libvirt-xml.ts';
import { replicaSerial } from '../names.ts';

/** The namespace of landfall's mark in a domain's metadata. */
const NAMESPACE = 'urn:landfall:1';

const GIB = 1024 ** 3;
const MEMORY = GIB;
const VCPUS = 2;

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
  readonly network: string;
  readonly system: VolumeName;
  /** In the order of the source's disks. */
  readonly replicas: readonly (VolumeName & { readonly disk: string })[];
}

/**
 * The receiver as libvirt XML: modest, on q35 with BIOS, its own disk first, then the replica's with their serials.
 * UUID, MAC and PCI addresses are libvirt's to choose.
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
      '@type': 'kvm',
      name: spec.domain,
      metadata: {
        'landfall:receiver': {
          '@xmlns:landfall': NAMESPACE,
          '@evacuation': spec.evacuation,
          '@begun': spec.begun,
          '@machine': spec.machine,
        },
      },
      memory: { '@unit': 'bytes', '#text': String(MEMORY) },
      vcpu: String(VCPUS),
      os: {
        type: { '@arch': spec.architecture, '@machine': 'q35', '#text': 'hvm' },
        boot: { '@dev': 'hd' },
      },
      features: { acpi: '', apic: '' },
      cpu: { '@mode': 'host-model' },
      on_poweroff: 'destroy',
      // A second boot would see the replica's disks, which may bear the same identifiers as its own.
      on_reboot: 'destroy',
      on_crash: 'destroy',
      devices: {
        disk: [
          disk(spec.system, 0, undefined),
          ...spec.replicas.map((replica, index) => disk(replica, index + 1, replicaSerial(replica.disk))),
        ],
        interface: {
          '@type': 'network',
          source: { '@network': spec.network },
          model: { '@type': 'virtio' },
        },
        serial: { '@type': 'pty' },
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

function disk({ pool, volume }: VolumeName, index: number, serial: string | undefined) {
  return {
    '@type': 'volume',
    '@device': 'disk',
    driver: { '@name': 'qemu', '@type': 'qcow2', '@discard': 'unmap' },
    source: { '@pool': pool, '@volume': volume },
    target: { '@dev': `vd${letters(index)}`, '@bus': 'virtio' },
    ...(serial === undefined ? {} : { serial }),
  };
}

/** 0 is a, 25 is z, 26 is aa: the kernel's own way of naming disks. */
function letters(index: number): string {
  const last = String.fromCharCode(97 + (index % 26));
  return index < 26 ? last : letters(Math.floor(index / 26) - 1) + last;
}

export interface ExistingReceiver {
  readonly uuid: string;
  /** True where our mark names this very evacuation, begun at that instant, and this machine. */
  readonly ours: boolean;
  /** Where the mark names an evacuation and a machine of these names: when that evacuation began. */
  readonly begun?: string;
  /** Serials of its disks, in order. */
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
      .flatMap(item => item.child('serial').text ?? []),
  };
}

/** libvirt keeps the prefix as it was written; the namespace decides, not the prefix. */
function findMark(metadata: XmlNode): XmlNode | undefined {
  for (const name of metadata.names) {
    const [prefix, local] = name.includes(':') ? name.split(':') : ['', name];
    const node = metadata.child(name);
    const namespace = node.attribute(prefix === '' ? 'xmlns' : `xmlns:${prefix}`);
    if (local === 'receiver' && namespace === NAMESPACE) return node;
  }
  return undefined;
}
