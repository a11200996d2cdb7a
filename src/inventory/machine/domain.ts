import type { DomainFacts } from '../../journal/facts.ts';
import { bytesOf, parseXml, type XmlNode } from '../../tools/libvirt-xml.ts';
import { blockInfo } from '../../tools/virsh.ts';

/**
 * `virsh dumpxml`, `domblkinfo --all` and `domstate` as facts. Only what the guest sees as a hard disk counts as a
 * disk: drives for discs and floppies hold nothing of the machine. Undefined where the XML is no domain.
 */
export function readDomain(xml: string, blkinfo: string, state: string): DomainFacts | undefined {
  const domain = parseXml(xml)?.child('domain');
  const name = domain?.child('name').text;
  const uuid = domain?.child('uuid').text;
  if (domain === undefined || name === undefined || uuid === undefined) return undefined;
  const sizes = blockInfo(blkinfo);
  const vcpu = domain.child('vcpu');
  const os = domain.child('os');
  return {
    name,
    uuid: uuid.toLowerCase(),
    state: state.trim(),
    memory: bytesOf(domain.child('memory'), 'KiB') ?? 0,
    vcpus: Number(vcpu.attribute('current') ?? vcpu.text ?? 1) || 1,
    machineType: os.child('type').attribute('machine') ?? 'unknown',
    firmware: isUefi(os) ? 'uefi' : 'bios',
    disks: domain
      .child('devices')
      .children('disk')
      .filter(disk => (disk.attribute('device') ?? 'disk') === 'disk')
      .map(disk => readDisk(disk, sizes)),
    interfaces: domain
      .child('devices')
      .children('interface')
      .map(nic => ({
        mac: (nic.child('mac').attribute('address') ?? '').toLowerCase(),
        network: networkOf(nic),
        model: nic.child('model').attribute('type') ?? 'default',
      })),
  };
}

/** libvirt chooses UEFI by itself (`firmware='efi'`), or is told the loader: a flash image. */
function isUefi(os: XmlNode): boolean {
  return os.attribute('firmware') === 'efi' || os.child('loader').attribute('type') === 'pflash';
}

function readDisk(disk: XmlNode, sizes: ReturnType<typeof blockInfo>): DomainFacts['disks'][number] {
  const target = disk.child('target').attribute('dev') ?? '';
  const serial = disk.child('serial').text;
  const size = sizes.get(target);
  return {
    target,
    source: sourceOf(disk.child('source')),
    format: disk.child('driver').attribute('type') ?? 'raw',
    bus: disk.child('target').attribute('bus') ?? 'unknown',
    ...(serial === undefined ? {} : { serial }),
    capacity: size?.capacity ?? 0,
    allocation: size?.allocation ?? 0,
  };
}

/** A path, a device, `pool/volume`, or `protocol:name` for storage on the network. */
function sourceOf(source: XmlNode): string {
  const path = source.attribute('file') ?? source.attribute('dev') ?? source.attribute('dir');
  if (path !== undefined) return path;
  const volume = source.attribute('volume');
  if (volume !== undefined) return `${source.attribute('pool') ?? ''}/${volume}`;
  const protocol = source.attribute('protocol');
  return protocol === undefined ? '' : `${protocol}:${source.attribute('name') ?? ''}`;
}

/** What an interface is plugged into; the names differ by its type. */
function networkOf(nic: XmlNode): string {
  const source = nic.child('source');
  return (
    source.attribute('network') ??
    source.attribute('bridge') ??
    source.attribute('dev') ??
    source.attribute('portgroup') ??
    nic.attribute('type') ??
    ''
  );
}
