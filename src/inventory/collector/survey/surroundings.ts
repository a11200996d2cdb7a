import type { Group } from '../group.ts';
import { HARD_ADDRESSES_FUNCTIONS } from './surroundings/hard-addresses.ts';
import { NFS_STATS_FUNCTIONS, SHARES_FUNCTIONS } from './surroundings/shares.ts';
import { UPSTREAMS_FUNCTIONS } from './surroundings/upstreams.ts';

const ROOT = 'root=$1\n';

/** One look at the table of sockets, with the functions of `PEERS`: `peers:1` and on. */
export const lookAtPeers = (look: number): Group => ({
  name: `peers-${look}`,
  parts: `${ROOT}eval "$peers"\nlook ${look}\n`,
});

/** Whether other servers answer is seen by how their counters move from the first time to the second. */
export const SHARES: Group = {
  name: 'shares',
  parts: `${ROOT}${SHARES_FUNCTIONS}${NFS_STATS_FUNCTIONS}
part shares:mounted mounted
part nfs-stats:1 nfs_stats
part shares:automount automounts
part shares:units mount_units
`,
};

export const SHARES_AGAIN: Group = {
  name: 'shares-again',
  parts: `${ROOT}${NFS_STATS_FUNCTIONS}
part kernel-ring ring
part nfs-stats:2 nfs_stats
`,
};

export const UPSTREAMS: Group = {
  name: 'upstreams',
  parts: `${ROOT}${UPSTREAMS_FUNCTIONS}
part upstreams upstreams
part static-names static_names
`,
};

export const FILES: Group = {
  name: 'files',
  parts: `${ROOT}${HARD_ADDRESSES_FUNCTIONS}
part hard-addresses hard_addresses
`,
};
