import { harmless } from '../../foundation/text.ts';
import type { DomainSurvey } from '../../journal/facts-site.ts';
import type { DomainStats } from '../../tools/domain-stats.ts';
import { LANDFALL_NAMESPACE, parseXml, type XmlNode } from '../../tools/libvirt-xml.ts';
import { readDomain } from '../machine/domain.ts';

/** What the definition of a domain says of it; what has to be asked besides is not among it. */
export type DefinedDomain = Omit<
  DomainSurvey,
  'state' | 'autostart' | 'addresses' | 'snapshots' | 'checkpoints' | 'job' | 'rates'
> & {
  /** Undefined where the statistics do not have it. */
  readonly state: string | undefined;
  /** Disks of which the definition does not say on what they rest. */
  readonly untold: readonly string[];
};

/** Images that rest on each other; a definition that names more is no definition. */
const LONGEST_CHAIN = 64;
/** Devices of a kind that are kept of one domain. */
const MOST_DEVICES = 64;

/**
 * `virsh dumpxml` with what `domblkinfo --all` or domstats (by name) say of sizes and state. Undefined where the XML is no domain. Texts are as the
 * host gave them: whoever keeps them makes them harmless.
 */
export function defineDomain(
  xml: string,
  blkinfo: string,
  stats: ReadonlyMap<string, DomainStats>,
): DefinedDomain | undefined {
  const facts = readDomain(xml, blkinfo, '');
  const devices = parseXml(xml)?.child('domain', 'devices');
  if (facts === undefined || devices === undefined) return undefined;
  const counters = stats.get(facts.name);
  const elements = new Map(
    devices.children('disk').map(disk => [disk.child('target').attribute('dev') ?? '', disk]),
  );
  const disks = facts.disks.slice(0, MOST_DEVICES).map(disk => {
    const counted = counters?.disks.find(({ target }) => target === disk.target);
    return {
      target: disk.target,
      source: disk.source,
      format: disk.format,
      capacity: disk.capacity || (counted?.capacity ?? 0),
      allocation: disk.allocation || (counted?.allocation ?? 0),
      chain: chainOf(elements.get(disk.target)),
    };
  });
  return {
    name: facts.name,
    uuid: facts.uuid,
    state: counters?.state,
    memory: facts.memory,
    vcpus: facts.vcpus,
    disks,
    untold: disks
      .filter(
        ({ target, format }) =>
          format !== 'raw' && elements.get(target)?.child('backingStore').exists === false,
      )
      .map(({ target }) => target),
    interfaces: devices
      .children('interface')
      .slice(0, MOST_DEVICES)
      .map((nic, at) => {
        const vlan = Number(nic.child('vlan', 'tag').attribute('id') ?? Number.NaN);
        return {
          mac: facts.interfaces[at]?.mac ?? '',
          network: facts.interfaces[at]?.network ?? '',
          kind: nic.attribute('type') ?? 'network',
          ...(Number.isInteger(vlan) ? { vlan } : {}),
        };
      }),
    passthrough: passthrough(devices).slice(0, MOST_DEVICES),
    ...(xml.includes(LANDFALL_NAMESPACE) ? { landfall: true } : {}),
  };
}

/** Only the running domain's definition has it: `<backingStore>` in `<backingStore>`. */
function chainOf(disk: XmlNode | undefined): string[] {
  const chain: string[] = [];
  for (
    let below = disk?.child('backingStore');
    below?.child('source').exists === true && chain.length < LONGEST_CHAIN;
    below = below.child('backingStore')
  ) {
    const source = below.child('source');
    chain.push(
      source.attribute('file') ??
        source.attribute('dev') ??
        `${source.attribute('protocol') ?? source.attribute('pool') ?? '?'}:${source.attribute('name') ?? source.attribute('volume') ?? '?'}`,
    );
  }
  return chain;
}

function passthrough(devices: XmlNode): string[] {
  return [
    ...devices.children('hostdev').map(device => deviceWords(device.attribute('type') ?? '', device)),
    ...devices
      .children('interface')
      .filter(nic => nic.attribute('type') === 'hostdev')
      .map(nic => `network card ${deviceWords('pci', nic)}`),
    ...devices
      .children('filesystem')
      .map(each => `directory ${each.child('source').attribute('dir') ?? '?'} of the host`),
  ].map(harmless);
}

function deviceWords(type: string, device: XmlNode): string {
  const source = device.child('source');
  const address = source.child('address');
  if (type === 'pci') {
    const part = (name: string, width: number): string =>
      (address.attribute(name) ?? '0').replace(/^0x/, '').padStart(width, '0');
    return `pci ${part('domain', 4)}:${part('bus', 2)}:${part('slot', 2)}.${part('function', 1)}`;
  }
  if (type === 'usb') {
    const id = (name: string): string | undefined => source.child(name).attribute('id')?.replace(/^0x/, '');
    const [vendor, product] = [id('vendor'), id('product')];
    return vendor === undefined || product === undefined
      ? `usb bus ${address.attribute('bus') ?? '?'} device ${address.attribute('device') ?? '?'}`
      : `usb ${vendor}:${product}`;
  }
  if (type === 'mdev') return `mdev ${address.attribute('uuid') ?? '?'}`;
  return `${type || 'device'} ${source.child('adapter').attribute('name') ?? address.attribute('unit') ?? '?'}`;
}
