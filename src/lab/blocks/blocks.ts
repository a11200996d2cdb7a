import type { World } from '../world/world.ts';
import { type Backups, createBackups } from './backups.ts';
import { type Checkpoints, createCheckpoints } from './checkpoints.ts';
import { createInstants, type Instants } from './instants.ts';
import { createPoolFiles, type PoolFiles } from './pool-files.ts';

/** Everything of a lab that has to do with disks as blocks. */
export interface Blocks {
  readonly instants: Instants;
  readonly checkpoints: Checkpoints;
  readonly backups: Backups;
  readonly pools: PoolFiles;
  /** Machines whose guests take a freeze and never answer, until they are told to. */
  readonly stuck: Map<string, AbortController>;
}

export function createBlocks(world: World): Blocks {
  const instants = createInstants(world.directory, () => world.clock.now());
  return {
    instants,
    checkpoints: createCheckpoints(world, instants),
    backups: createBackups(world),
    pools: createPoolFiles(world),
    stuck: new Map(),
  };
}
