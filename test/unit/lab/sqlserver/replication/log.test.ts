import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LogRecord } from '../../../../../src/lab/sqlserver/storage/store.ts';
import { type SqlDouble, startDouble } from '../../../../support/sql-double.ts';

/** What the captured log has of a published table, as `+1`, `-1` and `1>2`. */
async function published(run: (double: SqlDouble) => Promise<void>): Promise<readonly string[]> {
  await using double = await startDouble();
  await double.run(
    'app',
    'CREATE TABLE dbo.T (id int NOT NULL PRIMARY KEY, u int NOT NULL UNIQUE, n int NULL)',
  );
  await double.run('app', "INSERT dbo.T SELECT value, value * 10, 0 FROM STRING_SPLIT(N'1,2,3,4,5', N',')");
  const store = double.instance.databases.get('app')?.store;
  if (store === undefined) throw new Error('no store');
  const transaction = store.begin(0, { snapshot: false });
  transaction.define(catalog => ({
    ...catalog,
    tables: new Map(
      [...catalog.tables].map(([id, table]) => [
        id,
        table.name === 'T' ? { ...table, published: true } : table,
      ]),
    ),
  }));
  transaction.commit();
  store.log.capture(true);
  await run(double);
  return store.log.captured(0n, 1000).flatMap(({ changes }) => changes.map(shown));
}

const shown = (record: LogRecord): string => {
  switch (record.kind) {
    case 'insert':
      return `+${record.after[0]}`;
    case 'delete':
      return `-${record.before[0]}`;
    case 'update':
      return `${record.before[0]}>${record.after[0]}`;
    case 'note':
      return record.text;
  }
};

describe('updates that pass unique keys on', () => {
  it('are deletes and then inserts where a key is still taken', async () => {
    expect(
      await published(double => double.run('app', 'UPDATE dbo.T SET id = id + 1').then(() => undefined)),
    ).toEqual(['-1', '-2', '-3', '-4', '-5', '+2', '+3', '+4', '+5', '+6']);
  });

  it('are a delete and an insert each where no key is taken, and where one row moves twice', async () => {
    const log = await published(async double => {
      await double.run('app', 'UPDATE dbo.T SET id = id + 100, n = 1');
      await double.run(
        'app',
        'BEGIN TRAN; UPDATE dbo.T SET id = 1 WHERE id = 101; UPDATE dbo.T SET id = 2 WHERE id = 1; UPDATE dbo.T SET n = 2; COMMIT',
      );
    });
    expect(log).toEqual([
      ...[1, 2, 3, 4, 5].flatMap(id => [`-${id}`, `+${id + 100}`]),
      ...['-101', '+1', '-1', '+2'],
      ...[2, 102, 103, 104, 105].map(id => `${id}>${id}`),
    ]);
  });

  it('count for unique keys that are not the primary key', async () => {
    expect(
      await published(double =>
        double
          .run('app', 'UPDATE dbo.T SET u = CASE id WHEN 2 THEN 30 WHEN 3 THEN 20 ELSE u END, n = 1')
          .then(() => undefined),
      ),
    ).toEqual(['1>1', '-2', '-3', '+2', '+3', '4>4', '5>5']);
  });

  it('whatever moves where, the log can be applied one change after the other', async () => {
    const shuffles = fc.sample(fc.shuffledSubarray([1, 2, 3, 4, 5, 6, 7], { minLength: 5, maxLength: 5 }), {
      numRuns: 12,
      seed: 4,
    });
    const log = await published(async double => {
      for (const targets of shuffles) {
        // The rows are known by their values of `u`.
        await double.run(
          'app',
          `UPDATE dbo.T SET id = CASE u ${targets.map((id, at) => `WHEN ${(at + 1) * 10} THEN ${id}`).join(' ')} END`,
        );
      }
    });
    const there = new Set([1, 2, 3, 4, 5]);
    for (const change of log) {
      const [, gone, come] = /^(?:-(?=\d))?(?:(\d+)(?=>|$))?>?(?:\+?(\d+))?$/.exec(change) ?? [];
      const [leaves, takes] = change.startsWith('+')
        ? [undefined, change.slice(1)]
        : change.startsWith('-')
          ? [change.slice(1), undefined]
          : [gone, come];
      if (leaves !== undefined) expect(there.delete(Number(leaves))).toBe(true);
      if (takes !== undefined) {
        expect(there.has(Number(takes))).toBe(false);
        there.add(Number(takes));
      }
    }
    expect([...there].sort()).toEqual([...(shuffles.at(-1) ?? [])].sort());
  });
});
