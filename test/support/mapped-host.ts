import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { LandfallError } from '../../src/foundation/errors.ts';
import type { Host } from '../../src/remote/host.ts';

/** A host whose files lie in a directory: its scripts run in the real shell, with the paths of their words mapped. */
export class MappedHost implements Host {
  readonly id: string;
  readonly root: string;
  /** Every command, as words. */
  readonly ran: string[][] = [];
  /** Thrown by everything while it is set. */
  trouble: LandfallError | undefined;

  constructor(id: string, root: string) {
    this.id = id;
    this.root = root;
  }

  at(path: string): string {
    return join(this.root, path);
  }

  async exec(
    [program, ...args]: Parameters<Host['exec']>[0],
    options: Parameters<Host['exec']>[1] = {},
  ): ReturnType<Host['exec']> {
    if (this.trouble !== undefined) throw this.trouble;
    const words = args.map(String);
    this.ran.push([program, ...words]);
    const result = await execa(
      program,
      words.map(word => (/^\/[^\n ]*$/.test(word) ? this.at(word) : word)),
      { reject: false, encoding: 'buffer', input: options.stdin ?? '', stripFinalNewline: false },
    );
    const code = result.exitCode ?? 255;
    if (!(options.codes ?? [0]).includes(code))
      throw new LandfallError('remote.command-failed', {
        what: `${program} ended with ${code}`,
        next: [],
        evidence: [Buffer.from(result.stderr).toString()],
      });
    return { code, stdout: Buffer.from(result.stdout), stderr: Buffer.from(result.stderr), ms: 0 };
  }

  async stream(): ReturnType<Host['stream']> {
    throw new Error('nothing is streamed here');
  }

  async write(path: string, content: Uint8Array | string, mode: number): Promise<void> {
    if (this.trouble !== undefined) throw this.trouble;
    this.ran.push(['write', path]);
    mkdirSync(dirname(this.at(path)), { recursive: true, mode: 0o700 });
    writeFileSync(this.at(path), content);
    chmodSync(this.at(path), mode);
  }

  async read(path: string): Promise<Buffer> {
    if (this.trouble !== undefined) throw this.trouble;
    try {
      return readFileSync(this.at(path));
    } catch {
      throw new LandfallError('remote.file-absent', { what: `${path} does not exist`, next: [] });
    }
  }

  job(): never {
    throw new Error('no job runs here');
  }

  async close(): Promise<void> {}
}
