import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** Two trees of the lab, file by file, by whoever looks at them from outside: no code of a pass is used. */

export interface Difference {
  /** From the mount point on, with a leading slash; bytes that are no UTF-8 are shown as such. */
  readonly path: string;
  readonly how: 'missing' | 'extra' | 'other';
  /** Of the source's file; 0 where it has none. */
  readonly bytes: number;
  /** When the source's file was last written, epoch ms. */
  readonly writtenAt: number;
}

/** What no copy carries: what is made at boot, and what rsync keeps of an interrupted file. */
const NEVER = new Set(['lost+found', '.rsync-partial']);

/** What `to` lacks, has besides, or has otherwise than `from`: kinds, targets of links, and contents by checksum. */
export function differencesOf(from: string, to: string): Difference[] {
  const found: Difference[] = [];
  visit(Buffer.from(from), Buffer.from(to), '', found);
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function visit(from: Buffer, to: Buffer, at: string, found: Difference[]): void {
  const [here, there] = [namesIn(from), namesIn(to)];
  for (const [text, name] of here) {
    const path = `${at}/${text}`;
    const [a, b] = [below(from, name), below(to, name)];
    if (there.has(text)) compare(a, b, path, found);
    else found.push({ path, how: 'missing', ...factsOf(a) });
  }
  for (const text of there.keys()) {
    if (!here.has(text)) found.push({ path: `${at}/${text}`, how: 'extra', bytes: 0, writtenAt: 0 });
  }
}

function compare(a: Buffer, b: Buffer, path: string, found: Difference[]): void {
  const [one, two] = [lstatSync(a), lstatSync(b)];
  if (one.isDirectory() && two.isDirectory()) {
    visit(a, b, path, found);
    return;
  }
  const same =
    (one.isFile() && two.isFile() && one.size === two.size && hashOf(a) === hashOf(b)) ||
    (one.isSymbolicLink() && two.isSymbolicLink() && readlinkSync(a) === readlinkSync(b)) ||
    (!one.isFile() && !one.isSymbolicLink() && !one.isDirectory() && one.mode === two.mode);
  if (!same) found.push({ path, how: 'other', ...factsOf(a) });
}

function factsOf(file: Buffer): Pick<Difference, 'bytes' | 'writtenAt'> {
  const stat = lstatSync(file);
  return { bytes: stat.isFile() ? stat.size : 0, writtenAt: stat.mtimeMs };
}

const namesIn = (directory: Buffer): Map<string, Buffer> =>
  new Map(
    readdirSync(directory, { encoding: 'buffer' })
      .map((name): [string, Buffer] => [name.toString('latin1'), name])
      .filter(([text]) => !NEVER.has(text)),
  );

const below = (directory: Buffer, name: Buffer): Buffer => Buffer.concat([directory, Buffer.from('/'), name]);

const hashOf = (file: Buffer): string => createHash('sha256').update(readFileSync(file)).digest('hex');

/** The path on the machine of what lies below a mount point. */
export const onMachine = (mountpoint: string, path: string): string =>
  mountpoint === '/' ? path : join(mountpoint, path);
