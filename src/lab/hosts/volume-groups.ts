import type { SimHost, World } from '../world/world.ts';
import { writeDevices } from './device-files.ts';

/** Which volume groups a host has active; their volumes are devices then. */

export function setActive(world: World, host: SimHost, groups: readonly string[], active: boolean): void {
  const others = host.groups.filter(name => !groups.includes(name));
  host.groups = active ? [...others, ...groups] : others;
  if (host.role === 'receiver') world.state.groups[host.id] = [...host.groups];
  writeDevices(host);
  world.changed(host.id);
}
