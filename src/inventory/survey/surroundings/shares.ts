import { canonicalIp } from '../../../foundation/ip.ts';
import { harmless } from '../../../foundation/text.ts';
import type { ShareFacts } from '../../../journal/facts-survey.ts';
import { parseFstab } from '../../../tools/fstab.ts';
import { unescapeOctal } from '../../../tools/mounts.ts';
import type { Answers, PeerSample } from '../learn.ts';
import { bounded } from '../system/bounds.ts';
import { rowsOf } from './rows.ts';
import { complaints, isSilent, type Signs, stalled } from './silence.ts';

const MOST = 500;
const REMOTE =
  /^(?:nfs4?|cifs|smb3|smbfs|glusterfs|ceph|9p|afs|lustre|davfs|fuse\.(?:sshfs|glusterfs|ceph))$/;

interface Place {
  readonly mountpoint: string;
  readonly type: string;
  readonly source: string;
  readonly address?: string;
}

/** MOUNTED or CONFIGURED, MOUNTPOINT, TYPE, SOURCE, ADDRESS apart by tabs. */
export function parsePlaces(text: string): Place[] | undefined {
  return rowsOf(text, 4)?.map(([, mountpoint = '', type = '', source = '', raw = '']) => {
    const address = canonicalIp(raw);
    return {
      mountpoint: harmless(unescapeOctal(mountpoint)),
      type: harmless(type),
      source: harmless(unescapeOctal(source)),
      ...(address === undefined ? {} : { address }),
    };
  });
}

/** Server and path of a source: `nas1:/export`, `[fd00::4]:/export`, `//filer/legal`; undefined where it names no server. */
export function serverOf(source: string): { readonly server: string; readonly path: string } | undefined {
  const [, six, host, path] =
    /^(?:\[([0-9a-fA-F:]+)\]|([^:/[\]\s,]+))(?::\d+)?(?:,[^/]*)?:(.*)$/.exec(source) ?? [];
  if (path !== undefined) return { server: (six ?? host ?? '').toLowerCase(), path };
  const [, name, share = ''] = /^\/\/([^/\\\s]+)[/\\]?(.*)$/.exec(source) ?? [];
  return name === undefined ? undefined : { server: name.toLowerCase(), path: `/${share}` };
}

/**
 * File systems of other servers: mounted, waiting for their first use, or only configured. Whether a server answers is
 * told by the sockets that the kernel holds to it, by its own statistics, and by what it complained of.
 */
export function readShares(answers: Answers, looks: PeerSample | undefined): ShareFacts[] | undefined {
  const mounted = answers.learn('file systems of other servers', 'shares:mounted', parsePlaces);
  if (mounted === undefined) return undefined;
  const fstab = answers.text('fstab');
  const lines = fstab === undefined ? [] : parseFstab(fstab);
  const units = places(answers, 'shares:units');
  const automounts = places(answers, 'shares:automount');
  const roots = mounted.filter(({ type }) => type === 'autofs').map(({ mountpoint }) => mountpoint);
  const written = new Set(
    [...lines, ...units, ...automounts].map(({ mountpoint }) => mountpoint.replace(/(?<=.)\/+$/, '')),
  );
  const isWritten = (mountpoint: string): boolean =>
    written.has(mountpoint) || roots.some(root => mountpoint.startsWith(`${root}/`));
  const signs = signsOf(answers, looks);

  const shares = new Map<string, ShareFacts>();
  const add = (place: Place, state: ShareFacts['state'], more: Partial<ShareFacts> = {}): void => {
    const found = REMOTE.test(place.type) ? serverOf(place.source) : undefined;
    if (found === undefined || shares.has(place.mountpoint)) return;
    const { mountpoint, type, address } = place;
    const share: ShareFacts = {
      ...{ mountpoint, type, ...found, state },
      ...(address === undefined ? {} : { address }),
      ...more,
    };
    const silent = state === 'mounted' ? isSilent(share, signs) : undefined;
    shares.set(mountpoint, silent === undefined ? share : { ...share, answers: !silent });
  };
  for (const place of mounted) {
    const isUndocumented = fstab !== undefined && !isWritten(place.mountpoint);
    add(place, 'mounted', isUndocumented ? { undocumented: true } : {});
  }
  for (const place of automounts) add(place, 'automount');
  for (const place of units) add(place, 'configured');
  for (const { spec, mountpoint, type, options } of lines)
    add(
      { mountpoint, type, source: spec.replace(/^(\/\/)?[^@/]*@/, '$1') },
      options.includes('x-systemd.automount') ? 'automount' : 'configured',
    );
  if (shares.size > 0 && answers.text('kernel-ring') === undefined)
    answers.gap('what the kernel says of servers that do not answer', 'needs-root');
  return bounded(answers, 'file systems of other servers', [...shares.values()], MOST);
}

function places(answers: Answers, name: string): Place[] {
  const text = answers.text(name);
  return text === undefined ? [] : (parsePlaces(text) ?? []);
}

function signsOf(answers: Answers, looks: PeerSample | undefined): Signs {
  const ring = answers.text('kernel-ring');
  return {
    looks,
    complaints: ring === undefined ? new Set() : complaints(ring),
    stalled: stalled(answers.text('nfs-stats:1'), answers.text('nfs-stats:2')),
  };
}
