import { domainType, type NetworkMap, type RetargetWish, type Rule } from './wish.ts';
import { attribute, element, find, mapAt, put, setAttributes, without, type XmlElement } from './xml-tree.ts';

/** NICs keep MAC, model and PCI address, so that the guest gives them their old names; the network is the target's. */
export const nics: Rule = (domain, wish) => {
  const changes: string[] = [];
  const after = mapAt(domain, ['devices', 'interface'], nic => {
    // The transient half of a pair that fails over is a PCI device of the source; its partner stays.
    if (isHostDevice(nic) && attribute(find(nic, 'teaming'), 'type') === 'transient') {
      changes.push(`NIC ${macOf(nic)} is left out: it is the passed-through half of a pair`);
      return undefined;
    }
    return plugged(nic, wish, changes);
  });
  return { domain: after, changes };
};

export const macOf = (nic: XmlElement): string => attribute(find(nic, 'mac'), 'address') ?? 'without a MAC';

const isHostDevice = (nic: XmlElement): boolean => {
  const type = attribute(nic, 'type');
  return type === 'hostdev' || (type === 'network' && attribute(find(nic, 'driver'), 'name') === 'vfio');
};

/** What bound a NIC to the switch of the source, in words; each goes, and is told where it carried meaning. */
const SITE_BOUND: Readonly<Record<string, string>> = {
  vlan: 'VLAN tag',
  virtualport: 'virtual port',
  filterref: 'packet filter',
  teaming: 'pairing',
  script: 'script',
  downscript: 'script',
  backend: 'backend',
  ip: 'host address',
  route: 'host route',
};

function plugged(nic: XmlElement, wish: RetargetWish, changes: string[]): XmlElement {
  const mac = macOf(nic);
  const from = networkOf(nic);
  const replacement = wish.networks.replaced[from];
  const to = replacement ?? wish.networks.otherwise;
  if (replacement === undefined) {
    changes.push(
      `NIC ${mac} on ${to} instead of ${from || 'an unnamed network'}: no network of the plan replaces that one`,
    );
  } else if (from !== to) changes.push(`NIC ${mac} on ${to} instead of ${from}`);

  const portgroup = attribute(find(nic, 'source'), 'portgroup');
  const lost = Object.entries(SITE_BOUND).flatMap(([name, words]) => {
    const found = find(nic, name);
    if (found === undefined) return [];
    if (name === 'vlan') return [`${words} ${attribute(find(found, 'tag'), 'id') ?? ''}`.trim()];
    if (name === 'filterref') return [`${words} ${attribute(found, 'filter') ?? ''}`.trim()];
    return [words];
  });
  if (portgroup !== undefined) lost.push(`port group ${portgroup}`);
  if (lost.length > 0) {
    changes.push(
      `NIC ${mac} without ${[...new Set(lost)].join(', ')}: ${to} has to bring what is needed of that`,
    );
  }
  const bare = without(nic, ...Object.keys(SITE_BOUND), 'target', 'guest');
  return withDriver(withModel(onNetwork(bare, to, wish.networks), mac, changes), wish);
}

/** The name by which libvirt knows what the NIC is plugged into: a network, a bridge or a device of the host. */
export function networkOf(nic: XmlElement): string {
  const source = find(nic, 'source');
  return attribute(source, 'network') ?? attribute(source, 'bridge') ?? attribute(source, 'dev') ?? '';
}

/** The same NIC in a network of libvirt's or, where it knows none of that name, in a bridge of the host. */
export function onNetwork(nic: XmlElement, name: string, { known }: Pick<NetworkMap, 'known'>): XmlElement {
  const isBridge = known.length > 0 && !known.includes(name);
  const source = element('source', isBridge ? { bridge: name } : { network: name });
  const typed = setAttributes(nic, {
    type: isBridge ? 'bridge' : 'network',
    managed: undefined,
    trustGuestRxFilters: undefined,
  });
  return put(typed, source);
}

/** A passed-through NIC has no model; the copy gets the one that every Linux of the last fifteen years knows. */
function withModel(nic: XmlElement, mac: string, changes: string[]): XmlElement {
  if (find(nic, 'model') !== undefined) return nic;
  changes.push(`NIC ${mac} of model virtio: the source had none of its own`);
  return put(nic, element('model', { type: 'virtio' }));
}

/** Queues and offloads stay; the way to the host is the target's choice. */
function withDriver(nic: XmlElement, wish: RetargetWish): XmlElement {
  return mapAt(nic, ['driver'], driver => {
    const name = attribute(driver, 'name');
    const plain =
      name === 'vfio' || (name === 'vhost' && domainType(wish) === 'qemu')
        ? setAttributes(driver, { name: undefined })
        : driver;
    return Object.keys(plain.attributes).length === 0 && plain.children.length === 0 ? undefined : plain;
  });
}
