import type { GuestFacts, LinkFacts, NetworkConfigFacts } from '../../journal/facts.ts';
import type { GuestFinding } from './finding.ts';

/** Interfaces that their own configuration makes: bonds, bridges, tunnels and the like need not exist beforehand. */
const MADE_BY_SOFTWARE =
  /^(?:lo|bond|team|br|virbr|docker|veth|tun|tap|ppp|wg|dummy|vlan|vmbr|vxlan|macvlan|ib|wl|ww)[-\w]*$/;

export function networkFindings({ network, links }: GuestFacts): GuestFinding[] {
  if (network === undefined || links === undefined || links.length === 0) return [];
  return network.filter(config => matters(config)).flatMap(config => mismatch(config, network, links));
}

/** Only a configuration that would give an address is missed when its interface is. */
const matters = (config: NetworkConfigFacts): boolean => config.dhcp || config.addresses.length > 0;

function mismatch(
  config: NetworkConfigFacts,
  all: readonly NetworkConfigFacts[],
  links: readonly LinkFacts[],
): GuestFinding[] {
  const names = links.map(link => link.name);
  const told = names.join(', ');
  const { interface: name, mac } = config;
  if (name !== undefined && !isThere(name, names)) {
    // NetworkManager keeps profiles of interfaces that went long ago; they harm nobody while the others have theirs.
    const isLeftOver =
      config.manager === 'networkmanager' &&
      all.some(other => matters(other) && other.interface !== undefined && names.includes(other.interface));
    if (isLeftOver) return [];
    return [
      {
        check: 'nic-name',
        found: `${config.file} configures ${name}, which this machine does not have (it has ${told})`,
        help: `correct the name in ${config.file} on the source, or take the file away if nobody needs it`,
      },
    ];
  }
  if (mac !== undefined && !links.some(link => link.mac === mac)) {
    return [
      {
        check: 'nic-mac',
        found: `${config.file} is for the hardware address ${mac}, which no interface has (there is ${told})`,
        help: `correct the hardware address in ${config.file} on the source; the target keeps those that are there`,
      },
    ];
  }
  return [];
}

/** `eth0:1` is a second address of eth0, `eth0.12` a VLAN on it. */
function isThere(name: string, names: readonly string[]): boolean {
  if (names.includes(name) || MADE_BY_SOFTWARE.test(name)) return true;
  const below = name.replace(/[:.]\w+$/, '');
  return below !== name && (names.includes(below) || MADE_BY_SOFTWARE.test(below));
}
