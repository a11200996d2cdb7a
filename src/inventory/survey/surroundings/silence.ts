import { harmless } from '../../../foundation/text.ts';
import type { ShareFacts } from '../../../journal/facts-survey.ts';
import { unescapeOctal } from '../../../tools/mounts.ts';
import type { PeerSample } from '../learn.ts';

/** What the kernel knows of servers that do not answer, without asking them. */
export interface Signs {
  readonly looks: PeerSample | undefined;
  /** Servers of which the last word was that they do not respond, in small letters. */
  readonly complaints: ReadonlySet<string>;
  /** Places whose requests wait for answers that do not come. */
  readonly stalled: ReadonlySet<string>;
}

const PORTS: Readonly<Record<string, number>> = { nfs: 2049, nfs4: 2049, cifs: 445, smb3: 445 };
/** A mount of these holds a connection as long as it is there; older NFS lets go of one that is idle. */
const ALWAYS_CONNECTED = new Set(['nfs4', 'cifs', 'smb3']);

/** Undefined where nothing speaks for or against it. */
export function isSilent(share: ShareFacts, { looks, complaints, stalled }: Signs): boolean | undefined {
  if (complaints.has(share.server) || (share.address !== undefined && complaints.has(share.address)))
    return true;
  if (stalled.has(share.mountpoint)) return true;
  const port = PORTS[share.type];
  if (port === undefined || looks === undefined || share.address === undefined) return undefined;
  const held = looks.peers.filter(
    peer => peer.direction === 'out' && peer.address === share.address && peer.port === port,
  );
  if (held.length > 0) return held.every(peer => peer.unanswered === true);
  return ALWAYS_CONNECTED.has(share.type) ? true : undefined;
}

/** `nfs: server nas1 not responding`, and `OK` when it came back; CIFS tells of the silence only. */
export function complaints(ring: string): ReadonlySet<string> {
  const silent = new Set<string>();
  for (const line of ring.split('\n')) {
    const [, server, word] = /^nfs: server (\S+) (not responding|OK)/.exec(line) ?? [];
    const name = server ?? /^\\*(\S+) has not responded/.exec(line)?.[1];
    if (name === undefined) continue;
    if (word === 'OK') silent.delete(name.toLowerCase());
    else silent.add(name.toLowerCase());
  }
  return silent;
}

interface Counted {
  sent: number;
  received: number;
}

/** Places whose server took no request back between two readings of what was sent and what came. */
export function stalled(first: string | undefined, second: string | undefined): ReadonlySet<string> {
  const before = counted(first);
  const after = counted(second);
  return new Set(
    [...after].flatMap(([place, now]) => {
      const then = before.get(place);
      return then !== undefined && then.received === now.received && then.sent > then.received ? [place] : [];
    }),
  );
}

function counted(text: string | undefined): Map<string, Counted> {
  const found = new Map<string, Counted>();
  for (const line of (text ?? '').split('\n')) {
    const [, raw, sent, received] = /^([^\t]+)\t(\d+)\t(\d+)$/.exec(line) ?? [];
    if (raw === undefined) continue;
    const place = harmless(unescapeOctal(raw));
    const sum = found.get(place) ?? { sent: 0, received: 0 };
    sum.sent += Number(sent);
    sum.received += Number(received);
    found.set(place, sum);
  }
  return found;
}
