import type { Fixup } from '../../journal/proof-facts.ts';
import { file, fixupOf } from './edit.ts';
import { filesLike, hasSystemd, type Tree } from './tree.ts';
import type { FinalizeWish } from './wish.ts';

const about = {
  id: 'nic-names',
  title: 'keep the names of the network interfaces',
  why: 'A name comes from the place of the card; under another name its configuration does not find it.',
};

/**
 * MAC addresses stay, and with the machine type the places of the cards: then names stay by themselves. Otherwise
 * each card gets its old name by its MAC address. What names a card that nobody has is told.
 */
export function nicNamesFixup(tree: Tree, wish: FinalizeWish): Fixup | undefined {
  const macs = new Set(
    [...wish.domain.interfaces, ...(wish.guest.links ?? [])].map(each => each.mac.toLowerCase()),
  );
  const warnings = [...foreignRules(tree, macs), ...foreignConfigs(wish)];
  if (wish.topologyKept) return fixupOf(about, { warnings });

  const cards = new Set(wish.domain.interfaces.map(each => each.mac.toLowerCase()));
  const links = (wish.guest.links ?? []).filter(
    link => cards.has(link.mac.toLowerCase()) && isCard(link.name),
  );
  // The kernel hands out eth0, eth1 … itself, in the order of the cards; a rule for such a name can lose the race.
  const named = links.filter(link => !/^eth\d+$/.test(link.name));
  if (!hasSystemd(tree)) {
    if (named.length > 0)
      warnings.push(`Interfaces may get other names than ${named.map(l => l.name).join(', ')}.`);
    return fixupOf(about, { warnings });
  }
  if (links.length > 1 && named.length < links.length) {
    warnings.push('The cards have other places at the target: eth0, eth1 … may be exchanged.');
  }
  return fixupOf(about, {
    edits: named.map(link =>
      file(
        tree,
        `/etc/systemd/network/10-landfall-${link.name}.link`,
        `[Match]\nMACAddress=${link.mac}\nType=ether\n\n[Link]\nName=${link.name}\n`,
      ),
    ),
    warnings,
  });
}

/** Not a VLAN, a bridge or an alias that has the MAC address of its card. */
const isCard = (name: string): boolean =>
  /^[A-Za-z0-9_-]{1,15}$/.test(name) && !/^(?:br|bond|vlan|virbr)/.test(name);

const MAC = /\b[0-9a-f]{2}(?::[0-9a-f]{2}){5}\b/gi;

/** Files that give a name or an address to a card by its MAC, where no card has that MAC. */
function foreignRules(tree: Tree, macs: ReadonlySet<string>): string[] {
  if (macs.size === 0) return [];
  const rules = filesLike(tree, /^\/etc\/udev\/rules\.d\/[^/]*net[^/]*\.rules$/).flatMap(each =>
    uncommented(each.text).flatMap(line =>
      [...line.matchAll(MAC)].map(([mac]) => ({ path: each.path, mac })),
    ),
  );
  const configs = filesLike(tree, /^\/etc\/sysconfig\/network-scripts\/ifcfg-/).flatMap(each =>
    uncommented(each.text)
      .filter(line => /^\s*HWADDR=/.test(line))
      .flatMap(line => [...line.matchAll(MAC)].map(([mac]) => ({ path: each.path, mac }))),
  );
  return [...rules, ...configs]
    .filter(({ mac }) => !macs.has(mac.toLowerCase()) && mac !== '00:00:00:00:00:00')
    .map(
      ({ path, mac }) =>
        `${path} is about a card ${mac}, which the machine has neither here nor at the source.`,
    );
}

const uncommented = (text: string): string[] => text.split('\n').filter(line => !/^\s*#/.test(line));

/** Configurations of interfaces that the source does not have either. */
function foreignConfigs({ guest }: FinalizeWish): string[] {
  const links = guest.links;
  if (links === undefined || links.length === 0) return [];
  return (guest.network ?? []).flatMap(config => {
    const name = config.interface;
    if (name === undefined || config.addresses.length === 0 || /[*?[]/.test(name)) return [];
    if (links.some(link => link.name === name.split(':')[0])) return [];
    return [
      `${config.file} configures ${name}, an interface that the machine does not have at the source either.`,
    ];
  });
}
