import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sql from 'mssql';
import { expect, test } from 'vitest';
import { systemClock } from '../../src/foundation/clock.ts';
import type { LabDoor, LabTree } from '../../src/lab/control/protocol.ts';
import { readLabFile } from '../../src/lab/directory/lab-file.ts';
import { createDouble } from '../../src/lab/sqlserver/server/double.ts';
import { Rehearsal } from '../support/rehearsal.ts';
import { walk } from '../support/walk.ts';

/**
 * The cutover as a whole: what stands in Dallas afterwards is looked at from outside, over HTTP, in the trees, and over
 * TDS. Nothing here asks landfall whether it worked.
 */

const PASSWORD = 'Landfall.lab.1';
/** Of the lab, as its process serves them. */
interface Outside {
  readonly doors: readonly LabDoor[];
  readonly trees: readonly LabTree[];
}

async function outside(site: Rehearsal): Promise<Outside> {
  const lab = await site.lab();
  const [doors, trees] = [await lab.doors(), await lab.trees()];
  lab.close();
  return { doors, trees };
}

const doorOf = ({ doors }: Outside, host: string, port: number): LabDoor | undefined =>
  doors.find(door => door.host === host && door.port === port);

async function get(door: LabDoor | undefined, path: string): Promise<string> {
  if (door === undefined) return 'nothing listens';
  const response = await fetch(`http://${door.address}:${door.realPort}${path}`);
  return response.text();
}

/** Files only: what a boot loader or an address change does to the times of directories is no content. */
function files(root: string): Map<string, string> {
  const found = [...walk(root)].filter(([, facts]) => /^10/.test(facts));
  return new Map(found.map(([name, facts]) => [name, facts.split(' ').slice(3, 5).join(' ')]));
}

/** Names of files that are not the same in both trees. */
function unequal(a: string, b: string): string[] {
  const [one, two] = [files(a), files(b)];
  return [...new Set([...one.keys(), ...two.keys()])].filter(name => one.get(name) !== two.get(name)).sort();
}

/** What a machine at another site has to have otherwise: its address, and the boot loader of its new disk. */
const ON_PURPOSE = [
  '/boot/grub/i386-pc/core.img',
  '/etc/hosts',
  '/etc/network/interfaces',
  '/etc/systemd/network/10-wired.network',
];

type Row = Readonly<Record<string, unknown>>;

async function query(port: number, text: string): Promise<Row[]> {
  const pool = new sql.ConnectionPool({
    server: 'localhost',
    port,
    user: 'sa',
    password: PASSWORD,
    database: 'Loans',
    options: { encrypt: false },
  });
  pool.on('error', () => undefined);
  await pool.connect();
  try {
    const { recordset } = await pool.request().query<Row>(text);
    // Instants as text with their milliseconds, binary as hex: what can be compared.
    return recordset.map(row => JSON.parse(JSON.stringify(row)));
  } finally {
    await pool.close();
  }
}

/** Rows of each table as text, in an order of their own. */
async function rowsAt(port: number, tables: readonly string[]): Promise<Map<string, string[]>> {
  const rows = new Map<string, string[]>();
  for (const name of tables) {
    const found = await query(port, `SELECT * FROM ${name}`);
    // A server counts its own row versions.
    rows.set(name, found.map(({ RowVer, ...row }) => JSON.stringify(row)).sort());
  }
  return rows;
}

async function tablesOf(site: Rehearsal): Promise<string[]> {
  const { databases } = await site.state();
  return (databases['Loans']?.validated?.live?.tables ?? []).map(({ table }) => table);
}

const portsOf = (site: Rehearsal): readonly [number, number] => {
  const ports = readLabFile(site.labDirectory)?.database?.ports;
  if (ports === undefined) throw new Error('the lab has no database');
  return ports;
};

test('the whole way: services answer in Dallas with the last content of Miami, no file and no row is lost', {
  timeout: 480_000,
}, async () => {
  await using site = await Rehearsal.prepare(['web1', 'app2'], { database: true });
  const { code, out, err } = await site.rehearse('--cutover');
  expect({ code, err: code === 0 ? '' : `${out}${err}` }).toEqual({ code: 0, err: '' });

  const seen = await outside(site);
  const [tree] = seen.trees.filter(({ machine }) => machine === 'web1');
  const pages = join(tree?.sourceDirectory ?? '', 'var/www/html/000');
  const [page = ''] = readdirSync(pages);
  expect(await get(doorOf(seen, 'web1.standby', 80), `/000/${page}`)).toBe(
    readFileSync(join(pages, page), 'utf8'),
  );
  expect(doorOf(seen, 'web1.standby', 80)?.address).toBe('127.77.2.16');
  expect(await get(doorOf(seen, 'web1', 80), '/')).toBe('nothing listens');
  expect(seen.trees.map(({ standbyDirectory }) => standbyDirectory === undefined)).not.toContain(true);
  for (const each of seen.trees) {
    const found = unequal(each.sourceDirectory, each.standbyDirectory ?? '');
    expect(found.filter(name => !ON_PURPOSE.includes(name))).toEqual([]);
    // What ran above it has become the replica.
    expect(each.standbyDirectory).toBe(each.replicaDirectory);
  }

  const tables = await tablesOf(site);
  expect(tables.length).toBeGreaterThan(30);
  const [production, copy] = portsOf(site);
  expect(await rowsAt(copy, tables)).toEqual(await rowsAt(production, tables));
});

test('an abort with standbys up: Miami serves again with every unit, and no copy is made anew', {
  timeout: 480_000,
}, async () => {
  await using site = await Rehearsal.prepare(['web1', 'files1'], { database: true });
  const { code, out, err } = await site.rehearse('--cutover', '--abort');
  expect({ code, err: code === 0 ? '' : `${out}${err}` }).toEqual({ code: 0, err: '' });

  const seen = await outside(site);
  expect(await get(doorOf(seen, 'web1', 80), '/')).toBe('web1 nginx\n');
  expect(await get(doorOf(seen, 'files1', 445), '/')).toBe('files1 smbd\n');
  expect(seen.doors.filter(({ host }) => host.endsWith('.standby'))).toEqual([]);
  expect(seen.trees.filter(({ standbyDirectory }) => standbyDirectory !== undefined)).toEqual([]);

  const state = await site.state();
  for (const name of site.machines) {
    const { passes = [] } = state.machines[name] ?? {};
    expect(passes.filter(({ kind }) => kind === 'full').length, name).toBe(1);
    expect(passes.at(-1)?.ended?.runs.every(({ literalBytes }) => literalBytes < 1_000_000)).toBe(true);
  }
  // Production takes writes, and the copy follows it still.
  const [production, copy] = portsOf(site);
  const probe = "FROM los.ApplicationStatusHistory WHERE NewStatus = 'after abort'";
  await query(
    production,
    "INSERT los.ApplicationStatusHistory (ApplicationId, NewStatus) VALUES (1, 'after abort'); SELECT 1 AS one",
  );
  while ((await query(copy, `SELECT StatusHistoryId AS id ${probe}`)).length === 0)
    await systemClock.sleep(200);
  expect(await query(copy, `SELECT ChangedAt AS at ${probe}`)).toEqual(
    await query(production, `SELECT ChangedAt AS at ${probe}`),
  );
});

test('Miami is killed in the middle of a pass: what is lost is what was announced, to the byte and to the row', {
  timeout: 480_000,
}, async () => {
  await using site = await Rehearsal.prepare(['web1', 'app2'], { database: true });
  const { code, out, err } = await site.rehearse('--cutover', '--site-lost');
  expect({ code, err: code === 0 ? '' : `${out}${err}` }).toEqual({ code: 0, err: '' });

  const seen = await outside(site);
  const state = await site.state();
  expect(seen.doors.filter(({ host }) => host === 'web1')).toEqual([]);
  expect(await get(doorOf(seen, 'web1.standby', 80), '/')).toBe('web1 nginx\n');
  for (const name of site.machines) {
    const known = state.machines[name];
    let bytes = 0;
    for (const { sourceDirectory, standbyDirectory } of seen.trees.filter(each => each.machine === name)) {
      const [source, standby] = [walk(sourceDirectory), files(standbyDirectory ?? '')];
      const last = files(sourceDirectory);
      const lost = [...last].filter(
        ([file, facts]) => standby.get(file) !== facts && !ON_PURPOSE.includes(file),
      );
      for (const [file, facts] of lost) {
        bytes += Number(facts.split(' ')[0]);
        const writtenMs = Number(source.get(file)?.split(' ')[2]) / 1e6;
        expect(writtenMs, file).toBeGreaterThanOrEqual(known?.verified?.passStartedAt ?? Number.NaN);
      }
    }
    expect(bytes, name).toBe(known?.measured?.bytes);
    expect(bytes, name).toBeGreaterThan(0);
  }

  // The dead production is read where it lies: nobody serves it any more.
  const dead = await createDouble({
    directory: join(site.labDirectory, 'sql', 'MIA-SQL1'),
    name: 'MIA-SQL1',
    product: '2022-enterprise',
    saPassword: PASSWORD,
    encryption: 'off',
    clock: systemClock,
  });
  await using _closed = { [Symbol.asyncDispose]: () => dead.close() };
  const [, copy] = portsOf(site);
  const announced = state.databases['Loans']?.handover?.ended?.marker;
  const [written] = await query(dead.port, `SELECT at FROM landfall.marker WHERE id = ${announced?.id ?? 0}`);
  expect(Date.parse(String(written?.['at']))).toBe(announced?.at);
  for (const { table, key, at } of TIMED) {
    const last = await query(dead.port, `SELECT ${key} AS id, ${at} AS at FROM ${table}`);
    const arrived = new Set((await query(copy, `SELECT ${key} AS id FROM ${table}`)).map(row => row['id']));
    const missing = last.filter(row => !arrived.has(row['id']));
    expect(arrived.size, table).toBeGreaterThan(0);
    for (const row of missing) {
      // Its instant is that of the statement; what counts is the commit, a moment later.
      expect(Date.parse(String(row['at'])), table).toBeGreaterThan((announced?.at ?? 0) - 1000);
    }
  }
});

/** Tables whose rows say when they were made. */
const TIMED = [
  { table: 'los.ApplicationStatusHistory', key: 'StatusHistoryId', at: 'ChangedAt' },
  { table: 'party.Customer', key: 'CustomerId', at: 'CreatedAt' },
] as const;
