import {
  appendFileSync,
  closeSync,
  fstatSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { sourceTrees } from '../trees/comparison.ts';
import type { MachineFacts } from '../world/layout.ts';
import { type Seeded, seeded } from '../world/random.ts';
import type { World } from '../world/world.ts';
import { type WriterMove, type WriterProfile, writerProfile } from './profiles.ts';

/**
 * The life on the source machines: files change between and during passes, as long as the services run that write. Every operation is one synchronous call,
 * so once `pause` or `stop` has answered, nothing more is written. Its sequence depends on the seed and begins anew when a
 * lab is opened again: what it writes then goes on top of what is there.
 */

export interface Writer {
  /** It begins paused. */
  resume(): void;
  pause(): Promise<void>;
  /** For good. */
  stop(): Promise<void>;
  status(): WriterStatus;
}

export interface WriterStatus {
  readonly state: 'running' | 'paused' | 'stopped';
  readonly operations: number;
  readonly bytes: number;
}

interface Author {
  readonly machine: MachineFacts;
  readonly profile: WriterProfile;
  readonly random: Seeded;
  readonly directories: ReadonlyMap<string, string>;
  readonly made: Map<string, string[]>;
  owed: number;
}

const TICK_MS = 50;
const ODD_ENDINGS = ['', ' copy', " o'clock", '\nline', ' ü', '*', ' -rf'];

export function createWriter(world: World, options: { readonly mailConverges: boolean }): Writer {
  const authors = world.machines.flatMap((machine): Author[] => {
    const { name } = machine;
    const profile = writerProfile(name, options.mailConverges);
    if (profile === undefined) return [];
    const directories = new Map(
      sourceTrees(world, name).map(({ mountpoint, sourceDirectory }) => [mountpoint, sourceDirectory]),
    );
    const random = seeded(world.seed, `writer/${name}`);
    return [{ machine, profile, random, directories, made: new Map(), owed: 0 }];
  });
  let state: WriterStatus['state'] = 'paused';
  let operations = 0;
  let bytes = 0;
  let timer: NodeJS.Timeout | undefined;
  let last = 0;

  const tick = (): void => {
    const now = world.clock.monotonic();
    // After a long pause of this process the writer does not make up for lost time: its rate stays bounded.
    const elapsed = Math.min(now - last, 4 * TICK_MS);
    last = now;
    for (const author of authors) {
      // Who writes on a file system that stands still waits; it does not make up for it either.
      if (world.frozen.has(author.machine.name)) continue;
      author.owed += (elapsed / 1000) * author.profile.operationsPerSecond;
      for (; author.owed >= 1; author.owed -= 1) {
        const move = chooseMove(author, world);
        if (move === undefined) continue;
        bytes += write(author, move);
        operations += 1;
      }
    }
    timer = setTimeout(tick, TICK_MS);
  };
  const halt = (next: 'paused' | 'stopped'): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    if (state !== 'stopped') state = next;
    return Promise.resolve();
  };

  return {
    resume() {
      if (state !== 'paused') return;
      state = 'running';
      last = world.clock.monotonic();
      timer = setTimeout(tick, TICK_MS);
    },
    pause: () => halt('paused'),
    stop: () => halt('stopped'),
    status: () => ({ state, operations, bytes }),
  };
}

/** Undefined where its turn falls to a service that does not run: what a machine does then, it leaves undone. */
function chooseMove({ machine, profile, random }: Author, world: World): WriterMove | undefined {
  const total = profile.moves.reduce((sum, [share]) => sum + share, 0);
  let at = random.next() * total;
  const found = profile.moves.find(([share]) => {
    at -= share;
    return at < 0;
  });
  const [, move, service = machine.daemons[0] ?? ''] = found ?? random.pick(profile.moves);
  return world.hosts.get(machine.name)?.system.services.includes(service) === true ? move : undefined;
}

/** Does one thing; answers the bytes written. */
function write(author: Author, move: WriterMove): number {
  const { random } = author;
  const directory = author.directories.get(move.mount);
  if (directory === undefined) throw new RangeError(`the writer knows no file system at ${move.mount}`);
  switch (move.kind) {
    case 'append': {
      const line = random.fill(Buffer.alloc(Math.ceil(move.bytes / 2))).toString('hex');
      appendFileSync(path.join(directory, move.file), `${line}\n`);
      return line.length + 1;
    }
    case 'rewrite': {
      const fd = openSync(path.join(directory, random.pick(move.files)), 'r+');
      const { size } = fstatSync(fd);
      const block = random.fill(Buffer.alloc(Math.min(move.bytes, size)));
      const at = random.below(Math.max(1, size - block.length + 1));
      writeSync(fd, block, 0, block.length, at);
      closeSync(fd);
      return block.length;
    }
    case 'churn': {
      const key = `${move.mount}:${move.directory}`;
      const made = author.made.get(key) ?? [];
      author.made.set(key, made);
      const name = `live-${random.below(1e9).toString(36)}${random.pick(ODD_ENDINGS)}`;
      const file = path.join(directory, move.directory, name);
      const content = random.fill(Buffer.alloc(1 + random.below(move.bytes)));
      writeFileSync(file, content);
      made.push(file);
      if (made.length > move.keep) rmSync(made.shift() ?? '', { force: true });
      return content.length;
    }
    case 'rotate': {
      const file = path.join(directory, move.file);
      appendFileSync(file, '');
      renameSync(file, `${file}.1`);
      writeFileSync(file, '');
      return 0;
    }
  }
}
