/** What rsync says at the end (`--info=stats2`, `--stats`); counts in files, sizes in bytes. */
export interface Stats {
  readonly files: number;
  readonly regularFiles: number;
  readonly filesTransferred: number;
  readonly filesDeleted: number;
  readonly totalBytes: number;
  readonly transferredBytes: number;
  readonly literalBytes: number;
  readonly matchedBytes: number;
  /** Seconds that building the file list took. */
  readonly listSeconds: number;
  readonly sentBytes: number;
  readonly receivedBytes: number;
}

const SCALE: Readonly<Record<string, number>> = { K: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15 };

/** `73,022,143`, `73.022.143`, `73022143` and, where somebody asked for -h, `73.02M`. */
export function parseCount(text: string): number {
  const unit = SCALE[text.at(-1) ?? ''];
  if (unit !== undefined) return Math.round(Number(text.slice(0, -1).replace(',', '.')) * unit);
  return Number(text.replace(/[^\d]/g, ''));
}

const COUNT = String.raw`([\d.,']*\d[KMGTP]?)`;

const PATTERNS = {
  files: new RegExp(`^Number of files: ${COUNT}`),
  regular: new RegExp(String.raw`^Number of files: .*\(reg: ${COUNT}`),
  deleted: new RegExp(`^Number of deleted files: ${COUNT}`),
  // Before 3.1.0 the line lacked the word "regular".
  transferred: new RegExp(`^Number of (?:regular )?files transferred: ${COUNT}`),
  total: new RegExp(`^Total file size: ${COUNT} bytes`),
  totalTransferred: new RegExp(`^Total transferred file size: ${COUNT} bytes`),
  literal: new RegExp(`^Literal data: ${COUNT} bytes`),
  matched: new RegExp(`^Matched data: ${COUNT} bytes`),
  list: /^File list generation time: ([\d.,]+) seconds/,
  sent: new RegExp(`^Total bytes sent: ${COUNT}`),
  received: new RegExp(`^Total bytes received: ${COUNT}`),
} as const;

/**
 * Finds the statistics in the lines; undefined where rsync did not come to write them. The lines on created and
 * deleted files are missing before protocol 29 and 31 and then count as none.
 */
export function parseStats(lines: readonly string[]): Stats | undefined {
  const find = (pattern: RegExp): string | undefined => {
    for (const line of lines) {
      const match = pattern.exec(line);
      if (match !== null) return match[1];
    }
    return undefined;
  };
  const count = (pattern: RegExp): number | undefined => {
    const text = find(pattern);
    return text === undefined ? undefined : parseCount(text);
  };

  const files = count(PATTERNS.files);
  const totalBytes = count(PATTERNS.total);
  const literalBytes = count(PATTERNS.literal);
  const sentBytes = count(PATTERNS.sent);
  if (
    files === undefined ||
    totalBytes === undefined ||
    literalBytes === undefined ||
    sentBytes === undefined
  )
    return undefined;
  return {
    files,
    regularFiles: count(PATTERNS.regular) ?? files,
    filesTransferred: count(PATTERNS.transferred) ?? 0,
    filesDeleted: count(PATTERNS.deleted) ?? 0,
    totalBytes,
    transferredBytes: count(PATTERNS.totalTransferred) ?? 0,
    literalBytes,
    matchedBytes: count(PATTERNS.matched) ?? 0,
    listSeconds: Number((find(PATTERNS.list) ?? '0').replace(',', '.')),
    sentBytes,
    receivedBytes: count(PATTERNS.received) ?? 0,
  };
}
