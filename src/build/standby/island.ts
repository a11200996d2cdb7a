import { element, printTree } from './xml-tree.ts';

/**
 * A libvirt network that leads nowhere: without `<forward>` it has no way out, without `<ip>` not even the hypervisor
 * has an address in it. For `virsh net-create`: it is gone when it is destroyed.
 */
export const islandXml = (name: string): string =>
  printTree(
    element('network', {}, [element('name', {}, [name]), element('bridge', { stp: 'off', delay: '0' })]),
  );
