import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { type Clock, systemClock } from '../../src/foundation/clock.ts';
import { LandfallError } from '../../src/foundation/errors.ts';
import type { EventBody } from '../../src/journal/events.ts';
import type { FileSystemFacts } from '../../src/journal/facts.ts';
import type { Plan, PlanInput } from '../../src/plan/schema.ts';
import type {
  ExecOptions,
  ExecResult,
  Host,
  JobEnd,
  JobSinks,
  JobStatus,
  RemoteJob,
} from '../../src/remote/host.ts';
import { type Action, isUnknown, type Word } from '../../src/step/action.ts';
import type { Sample, Step, StepContext } from '../../src/step/step.ts';
import { guestFacts, machinePlan, planOf, Story } from './state.ts';

/**
 * A source and a receiver in two directories, with the real rsync between them. Only the network edge is replaced:
 * `ssh` is a script that hands the command to the forced command as sshd would. Words of commands are mapped from the
 * places on hosts (`/run/landfall`, `/mnt/t`) into the directories.
 */
export class SyncWorld {
  readonly root = realpathSync(mkdtempSync(path.join(tmpdir(), 'landfall-sync-')));
  /** The root of the machine's file system; its mount point is this very path. */
  readonly source = path.join(this.root, 'source');
  readonly replica: string;
  story: Story;
  readonly samples: Sample[] = [];
  readonly logs = new Map<string, string>();
  readonly started: string[] = [];
  private readonly jobs = new Map<string, LocalJob>();

  constructor(plan: Partial<PlanInput> = {}, fileSystem: Partial<FileSystemFacts> = {}) {
    this.replica = path.join(this.root, 'receiver/mnt/t', this.source);
    for (const directory of [
      this.source,
      this.replica,
      this.path('bin'),
      this.path('run'),
      this.path('home'),
    ])
      mkdirSync(directory, { recursive: true });
    this.story = new Story(planOf({ machines: { web1: machinePlan() }, passes: { small: '1 B' }, ...plan }));
    this.story.now = Date.now();
    const rsync = { ...guestFacts().rsync, version: '3.5.0' };
    this.story.begin().observe('web1', {
      rsync,
      addresses: ['127.0.0.1'],
      fileSystems: [
        {
          mountpoint: this.source,
          device: '/dev/vda1',
          type: 'ext4',
          uuid: 'u1',
          size: 1e9,
          used: 1e6,
          inodesUsed: 100,
          ...fileSystem,
        },
      ],
    });
    this.story.tell(
      { type: 'receiver.started', machine: 'web1', domain: 'web1-receiver', uuid: 'u' },
      { type: 'receiver.reachable', machine: 'web1', hostKey: 'ssh-ed25519 AAAAhost', addresses: [] },
      {
        type: 'receiver.prepared',
        machine: 'web1',
        machineId: 'r',
        mounts: [],
        rsync,
        seededBytes: 0,
      },
    );
    this.mount(this.source);
    this.tool(
      '../receiver/bin/find',
      `exec /usr/bin/env -i PATH=/usr/bin:/bin find "${this.root}/receiver$1" -prune -type l`,
    );
    this.tool('mountpoint', `[ -d "${this.root}/receiver$2" ]`);
    this.tool(
      'ssh',
      `while [ "$1" != standby ]; do shift; done
shift
SSH_ORIGINAL_COMMAND="$*" HOME=${this.root}/home PATH=${this.root}/receiver/bin:$PATH exec sh ${this.root}/run/miami-to-dallas/recv`,
    );
    // The receiver's rsync sees its own root: the last word is a path there.
    this.tool(
      '../receiver/bin/rsync',
      `count=$#
for word do
  shift
  count=$((count - 1))
  [ "$count" -gt 0 ] || word=${this.root}/receiver$word
  set -- "$@" "$word"
done
exec ${rsyncPath()} "$@"`,
    );
  }

  path(...parts: string[]): string {
    return path.join(this.root, ...parts);
  }

  /** Puts a script in front of the PATH of the source (or, with a relative path, elsewhere). */
  tool(name: string, script: string): void {
    const file = this.path('bin', name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, `#!/bin/sh\n${script}\n`);
    chmodSync(file, 0o755);
  }

  clock: Clock = systemClock;

  /** True while the process dies before it records what it did. */
  forgetful = false;

  /** Another plan from now on; what happened stays. */
  replan(plan: Plan): void {
    const events = this.story.events;
    this.story = new Story(plan);
    this.story.retell(events);
  }

  /** What findmnt of the source shows from now on; without a place, nothing is mounted. */
  mount(target?: string, uuid = 'u1'): void {
    const rows = target === undefined ? [] : [{ target, source: '/dev/vda1', fstype: 'ext4', uuid }];
    this.tool('findmnt', `printf '%s' '${JSON.stringify({ filesystems: rows })}'`);
  }

  write(name: string, content: string | Uint8Array): void {
    const file = path.join(this.source, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
  }

  read(name: string): string {
    return readFileSync(path.join(this.replica, name), 'utf8');
  }

  get view(): Story['view'] {
    this.story.now = Date.now();
    return this.story.view;
  }

  /** Asks the step, and runs it where it is not done; true where it ran. */
  async perform(step: Step, signal = new AbortController().signal): Promise<boolean> {
    const context = this.context(step);
    if (await step.done(context, signal)) return false;
    await step.run(context, signal);
    return true;
  }

  /** Stops on the hosts what the step has set going, as a pause does. */
  async halt(step: Step): Promise<void> {
    await step.halt?.(this.context(step));
  }

  dispose(): void {
    for (const job of this.jobs.values()) job.kill();
    rmSync(this.root, { recursive: true, force: true });
  }

  job(id: string): LocalJob {
    const known = this.jobs.get(id);
    if (known !== undefined) return known;
    const job = new LocalJob(this, id);
    this.jobs.set(id, job);
    return job;
  }

  env(): NodeJS.ProcessEnv {
    return { PATH: `${this.path('bin')}:${process.env['PATH']}`, HOME: this.path('home'), LC_ALL: 'C' };
  }

  map(word: string): string {
    // A place of the receiver stands by itself; behind `standby:` it is for the forced command.
    const place = /^\/mnt\/t\//.test(word) ? this.path('receiver', word) : word;
    return place.replaceAll('/run/landfall', this.path('run'));
  }

  private context(step: Step): StepContext {
    const world = this;
    const known = (word: Word): string => {
      if (isUnknown(word)) throw new Error(`unknown at run time: ${word.unknown}`);
      return world.map(word);
    };
    const announced = (action: { readonly kind: string }): void => {
      const key = JSON.stringify(action);
      if (!step.preview(world.view).some(known => JSON.stringify(known) === key))
        throw new Error(`not announced: ${key}`);
    };
    async function perform(action: Action & { kind: 'exec' }, options?: ExecOptions): Promise<ExecResult>;
    async function perform(action: Action & { kind: 'write' }): Promise<void>;
    async function perform(action: Action & { kind: 'job' }): Promise<RemoteJob>;
    // One body for all overloads, as the contract asks; each branch returns what its overload says.
    async function perform(action: Action, options?: ExecOptions): Promise<unknown> {
      announced(action);
      const host = world.host(action.host);
      if (action.kind === 'sql') throw new Error('T-SQL is not performed as an action');
      if (action.kind === 'write') {
        await host.write(action.path, known(action.content), action.mode);
        return undefined;
      }
      const [program = '', ...args] = action.argv.map(known);
      if (action.kind === 'exec') return host.exec([program, ...args], options);
      const job = world.job(action.job);
      await job.start([program, ...args]);
      return job;
    }
    return {
      plan: this.story.plan,
      get state() {
        return world.story.state;
      },
      evacuation: this.story.plan.name,
      clock: this.clock,
      random: { next: () => 0.5, bytes: count => new Uint8Array(count) },
      host: async id => world.host(id),
      perform,
      sql: () => Promise.reject(new Error('a pass needs no SQL Server')),
      async emit(event: EventBody) {
        if (world.forgetful) throw new LandfallError('bug', { what: 'the process died', next: [] });
        world.story.now = Date.now();
        world.story.tell(event);
      },
      sample: sample =>
        void world.samples.push({ ...sample, step: step.id, subject: step.subject, at: Date.now() }),
      async keepLog(name, content) {
        world.logs.set(name, new TextDecoder().decode(content));
      },
    };
  }

  private host(id: string): Host {
    const world = this;
    return {
      id,
      async exec([program, ...args], options = {}) {
        const result = await execa(
          world.map(program),
          args.map(String).map(word => world.map(word)),
          {
            env: world.env(),
            reject: false,
            encoding: 'buffer',
            input: options.stdin ?? '',
            stripFinalNewline: false,
          },
        );
        const code = result.exitCode ?? 255;
        if (!(options.codes ?? [0]).includes(code))
          throw new LandfallError('remote.command-failed', {
            what: `${program} ended with ${code}`,
            next: [],
            evidence: [Buffer.from(result.stderr).toString()],
          });
        return { code, stdout: Buffer.from(result.stdout), stderr: Buffer.from(result.stderr), ms: 0 };
      },
      async stream([program, ...args], sinks) {
        const child = spawn(
          program,
          args.map(String).map(word => world.map(word)),
          { env: world.env() },
        );
        child.stdout.on('data', (chunk: Buffer) => sinks.onStdout?.(chunk));
        const [code] = await once(child, 'close');
        return { code };
      },
      async write(file, content, mode) {
        const place = world.map(file);
        mkdirSync(path.dirname(place), { recursive: true });
        writeFileSync(place, content);
        chmodSync(place, mode);
      },
      async read(file) {
        return readFileSync(world.map(file));
      },
      job: name => world.job(name),
      async close() {},
    };
  }
}

/** A job as a child process: what it wrote is kept, and following it again starts at the beginning. */
export class LocalJob implements RemoteJob {
  readonly id: string;
  readonly directory: string;
  private readonly world: SyncWorld;
  private out: Buffer[] = [];
  private err: Buffer[] = [];
  private current: JobStatus = { state: 'absent' };
  private child: ChildProcess | undefined;
  private closed: Promise<unknown> = Promise.resolve();

  constructor(world: SyncWorld, id: string) {
    this.world = world;
    this.id = id;
    this.directory = world.path('run/miami-to-dallas', id);
  }

  async start([program, ...args]: readonly [string, ...string[]]): Promise<void> {
    if (this.current.state !== 'absent') return;
    mkdirSync(this.directory, { recursive: true });
    const words = [program, ...args].map(word => `${word.length} ${word}\n`);
    writeFileSync(path.join(this.directory, 'argv'), words.join(''));
    this.world.started.push(this.id);
    const child = spawn(program, args, { env: this.world.env(), detached: true });
    const startedAtMs = Date.now();
    this.child = child;
    this.current = { state: 'running', pid: child.pid ?? 0, startedAtMs };
    child.stdout.on('data', (chunk: Buffer) => this.out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => this.err.push(chunk));
    this.closed = once(child, 'close').then(([code, signal]) => {
      // A killed shell leaves no exit code; a killed rsync tells its shell, which does.
      this.current =
        signal === null
          ? { state: 'ended', code: Number(code), startedAtMs, endedAtMs: Date.now() }
          : { state: 'lost', startedAtMs };
    });
  }

  async status(): Promise<JobStatus> {
    return this.current;
  }

  async follow(sinks: JobSinks): Promise<JobEnd> {
    const { signal } = sinks;
    const aborted = new Promise<never>((_, reject) => {
      signal?.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')));
    });
    await Promise.race([this.closed, aborted]);
    for (const chunk of this.out) sinks.onOut?.(chunk);
    for (const chunk of this.err) sinks.onErr?.(chunk);
    const status = this.current;
    if (status.state === 'ended') return status;
    throw new LandfallError('job.lost', { what: `the job ${this.id} is lost`, next: [] });
  }

  async output(stream: 'out' | 'err'): Promise<Buffer> {
    return Buffer.concat(this[stream]);
  }

  async stop(): Promise<void> {
    // As on a host: the process group is told to end, and rsync does so in good order.
    this.kill('SIGTERM');
    await this.closed;
  }

  async remove(): Promise<void> {
    if (this.current.state === 'running') throw new Error('still running');
    rmSync(this.directory, { recursive: true, force: true });
    this.out = [];
    this.err = [];
    this.current = { state: 'absent' };
  }

  /** Kills its whole process group, as a host that goes down would. */
  kill(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): void {
    if (this.current.state !== 'running' || this.child?.pid === undefined) return;
    process.kill(-this.child.pid, signal);
  }
}

/** The real rsync, for scripts that stand in front of it. */
export function rsyncPath(): string {
  for (const directory of (process.env['PATH'] ?? '').split(':')) {
    const file = path.join(directory, 'rsync');
    try {
      return realpathSync(file);
    } catch {
      // Not in this directory.
    }
  }
  throw new Error('rsync is not installed');
}
