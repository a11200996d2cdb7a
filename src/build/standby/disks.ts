import type { DiskPlace, RetargetWish, Rule } from './wish.ts';
import {
  attribute,
  element,
  elements,
  find,
  mapAt,
  put,
  setAttributes,
  without,
  type XmlElement,
} from './xml-tree.ts';

/**
 * Disks point to the replica; target name, bus, serial, WWN, boot order, block sizes and PCI address stay, because
 * the guest finds its file systems by them. Drives for media are emptied.
 */
export const disks: Rule = (domain, wish) => {
  const changes: string[] = [];
  const after = mapAt(domain, ['devices', 'disk'], disk => {
    const device = attribute(disk, 'device') ?? 'disk';
    return device === 'cdrom' || device === 'floppy'
      ? ejected(disk, changes)
      : replicated(disk, wish, changes);
  });
  return { domain: after, changes };
};

export const diskTarget = (disk: XmlElement): string => attribute(find(disk, 'target'), 'dev') ?? '';

/** What a disk had of its storage, in words. */
const LOST: Readonly<Record<string, string>> = {
  shareable: 'sharing with other domains',
  encryption: 'encryption',
  auth: 'the login to its storage',
};

function replicated(
  disk: XmlElement,
  { disks: places }: RetargetWish,
  changes: string[],
): XmlElement | undefined {
  const target = diskTarget(disk);
  const place = places[target];
  if (place === undefined) {
    changes.push(`disk ${target} is left out: the replica has no volume for it (${sourceWords(disk)})`);
    return undefined;
  }
  changes.push(`disk ${target} is the replica ${place.volume} instead of ${sourceWords(disk)}`);
  const lost = Object.entries(LOST).flatMap(([name, words]) =>
    find(disk, name) === undefined ? [] : [words],
  );
  if (find(disk, 'source', 'encryption') !== undefined) lost.push('encryption');
  if (lost.length > 0)
    changes.push(`disk ${target} without ${lost.join(', ')}: the replica is a plain volume`);
  const driver = find(disk, 'driver');
  const tuned = ['cache', 'io'].flatMap(name => {
    const value = attribute(driver, name);
    return value === undefined ? [] : [`${name}=${value}`];
  });
  if (tuned.length > 0) {
    changes.push(
      `disk ${target} without ${tuned.join(' and ')}: that was chosen for the storage of the source`,
    );
  }
  const kept = without(disk, 'backingStore', 'mirror', 'shareable', 'encryption', 'auth');
  return onVolume(setAttributes(kept, { sgio: undefined, rawio: undefined }), place, {
    cache: undefined,
    io: undefined,
  });
}

/** The same disk on another volume of format qcow2. */
export function onVolume(
  disk: XmlElement,
  place: DiskPlace,
  driver: Readonly<Record<string, string | undefined>>,
): XmlElement {
  const { type, source } = sourceOf(place);
  const had = find(disk, 'driver') ?? element('driver');
  const device = attribute(disk, 'device') === 'lun' ? 'disk' : attribute(disk, 'device');
  const moved = put(setAttributes(disk, { type, device }), source);
  return put(moved, setAttributes(had, { name: 'qemu', type: 'qcow2', ...driver }));
}

/** By path where there is one: confinement of QEMU is worked out from paths, and not everywhere from pools. */
function sourceOf({ pool, volume, path }: DiskPlace): { type: string; source: XmlElement } {
  if (path.startsWith('/dev/')) return { type: 'block', source: element('source', { dev: path }) };
  if (path.startsWith('/')) return { type: 'file', source: element('source', { file: path }) };
  return { type: 'volume', source: element('source', { pool, volume }) };
}

function ejected(disk: XmlElement, changes: string[]): XmlElement {
  const medium = find(disk, 'source');
  if (medium !== undefined)
    changes.push(`drive ${diskTarget(disk)} is empty: ${sourceWords(disk)} stays behind`);
  const empty = without(disk, 'source', 'backingStore', 'mirror', 'auth', 'encryption');
  return setAttributes(empty, { type: 'file' });
}

/** A source in words: its path, or what stands in its place. */
export function sourceWords(disk: XmlElement): string {
  const source = find(disk, 'source');
  const plain = attribute(source, 'file') ?? attribute(source, 'dev') ?? attribute(source, 'dir');
  if (plain !== undefined) return plain;
  const pool = attribute(source, 'pool');
  if (pool !== undefined) return `${pool}/${attribute(source, 'volume') ?? ''}`;
  const protocol = attribute(source, 'protocol') ?? attribute(source, 'type') ?? attribute(disk, 'type');
  const name = attribute(source, 'name') ?? attribute(source, 'path');
  return [protocol ?? 'nothing', name].filter(word => word !== undefined).join(':');
}

/** Every name that a disk of the domain has taken. */
export const takenTargets = (domain: XmlElement): string[] =>
  elements(find(domain, 'devices'), 'disk').map(diskTarget);
