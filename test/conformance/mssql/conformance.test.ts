import { afterAll, describe, expect, it } from 'vitest';
import type { ProductName } from '../../../src/lab/sqlserver/server/products.ts';
import type { Case } from './case.ts';
import { TOPICS } from './cases/index.ts';
import type { Connect, DriverName } from './client.ts';
import { connectMssql } from './mssql-client.ts';
import { passed, readRealRuns, standing, summary, writeRealRuns } from './record.ts';
import { doubleTarget, realServer, realTarget, type Target } from './target.ts';
import { connectTedious } from './tedious-client.ts';

/**
 * Every case through every driver: against doubles started here, or against the real server that LANDFALL_MSSQL_HOST
 * names (scripts/test-mssql --help).
 */

const DRIVERS: readonly (readonly [DriverName, Connect])[] = [
  ['mssql', connectMssql],
  ['tedious', connectTedious],
];
const DEFAULT_PRODUCT: ProductName = '2022-enterprise';

const real = realServer(process.env);
const runs = readRealRuns();
const all = Object.values(TOPICS).flat();
const ids = all.map(each => each.id);
const differing = all.filter(each => each.differs !== undefined).length;
const started: Promise<Target>[] = [];

function remembered(connect: Connect): (product: ProductName) => Promise<Target> {
  const targets = new Map<string, Promise<Target>>();
  return product => {
    const key = real === undefined ? product : 'real';
    const found =
      targets.get(key) ?? (real === undefined ? doubleTarget(connect, product) : realTarget(connect, real));
    if (!targets.has(key)) started.push(found);
    targets.set(key, found);
    return found;
  };
}

afterAll(async () => {
  for (const target of await Promise.all(started)) await target[Symbol.asyncDispose]();
  if (real !== undefined) writeRealRuns(runs);
  process.stdout.write(
    `SQL Server conformance: ${summary(runs, ids)}; the double differs from SQL Server in ${differing} of them\n`,
  );
});

it('has ids that name one case each', () => {
  expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
  expect(ids.length).toBeGreaterThan(200);
});

describe.each(DRIVERS)('SQL Server through %s', (driver, connect) => {
  const targetOf = remembered(connect);
  describe.each(Object.entries(TOPICS))('%s', (_topic, cases) => {
    for (const each of cases)
      it(`${each.id}: ${each.title}${real === undefined && each.differs !== undefined ? ` [the double differs: ${each.differs}]` : ''} (${standing(runs, each.id)})`, async context => {
        const target = await targetOf(each.product ?? DEFAULT_PRODUCT);
        const lacking = lacks(each, target);
        if (lacking !== undefined) context.skip(lacking);
        if (real === undefined && each.differs !== undefined)
          await expect(
            target.within(client => each.run(client)),
            `the double does this now: it differs no more (${each.differs})`,
          ).rejects.toThrow();
        else await target.within(client => each.run(client));
        if (real !== undefined) passed(runs, each.id, driver, target.facts);
      });
  });
});

/** Why a case cannot be asked of this server. */
function lacks(each: Case, { facts }: Target): string | undefined {
  if (each.since !== undefined && facts.major < each.since) return `only from major version ${each.since} on`;
  if (each.needs === 'double' && facts.real) return 'a fact of the double';
  if (each.product !== undefined && facts.real) return `only on ${each.product}`;
  if (each.needs === 'sysadmin' && !facts.sysadmin) return 'the login is not sysadmin';
  if (each.needs === 'agent' && facts.engineEdition === 4) return 'the edition has no SQL Server Agent';
  return undefined;
}
