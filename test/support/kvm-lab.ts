import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { z } from 'zod';
import { removeTree } from '../../src/foundation/remove-tree.ts';
import { readState } from '../../src/journal/read-state.ts';
import type { State } from '../../src/journal/state.ts';

const ROOT = join(import.meta.dirname, '../..');

/** Somebody wants to look at the lab afterwards. */
export const KEPT = process.env.LANDFALL_KVM_KEEP !== undefined;

export interface Finished {
  readonly code: number | undefined;
  readonly out: string;
  readonly err: string;
}

/** What `scripts/kvm-lab facts` says of a source guest: none of it may change because landfall was there. */
const guestFacts = z.object({
  bootId: z.string(),
  uptimeSeconds: z.number(),
  packages: z.string(),
  /** Digest of every file below /etc. */
  files: z.string(),
  units: z.array(z.string()),
});
export type SourceGuest = z.infer<typeof guestFacts>;

/** Two real sites, steered as an engineer would: by the scripts of this checkout and by landfall itself. */
export class KvmLab implements AsyncDisposable {
  readonly plan = join(ROOT, 'plans/kvm-lab.yaml');
  readonly #state: string;

  private constructor(state: string) {
    this.#state = state;
  }

  static async up(): Promise<KvmLab> {
    const lab = new KvmLab(await mkdtemp(join(tmpdir(), 'landfall-kvm-')));
    await execa(join(ROOT, 'scripts/kvm-lab'), ['up', '--yes'], { stdout: 'inherit', stderr: 'inherit' });
    return lab;
  }

  /** Takes the lab away, unless somebody wants to look at it. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (KEPT) return;
    await this.script('down');
    await removeTree(this.#state, tmpdir());
  }

  /** `scripts/kvm-lab WORDS`; throws with its output where it fails. */
  async script(...words: string[]): Promise<string> {
    const { stdout } = await execa(join(ROOT, 'scripts/kvm-lab'), words);
    return stdout;
  }

  /** The same with a text as its standard input. */
  async fed(input: string, ...words: string[]): Promise<string> {
    const { stdout } = await execa(join(ROOT, 'scripts/kvm-lab'), words, { input });
    return stdout;
  }

  /** Namespaces, mounts, loop devices and emulators of a lab that this machine still has. */
  async traces(): Promise<string[]> {
    const of = async (file: string, ...words: string[]): Promise<string[]> =>
      (await execa(file, words, { reject: false })).stdout.split('\n');
    const seen = [
      ...(await of('ip', 'netns', 'list')),
      ...(await of('ip', '-o', 'link')),
      ...(await of('findmnt', '-rno', 'TARGET')),
      ...(await of('losetup', '-nO', 'BACK-FILE')),
      ...(await of('ps', '-eo', 'args')),
    ];
    return seen.filter(line =>
      /\blf-(?:miami|dallas|jump|wan)\b|\.kvm-lab\/|guest=(?:web1|files1|db1)/.test(line),
    );
  }

  async landfall(...words: string[]): Promise<Finished> {
    const ran = await execa(join(ROOT, 'scripts/landfall'), [...words, '--state', this.#state], {
      reject: false,
      maxBuffer: 64 * 1024 ** 2,
    });
    return { code: ran.exitCode, out: ran.stdout, err: ran.stderr };
  }

  async state(): Promise<State> {
    return (await readState(this.#state, 'kvm-lab')).state;
  }

  async sources(): Promise<Readonly<Record<string, SourceGuest>>> {
    return z.record(z.string(), guestFacts).parse(JSON.parse(await this.script('facts')));
  }
}
