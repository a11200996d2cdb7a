import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { Clock } from '../foundation/clock.ts';
import { LandfallError } from '../foundation/errors.ts';
import { tailLines } from '../foundation/text.ts';
import { writeWhole } from './directory/write-whole.ts';
import { startTicks } from './hosts/processes.ts';

/**
 * The SQL Servers of a lab: production with writers at work, and a development clone, in a process of their own that
 * ends with the lab's. Their databases stay in the lab's directory.
 */

export interface SqlPairOptions {
  /** Of the lab. */
  readonly directory: string;
  readonly rows: number;
  readonly seed: number;
  /** Those of before; 0 takes any free one. */
  readonly ports: readonly [publisher: number, subscriber: number];
  readonly clock: Clock;
  readonly log: (line: string) => void;
}

export interface SqlPair {
  /** The database, called the same on both servers. */
  readonly database: string;
  readonly user: string;
  /** Holds the password of that user; mode 0600. */
  readonly passwordFile: string;
  readonly publisher: SqlPlace;
  readonly subscriber: SqlPlace;
  /** Production is gone at once, with its writers; its files stay. Resolves when nothing answers there any more. */
  losePublisher(): Promise<void>;
  close(): Promise<void>;
}

export interface SqlPlace {
  readonly host: string;
  readonly port: number;
}

const ready = z.object({
  double: z.literal(true),
  servers: z
    .array(z.object({ host: z.string(), port: z.int(), database: z.string(), user: z.string() }))
    .length(2),
});

const processFile = z.object({ pid: z.int(), startTicks: z.number() });

const PASSWORD = 'Landfall.lab.1';
/** Writers of production, and what they do together in a second: enough to be seen, little enough for one core. */
const WRITERS = 2;
const ACTIONS_A_SECOND = 5;
const POLL_MS = 50;
const ENDING_MS = 20_000;

/** Starts the pair; throws `lab.unavailable` where it does not come up. */
export async function startSqlPair(options: SqlPairOptions): Promise<SqlPair> {
  const home = path.join(options.directory, 'sql');
  mkdirSync(home, { recursive: true, mode: 0o700 });
  await predecessorGone(home, options.clock);
  const passwordFile = path.join(home, 'password');
  writeWhole(passwordFile, `${PASSWORD}\n`, 0o600);
  const child = start(home, options);
  const errors: string[] = [];
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors.push(text);
    if (errors.length > 50) errors.shift();
    for (const line of text.split('\n')) if (line.trim() !== '') options.log(`sql: ${line}`);
  });
  const ended = once(child, 'exit');
  const lines = child.stdout === null ? undefined : createInterface({ input: child.stdout });
  const said = lines?.[Symbol.asyncIterator]();
  const { servers } = await Promise.race([
    announced(said),
    ended.then(() => {
      throw new LandfallError('lab.unavailable', {
        what: 'the SQL Server doubles of the pocket lab did not start',
        evidence: tailLines(errors.join(''), 6),
        next: ['leave them out: landfall rehearse --no-database', `or remove ${home}`],
      });
    }),
  ]);
  const [publisher, subscriber] = servers;
  if (publisher === undefined || subscriber === undefined)
    throw new RangeError('a pair of SQL Server doubles is two');
  return {
    ...{ database: publisher.database, user: publisher.user, passwordFile, publisher, subscriber },
    async losePublisher() {
      child.stdin?.write('lose publisher\n');
      await Promise.race([said?.next(), ended]);
    },
    async close() {
      // Its writers come to the end of what they do, and its databases are closed.
      child.stdin?.end();
      const tooLong = new AbortController();
      await Promise.race([
        ended,
        options.clock.sleep(ENDING_MS, tooLong.signal).then(() => child.kill('SIGKILL')),
      ]).finally(() => tooLong.abort());
      await ended;
    },
  };
}

function start(home: string, { rows, seed, ports }: SqlPairOptions): ChildProcess {
  const program = path.join(import.meta.dirname, 'sqlserver', `main${path.extname(import.meta.filename)}`);
  const child = spawn(
    'env',
    [
      // One arena: memory that one thread gave back is there for the other.
      ...['MALLOC_ARENA_MAX=1', process.execPath],
      ...['--max-old-space-size=512', '--max-semi-space-size=4', program],
      ...['--directory', home, '--rows', String(rows), '--seed', String(seed)],
      ...['--ports', ports.join(','), '--password', PASSWORD],
      ...['--traffic', String(WRITERS), '--per-second', String(ACTIONS_A_SECOND)],
      ...['--json', '--supervised'],
    ],
    // A pipe that ends with this process, however it ends.
    { stdio: ['pipe', 'pipe', 'pipe'] },
  );
  child.stdin?.on('error', () => undefined);
  if (child.pid !== undefined) {
    const known = { pid: child.pid, startTicks: startTicks(child.pid) ?? 0 };
    writeWhole(path.join(home, 'process.json'), JSON.stringify(known), 0o600);
  }
  return child;
}

async function announced(said: AsyncIterator<string> | undefined): Promise<z.infer<typeof ready>> {
  if (said === undefined) throw new RangeError('the doubles were started without a pipe');
  const { value, done } = await said.next();
  if (done !== true) return ready.parse(JSON.parse(value));
  // Its exit tells why.
  return new Promise(() => undefined);
}

/** Two processes with one database would ruin it: the pair of a lab that was killed is waited for. */
async function predecessorGone(home: string, clock: Clock): Promise<void> {
  const file = path.join(home, 'process.json');
  if (!existsSync(file)) return;
  const known = processFile.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (!known.success) return;
  const until = clock.monotonic() + ENDING_MS;
  while (startTicks(known.data.pid) === known.data.startTicks) {
    if (clock.monotonic() > until)
      throw new LandfallError('lab.unavailable', {
        what: `the SQL Server doubles of an earlier lab still run, as process ${known.data.pid}`,
        next: [`end them: kill ${known.data.pid}`],
      });
    await clock.sleep(POLL_MS);
  }
}
