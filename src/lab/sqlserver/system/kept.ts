import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeWhole } from '../../directory/write-whole.ts';
import type { Instance } from '../server/instance.ts';

/** What procedures of the system keep beside master: linked servers and messages of one's own, by file of the data folder. */
const fileOf = (instance: Instance, name: string): string => join(instance.directory, 'data', `${name}.json`);

/** The entries that were kept last; none where there is no file yet. */
export function readKept<T>(instance: Instance, name: string): readonly T[] {
  const file = fileOf(instance, name);
  if (!existsSync(file)) return [];
  // Written by `keep` alone, whole or not at all.
  const entries: readonly T[] = JSON.parse(readFileSync(file, 'utf8'));
  return entries;
}

export function keep<T>(instance: Instance, name: string, entries: Iterable<T>): void {
  writeWhole(fileOf(instance, name), JSON.stringify([...entries], undefined, 1));
}
