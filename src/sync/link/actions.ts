import { type Action, fact, type Word } from '../../step/action.ts';
import type { View } from '../../step/step.ts';
import { virshRead } from '../../tools/virsh.ts';
import { type Between, knownHosts, looks } from '../movers/blocks/between.ts';
import { keyComment, runtimeDirectory } from '../names.ts';
import { HYPERVISOR_KEYS, KEY_SCRIPT } from '../path/keys.ts';
import { rshScript } from '../path/rsh.ts';
import { isRelayed, RELAY_ADDRESSES, type RelayEnds, relayPort } from '../relay.ts';
import type { LinkPair } from './pairs.ts';
import {
  BACK_SCRIPT,
  CIPHER_SCRIPT,
  CLEAN_SCRIPT,
  FORTH_SCRIPT,
  LINK_SCRIPT,
  NOISE_BYTES,
  NOISE_SCRIPT,
  READ_SCRIPT,
  RUN_BYTES,
  RUN_SECONDS,
  TRIP_SCRIPT,
  WRITE_SCRIPT,
} from './scripts.ts';

/** Everything that a measurement does, as actions: what is not known before the first of them have run stands as a fact to come. */

type Exec = Action & { readonly kind: 'exec' };

/** What the measurement itself finds out on its way. */
export interface Found {
  readonly publicKey?: string;
  readonly between?: Between;
  /** Epoch seconds of the target's own clock: its sshd judges by it. */
  readonly targetClock?: number;
  /** A disk of the machine on the source, and the directory of its pool at the target. */
  readonly disk?: string;
  readonly pool?: string;
}

/** A key that landfall could not take away any more is good for so long. */
const KEY_SECONDS = 15 * 60;
export const STREAMS = [1, 4] as const;

export const linkId = ({ from, to }: LinkPair): string => `check/link/${from}-${to}`;

export const sourcePlace = (view: View, { to }: LinkPair): string =>
  `${runtimeDirectory(view.plan.name)}/link-to-${to}`;
export const targetPlace = (view: View, { from }: LinkPair): string =>
  `${runtimeDirectory(view.plan.name)}/link-from-${from}`;

/** Beside the directory: whoever logs in there has to reach it. */
const recvPath = (view: View, pair: LinkPair): string => `${targetPlace(view, pair)}.recv`;

const comment = ({ plan }: View, { from, to }: LinkPair): string =>
  keyComment(plan.name, `link:${from}:${to}`);

/** Through the machine that runs landfall, where the sites cannot see each other. */
export function linkRelay({ plan }: View, { from, to }: LinkPair): RelayEnds {
  const sshPort = plan.hypervisors[to]?.port ?? 22;
  return { from, to, port: relayPort(plan.name, `link:${from}:${to}`), sshPort };
}

const sh = (host: string, script: string, ...words: readonly Word[]): Exec => ({
  ...{ kind: 'exec', host, argv: ['sh', '-c', script, 'sh', ...words] },
});

export interface LinkActions {
  /** Takes away what an earlier measurement left, and what this one made. */
  readonly clean: readonly Exec[];
  readonly key: Exec;
  readonly looks: readonly Exec[];
  readonly clock: Exec;
  readonly domain: Exec;
  readonly pool: Exec;
  readonly open: readonly Action[];
  readonly trip: Exec;
  readonly runs: readonly { readonly forth: boolean; readonly streams: number; readonly action: Exec }[];
  readonly read: Exec;
  readonly write: Exec;
  readonly cipher: readonly Exec[];
}

export interface LinkBounds {
  /** Bytes per second that no run may exceed; undefined where nothing limits it. */
  readonly limit: number | undefined;
  /** What a run lasts at most; never more than the default. */
  readonly seconds?: number;
}

export function linkActions(view: View, pair: LinkPair, bounds: LinkBounds, found: Found): LinkActions {
  const { from, to, machine } = pair;
  const { plan } = view;
  const id = linkId(pair);
  const [near, far] = [sourcePlace(view, pair), targetPlace(view, pair)];
  const uri = (name: string): string => plan.hypervisors[name]?.uri ?? 'qemu:///system';
  const domain = plan.machines[machine]?.source.domain ?? machine;
  const pool = plan.machines[machine]?.target.pool ?? 'default';
  return {
    clean: [
      {
        ...sh(to, HYPERVISOR_KEYS.revoke, comment(view, pair)),
        note: 'takes the key out of authorized_keys again',
      },
      sh(to, CLEAN_SCRIPT, far, recvPath(view, pair)),
      sh(from, CLEAN_SCRIPT, near),
    ],
    key: {
      ...sh(from, KEY_SCRIPT, near, comment(view, pair)),
      note: 'the private half never leaves this hypervisor',
    },
    looks: looks(view, machine),
    clock: { kind: 'exec', host: to, argv: ['date', '+%s'], reads: true },
    domain: { kind: 'exec', host: from, argv: virshRead(uri(from), 'dumpxml', domain), reads: true },
    pool: { kind: 'exec', host: to, argv: virshRead(uri(to), 'pool-dumpxml', pool), reads: true },
    open: openActions(view, pair, found),
    trip: { ...sh(from, TRIP_SCRIPT, near), note: 'round trips through the path itself' },
    runs: STREAMS.flatMap(streams =>
      [true, false].map(forth => ({
        ...{ forth, streams },
        action: {
          ...sh(from, forth ? FORTH_SCRIPT : BACK_SCRIPT, near, ...runWords(streams, bounds)),
          note: `${forth ? `${from} to ${to}` : `${to} to ${from}`}, ${streams === 1 ? 'one stream' : `${streams} streams`}`,
        },
      })),
    ),
    read: {
      ...sh(from, READ_SCRIPT, fact(found.disk, `a disk of ${domain}`, id)),
      reads: true,
      note: 'the beginning of that disk, past the cache',
    },
    write: {
      ...sh(to, WRITE_SCRIPT, fact(found.pool, `the directory of the pool ${pool}`, id), far),
      note: 'into a file that has no name when the first byte comes',
    },
    cipher: [from, to].map(host => ({ ...sh(host, CIPHER_SCRIPT), reads: true })),
  };
}

/** Bytes of each stream, seconds, and what each sends every tenth of a second: 0 is as much as goes. */
function runWords(streams: number, { limit, seconds = RUN_SECONDS }: LinkBounds): string[] {
  const tick = limit === undefined ? 0 : Math.max(1, Math.min(NOISE_BYTES, Math.floor(limit / streams / 10)));
  return [streams, Math.floor(RUN_BYTES / streams), Math.min(seconds, RUN_SECONDS), tick].map(String);
}

function openActions(view: View, pair: LinkPair, found: Found): Action[] {
  const { from, to } = pair;
  const { between } = found;
  const id = linkId(pair);
  const [near, far] = [sourcePlace(view, pair), targetPlace(view, pair)];
  const user = view.plan.hypervisors[to]?.user ?? between?.login;
  const reach = isRelayed(view) ? { address: '127.0.0.1', port: linkRelay(view, pair).port } : between?.reach;
  const expiry = found.targetClock === undefined ? undefined : found.targetClock + KEY_SECONDS;
  return [
    { kind: 'write', host: to, path: recvPath(view, pair), mode: 0o755, content: LINK_SCRIPT },
    {
      ...sh(
        to,
        HYPERVISOR_KEYS.authorize,
        comment(view, pair),
        fact(expiry, 'expiry of the key, a quarter of an hour from now', id),
        isRelayed(view) ? RELAY_ADDRESSES : fact(between?.from.join(','), `addresses of ${from}`, id),
        fact(found.publicKey, 'public key of the path', id),
        recvPath(view, pair),
        far,
      ),
      note: 'one line in authorized_keys: this key, from that hypervisor only, to swallow or give bytes, for a quarter of an hour',
    },
    sh(to, NOISE_SCRIPT, far),
    sh(from, NOISE_SCRIPT, near),
    {
      ...{ kind: 'write', host: from, path: `${near}/known_hosts`, mode: 0o600 },
      content: knownHosts(to, between?.hostKeys, id),
    },
    {
      ...{ kind: 'write', host: from, path: `${near}/rsh`, mode: 0o700 },
      content:
        reach === undefined || user === undefined
          ? fact(undefined, `how ${to} is reached, with the user who logs in there`, id)
          : rshScript({ alias: to, ...reach, user }),
    },
  ];
}
