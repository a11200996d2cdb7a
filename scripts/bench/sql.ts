import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import sql from 'mssql';
import { z } from 'zod';
import { conditions } from './conditions.ts';
import { loopbackLimit, rowOf, sqliteLimits } from './sql-limits.ts';

/**
 * The SQL Server double through the driver: rows in by bulk load, rows out by SELECT, against SQLite alone and loopback in
 * the same run; and the memory of a process that `npm run lab:sql` would start, with as many rows as wanted.
 */

const { values: options } = parseArgs({
  options: {
    rows: { type: 'string', default: '200000' },
    /** Rows that lab:sql itself builds, for its memory; each of its two servers has them. */
    built: { type: 'string', default: '1000' },
    chunk: { type: 'string', default: '20000' },
    json: { type: 'boolean', default: false },
  },
});
const rows = Number(options.rows);
const chunk = Number(options.chunk);
const root = fileURLToPath(new URL('../..', import.meta.url));

const started = z.object({
  directory: z.string(),
  servers: z.array(
    z.object({
      host: z.string(),
      port: z.number(),
      user: z.string(),
      password: z.string(),
      database: z.string(),
    }),
  ),
});

interface Lab {
  readonly process: ChildProcess;
  readonly facts: z.infer<typeof started>;
  /** Until both servers answered. */
  readonly buildSeconds: number;
}

/** With the options of Node.js that package.json gives it. */
async function startLab(): Promise<Lab> {
  const { scripts } = z
    .object({ scripts: z.record(z.string(), z.string()) })
    .parse(JSON.parse(readFileSync(`${root}/package.json`, 'utf8')));
  const words = (scripts['lab:sql'] ?? '').split(' ');
  // `NAME=value … node arguments`
  const program = words.indexOf('node');
  const settings = words.slice(0, program).map(word => word.split('='));
  const begin = performance.now();
  const child = spawn(process.execPath, [...words.slice(program + 1), '--rows', options.built, '--json'], {
    cwd: root,
    env: { ...process.env, ...Object.fromEntries(settings) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout }))
    return {
      process: child,
      facts: started.parse(JSON.parse(line)),
      buildSeconds: (performance.now() - begin) / 1000,
    };
  throw new Error('lab:sql ended before it was ready');
}

/** Megabytes of resident memory, now and at most. */
function memory(lab: Lab): { readonly now: number; readonly most: number } {
  const status = readFileSync(`/proc/${lab.process.pid}/status`, 'utf8');
  const field = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? Number.NaN) / 1024;
  return { now: field('VmRSS'), most: field('VmHWM') };
}

async function bulkLoad(pool: sql.ConnectionPool): Promise<number> {
  await pool.batch(`CREATE TABLE dbo.bench (id int NOT NULL PRIMARY KEY, account varchar(20) NOT NULL, amount decimal(18, 2) NOT NULL,
    at datetime2(3) NOT NULL, note nvarchar(60) NULL, flag bit NOT NULL)`);
  let milliseconds = 0;
  for (let from = 0; from < rows; from += chunk) {
    const table = new sql.Table('dbo.bench');
    table.columns.add('id', sql.Int(), { nullable: false });
    table.columns.add('account', sql.VarChar(20), { nullable: false });
    table.columns.add('amount', sql.Decimal(18, 2), { nullable: false });
    table.columns.add('at', sql.DateTime2(3), { nullable: false });
    table.columns.add('note', sql.NVarChar(60), { nullable: true });
    table.columns.add('flag', sql.Bit(), { nullable: false });
    for (let id = from; id < Math.min(from + chunk, rows); id += 1) table.rows.add(...rowOf(id));
    const begin = performance.now();
    await pool.request().bulk(table);
    milliseconds += performance.now() - begin;
  }
  return (rows / milliseconds) * 1000;
}

async function selectOut(pool: sql.ConnectionPool): Promise<number> {
  const request = pool.request();
  request.stream = true;
  request.arrayRowMode = true;
  let seen = 0;
  request.on('row', () => {
    seen += 1;
  });
  const done = new Promise<void>((resolve, reject) => {
    request.on('error', reject);
    request.on('done', () => resolve());
  });
  const begin = performance.now();
  // In stream mode what fails comes as an event.
  request.query('SELECT id, account, amount, at, note, flag FROM dbo.bench').catch(() => undefined);
  await done;
  const perSecond = (seen / (performance.now() - begin)) * 1000;
  if (seen !== rows) throw new Error(`${seen} of ${rows} rows came back`);
  return perSecond;
}

const circumstances = await conditions();
const limits = sqliteLimits(rows);
const loopback = await loopbackLimit(200);
const lab = await startLab();
const built = memory(lab);
const [server] = lab.facts.servers;
if (server === undefined) throw new Error('no server');
const { host, ...login } = server;
const pool = await new sql.ConnectionPool({
  ...login,
  server: host,
  requestTimeout: 0,
  options: { encrypt: false, trustServerCertificate: true },
}).connect();
let results: Readonly<Record<string, number>>;
try {
  const bulk = await bulkLoad(pool);
  const loaded = memory(lab);
  const select = await selectOut(pool);
  const read = memory(lab);
  results = {
    rows,
    bulkPerSecond: bulk,
    bulkOfSqlite: bulk / limits.insertPerSecond,
    selectPerSecond: select,
    selectOfSqlite: select / limits.scanPerSecond,
    sqliteInsertPerSecond: limits.insertPerSecond,
    sqliteScanPerSecond: limits.scanPerSecond,
    loopbackMBPerSecond: loopback,
    builtRows: Number(options.built),
    buildSeconds: lab.buildSeconds,
    builtMB: built.now,
    builtMostMB: built.most,
    loadedMB: loaded.now,
    mostMB: read.most,
  };
} finally {
  await pool.close();
  const ended = new Promise(resolve => lab.process.once('exit', resolve));
  lab.process.kill('SIGTERM');
  await ended;
  rmSync(lab.facts.directory, { recursive: true, force: true });
}

if (options.json) process.stdout.write(`${JSON.stringify({ ...results, conditions: circumstances })}\n`);
else {
  const { cpu, cores, node, loadBefore } = circumstances;
  process.stdout.write(`${cores} x ${cpu}, Node ${node}, load ${loadBefore.toFixed(1)}\n`);
  for (const [what, value] of Object.entries(results))
    process.stdout.write(`${what.padEnd(24)} ${value < 10 ? value.toFixed(3) : Math.round(value)}\n`);
}
