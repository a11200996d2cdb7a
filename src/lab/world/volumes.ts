import { POOL_PATH } from './layout.ts';
import type { Volume, World } from './world.ts';

/** A disk file of a domain as a volume of that hypervisor. */
export const volumeOfFile = (world: World, hypervisor: string, file: string): Volume | undefined =>
  world.state.volumes.find(
    volume => volume.hypervisor === hypervisor && `${POOL_PATH}/${volume.name}` === file,
  );
