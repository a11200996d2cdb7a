import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  pinStage,
  reconcileStage,
  reconcileStageWith,
  repairRange,
  unpinStage,
} from '../../../../src/database/reconcile/index.ts';
import type { Guard } from './guard.ts';
import { Pair } from './pair.ts';
import { Trial, type TrialOptions } from './trial.ts';

let pair: Pair;
let old: Pair;
beforeAll(async () => {
  pair = await Pair.start();
  old = await Pair.start('2012-standard');
});
afterAll(async () => {
  await pair[Symbol.asyncDispose]();
  await old[Symbol.asyncDispose]();
});

const ROWS = [
  'CREATE TABLE dbo.A (id int IDENTITY(1,1) NOT NULL PRIMARY KEY, n int NOT NULL)',
  'CREATE TABLE dbo.B (code nvarchar(5) NOT NULL, part int NOT NULL, t nvarchar(20) NULL, PRIMARY KEY (code, part))',
  "INSERT dbo.A (n) SELECT value FROM (VALUES (1), (2), (3), (4), (5), (6), (7), (8)) AS v (value); INSERT dbo.B SELECT N'k', id, N'text' FROM dbo.A",
];

let count = 0;
async function trial(on: Pair = pair, options: Partial<TrialOptions> = {}): Promise<Trial> {
  count += 1;
  const made = new Trial(on, { name: `S${count}`, ...options });
  await made.create(ROWS);
  await made.dal(
    "UPDATE dbo.A SET n = -n WHERE id % 2 = 0; DELETE dbo.B WHERE part > 4; INSERT dbo.B VALUES (N'x', 1, NULL)",
  );
  await made.assess();
  return made;
}

const rows = async (side: Trial['mia'], table: string) => side(`SELECT * FROM dbo.${table} ORDER BY 1, 2`);
const equal = async (made: Trial): Promise<void> => {
  for (const table of ['A', 'B']) {
    const truth = await rows(made.mia, table);
    expect(await rows(made.dal, table)).toEqual(truth);
  }
};

/** Ends the process at its n-th word to a server; everything that it would send later is not sent. */
function killedAt(moment: number): Guard & { readonly heard: () => number } {
  let heard = 0;
  const guard = (): void => {
    heard += 1;
    if (heard >= moment) throw new Error('killed');
  };
  return Object.assign(guard, { heard: () => heard });
}

const SMALL = reconcileStageWith({ rangeRows: 3, batchRows: 1 });

describe('a reconcile that is killed', () => {
  it('goes on where it was, wherever that is', async () => {
    const made = await trial();
    await made.conduct(pinStage);
    let kills = 0;
    // Every attempt comes some words further than the one before, or to the end.
    for (let moment = 25; ; moment += 23) {
      const guard = killedAt(moment);
      try {
        await made.conduct(SMALL, guard);
        break;
      } catch (thrown) {
        expect(thrown).toMatchObject({ message: 'killed' });
        kills += 1;
      }
    }
    expect(kills).toBeGreaterThan(2);
    await equal(made);
    expect(made.told('reconcile.started')).toHaveLength(1);
    expect(made.told('reconcile.ended')).toHaveLength(1);
    const tables = made.told('reconcile.table').map(({ compared }) => compared.table);
    expect(tables).toEqual(['dbo.A', 'dbo.B', 'landfall.marker'].filter(name => tables.includes(name)));
    expect(await made.dal("SELECT name FROM sys.tables WHERE name LIKE N'stage%'")).toEqual([]);
  });

  it('does not look again at a table that is done', async () => {
    const made = await trial();
    await made.conduct(pinStage);
    const words: string[] = [];
    await expect(
      made.conduct(SMALL, (moment, what) => {
        if (moment === 'before') words.push(what);
        if (what === 'apply a batch to dbo.B') throw new Error('killed');
      }),
    ).rejects.toThrow('killed');
    expect(words).toContain('apply a batch to dbo.A');
    words.length = 0;
    await made.conduct(SMALL, (moment, what) => void (moment === 'before' && words.push(what)));
    expect(words.filter(what => what.includes('dbo.A'))).toEqual([]);
    await equal(made);
  });

  it('begins again where another instant is pinned', async () => {
    const made = await trial();
    await made.conduct(pinStage);
    await made.conduct(reconcileStage);
    await made.mia('UPDATE dbo.A SET n = 100 WHERE id = 1');
    await made.with(pinStage.run, { stage: pinStage });
    expect(await made.with(reconcileStage.done)).toBe(false);
    await made.conduct(reconcileStage);
    await equal(made);
    expect(made.told('reconcile.started').map(({ run }) => run)).toEqual([1, 2]);
  });

  it('is refused where the snapshot was dropped and made again by somebody else', async () => {
    const made = await trial();
    await made.conduct(pinStage);
    const { snapshot } = await made.with(async work => work.ref);
    await pair.run('miami', 'master', `DROP DATABASE [${snapshot}]`);
    await expect(made.conduct(reconcileStage)).rejects.toMatchObject({ code: 'database.blocked' });
    await made.conduct(pinStage);
    await made.conduct(reconcileStage);
    await equal(made);
    await made.conduct(unpinStage);
    expect(await made.with(reconcileStage.done)).toBe(true);
  });
});

describe('SNAPSHOT isolation where there are no database snapshots', () => {
  it('pins one instant for as long as it is read, and is taken back', async () => {
    const made = await trial(old);
    await made.conduct(pinStage);
    expect(made.told('database.pinned')).toEqual([]);
    let written = 0;
    await made.conduct(SMALL, async (moment, what) => {
      if (moment !== 'before' || what !== 'apply a batch to dbo.A') return;
      // After the instant: not for this copy.
      written += 1;
      await made.mia('INSERT dbo.A (n) VALUES (1000)');
    });
    expect(written).toBeGreaterThan(0);
    await made.mia('DELETE dbo.A WHERE n = 1000');
    await equal(made);
    expect(made.told('database.pinned')).toMatchObject([
      { source: 'SNAPSHOT isolation', marker: { id: '1' } },
    ]);
    await made.conduct(unpinStage);
    expect(
      await old.run(
        'miami',
        'master',
        `SELECT snapshot_isolation_state_desc FROM sys.databases WHERE name = N'${made.source}'`,
      ),
    ).toEqual([['OFF']]);
  });
});

describe('refusals', () => {
  it('others in the copy', async () => {
    const made = await trial();
    await made.conduct(pinStage);
    const other = pair.connect('subscriber', 'dallas');
    const guest = pair.at('dallas').instance.login({
      ...{ user: 'sa', password: 'Correct horse 1', database: made.copy },
      ...{ application: 'payroll', host: 'dev7', address: '127.0.0.1' },
    });
    await expect(made.conduct(reconcileStage)).rejects.toMatchObject({
      code: 'database.in-use',
      facts: { evidence: [expect.stringContaining('sa from dev7, payroll')] },
    });
    guest.end();
    await other.close();
    await made.conduct(reconcileStage);
    await equal(made);
  });

  it('nothing pinned, and a copy that follows already', async () => {
    const made = await trial();
    await expect(made.conduct(reconcileStage)).rejects.toMatchObject({ code: 'database.blocked' });
    made.emit({ type: 'database.released', database: made.source, lane: 'clone', how: 'a test' });
    await expect(made.conduct(pinStage)).rejects.toMatchObject({ code: 'database.in-use' });
  });

  it('a copy that is the source itself', async () => {
    const made = await trial();
    await made.conduct(pinStage);
    const itself = made.with(work =>
      reconcileStage.run({
        ...work,
        ref: { ...work.ref, copy: made.source },
        servers: { ...work.servers, subscriber: work.servers.publisher },
      }),
    );
    await expect(itself).rejects.toMatchObject({ code: 'database.blocked' });
  });

  it('a table that the copy lacks', async () => {
    const made = await trial();
    await made.conduct(pinStage);
    await made.dal('DROP TABLE dbo.B');
    await expect(made.conduct(reconcileStage)).rejects.toMatchObject({
      code: 'database.drift',
      facts: { evidence: ['dbo.B'] },
    });
  });
});

it('repairs the rows that a validation found, and no others', async () => {
  const made = await trial();
  const table = made.state.assessed?.tables.find(({ name }) => name === 'A');
  if (table === undefined) throw new Error('no table');
  const repaired = await made.with(work =>
    work.servers.publisher.session(made.source, left =>
      work.servers.subscriber.session(made.copy, right =>
        repairRange(
          work,
          {
            left: { session: left, role: 'publisher', database: made.source },
            right: { session: right, role: 'subscriber', database: made.copy },
          },
          table,
          { differences: [{ kind: 'different', key: ['2'] }] },
        ),
      ),
    ),
  );
  expect(repaired).toEqual({ inserted: 0, updated: 1, deleted: 0 });
  expect(await made.dal('SELECT id, n FROM dbo.A WHERE id < 5 ORDER BY id')).toEqual([
    [1, 1],
    [2, 2],
    [3, 3],
    [4, -4],
  ]);
});
