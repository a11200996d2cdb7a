import { z } from 'zod';
import { LandfallError } from '../../foundation/errors.ts';
import { tailLines } from '../../foundation/text.ts';
import type { BlockFacts } from '../../journal/facts.ts';
import type { Argv, Host } from '../../remote/host.ts';
import type { Action } from '../../step/action.ts';
import { lookAtBlocks } from '../../tools/look.ts';
import { LARGEST_FILE, TREE_SCRIPT } from './tree-script.ts';

/** What is known of one path of a copied system. Paths begin at the copy's own root. */
export interface TreeEntry {
  /** The path without any symbolic link: what an edit has to name. */
  readonly real: string;
  readonly kind: 'file' | 'directory' | 'other';
  /** Permission bits. */
  readonly mode: number;
  /** Where the path itself is a symbolic link: what stands in it. */
  readonly link?: string;
  /** Content of a file that was asked for; absent where it is too large or no UTF-8, and so must not be edited. */
  readonly text?: string;
}

/** A copied system as far as the fix-ups look at it; contents are held in memory only. */
export interface Tree {
  /** Keyed by the path as it was asked for: `/etc/fstab`. */
  readonly entries: ReadonlyMap<string, TreeEntry>;
  /** Names of the programs that it has, of those that fix-ups use. */
  readonly programs: ReadonlySet<string>;
  /** Block devices of the host in which it is mounted; the copy's disks have serials `lf-vda`. */
  readonly blocks: readonly BlockFacts[];
}

/** The collector as a command, for previews and for whoever simulates it. */
export const treeCommand = (root: string): Argv => ['sh', '-c', TREE_SCRIPT, 'sh', root];

/** What `readTree` asks, as a preview shows it. */
export const readTreeAction = (host: string, root: string): Action => ({
  kind: 'exec',
  host,
  argv: treeCommand(root),
  reads: true,
  note: 'reads what the fix-ups look at',
});

/** A hundred small files through an emulated processor. */
const READ_TIMEOUT_MS = 300_000;

/** Looks at the copy that is mounted at `root` on a host; only reads. */
export async function readTree(host: Host, root: string, signal: AbortSignal): Promise<Tree> {
  const result = await host.exec(treeCommand(root), { timeoutMs: READ_TIMEOUT_MS, signal });
  const blocks = await lookAtBlocks(host, signal);
  return decodeTree(result.stdout.toString('utf8'), host.id, blocks);
}

const base64 = z.base64().transform(text => Buffer.from(text, 'base64'));
/** A usual name stands as it is behind `=`; any other is base64. */
const name = z.union([
  z
    .string()
    .startsWith('=')
    .transform(text => Buffer.from(text.slice(1))),
  base64,
]);
const record = z.union([
  z.strictObject({
    path: name,
    real: name,
    kind: z.enum(['file', 'directory', 'other']),
    mode: z.string().regex(/^[0-7]{1,4}$/),
    link: name.optional(),
    data: base64.optional(),
  }),
  z.strictObject({ program: z.string() }),
  z.strictObject({ end: z.literal(true) }),
]);

/** Pure; an answer that does not end with its last record was cut off and is refused. */
export function decodeTree(ndjson: string, host: string, blocks: readonly BlockFacts[]): Tree {
  const entries = new Map<string, TreeEntry>();
  const programs = new Set<string>();
  let ended = false;
  for (const line of ndjson.split('\n')) {
    const parsed = record.safeParse(jsonOf(line));
    if (!parsed.success) continue;
    if ('end' in parsed.data) ended = true;
    else if ('program' in parsed.data) programs.add(parsed.data.program);
    else {
      const { path, real, kind, mode, link, data } = parsed.data;
      const text = data === undefined ? undefined : textOf(data);
      const [asked, place, target] = [textOf(path), textOf(real), link && textOf(link)];
      if (asked === undefined || place === undefined) continue;
      entries.set(`/${asked}`, {
        real: place,
        kind,
        mode: Number.parseInt(mode, 8),
        ...(target === undefined ? {} : { link: target }),
        ...(text === undefined ? {} : { text }),
      });
    }
  }
  if (!ended) throw cutOff(ndjson, host);
  return { entries, programs, blocks };
}

/** Undefined where the bytes are no UTF-8 or the file is longer than what is read of one. */
function textOf(bytes: Buffer): string | undefined {
  if (bytes.length > LARGEST_FILE) return undefined;
  const text = bytes.toString('utf8');
  return Buffer.from(text, 'utf8').equals(bytes) ? text : undefined;
}

function jsonOf(text: string): unknown {
  if (!text.startsWith('{')) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function cutOff(answer: string, host: string): LandfallError {
  return new LandfallError('remote.answer-unreadable', {
    what: `the copied system could not be read to its end in ${host}`,
    where: { host },
    evidence: tailLines(answer, 3, 120),
    next: [`log in to ${host} and see whether base64, head, readlink and stat are there`, 'try again'],
  });
}

export const entryOf = (tree: Tree, path: string): TreeEntry | undefined => tree.entries.get(path);
/** The text of a file, undefined where there is none or where it must not be edited. */
export const textAt = (tree: Tree, path: string): string | undefined => tree.entries.get(path)?.text;

/** Files with their text whose path fits, in the order of their names. */
export function filesLike(tree: Tree, pattern: RegExp): { path: string; entry: TreeEntry; text: string }[] {
  return [...tree.entries]
    .flatMap(([path, entry]) =>
      pattern.test(path) && entry.text !== undefined ? [{ path, entry, text: entry.text }] : [],
    )
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

export const hasSystemd = (tree: Tree): boolean =>
  tree.entries.has('/usr/lib/systemd/systemd') || tree.entries.has('/lib/systemd/systemd');
