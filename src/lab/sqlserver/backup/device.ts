import { readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Instance } from '../server/instance.ts';

/**
 * The file of a backup device. The double keeps what any path names below its own directory, so that no path of a plan reaches
 * the machine it runs on; a share (`\\MIA-SQL1\bak\x.trn`) is the same file for all doubles of a lab.
 */
export function deviceFile(instance: Instance, path: string): string {
  const parts = path
    .split(/[\\/]+/)
    .filter(part => part !== '' && part !== '.' && part !== '..')
    .map(safe);
  const share = /^(\\\\|\/\/)/.test(path);
  return share
    ? join(dirname(instance.directory), 'shares', ...parts)
    : join(instance.directory, 'backup', ...parts);
}

/** Names are compared without case on Windows; a drive's colon is no part of a file name here. */
const safe = (part: string): string => part.replaceAll(/[^\w.@$#+ -]/g, '_').toLowerCase();

/** What a BACKUP had put aside when its server was killed. */
export function forgetUnfinished(directory: string): void {
  for (const name of readdirSync(directory))
    if (/^\.[0-9A-F-]{36}(\.gz)?$/.test(name)) rmSync(join(directory, name), { force: true });
}
