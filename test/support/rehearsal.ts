import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { removeTree } from '../../src/foundation/remove-tree.ts';
import type { Event } from '../../src/journal/events.ts';
import { readState } from '../../src/journal/read-state.ts';
import type { State } from '../../src/journal/state.ts';
import { type LabClient, openLab, shutdownLab } from '../../src/lab/client.ts';
import { differences, walk } from './walk.ts';

export const MACHINES = ['app1', 'app2', 'db1', 'files1', 'mail1', 'web1'];

/** Small enough for seconds, large enough for several hundred files a machine. */
const SCALE = 0.04;

/** Compiled code of landfall and of the lab: a test starts both several times. */
const COMPILED = join(tmpdir(), 'landfall-compiled');

const MAIN = join(import.meta.dirname, '../../src/cli/main.ts');

export interface Finished {
  readonly code: number | undefined;
  readonly out: string;
  readonly err: string;
}

/** A rehearsal as a user runs it: the program in a process of its own, its files in a temporary directory. */
export class Rehearsal implements AsyncDisposable {
  readonly root: string;
  readonly labDirectory: string;
  readonly machines: readonly string[];
  readonly #home: string;

  private constructor(home: string, machines: readonly string[]) {
    this.#home = home;
    this.machines = machines;
    this.root = join(home, 'evacuations');
    this.labDirectory = join(home, 'lab');
  }

  /** All six machines, or some where the test is about something else than the fleet. */
  static async prepare(machines: readonly string[] = MACHINES): Promise<Rehearsal> {
    return new Rehearsal(await mkdtemp(join(tmpdir(), 'lf-')), machines);
  }

  /** Starts `landfall WORDS` with the state of this rehearsal. */
  start(words: readonly string[]) {
    return execa(process.execPath, [MAIN, ...words, '--state', this.root], {
      reject: false,
      stdin: 'ignore',
      env: { XDG_STATE_HOME: this.#home, CI: '1', NO_COLOR: '1', NODE_COMPILE_CACHE: COMPILED },
    });
  }

  async landfall(...words: string[]): Promise<Finished> {
    const { exitCode, stdout, stderr } = await this.start(words);
    return { code: exitCode, out: stdout, err: stderr };
  }

  /** The simulated hosts stay up, so that they can be looked at without starting them anew. */
  rehearse(...words: string[]): Promise<Finished> {
    return this.landfall(...this.#words(['--keep', ...words]));
  }

  startRehearse(...words: string[]) {
    return this.start(this.#words(words));
  }

  #words(words: readonly string[]): string[] {
    return [
      'rehearse',
      '--lab',
      this.labDirectory,
      '--scale',
      String(SCALE),
      '--machines',
      this.machines.join(),
      ...words,
    ];
  }

  lab(): Promise<LabClient> {
    return openLab(this.labDirectory, {
      scale: SCALE,
      machines: this.machines,
      name: 'rehearsal-1',
      linkBytesPerSecond: 50e6,
    });
  }

  async events(): Promise<Event[]> {
    const events: Event[] = [];
    await readState(this.root, 'rehearsal-1', event => events.push(event));
    return events;
  }

  async state(): Promise<State> {
    return (await readState(this.root, 'rehearsal-1')).state;
  }

  journal(): Promise<string> {
    return readFile(join(this.root, 'rehearsal-1', 'journal.jsonl'), 'utf8');
  }

  /** What another program than landfall finds different between every source tree and its replica. */
  async differences(): Promise<string[]> {
    const lab = await this.lab();
    const trees = await lab.trees();
    lab.close();
    if (trees.length < this.machines.length) throw new Error(`the lab shows only ${trees.length} trees`);
    return trees.flatMap(({ machine, mountpoint, sourceDirectory, replicaDirectory }) =>
      replicaDirectory === undefined
        ? [`${machine}:${mountpoint} has no replica`]
        : differences(walk(sourceDirectory), walk(replicaDirectory)).map(
            line => `${machine}:${mountpoint}${line}`,
          ),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await shutdownLab(this.labDirectory);
    await removeTree(this.#home, tmpdir());
  }
}
