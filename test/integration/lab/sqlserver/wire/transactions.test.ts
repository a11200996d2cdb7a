import { ISOLATION_LEVEL, TYPES } from 'tedious';
import { describe, expect, it } from 'vitest';
import type { InputValue, TransactionRequest } from '../../../../../src/lab/sqlserver/server/requests.ts';
import type { SqlType } from '../../../../../src/lab/sqlserver/values/index.ts';
import { connected, pool, Request, rowsOf, sql, started } from './clients.ts';
import { done, message, returned, scripted, table } from './scripted.ts';

const INT: SqlType = { kind: 'int' };

describe('prepared statements', () => {
  it('are prepared, run and unprepared by name', async () => {
    const calls: [string, readonly InputValue[]][] = [];
    const server = await started(
      scripted({
        call: (procedure, parameters) => {
          calls.push([procedure, parameters]);
          if (procedure === 'sp_prepare') return [returned(0, [{ name: '@handle', type: INT, value: 77 }])];
          return procedure === 'sp_execute' ? [...table([['v', INT]], [5]), returned(0)] : [returned(0)];
        },
      }),
    );
    const client = await pool(server);
    const prepared = new sql.PreparedStatement(client);
    prepared.input('v', sql.Int);
    await prepared.prepare('select @v as v');
    expect((await prepared.execute({ v: 5 })).recordset).toEqual([{ v: 5 }]);
    await prepared.unprepare();
    expect(
      calls.map(([name, parameters]) => [name, parameters.find(one => one.name === '@handle')?.value]),
    ).toEqual([
      ['sp_prepare', null],
      ['sp_execute', 77],
      ['sp_unprepare', 77],
    ]);
  });

  it('of the lower driver come by number', async () => {
    const names: string[] = [];
    const server = await started(
      scripted({
        call: procedure => {
          names.push(procedure);
          if (procedure === 'sp_prepare') return [returned(0, [{ name: '@handle', type: INT, value: 9 }])];
          return [...table([['v', INT]], [5]), returned(0)];
        },
      }),
    );
    const connection = await connected(server);
    const request = new Request('select @v', () => undefined);
    request.addParameter('v', TYPES.Int, null);
    await new Promise(resolve => {
      request.once('prepared', resolve);
      connection.prepare(request);
    });
    await new Promise<void>((resolve, reject) => {
      request.callback = error => (error ? reject(error) : resolve());
      connection.execute(request, { v: 5 });
    });
    await new Promise<void>((resolve, reject) => {
      request.callback = error => (error ? reject(error) : resolve());
      connection.unprepare(request);
    });
    expect(names).toEqual(['sp_prepare', 'sp_execute', 'sp_unprepare']);
  });
});

describe('transactions', () => {
  it('begin with their isolation, and end', async () => {
    const requests: TransactionRequest[] = [];
    let descriptor = 70n;
    const server = await started(
      scripted({
        transaction: request => {
          requests.push(request);
          if (request.kind === 'save') return [done()];
          if (request.kind === 'begin') descriptor += 1n;
          return [{ reply: 'environment', change: { kind: request.kind, transaction: descriptor } }, done()];
        },
      }),
    );
    const client = await pool(server);
    const first = client.transaction();
    await first.begin(sql.ISOLATION_LEVEL.SNAPSHOT);
    expect((await first.request().query('SELECT 1;')).recordset).toHaveLength(1);
    await first.commit();
    const second = client.transaction();
    await second.begin();
    await second.rollback();
    expect(requests).toEqual([
      { kind: 'begin', isolation: 5, name: '' },
      { kind: 'commit', name: '' },
      { kind: 'begin', isolation: 2, name: '' },
      { kind: 'rollback', name: '' },
    ]);
    expect((await client.query('SELECT 1;')).recordset).toHaveLength(1);
  });

  it('of the lower driver have names and save points', async () => {
    const requests: TransactionRequest[] = [];
    const server = await started(
      scripted({
        transaction: request => {
          requests.push(request);
          return request.kind === 'save'
            ? [done()]
            : [{ reply: 'environment', change: { kind: request.kind, transaction: 5n } }, done()];
        },
      }),
    );
    const connection = await connected(server);
    const wait = (start: (settle: (error?: Error | null) => void) => void): Promise<void> =>
      new Promise((resolve, reject) => start(error => (error ? reject(error) : resolve())));
    await wait(settle => connection.beginTransaction(settle, 'öne', ISOLATION_LEVEL.SERIALIZABLE));
    await wait(settle => connection.saveTransaction(settle, 'here'));
    await wait(settle => connection.rollbackTransaction(settle, 'öne'));
    expect(requests).toEqual([
      { kind: 'begin', isolation: 4, name: 'öne' },
      { kind: 'save', name: 'here' },
      { kind: 'rollback', name: 'öne' },
    ]);
  });

  it('that the server refuses fail', async () => {
    const server = await started(
      scripted({ transaction: () => [message(3952, 'Snapshot isolation is not allowed.')] }),
    );
    const client = await pool(server);
    await expect(client.transaction().begin(sql.ISOLATION_LEVEL.SNAPSHOT)).rejects.toMatchObject({
      message: 'Snapshot isolation is not allowed.',
    });
  });

  it('that the server rolls back are over for the driver', async () => {
    const server = await started(
      scripted({
        call: () => [
          message(1205, 'Transaction was deadlocked.', 13),
          { reply: 'environment', change: { kind: 'rollback', transaction: 1n } },
          done(),
        ],
      }),
    );
    const client = await pool(server);
    const transaction = client.transaction();
    const rolledBack = new Promise(resolve => transaction.once('rollback', resolve));
    await transaction.begin();
    await expect(transaction.request().query('x')).rejects.toMatchObject({ number: 1205 });
    expect(await rolledBack).toBe(true);
    await expect(transaction.commit()).rejects.toMatchObject({ code: 'EABORT' });
    expect((await client.query('SELECT 1;')).recordset).toHaveLength(1);
  });

  it('begun by a statement are named by the requests after it', async () => {
    const server = await started(
      scripted({
        batch: text => [
          {
            reply: 'environment',
            change: { kind: text === 'begin' ? 'begin' : 'commit', transaction: 900n },
          },
          done(),
        ],
      }),
    );
    const connection = await connected(server);
    for (const text of ['begin', 'commit', 'begin']) {
      await rowsOf(connection, settle => new Request(text, settle), 'execSqlBatch');
    }
    expect(await rowsOf(connection, settle => new Request('SELECT 1;', settle))).toEqual([[1]]);
  });
});

it('a reset reaches the session before the request, and rolls back', async () => {
  const listener = scripted();
  const server = await started(listener);
  const connection = await connected(server);
  await new Promise<void>((resolve, reject) => {
    connection.beginTransaction(error => (error ? reject(error) : resolve()));
  });
  await new Promise<void>((resolve, reject) => {
    connection.reset(error => (error ? reject(error) : resolve()));
  });
  expect(listener.sessions[0]?.resets).toEqual([false]);
  expect(await rowsOf(connection, settle => new Request('SELECT 1;', settle))).toEqual([[1]]);
});
