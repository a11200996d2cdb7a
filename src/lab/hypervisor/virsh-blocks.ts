import type { Blocks } from '../blocks/blocks.ts';
import type { Sources } from '../hosts/sources.ts';
import { parseOptions } from '../tools/options.ts';
import { POOL } from '../world/layout.ts';
import { answer, type World } from '../world/world.ts';
import { backupReads, backupWrites } from './virsh-backups.ts';
import { checkpointReads, checkpointWrites } from './virsh-checkpoints.ts';
import { freezeVerbs } from './virsh-freeze.ts';
import { noPool, unsupported, type Verb, virshError } from './virsh-verbs.ts';

/** The verbs that the blocks mover needs, by whether they change something. */

export interface BlockVerbs {
  readonly reads: Readonly<Record<string, Verb>>;
  /** What may be done to a source beside its power. */
  readonly atSource: Readonly<Record<string, Verb>>;
  readonly writes: Readonly<Record<string, Verb>>;
}

export function blockVerbs(world: World, sources: Sources, blocks: Blocks): BlockVerbs {
  const { checkpoints, backups, stuck } = blocks;
  const parts = { world, checkpoints, backups, sources, stuck };
  return {
    reads: { ...checkpointReads(parts), ...backupReads(parts) },
    atSource: { ...checkpointWrites(parts), ...backupWrites(parts), ...freezeVerbs(parts) },
    writes: {
      'pool-refresh': async ({ host, args }) => {
        const parsed = parseOptions(args, [], []);
        if (!parsed.ok) return unsupported('pool-refresh', parsed.unknown);
        const [pool = '', ...more] = parsed.operands;
        if (more.length > 0) return virshError(`unexpected data '${more[0]}'`);
        if (pool !== POOL) return noPool(pool);
        await blocks.pools.adopt(host.id);
        for (const volume of world.state.volumes) if (volume.hypervisor === host.id) delete volume.isUnlisted;
        world.changed();
        return answer(`Pool ${pool} refreshed\n`);
      },
    },
  };
}
