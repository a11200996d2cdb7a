import { parseCount } from '../files/stats.ts';

/** What the scripts of a pass say, line by line (scripts/backup.ts, scripts/apply.ts). */

export interface BackupSaid {
  readonly begun: boolean;
  /** Undefined where no freeze was wished. */
  readonly frozen: boolean | undefined;
  readonly frozenMs: number | undefined;
  readonly thawed: boolean;
  /** Bytes that QEMU has read because they had changed. */
  readonly copied: number | undefined;
  /** Bytes that a piece takes on disk, by its name. */
  readonly pieces: ReadonlyMap<string, number>;
  readonly whole: boolean;
}

export const NOTHING_SAID: BackupSaid = {
  begun: false,
  frozen: undefined,
  frozenMs: undefined,
  thawed: true,
  copied: undefined,
  pieces: new Map(),
  whole: false,
};

/** One more line of the backup's script; lines that are not landfall's change nothing. */
export function hearBackup(said: BackupSaid, line: string): BackupSaid {
  const [mark, word, ...rest] = line.trim().split(' ');
  if (mark !== 'landfall') return said;
  switch (word) {
    case 'begun':
      return { ...said, begun: true };
    case 'frozen':
      return { ...said, frozen: true };
    case 'not-frozen':
      return { ...said, frozen: false };
    case 'thawed':
      // Where the watchdog was first, the guest wrote before the backup had begun.
      return { ...said, frozen: rest[1] === 'yes', frozenMs: whole(rest[0]) };
    case 'not-thawed':
      return { ...said, thawed: false };
    case 'copied':
      return { ...said, copied: whole(rest[0]) };
    case 'piece': {
      const blocks = whole(rest[2]);
      if (rest[0] === undefined || blocks === undefined) return said;
      return { ...said, pieces: new Map([...said.pieces, [rest[0], blocks * 512]]) };
    }
    case 'whole':
      return { ...said, whole: true };
    default:
      return said;
  }
}

/** `landfall progress 65536 268435456`: how far a backup is. */
export function parseProgressLine(
  line: string,
): { readonly done: number; readonly total: number } | undefined {
  const [, done, total] = /^landfall progress (\d+) (\d+)\s*$/.exec(line) ?? [];
  return done === undefined || total === undefined
    ? undefined
    : { done: parseCount(done), total: parseCount(total) };
}

export type PieceState = 'absent' | 'arrived' | 'checked' | 'applied';

/** `PIECE state` a line; a piece that is not spoken of is absent. */
export function parsePieces(text: string): Map<string, PieceState> {
  const out = new Map<string, PieceState>();
  for (const line of text.split('\n')) {
    const [, piece, state] = /^(\S+) (absent|arrived|checked|applied)\s*$/.exec(line) ?? [];
    if (piece !== undefined && isState(state)) out.set(piece, state);
  }
  return out;
}

const isState = (text: string | undefined): text is PieceState =>
  text === 'absent' || text === 'arrived' || text === 'checked' || text === 'applied';

/** `removed NAME` a line. */
export const parseRemoved = (text: string): string[] =>
  text.split('\n').flatMap(line => /^removed (\S+)\s*$/.exec(line)?.[1] ?? []);

function whole(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}
