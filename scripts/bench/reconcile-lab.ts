import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { connectSqlServer } from '../../src/remote/sql/connect.ts';
import type { SqlServer } from '../../src/remote/sql/server.ts';
import type { Role } from '../../src/remote/sql/statement.ts';
import type { Scenario } from './reconcile-table.ts';

/** Two doubles, each in a process of its own: what they cost is not the control process's cost. */

const started = z.object({ host: z.string(), port: z.number(), user: z.string(), password: z.string() });

interface Server {
  readonly role: Role;
  readonly process: ChildProcess;
  readonly facts: z.infer<typeof started>;
  ask(order: object): Promise<void>;
}

export interface BenchLab extends AsyncDisposable {
  load(): Promise<void>;
  drift(scenario: Scenario): Promise<void>;
  connect(role: 'publisher' | 'subscriber'): SqlServer;
  at(role: 'publisher' | 'subscriber'): z.infer<typeof started>;
  /** Megabytes each server has had at most. */
  memory(): readonly number[];
}

export async function startBenchLab(rows: number): Promise<BenchLab> {
  const directory = mkdtempSync(join(tmpdir(), 'landfall-bench-reconcile-'));
  const servers = {
    publisher: await startServer(directory, 'publisher', rows),
    subscriber: await startServer(directory, 'subscriber', rows),
  };
  const all = Object.values(servers);
  return {
    load: async () => {
      await Promise.all(all.map(server => server.ask({ order: 'load' })));
    },
    drift: scenario => servers.subscriber.ask({ order: 'drift', ...scenario }),
    connect: role => {
      const { host, port, user, password } = servers[role].facts;
      return connectSqlServer(
        {
          ...{ role, label: role, address: host, port, user, password },
          ...{ encrypt: 'off', trustCertificate: false },
        },
        { secret: reference => reference },
      );
    },
    at: role => servers[role].facts,
    memory: () => all.map(({ process: { pid } }) => highest(pid ?? 0)),
    async [Symbol.asyncDispose]() {
      for (const { process } of all) {
        const ended = new Promise(resolve => process.once('exit', resolve));
        process.stdin?.write('{"order":"end"}\n');
        await ended;
      }
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function startServer(directory: string, role: Role, rows: number): Promise<Server> {
  const home = join(directory, role);
  mkdirSync(home);
  const script = fileURLToPath(new URL('./reconcile-server.ts', import.meta.url));
  const child = spawn(
    process.execPath,
    ['--max-old-space-size=1024', '--max-semi-space-size=32', script, home, role.toUpperCase(), String(rows)],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const hear = async (): Promise<unknown> => {
    const line = await lines.next();
    if (line.done === true) throw new Error(`the ${role} ended`);
    return JSON.parse(line.value);
  };
  const facts = started.parse(await hear());
  return {
    role,
    process: child,
    facts,
    ask: async order => {
      child.stdin.write(`${JSON.stringify(order)}\n`);
      await hear();
    },
  };
}

/** Megabytes of resident memory at most. */
export const highest = (pid: number | 'self'): number =>
  Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? Number.NaN) / 1024;
