import { group } from '../group.ts';
import { HARD_ADDRESSES_FUNCTIONS } from './surroundings/hard-addresses.ts';
import { PEERS_FUNCTIONS } from './surroundings/peers.ts';
import { SHARES_FUNCTIONS } from './surroundings/shares.ts';
import { UPSTREAMS_FUNCTIONS } from './surroundings/upstreams.ts';

/** Looks at the table of sockets: `peers:1` and on. */
export const LOOKS = 4;

const ROOT = 'root=$1\n';

/** The looks lie a second apart or more, and the time between them is used. */
const TALKS = `${ROOT}${PEERS_FUNCTIONS}${SHARES_FUNCTIONS}${UPSTREAMS_FUNCTIONS}
apart() {
  now=
  { read -r now rest < "$root/proc/uptime"; } 2>/dev/null
  case $now$looked in *.*.*) [ $((\${now%%.*}\${now##*.} - \${looked%%.*}\${looked##*.})) -ge 100 ] || sleep 1 ;; *) sleep 1 ;; esac
  looked=$now
}
looked=
{ read -r looked rest < "$root/proc/uptime"; } 2>/dev/null
look 1
part shares:mounted mounted
part nfs-stats:1 nfs_stats
part shares:automount automounts
part shares:units mount_units
apart
look 2
part upstreams upstreams
part static-names static_names
part kernel-ring ring
apart
look 3
part nfs-stats:2 nfs_stats
`;

const FILES = `${ROOT}${PEERS_FUNCTIONS}${HARD_ADDRESSES_FUNCTIONS}
part hard-addresses hard_addresses
look 4
`;

/** Whom the machine talks to and what it is configured to use: sockets over time, shares, upstreams, addresses in files. */
export const SURROUNDINGS_PART = `${group('talks', TALKS, '"$root"')}${group('files', FILES, '"$root"')}`;
