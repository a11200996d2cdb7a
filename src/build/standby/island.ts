import { createHash } from 'node:crypto';
import type { Owner } from './mark.ts';
import { element, find, parseTree, printTree, textOf } from './xml-tree.ts';

/**
 * A libvirt network that leads nowhere: without `<forward>` it has no way out, without `<ip>` not even the hypervisor
 * has an address in it. For `virsh net-create`: it is gone when it is destroyed. Its UUID says whose it is.
 */
export const islandXml = (name: string, owner: Owner): string =>
  printTree(
    element('network', {}, [
      element('name', {}, [name]),
      element('uuid', {}, [islandUuid(owner)]),
      element('bridge', { stp: 'off', delay: '0' }),
    ]),
  );

/** The same for the same machine of the same evacuation, begun at that instant; no other network has it. */
export function islandUuid({ evacuation, begun, machine }: Owner): string {
  const hash = createHash('sha256')
    .update(JSON.stringify(['island', evacuation, begun, machine]))
    .digest('hex');
  // Version 8 is for UUIDs that are made in a way of one's own (RFC 9562).
  const parts = [hash.slice(0, 8), hash.slice(8, 12), `8${hash.slice(12, 15)}`, `8${hash.slice(15, 18)}`];
  return [...parts, hash.slice(18, 30)].join('-');
}

/** What `virsh net-dumpxml` shows is the island of this machine. */
export const isOwnIsland = (xml: string, owner: Owner): boolean =>
  textOf(find(parseTree(xml), 'uuid')).toLowerCase() === islandUuid(owner);
