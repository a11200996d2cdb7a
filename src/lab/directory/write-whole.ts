import { chmodSync, renameSync, writeFileSync } from 'node:fs';

/** Replaces a file that running shells may be reading. */
export function writeWhole(file: string, content: string, mode = 0o644): void {
  const fresh = `${file}.new`;
  writeFileSync(fresh, content, { mode });
  chmodSync(fresh, mode);
  renameSync(fresh, file);
}
