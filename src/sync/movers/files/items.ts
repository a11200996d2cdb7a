/** One line of `--log-file-format` or `--out-format` in the form `%i|%l|%b|%n`. */
export interface Item {
  /** `<f.st......`, `cL+++++++++`, `*deleting`. */
  readonly change: string;
  readonly isDeletion: boolean;
  readonly isDirectory: boolean;
  /** Size of the file. */
  readonly size: number;
  /** Bytes that travelled for it. */
  readonly bytes: number;
  /** The name relative to the transfer root, as the bytes it has on disk, without a trailing slash. */
  readonly name: Buffer;
}

const STAMP = /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \[\d+\] /;
const ITEM = /^(\*deleting|[<>ch.*][fdLDS][a-zA-Z.+? ]{7,9}) *\|(-?\d+)\|(-?\d+)\|(.*)$/s;

/**
 * Reads an item line, with or without the log file's time stamp; undefined for any other line. Lines come as Latin-1
 * characters, one a byte.
 */
export function parseItem(line: string): Item | undefined {
  const match = ITEM.exec(line.replace(STAMP, ''));
  if (match === null) return undefined;
  const [, change = '', size, bytes, name = ''] = match;
  const raw = unescapeName(name);
  const hasSlash = raw.length > 1 && raw.at(-1) === 0x2f;
  const isDeletion = change === '*deleting';
  return {
    change,
    isDeletion,
    isDirectory: hasSlash || (!isDeletion && change[1] === 'd'),
    size: Number(size),
    bytes: Number(bytes),
    name: hasSlash ? raw.subarray(0, -1) : raw,
  };
}

/**
 * rsync writes a byte it will not print as `\#` and three octal digits, and a backslash that would look like one as
 * `\#134`; every other character stands for itself.
 */
export function unescapeName(text: string): Buffer {
  const bytes = text.replace(/\\#([0-3][0-7]{2})/g, (_all, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
  return Buffer.from(bytes, 'latin1');
}
