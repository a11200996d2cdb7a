import { round } from '../group.ts';
import { REAL_PLACES } from './software/real-places.ts';
import { SOFTWARE_GROUPS } from './software.ts';
import { PEERS } from './surroundings/peers.ts';
import { FILES, lookAtPeers, SHARES, SHARES_AGAIN, UPSTREAMS } from './surroundings.ts';
import { LAST_COUNTERS } from './system/kernel.ts';
import { SYSTEM_GROUPS } from './system.ts';

/** The looks at the sockets lie a second apart or more, and a slow machine is not made to wait for that. */
const APART = `
read_clock() { now=; { read -r now rest < "$root/proc/uptime"; } 2>/dev/null; }
apart() {
  read_clock
  case $now$looked in *.*.*) [ $((\${now%%.*}\${now##*.} - \${looked%%.*}\${looked##*.})) -ge 100 ] || { sleep 1; read_clock; } ;; *) sleep 1 ;; esac
  looked=$now
}
read_clock
looked=$now
`;

/**
 * What the wide look asks after everything that a copy needs has been asked: an answer that is cut off in here costs
 * nothing but itself. `survey-end` is the last word.
 */
export const SURVEY_PART = `${REAL_PLACES}${PEERS}${APART}${round('system', [lookAtPeers(1), SHARES, ...SYSTEM_GROUPS])}apart
${round('software', [lookAtPeers(2), ...SOFTWARE_GROUPS])}apart
${round('surroundings', [lookAtPeers(3), UPSTREAMS, FILES, SHARES_AGAIN, LAST_COUNTERS])}
printf '{"section":"survey-end","rc":0,"data":""}\\n'
`;
