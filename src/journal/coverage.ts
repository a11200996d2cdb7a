import type { MachineState } from './state.ts';

/**
 * What the last verification of a machine did not look at although the plan and the inventory of now ask for it: file
 * systems that it did not compare, and paths that were excluded then and are not any more. Empty where it covered
 * everything, and before the first verification.
 */
export function uncovered(machine: MachineState | undefined, exclude: readonly string[]): string[] {
  const verified = machine?.verified;
  if (verified?.mountpoints === undefined || verified.excluded === undefined) return [];
  const compared = new Set(verified.mountpoints);
  const mountpoints = (machine?.observed?.guest.fileSystems ?? [])
    .map(({ mountpoint }) => mountpoint)
    .filter(mountpoint => !compared.has(mountpoint));
  const wanted = [...new Set([...mountpoints, ...verified.excluded])];
  return wanted.filter(path => !exclude.some(excluded => isBelow(path, excluded)));
}

function isBelow(path: string, directory: string): boolean {
  const [inner, outer] = [path, directory].map(each => each.replace(/\/+$/, ''));
  return inner === outer || inner?.startsWith(`${outer}/`) === true;
}
