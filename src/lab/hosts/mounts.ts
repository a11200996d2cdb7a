import { join } from 'node:path';
import type { Mount, SimHost } from '../world/world.ts';
import { quote } from './shell-words.ts';

/** How a path that a host sees becomes a directory of the lab, and back. The shell twin is made by `shellMap`. */

const KERNEL_DEVICES = ['null', 'zero', 'full', 'random', 'urandom', 'stdin', 'stdout', 'stderr', 'tty'];

const byPathLength = (mounts: readonly Mount[]): Mount[] =>
  [...mounts].sort((a, b) => b.path.length - a.path.length);
const byDirectoryLength = (mounts: readonly Mount[]): Mount[] =>
  [...mounts].sort((a, b) => b.directory.length - a.directory.length);

const isKernelDevice = (path: string): boolean =>
  path.startsWith('/dev/fd/') || KERNEL_DEVICES.some(name => path === `/dev/${name}`);

/** The rest of `path` below `prefix`, with its slash; undefined where it is not below. */
function below(path: string, prefix: string): string | undefined {
  if (prefix === '/') return path;
  if (path === prefix) return '';
  return path.startsWith(`${prefix}/`) ? path.slice(prefix.length) : undefined;
}

interface Crossing {
  /** The mount point as a directory of the file system that it hides. */
  readonly hidden: string;
  readonly directory: string;
}

/**
 * A script that was given a mapped root goes on from there by itself (`$1/sys/class`): such a path leads into the
 * empty mount point of the lab's directory and has to cross over to what is mounted there.
 */
function crossings(mounts: readonly Mount[]): Crossing[] {
  return byPathLength(mounts).flatMap(({ path, directory }) => {
    const parent = byPathLength(mounts).find(
      other => other.path !== path && below(path, other.path) !== undefined,
    );
    const rest = parent && below(path, parent.path);
    return parent && rest !== undefined ? [{ hidden: parent.directory + rest, directory }] : [];
  });
}

/**
 * Maps an absolute path of the host. A word that is a lab path already was mapped on its way here, perhaps before
 * something was put behind it or mounted over it (`"$ROOT"/proc/swaps`), so it is looked at as the host would see it.
 */
export function mapPath(lab: string, mounts: readonly Mount[], word: string): string {
  const path = below(word, lab) === undefined ? word : unmapPath(mounts, word);
  if (!path.startsWith('/') || below(path, lab) !== undefined || isKernelDevice(path)) return path;
  for (const mount of byPathLength(mounts)) {
    const rest = below(path, mount.path);
    if (rest !== undefined) return mount.directory + rest;
  }
  return path;
}

/** The path that the host would have used for a directory of the lab. */
export function unmapPath(mounts: readonly Mount[], path: string): string {
  for (const mount of byDirectoryLength(mounts)) {
    const rest = below(path, mount.directory);
    if (rest === undefined) continue;
    return mount.path === '/' ? rest || '/' : mount.path + rest;
  }
  return path;
}

/** The home of root: in a standby it is a directory of the disk, elsewhere it always lies in the same place. */
export const homeOf = (world: { readonly directory: string }, host: SimHost): string =>
  host.role === 'standby'
    ? mapPath(world.directory, host.mounts, '/root')
    : join(host.directory, 'fs', 'root', 'root');

/** `/mnt/t/` and `/mnt//t` are `/mnt/t`. */
export function tidyPath(path: string): string {
  const tidy = path.replace(/\/+/g, '/');
  return tidy.length > 1 && tidy.endsWith('/') ? tidy.slice(0, -1) : tidy;
}

/** The two shell functions of one host: `_lf_map WORD` sets `_lf_mapped`, `_lf_unmap WORD` sets `_lf_unmapped`. */
export function shellMap(lab: string, mounts: readonly Mount[]): string {
  const inner = (prefix: string): string => `${quote(prefix)}|${quote(prefix)}/*`;
  const kernel = [...KERNEL_DEVICES.map(name => `/dev/${name}`), '/dev/fd/*'].join('|');
  const forward = byPathLength(mounts).map(({ path, directory }) =>
    path === '/'
      ? `/*) _lf_mapped=${quote(directory)}$1 ;;`
      : `${inner(path)}) _lf_mapped=${quote(directory)}\${1#${quote(path)}} ;;`,
  );
  const backward = byDirectoryLength(mounts).map(({ path, directory }) =>
    path === '/'
      ? `${inner(directory)}) _lf_unmapped=\${1#${quote(directory)}}; _lf_unmapped=\${_lf_unmapped:-/} ;;`
      : `${inner(directory)}) _lf_unmapped=${quote(path)}\${1#${quote(directory)}} ;;`,
  );
  const across = crossings(mounts).map(
    ({ hidden, directory }) => `${inner(hidden)}) _lf_mapped=${quote(directory)}\${1#${quote(hidden)}} ;;`,
  );
  return [
    '# Written by the pocket lab: what this host has mounted where. It is written again at each mount.',
    '_lf_map() {',
    '  case $1 in',
    `    ${inner(lab)}) _lf_unmap "$1"; set -- "$_lf_unmapped" ;;`,
    '  esac',
    '  case $1 in',
    ...across.map(line => `    ${line}`),
    `    ${inner(lab)}|${kernel}) _lf_mapped=$1 ;;`,
    ...forward.map(line => `    ${line}`),
    '    *) _lf_mapped=$1 ;;',
    '  esac',
    '}',
    '_lf_unmap() {',
    '  case $1 in',
    ...backward.map(line => `    ${line}`),
    '    *) _lf_unmapped=$1 ;;',
    '  esac',
    '}',
    '',
  ].join('\n');
}
