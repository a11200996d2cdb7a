import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { DriverName, ServerFacts } from './client.ts';

/** On which real servers each case has passed: the newest version, by driver. */
const FILE = fileURLToPath(new URL('real-runs.json', import.meta.url));

const schema = z.record(
  z.string(),
  z.object({ mssql: z.string().optional(), tedious: z.string().optional() }),
);
export type RealRuns = z.infer<typeof schema>;

export const readRealRuns = (): RealRuns => schema.parse(JSON.parse(readFileSync(FILE, 'utf8')));

/** An older version does not take the place of a newer one. */
export function passed(
  runs: RealRuns,
  id: string,
  driver: DriverName,
  { version }: Pick<ServerFacts, 'version'>,
): void {
  const before = runs[id]?.[driver];
  if (before === undefined || newer(version, before)) runs[id] = { ...runs[id], [driver]: version };
}

export function writeRealRuns(runs: RealRuns): void {
  const sorted = Object.fromEntries(Object.entries(runs).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(FILE, `${JSON.stringify(sorted, undefined, 2)}\n`);
}

/** What is said of a case: on which real server it has passed. */
export function standing(runs: RealRuns, id: string): string {
  const found = runs[id];
  const versions = [found?.mssql, found?.tedious].filter(each => each !== undefined);
  const newest = versions.toSorted((a, b) => (newer(a, b) ? -1 : 1))[0];
  return newest === undefined ? 'never run against a real SQL Server' : `passed on SQL Server ${newest}`;
}

/** How many of the cases have ever passed on a real server. */
export function summary(runs: RealRuns, ids: readonly string[]): string {
  const count = ids.filter(id => runs[id] !== undefined).length;
  return `${count} of ${ids.length} cases have ever been run against a real SQL Server`;
}

function newer(version: string, than: string): boolean {
  const [a, b] = [version, than].map(each => each.split('.').map(Number));
  for (let at = 0; at < 4; at += 1) {
    const [left, right] = [a?.[at] ?? 0, b?.[at] ?? 0];
    if (left !== right) return left > right;
  }
  return false;
}
