import { mkdirSync, utimesSync } from 'node:fs';
import path from 'node:path';

/** Every ext file system has one, no pass copies it, and both sides of the lab show the same. */
const MADE_AT = new Date('2024-01-01T00:00:00Z');

export function addLostAndFound(fileSystem: { readonly type: string; readonly directory: string }): void {
  if (!fileSystem.type.startsWith('ext')) return;
  const directory = path.join(fileSystem.directory, 'lost+found');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  utimesSync(directory, MADE_AT, MADE_AT);
}
