import { rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';

/**
 * The only place in landfall that deletes a directory with what is in it. `within` is the directory that the caller
 * owns: anything that is not strictly inside it is refused with a RangeError. A path that is already gone is fine;
 * a symbolic link is removed as a link.
 */
export async function removeTree(path: string, within: string): Promise<void> {
  await rm(guarded(path, within), { recursive: true, force: true });
}

/** The same, where nothing may happen in between. */
export function removeTreeSync(path: string, within: string): void {
  rmSync(guarded(path, within), { recursive: true, force: true });
}

function guarded(path: string, within: string): string {
  const below = relative(resolve(within), resolve(path));
  const inside = below !== '' && below !== '..' && !below.startsWith(`..${sep}`) && !isAbsolute(below);
  if (!isAbsolute(path) || !isAbsolute(within) || resolve(within) === sep || !inside) {
    throw new RangeError(`refused to delete ${path}: it is not inside ${within}`);
  }
  return resolve(path);
}
