import { Readable } from 'node:stream';
import { TYPES } from 'tedious';
import { describe, expect, it } from 'vitest';
import type { Reply } from '../../../../../src/lab/sqlserver/server/replies.ts';
import {
  DEFAULT_COLLATION,
  type SqlType,
  type Value,
} from '../../../../../src/lab/sqlserver/values/index.ts';
import { connected, pool, Request, rowsOf, sql, started } from './clients.ts';
import {
  columns,
  done,
  message,
  returned,
  rows,
  type ScriptedListener,
  scripted,
  table,
} from './scripted.ts';

const INT: SqlType = { kind: 'int' };
const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve));

/** A promise and what settles it. */
function signalled(): { readonly promise: Promise<void>; readonly settle: () => void } {
  let settle = (): void => undefined;
  const promise = new Promise<void>(resolve => {
    settle = resolve;
  });
  return { promise, settle };
}

function bulkServer(found: Value[][], reply?: () => readonly Reply[]): ScriptedListener {
  return scripted({
    batch: () => [done()],
    async *bulk(load) {
      for await (const part of load.rows) for (const row of part) found.push([...row]);
      yield* reply?.() ?? [done(found.length)];
    },
  });
}

function bulkTable(count: number): sql.Table {
  const sent = new sql.Table('dbo.t');
  sent.columns.add('id', sql.Int, { nullable: false });
  sent.columns.add('name', sql.NVarChar(50), { nullable: true });
  sent.columns.add('amount', sql.Decimal(18, 4), { nullable: true });
  sent.columns.add('note', sql.NVarChar(sql.MAX), { nullable: true });
  for (let index = 0; index < count; index += 1) {
    sent.rows.add(index, index % 3 === 0 ? null : `näme ${index}`, index / 4, 'n'.repeat(index % 50));
  }
  return sent;
}

describe('a bulk load', () => {
  it.each([0, 1, 5000])('of %d rows arrives whole', async count => {
    const found: Value[][] = [];
    const server = await started(bulkServer(found));
    const client = await pool(server);
    const result = await client.request().bulk(bulkTable(count));
    expect(result.rowsAffected).toBe(count);
    expect(found).toHaveLength(count);
    for (const [index, row] of found.entries()) {
      expect(row).toEqual([
        index,
        index % 3 === 0 ? null : `näme ${index}`,
        BigInt(index) * 2500n,
        'n'.repeat(index % 50),
      ]);
    }
  });

  it('that the session reads slowly makes the client wait', async () => {
    let held = 0;
    let read = 0;
    const go = signalled();
    const server = await started(
      scripted({
        async *bulk(load) {
          await go.promise;
          for await (const part of load.rows) read += part.length;
          yield done(read);
        },
      }),
    );
    const connection = await connected(server, { requestTimeout: 0 });
    const loaded = new Promise<number | undefined>((resolve, reject) => {
      const load = connection.newBulkLoad('dbo.t', (error, count) =>
        error ? reject(error) : resolve(count),
      );
      load.addColumn('blob', TYPES.VarBinary, { length: Infinity, nullable: false });
      function* source(): Generator<Buffer[]> {
        for (let index = 0; index < 400; index += 1) {
          held += 1;
          yield [Buffer.alloc(100_000)];
        }
      }
      connection.execBulkLoad(load, Readable.from(source()));
    });
    // What the kernel and both ends hold is far less than the 40 MB of the table.
    let before = -1;
    while (held !== before) {
      before = held;
      for (let turns = 0; turns < 200; turns += 1) await turn();
    }
    expect(held).toBeGreaterThan(0);
    expect(held).toBeLessThan(350);
    go.settle();
    expect(await loaded).toBe(400);
  });

  it('that is refused before or while it is read fails, and the connection goes on', async () => {
    let refusal: 'insert' | 'rows' | 'end' = 'insert';
    const server = await started(
      scripted({
        batch: () => (refusal === 'insert' ? [message(208, "Invalid object name 'dbo.t'.")] : [done()]),
        async *bulk(load) {
          for await (const part of load.rows) {
            if (refusal === 'rows') return yield message(2627, `duplicate after ${part.length > 0}`, 14);
          }
          yield message(3621, 'refused at the end');
        },
      }),
    );
    const client = await pool(server, { pool: { max: 1 } });
    await expect(client.request().bulk(bulkTable(10))).rejects.toMatchObject({ number: 208 });
    refusal = 'rows';
    await expect(client.request().bulk(bulkTable(20_000))).rejects.toMatchObject({ number: 2627 });
    refusal = 'end';
    await expect(client.request().bulk(bulkTable(10))).rejects.toMatchObject({ number: 3621 });
    expect((await client.query('SELECT 1;')).recordset).toHaveLength(1);
  });

  it('that the client takes back is never whole, and the connection goes on', async () => {
    let outcome: unknown;
    const begun = signalled();
    const listener = scripted({
      async *bulk(load, signal) {
        try {
          for await (const part of load.rows) if (part.length > 0) begun.settle();
          outcome = 'whole';
          yield done(1);
        } catch (error) {
          outcome = [signal.aborted, error instanceof Error && 'number' in error ? error.number : error];
          yield message(4002, 'not whole');
        }
      },
    });
    const server = await started(listener);
    const connection = await connected(server);
    const cancelled = new Promise((_resolve, reject) => {
      const load = connection.newBulkLoad('dbo.t', error => reject(error));
      load.addColumn('id', TYPES.Int, { nullable: false });
      const source = new Readable({ objectMode: true, read: () => undefined });
      for (let index = 0; index < 5000; index += 1) source.push([index]);
      connection.execBulkLoad(load, source);
      begun.promise.then(
        () => load.cancel(),
        () => undefined,
      );
    });
    await expect(cancelled).rejects.toMatchObject({ message: 'Canceled.' });
    expect(await rowsOf(connection, settle => new Request('SELECT 1;', settle))).toEqual([[1]]);
    expect(outcome).toEqual([true, 4002]);
    expect(listener.sessions).toHaveLength(1);
  });

  it('whose connection is lost ends in the session', async () => {
    const lost = signalled();
    let number: unknown;
    const begun = signalled();
    const listener = scripted({
      // biome-ignore lint/correctness/useYield: it never gets as far.
      async *bulk(load) {
        try {
          for await (const part of load.rows) if (part.length > 0) begun.settle();
        } catch (error) {
          number = error instanceof Error && 'number' in error ? error.number : error;
          lost.settle();
          throw error;
        }
      },
    });
    const server = await started(listener);
    const connection = await connected(server);
    const load = connection.newBulkLoad('dbo.t', () => undefined);
    load.addColumn('id', TYPES.Int, { nullable: false });
    const source = new Readable({ objectMode: true, read: () => undefined });
    for (let index = 0; index < 5000; index += 1) source.push([index]);
    connection.execBulkLoad(load, source);
    await begun.promise;
    connection.close();
    await lost.promise;
    expect(number).toBe(4002);
    await expect.poll(() => listener.sessions[0]?.over).toBe(true);
  });
});

/** A request that runs until it is aborted. */
function endless(begun: () => void, rowsFirst = false) {
  return scripted({
    async *call(_procedure, _parameters, signal) {
      if (rowsFirst) {
        yield columns(['a', INT]);
        yield rows(...Array.from({ length: 5000 }, (_, index) => [index]));
      }
      begun();
      if (!signal.aborted)
        await new Promise(resolve => signal.addEventListener('abort', resolve, { once: true }));
      if (rowsFirst) yield rows([-1]);
      yield message(3617, 'The statement has been terminated.', 11);
    },
  });
}

describe('a request that is cancelled', () => {
  it.each([false, true])('ends, and the connection is used again (rows before: %s)', async rowsFirst => {
    const begun = signalled();
    const listener = endless(begun.settle, rowsFirst);
    const server = await started(listener);
    const connection = await connected(server);
    const found: unknown[] = [];
    const cancelled = new Promise((_resolve, reject) => {
      const request = new Request('x', error => reject(error));
      request.on('row', (row: readonly { value: unknown }[]) => found.push(row[0]?.value));
      connection.execSql(request);
      begun.promise.then(
        () => connection.cancel(),
        () => undefined,
      );
    });
    await expect(cancelled).rejects.toMatchObject({ code: 'ECANCEL' });
    expect(found).not.toContain(-1);
    for (let round = 0; round < 3; round += 1) {
      expect(await rowsOf(connection, settle => new Request('SELECT 1;', settle))).toEqual([[1]]);
    }
    expect(listener.sessions).toHaveLength(1);
  });

  it('by a timeout fails, and the pool uses its connection again', async () => {
    const listener = endless(() => undefined);
    const server = await started(listener);
    const client = await pool(server, { requestTimeout: 50, pool: { max: 1 } });
    await expect(client.query('x')).rejects.toMatchObject({ code: 'ETIMEOUT' });
    expect((await client.query('SELECT 1;')).recordset).toHaveLength(1);
    expect(listener.sessions.filter(session => !session.over)).toHaveLength(1);
  });

  it('when it has ended already does no harm', async () => {
    const server = await started(scripted({ call: () => [...table([['a', INT]], [1]), returned(0)] }));
    const connection = await connected(server);
    for (let round = 0; round < 50; round += 1) {
      const settled = new Promise<void>(resolve => {
        const request = new Request('x', () => resolve());
        connection.execSql(request);
        setImmediate(() => connection.cancel());
      });
      await settled;
    }
    expect(await rowsOf(connection, settle => new Request('SELECT 1;', settle))).toEqual([[1]]);
  });

  it('while its rows wait for the client ends as well', async () => {
    const server = await started(
      scripted({
        async *call(_procedure, _parameters, signal) {
          yield columns(['a', { kind: 'nvarchar', length: 'max', collation: DEFAULT_COLLATION }]);
          while (!signal.aborted) yield rows(['x'.repeat(100_000)]);
        },
      }),
    );
    const connection = await connected(server);
    const cancelled = new Promise((_resolve, reject) => {
      const request = new Request('x', error => reject(error));
      request.once('row', () => {
        request.pause();
        setImmediate(() => connection.cancel());
      });
      connection.execSql(request);
    });
    await expect(cancelled).rejects.toMatchObject({ code: 'ECANCEL' });
    expect(await rowsOf(connection, settle => new Request('SELECT 1;', settle))).toEqual([[1]]);
  });
});

describe('a stream of rows', () => {
  it('that the client pauses makes the session wait', async () => {
    let made = 0;
    const server = await started(
      scripted({
        async *call() {
          yield columns(['n', INT], ['t', { kind: 'nvarchar', length: 4000, collation: DEFAULT_COLLATION }]);
          for (; made < 2000; made += 1)
            yield rows(...Array.from({ length: 10 }, (_, index) => [made * 10 + index, 'y'.repeat(1000)]));
          yield done(20_000, 'select');
          yield returned(0);
        },
      }),
    );
    const client = await pool(server);
    const request = client.request();
    request.stream = true;
    const numbers: number[] = [];
    let paused = -1;
    const ended = new Promise<void>((resolve, reject) => {
      request.on('error', reject);
      request.on('done', () => resolve());
      request.on('row', (row: { n: number }) => {
        numbers.push(row.n);
        if (numbers.length !== 10) return;
        request.pause();
        const settleDown = async (): Promise<void> => {
          for (let before = -1; before !== made; ) {
            before = made;
            for (let turns = 0; turns < 200; turns += 1) await turn();
          }
          paused = made;
          request.resume();
        };
        settleDown().catch(reject);
      });
    });
    const queried = request.query('x');
    await ended;
    await queried;
    expect(paused).toBeLessThan(1900);
    expect(numbers).toEqual(Array.from({ length: 20_000 }, (_, index) => index));
  });
});

describe('a connection that is lost', () => {
  it('in a request aborts it and ends the session', async () => {
    const begun = signalled();
    const listener = endless(begun.settle, true);
    const server = await started(listener);
    const connection = await connected(server);
    connection.execSql(new Request('x', () => undefined));
    await begun.promise;
    connection.close();
    await expect.poll(() => listener.sessions[0]?.over).toBe(true);
    expect(server.connections()).toBe(0);
  });

  it('by KILL fails the request, and the pool opens another', async () => {
    const begun = signalled();
    const listener = endless(begun.settle);
    const server = await started(listener);
    const client = await pool(server, { pool: { max: 1 } });
    const running = expect(client.query('x')).rejects.toMatchObject({ number: 3617 });
    await begun.promise;
    for (const session of listener.sessions) session.kill();
    await running;
    expect((await client.query('SELECT 1;')).recordset).toHaveLength(1);
    expect(listener.sessions.filter(session => !session.over)).toHaveLength(1);
  });

  it('by KILL while it is idle is replaced', async () => {
    const listener = scripted();
    const server = await started(listener);
    const client = await pool(server, { pool: { max: 1 } });
    await client.query('SELECT 1;');
    for (const session of listener.sessions) session.kill();
    await expect.poll(() => server.connections()).toBe(0);
    expect((await client.query('SELECT 1;')).recordset).toHaveLength(1);
  });

  it('by the end of the server fails what runs', async () => {
    const begun = signalled();
    const listener = endless(begun.settle);
    const server = await started(listener);
    const client = await pool(server);
    const running = expect(client.query('x')).rejects.toMatchObject({ code: 'ECONNRESET' });
    await begun.promise;
    await server.close();
    await running;
    expect(listener.sessions.every(session => session.over)).toBe(true);
  });
});

it('three hundred connections are served at once', async () => {
  let atOnce = 0;
  const all = signalled();
  const listener = scripted({
    async *call() {
      atOnce += 1;
      if (atOnce === 300) all.settle();
      await all.promise;
      yield* table([['a', INT]], [1]);
      yield returned(0);
    },
  });
  const server = await started(listener);
  const client = await pool(server, { pool: { max: 300 } });
  const results = await Promise.all(Array.from({ length: 300 }, () => client.query('x')));
  expect(results.every(result => result.recordset.length === 1)).toBe(true);
  expect(server.connections()).toBe(300);
  expect(new Set(listener.sessions.map(session => session.id)).size).toBe(listener.sessions.length);
});
