import { counted } from '../../foundation/units.ts';
import type { FileSystemFacts } from '../../journal/facts.ts';
import type { ProofCheck } from '../../journal/proof-facts.ts';
import { type Expected, found, notTold, type Seen } from './subject.ts';

/** That it stands on the replica's own file systems, all of them. */
export function storage(expected: Expected, seen: Seen): ProofCheck[] {
  if (seen.evidence === undefined) return [notTold('root'), notTold('mounts')];
  return [root(expected, seen), mounts(expected, seen)];
}

const same = (a: string, b: string): boolean => a !== '' && a.toLowerCase() === b.toLowerCase();

function root({ guest }: Expected, { evidence, evidenceMs }: Seen): ProofCheck {
  const wanted = guest.fileSystems.find(({ mountpoint }) => mountpoint === '/');
  const has = evidence?.guest?.fileSystems.find(({ mountpoint }) => mountpoint === '/');
  if (has === undefined || wanted === undefined)
    return found('root', 'unproven', 'which file system is its root could not be read');
  const detail = [`${has.device} ${has.uuid} (${has.type})`, `command line: ${evidence?.cmdline ?? ''}`];
  if (same(wanted.uuid, has.uuid))
    return found('root', 'pass', `its root is the replica's own, ${has.device}`, detail, evidenceMs);
  return found('root', 'fail', "its root is not the replica's own file system", [
    `source: ${wanted.device} ${wanted.uuid}`,
    ...detail,
  ]);
}

/** File systems that a start of the source would mount, and whose bytes are in the replica. */
function toBeMounted({ guest, copied }: Expected): FileSystemFacts[] {
  const places = new Set(copied);
  const automatic = guest.fstab?.filter(({ options }) => !options.includes('noauto'));
  return guest.fileSystems.filter(
    ({ mountpoint }) =>
      places.has(mountpoint) &&
      mountpoint !== '/' &&
      (automatic === undefined || automatic.some(entry => entry.mountpoint === mountpoint)),
  );
}

function mounts(expected: Expected, { evidence, evidenceMs }: Seen): ProofCheck {
  const has = evidence?.guest?.fileSystems;
  if (has === undefined) return found('mounts', 'unproven', 'what it has mounted could not be read');
  const wanted = toBeMounted(expected);
  const missing = wanted.filter(
    each =>
      !has.some(
        ({ mountpoint, uuid }) => mountpoint === each.mountpoint && (same(uuid, each.uuid) || uuid === ''),
      ),
  );
  const byHand = expected.guest.fileSystems.filter(
    each =>
      each.mountpoint !== '/' &&
      expected.copied.includes(each.mountpoint) &&
      !wanted.includes(each) &&
      !has.some(({ mountpoint }) => mountpoint === each.mountpoint),
  );
  const notes = byHand.map(
    ({ mountpoint }) => `${mountpoint} was mounted by hand at the source: no start mounts it, here or there`,
  );
  if (missing.length > 0)
    return found(
      'mounts',
      'fail',
      `${counted(missing.length, 'file system')} ${missing.length === 1 ? 'is' : 'are'} not mounted: ${missing.map(({ mountpoint }) => mountpoint).join(', ')}`,
      [
        ...missing.map(({ mountpoint, device, uuid }) => `missing: ${mountpoint} (${device} ${uuid})`),
        ...notes,
      ],
    );
  const swap = expected.guest.swap.filter(({ path }) => path.startsWith('/dev/')).length;
  const swapNow = evidence?.guest?.swap.length ?? 0;
  return found(
    'mounts',
    'pass',
    `${counted(wanted.length + 1, 'file system')} mounted as at the source`,
    [...(swap > swapNow ? [`swap: ${swapNow} of ${swap} at the source`] : []), ...notes],
    evidenceMs,
  );
}
