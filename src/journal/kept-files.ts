import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { errno, unreadable } from './troubles.ts';

/**
 * The files of an evacuation that may travel beside its journal: to the target site, into an evidence pack. What holds
 * secrets of hosts never does; links are not followed, and names that landfall did not give are left where they are.
 */

export interface KeptFile {
  /** Relative to the evacuation's directory, with `/`. */
  readonly path: string;
  readonly size: number;
  readonly mtimeMs: number;
}

export interface LeftOut {
  readonly path: string;
  readonly why: string;
}

export interface KeptFiles {
  /** Sorted by path. */
  readonly files: readonly KeptFile[];
  readonly leftOut: readonly LeftOut[];
}

export interface KeepLimits {
  /** A larger file stays. */
  readonly eachBytes: number;
  /** Beyond this the oldest logs stay; plans, notes, inventories and reports always travel. */
  readonly allBytes: number;
  /** Names in `logs/` that stay, whatever their size, and why. */
  readonly without?: Readonly<Record<string, string>>;
}

const TOP_FILES = ['plan.yaml', 'notes.md'];
const FOLDERS = ['plans', 'inventories', 'reports', 'logs'];
const PART = /^[A-Za-z0-9_][A-Za-z0-9_.@:+%,=-]{0,199}$/;
const SECRETS: Readonly<Record<string, string>> = { 'besides.sql': 'it holds hashes of passwords' };
const MOST_FILES = 50_000;

/** Looks at the directory; reads no content. Throws `state.damaged` where it cannot be listed. */
export async function keptFiles(directory: string, limits: KeepLimits): Promise<KeptFiles> {
  const found: KeptFile[] = [];
  const leftOut: LeftOut[] = [];
  const look = async (path: string): Promise<void> => {
    const name = path.slice(path.lastIndexOf('/') + 1);
    if (!PART.test(name) || name.endsWith('.new')) return;
    const info = await lstat(join(directory, path)).catch((error: unknown) => {
      if (errno(error) === 'ENOENT') return undefined;
      throw unreadable(join(directory, path), error);
    });
    if (info === undefined) return;
    if (info.isDirectory()) {
      for (const inner of await namesIn(join(directory, path))) await look(`${path}/${inner}`);
      return;
    }
    const why =
      whyNot(path, name, info, limits) ??
      (found.length >= MOST_FILES ? 'there are too many files' : undefined);
    if (why === undefined) found.push({ path, size: info.size, mtimeMs: info.mtimeMs });
    else leftOut.push({ path, why });
  };
  for (const path of [...TOP_FILES, ...FOLDERS]) await look(path);
  return bounded(found, leftOut, limits.allBytes);
}

function whyNot(
  path: string,
  name: string,
  info: { isFile(): boolean; readonly size: number },
  limits: KeepLimits,
): string | undefined {
  if (!info.isFile()) return 'it is not an ordinary file';
  const secret = SECRETS[name];
  if (secret !== undefined) return secret;
  const unwanted = path.startsWith('logs/') ? limits.without?.[path.slice('logs/'.length)] : undefined;
  if (unwanted !== undefined) return unwanted;
  return info.size > limits.eachBytes
    ? `it has ${info.size} bytes, ${limits.eachBytes} are the most`
    : undefined;
}

/** The newest logs first: what explains the state of now is worth more than what led there. */
function bounded(found: readonly KeptFile[], leftOut: LeftOut[], allBytes: number): KeptFiles {
  const logs = found.filter(({ path }) => path.startsWith('logs/')).sort((a, b) => b.mtimeMs - a.mtimeMs);
  const others = found.filter(({ path }) => !path.startsWith('logs/'));
  let room = allBytes - others.reduce((sum, { size }) => sum + size, 0);
  const files = [...others];
  for (const log of logs) {
    room -= log.size;
    if (room >= 0) files.push(log);
    else leftOut.push({ path: log.path, why: `the newer logs have ${allBytes} bytes already` });
  }
  return { files: files.sort(byPath), leftOut: leftOut.sort(byPath) };
}

const byPath = (a: { readonly path: string }, b: { readonly path: string }): number =>
  a.path < b.path ? -1 : a.path > b.path ? 1 : 0;

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if (errno(error) === 'ENOENT') return [];
    throw unreadable(folder, error);
  }
}
