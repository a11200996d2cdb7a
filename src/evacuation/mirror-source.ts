import { createHash, type Hash } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Chain } from '../journal/chain.ts';
import { type KeepLimits, keptFiles } from '../journal/kept-files.ts';
import type { MirrorManifest } from '../journal/mirror-manifest.ts';

/** What of an evacuation travels to the target site, as it lies on the control machine now. */
export interface MirrorSource {
  /** Everything as of now, but the journal's own lines: they are read piece by piece. */
  snapshot(): Promise<MirrorSnapshot>;
  /** SHA-256 of the journal's first `bytes` bytes; undefined where it is shorter. */
  hashOf(bytes: number): Promise<string | undefined>;
  /** At most `most` bytes of the journal from `from` on. */
  piece(from: number, most: number): Promise<Buffer>;
  read(path: string): Promise<Buffer>;
}

export type MirrorSnapshot = Pick<MirrorManifest, 'journal' | 'files' | 'leftOut'>;

const MEBIBYTE = 1024 * 1024;
const LIMITS: KeepLimits = {
  eachBytes: 4 * MEBIBYTE,
  allBytes: 64 * MEBIBYTE,
  without: { 'commands.jsonl': 'every command of the run: it is long, and nothing needs it to go on' },
};
const CHUNK_BYTES = 1024 * 1024;

/** Follows the journal of one evacuation directory; hashes every byte of it once. */
export function mirrorSource(directory: string): MirrorSource {
  const journalPath = join(directory, 'journal.jsonl');
  const known = new Map<string, { readonly mark: string; readonly sha256: string; readonly size: number }>();
  const running = createHash('sha256');
  let born = '';
  let lastAt = 0;
  let read = 0;
  const chain = new Chain((head, line) => {
    running.update(line).update('\n');
    if (head.upTo === 1) born = createHash('sha256').update(line).digest('hex');
    lastAt = atOf(line) ?? lastAt;
  });

  const piece = async (from: number, most: number): Promise<Buffer> => {
    const handle = await open(journalPath, 'r');
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(most), 0, most, from);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  };

  const follow = async (): Promise<void> => {
    for (;;) {
      const chunk = await piece(read, CHUNK_BYTES);
      if (chunk.length === 0) return;
      read += chunk.length;
      chain.push(chunk);
    }
  };

  return {
    piece,
    read: path => readFile(join(directory, path)),
    async snapshot() {
      // The journal first: what it names lies beside it already.
      await follow();
      const { upTo, head } = chain.current;
      const journal = { upTo, head, bytes: chain.bytes, sha256: digestOf(running), lastAt, born };
      const kept = await keptFiles(directory, LIMITS);
      const files = [];
      for (const { path, size, mtimeMs } of kept.files) {
        const mark = `${size} ${mtimeMs}`;
        const before = known.get(path);
        if (before?.mark === mark) {
          files.push({ path, size: before.size, sha256: before.sha256 });
          continue;
        }
        const bytes = await readFile(join(directory, path));
        const sha256 = createHash('sha256').update(bytes).digest('hex');
        known.set(path, { mark, sha256, size: bytes.length });
        files.push({ path, size: bytes.length, sha256 });
      }
      return { journal, files, leftOut: [...kept.leftOut] };
    },
    async hashOf(bytes) {
      const hash = createHash('sha256');
      for (let at = 0; at < bytes; ) {
        const chunk = await piece(at, Math.min(CHUNK_BYTES, bytes - at));
        if (chunk.length === 0) return undefined;
        hash.update(chunk);
        at += chunk.length;
      }
      return hash.digest('hex');
    },
  };
}

const digestOf = (hash: Hash): string => hash.copy().digest('hex');

function atOf(line: Uint8Array): number | undefined {
  const at = /^\{"v":\d+,"seq":\d+,"at":(\d+)/.exec(Buffer.from(line).toString('latin1', 0, 100))?.[1];
  return at === undefined ? undefined : Number(at);
}
