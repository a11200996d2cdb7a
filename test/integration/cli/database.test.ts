import { mkdtempSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../../src/foundation/clock.ts';
import { createPair, type Pair, PRODUCTION } from '../../../src/lab/sqlserver/pair.ts';
import { landfall, type Ran } from '../../support/cli.ts';

/** `landfall database` against a pair of doubles, order by order, as a DBA would give them. */

const PASSWORD = 'Correct horse 9';
const home = mkdtempSync(join(tmpdir(), 'landfall-database-'));
const state = join(home, 'evacuations');
const plan = join(home, 'plan.yaml');
let pair: Pair;

beforeAll(async () => {
  pair = await createPair({
    ...{ directory: join(home, 'sql'), publisher: '2022-enterprise', subscriber: '2022-standard' },
    ...{ rows: 1000, seed: 7, ports: [0, 0], password: PASSWORD, encryption: 'off', clock: systemClock },
    building: () => undefined,
  });
  writeFileSync(plan, planText(pair.publisher.port, pair.subscriber.port));
}, 60_000);

afterAll(async () => void (await pair.close()));

const planText = (publisher: number, subscriber: number): string => `version: 1
name: storm
deadline: { earliest: in 3d, expected: in 4d }
sites: { miami: { role: source }, dallas: { role: target } }
hypervisors: {}
images: {}
tiers: { critical: { priority: 1, rpo: 15m, rto: 1h } }
machines: {}
databases:
  ${PRODUCTION}:
    tier: critical
    publisher: { address: 127.0.0.1, port: ${publisher}, user: sa, password: env:SQL_PASSWORD, encrypt: off }
    subscriber: { address: 127.0.0.1, port: ${subscriber}, user: sa, password: env:SQL_PASSWORD, encrypt: off }
    clone: { database: ${PRODUCTION} }
`;

const database = (...words: readonly string[]): Promise<Ran> =>
  landfall(['database', ...words, '--state', state], { env: { SQL_PASSWORD: PASSWORD } });
const here = (...words: readonly string[]): Promise<Ran> => database(...words, '--foreground');
const ended = ({ code, err }: Ran): unknown => ({ code, err: code === 0 ? '' : err });
const WELL = { code: 0, err: '' };

test('from the assessment to the teardown', { timeout: 120_000 }, async () => {
  const assessed = await here('assess', plan);
  expect(ended(assessed)).toEqual(WELL);
  expect(assessed.out).toContain(`✔ ${PRODUCTION}: assessed`);
  expect(assessed.out).toContain('publisher   MIA-SQL1');

  // What would be sent is readable before it is, and nothing of it was.
  const preview = await database('seed', 'storm', '--lane', 'clone', '--dry-run');
  expect(ended(preview)).toEqual(WELL);
  expect(preview.out).toContain(`${PRODUCTION}.publisher, database ${PRODUCTION}:`);
  expect(preview.out).toContain('sp_addpublication');
  expect(preview.out).not.toContain(PASSWORD);
  const [published] = await pair.publisher.run(
    'master',
    `SELECT is_published FROM sys.databases WHERE name = '${PRODUCTION}'`,
  );
  expect(published).toEqual([0]);

  const followed = await here('replicate', plan, PRODUCTION, '--lane', 'clone');
  expect(ended(followed)).toEqual(WELL);
  expect(followed.out).toContain('the copy follows production');

  // Somebody writes into the copy: found, told by its key, and mended only on request.
  await pair.subscriber.run(
    PRODUCTION,
    "UPDATE ref.State SET Name = N'Elsewhere' WHERE StateCode = (SELECT MIN(StateCode) FROM ref.State)",
  );
  const differs = await here('validate', plan, PRODUCTION, '--table', 'ref.State');
  expect(differs.code).toBe(3);
  expect(differs.out).toContain('ref.State: 0 missing, 0 too many, 1 different');
  // What was found is told before what was mended; the next comparison says that it is.
  expect((await here('validate', plan, PRODUCTION, '--table', 'ref.State', '--repair')).code).toBe(3);
  const equal = await here('validate', plan);
  expect(ended(equal)).toEqual(WELL);

  const refused = await database('teardown', 'storm', PRODUCTION);
  expect(refused).toMatchObject({ code: 2, err: expect.stringContaining(`--confirm ${PRODUCTION}`) });
  const torn = await here('teardown', plan, PRODUCTION, '--confirm', PRODUCTION);
  expect(ended(torn)).toEqual(WELL);
  const [left] = await pair.publisher.run(
    PRODUCTION,
    "SELECT COUNT(*) FROM sys.objects WHERE schema_id = SCHEMA_ID(N'landfall')",
  );
  expect(left).toEqual([0]);
  expect((await database('status', 'storm')).code).toBe(3);

  for (const file of ['journal.jsonl', 'logs/commands.jsonl'])
    expect(await readFile(join(state, 'storm', file), 'utf8'), file).not.toContain(PASSWORD);
});

test('a server that is another than the one that was assessed is never written to', {
  timeout: 60_000,
}, async () => {
  const other = join(home, 'other.yaml');
  const named = (text: string): string => text.replace('name: storm', 'name: swapped');
  writeFileSync(other, named(planText(pair.publisher.port, pair.subscriber.port)));
  expect((await here('assess', other)).code).toBe(0);
  // Production and copy change places under the same plan, as after a mistake in DNS.
  writeFileSync(other, named(planText(pair.subscriber.port, pair.publisher.port)));
  const accepted = await landfall(
    ['run', other, '--foreground', '--accept-plan', '--headless', '--state', state],
    { env: { SQL_PASSWORD: PASSWORD } },
  );
  expect(accepted.code).toBe(1);
  expect(accepted.err).toContain('is another than the one that was assessed');
  const [made] = await pair.subscriber.run(
    PRODUCTION,
    "SELECT COUNT(*) FROM sys.tables WHERE name = N'syspublications'",
  );
  expect(made).toEqual([0]);
});
