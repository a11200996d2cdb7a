import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { z } from 'zod';
import { systemClock } from '../../src/foundation/clock.ts';
import { removeTree } from '../../src/foundation/remove-tree.ts';
import type { Event } from '../../src/journal/events.ts';
import { inspectLock } from '../../src/journal/lock.ts';
import { systemProbe } from '../../src/journal/process-probe.ts';
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
  readonly #started: ReturnType<typeof startLandfall>[] = [];

  readonly #hasDatabase: boolean;

  private constructor(home: string, machines: readonly string[], hasDatabase: boolean) {
    this.#home = home;
    this.#hasDatabase = hasDatabase;
    this.machines = machines;
    // Where landfall has them by default, below XDG_STATE_HOME.
    this.root = join(home, 'landfall', 'evacuations');
    this.labDirectory = join(home, 'landfall', 'labs', 'rehearsal-1');
  }

  /** All six machines, or some where the test is about something else than the fleet; SQL Servers only on request. */
  static async prepare(
    machines: readonly string[] = MACHINES,
    { database = false }: { readonly database?: boolean } = {},
  ): Promise<Rehearsal> {
    return new Rehearsal(await mkdtemp(join(tmpdir(), 'lf-')), machines, database);
  }

  /** Starts `landfall WORDS` with the state of this rehearsal. */
  start(words: readonly string[]) {
    const running = startLandfall([...words, '--state', this.root], this.#home);
    this.#started.push(running);
    return running;
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
    const database = this.#hasDatabase ? [] : ['--no-database'];
    return [
      ...['rehearse', '--scale', String(SCALE), '--machines', this.machines.join()],
      ...database,
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

  /** The plan that the lab wrote. */
  get plan(): string {
    return join(this.labDirectory, 'plan.yaml');
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

  /**
   * What another program than landfall finds different between every source tree and its replica. The empty folder of
   * an interrupted file is left out: `landfall clean` takes it away, and its own test holds that.
   */
  async differences(): Promise<string[]> {
    const lab = await this.lab();
    const trees = await lab.trees();
    lab.close();
    if (trees.length < this.machines.length) throw new Error(`the lab shows only ${trees.length} trees`);
    return trees.flatMap(({ machine, mountpoint, sourceDirectory, replicaDirectory }) =>
      replicaDirectory === undefined
        ? [`${machine}:${mountpoint} has no replica`]
        : differences(walk(sourceDirectory), walk(replicaDirectory))
            .filter(line => !line.includes('/.rsync-partial"'))
            .map(line => `${machine}:${mountpoint}${line}`),
    );
  }

  /** Process of the engine that steers this rehearsal now, by its lock. */
  async enginePid(): Promise<number | undefined> {
    const held = await inspectLock(join(this.root, 'rehearsal-1', 'lock'));
    return held?.verdict.holder === 'alive' ? held.record?.pid : undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const engine = await this.enginePid();
    if (engine !== undefined) await killed(engine);
    for (const running of this.#started) {
      running.kill('SIGKILL');
      await running;
    }
    const labs = dirname(this.labDirectory);
    for (const name of existsSync(labs) ? readdirSync(labs) : []) await shutdownLab(join(labs, name));
    await removeTree(this.#home, tmpdir());
  }
}

/** Kills a process that is no child of this one and waits until it is gone. */
export async function killed(pid: number): Promise<void> {
  process.kill(pid, 'SIGKILL');
  while ((await systemProbe.look(pid)).exists) await systemClock.sleep(20);
}

const startLandfall = (words: readonly string[], home: string) =>
  execa(process.execPath, [MAIN, ...words], {
    reject: false,
    stdin: 'ignore',
    env: { XDG_STATE_HOME: home, CI: '1', NO_COLOR: '1', NODE_COMPILE_CACHE: COMPILED },
  });

const message = z.object({ event: z.looseObject({ type: z.string() }) });

/** Waits until a landfall that was started with --json has told of the n-th event of a kind. */
export async function eventOf(
  running: ReturnType<typeof startLandfall>,
  type: Event['type'],
  count = 1,
): Promise<Readonly<Record<string, unknown>>> {
  const lines = createInterface({ input: running.stdout });
  let seen = 0;
  const found = new Promise<Readonly<Record<string, unknown>> | undefined>(resolve => {
    lines.on('line', line => {
      const parsed = message.safeParse(JSON.parse(line));
      if (parsed.data?.event.type === type) seen += 1;
      if (parsed.data?.event.type === type && seen === count) resolve(parsed.data.event);
    });
    lines.on('close', () => resolve(undefined));
  });
  const event = await found;
  if (event === undefined) throw new Error(`landfall ended before ${type} came: ${(await running).stderr}`);
  return event;
}
