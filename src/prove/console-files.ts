import type { Argv, Host } from '../remote/host.ts';

/**
 * The two files into which a booting copy speaks, read piece by piece over short commands: a connection that is lost in
 * between costs nothing.
 */

/** How much of a console is read and kept; a copy that prints for ever does not fill the journal's directory. */
const KEPT = 4 * 1024 ** 2;
const PIECE = 1024 ** 2;

/** Size on the first line, then the bytes from the offset on; an absent file answers with 1. */
const SCRIPT = 'wc -c <"$1" && tail -c +"$2" "$1" | head -c "$3"';

export const pieceArgv = (path: string, offset: number): Argv => [
  'sh',
  '-c',
  SCRIPT,
  'sh',
  path,
  String(offset + 1),
  String(PIECE),
];

export class GrowingFile {
  readonly #path: string;
  #chunks: Buffer[] = [];
  #kept = 0;
  #offset = 0;
  #size = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /** Reads what has come since; true where something has. */
  async grow(host: Host, signal: AbortSignal): Promise<boolean> {
    const { code, stdout } = await host.exec(pieceArgv(this.#path, this.#offset), {
      codes: [0, 1, 2],
      maxBytes: PIECE + 4096,
      signal,
    });
    if (code !== 0) return false;
    const end = stdout.indexOf(0x0a);
    const size = Number(stdout.subarray(0, end).toString('utf8'));
    if (end < 0 || !Number.isInteger(size)) return false;
    this.#size = size;
    if (size < this.#offset) {
      // Whoever logs for libvirt begins a new file when one has grown large; what was read stays.
      this.#offset = 0;
      return false;
    }
    const piece = stdout.subarray(end + 1);
    this.#offset += piece.length;
    if (piece.length === 0) return false;
    if (this.#kept < KEPT) {
      this.#chunks.push(piece);
      this.#kept += piece.length;
    }
    return true;
  }

  /** Bytes that it takes on its host now, in memory. */
  get size(): number {
    return this.#size;
  }

  get bytes(): Buffer {
    if (this.#chunks.length > 1) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0] ?? Buffer.alloc(0);
  }

  get text(): string {
    return this.bytes.toString('utf8');
  }
}
