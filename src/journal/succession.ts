import { link, rename, rm } from 'node:fs/promises';
import { type LockFile, readLockFile } from './lock-record.ts';
import { errno } from './troubles.ts';

/**
 * The protocol on disk that makes taking over race-free. A lock file holds a token. Whoever wants to follow a holder
 * first creates `lock.after-<token>` with link(2), which exactly one process can: each holder has at most one
 * successor. The successor then renames its own file over the lock. Should it die in between, it is the holder whom
 * the next one follows, so the line never breaks and never forks.
 */

/** Tokens from the lock file to the last successor, who is the holder. */
export interface Line {
  readonly tokens: readonly string[];
  readonly holder: LockFile;
}

const claimOf = (path: string, token: string): string => `${path}.after-${token}`;

/** The line of holders; undefined where nobody holds the lock. */
export async function readLine(path: string): Promise<Line | undefined> {
  let holder = await readLockFile(path);
  if (holder === undefined) return undefined;
  const tokens = [holder.token];
  for (;;) {
    const next = await readLockFile(claimOf(path, holder.token));
    if (next === undefined || tokens.includes(next.token)) return { tokens, holder };
    tokens.push(next.token);
    holder = next;
  }
}

/** Takes a lock that nobody holds; false where somebody does. `draft` holds the finished record. */
export function takeFree(draft: string, path: string): Promise<boolean> {
  return linkExclusively(draft, path);
}

/**
 * Follows the holder at the end of `line`; false where somebody else moved first (read the line again). `token` is
 * the one inside `draft`, which becomes the lock file.
 */
export async function follow(draft: string, token: string, path: string, line: Line): Promise<boolean> {
  const claim = claimOf(path, line.holder.token);
  if (!(await linkExclusively(draft, claim))) return false;
  // A slow process may hold a line of the past, whose claims are swept already: only the line of now counts.
  const now = await readLine(path);
  const expected = [...line.tokens, token];
  if (now === undefined || now.tokens.join() !== expected.join()) {
    await rm(claim, { force: true });
    return false;
  }
  await rename(draft, path);
  // Claims on holders of the past mean nothing any more.
  for (const past of line.tokens) await rm(claimOf(path, past), { force: true });
  return true;
}

/**
 * Gives the lock back; false where somebody followed already and it is theirs. `draft` holds a record of this process
 * with a token of its own: while it stands as the successor, nobody else can follow.
 */
export async function leave(draft: string, token: string, path: string): Promise<boolean> {
  const claim = claimOf(path, token);
  if (!(await linkExclusively(draft, claim))) return false;
  const current = await readLockFile(path);
  const ours = current?.token === token;
  if (ours) await rm(path, { force: true });
  await rm(claim, { force: true });
  return ours;
}

async function linkExclusively(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (errno(error) === 'EEXIST') return false;
    throw error;
  }
}
