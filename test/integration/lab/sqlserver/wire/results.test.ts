import { TYPES } from 'tedious';
import { describe, expect, it } from 'vitest';
import type { InputValue } from '../../../../../src/lab/sqlserver/server/requests.ts';
import { DEFAULT_COLLATION, type SqlType } from '../../../../../src/lab/sqlserver/values/index.ts';
import { connected, pool, Request, rowsOf, sql, started } from './clients.ts';
import { columns, done, message, returned, rows, scripted, statementOf, table } from './scripted.ts';

const UTF8 = 'Latin1_General_100_CI_AS_SC_UTF8';
const INT: SqlType = { kind: 'int' };

describe('results', () => {
  it('are several, with the counts of statements between them', async () => {
    const answer = [
      ...table([['a', INT]], [1], [2]),
      done(7),
      ...table([['b', INT]]),
      done(undefined),
      ...table([['c', INT]], [3]),
    ];
    const server = await started(scripted({ batch: () => answer, call: () => [...answer, returned(0)] }));
    const client = await pool(server);
    for (const result of [await client.query('x'), await client.batch('x')]) {
      expect(result.recordsets).toEqual([[{ a: 1 }, { a: 2 }], [], [{ c: 3 }]]);
      expect(result.rowsAffected).toEqual([2, 7, 0, 1]);
    }
  });

  it('of a procedure come with its return value and its outputs, large ones last', async () => {
    const long = 'x'.repeat(10_000);
    const server = await started(
      scripted({
        call: (procedure, parameters) => {
          expect(procedure).toBe('dbo.work');
          expect(parameters.map(({ name, output }) => [name, output])).toEqual([
            ['@in', false],
            ['@long', true],
            ['@n', true],
          ]);
          return [
            ...table([['a', INT]], [1]),
            returned(-4, [
              {
                name: '@long',
                type: { kind: 'nvarchar', length: 'max', collation: DEFAULT_COLLATION },
                value: long,
              },
              { name: '@n', type: INT, value: 12 },
            ]),
          ];
        },
      }),
    );
    const client = await pool(server);
    const result = await client
      .request()
      .input('in', sql.Int, 5)
      .output('long', sql.NVarChar(sql.MAX))
      .output('n', sql.Int)
      .execute('dbo.work');
    expect(result.returnValue).toBe(-4);
    expect(result.output).toEqual({ long, n: 12 });
    expect(result.recordset).toEqual([{ a: 1 }]);
    const connection = await connected(server);
    const order: string[] = [];
    await rowsOf(
      connection,
      settle => {
        const request = new Request('dbo.work', settle);
        request.addParameter('in', TYPES.Int, 5);
        request.addOutputParameter('long', TYPES.NVarChar);
        request.addOutputParameter('n', TYPES.Int);
        request.on('returnValue', name => order.push(name));
        return request;
      },
      'callProcedure',
    );
    expect(order).toEqual(['n', 'long']);
  });

  it('with a JSON column of many rows are joined by the driver', async () => {
    const server = await started(
      scripted({
        call: () => [
          ...table(
            [
              [
                'JSON_F52E2B61-18A1-11d1-B105-00805F49916B',
                { kind: 'nvarchar', length: 'max', collation: DEFAULT_COLLATION },
              ],
            ],
            ['[{"a":'],
            ['1}]'],
          ),
        ],
      }),
    );
    const client = await pool(server);
    const { recordset } = await client.query('x for json path');
    expect(Object.values(recordset[0])).toEqual(['[{"a":1}]']);
  });
});

describe('an error', () => {
  const failing = () => [
    message(2627, 'Violation of PRIMARY KEY constraint.', 14, { state: 2, line: 7, procedure: 'dbo.p' }),
    message(3621, 'The statement has been terminated.', 0),
    done(),
  ];

  it('has number, state, class, line, procedure and server', async () => {
    const server = await started(scripted({ batch: failing, call: failing }));
    const client = await pool(server);
    for (const run of [client.query('x'), client.batch('x')]) {
      await expect(run).rejects.toMatchObject({
        code: 'EREQUEST',
        number: 2627,
        state: 2,
        class: 14,
        lineNumber: 7,
        procName: 'dbo.p',
        serverName: 'DOUBLE1',
        message: 'Violation of PRIMARY KEY constraint.',
      });
    }
    expect((await client.query('SELECT 1;')).recordset).toHaveLength(1);
  });

  it('is the last of several, with the others before it', async () => {
    const answer = [message(15002, 'first'), message(15003, 'second'), message(15004, 'third')];
    const server = await started(scripted({ batch: () => answer, call: () => answer }));
    const client = await pool(server);
    await expect(client.query('x')).rejects.toMatchObject({
      number: 15004,
      precedingErrors: [
        expect.objectContaining({ number: 15002, message: 'first' }),
        expect.objectContaining({ number: 15003 }),
      ],
    });
    await expect(client.request().execute('p')).rejects.toMatchObject({
      precedingErrors: [{ number: 15002 }, { number: 15003 }, { number: 15004 }],
    });
  });

  it('after rows ends the batch, and the connection goes on', async () => {
    const server = await started(
      scripted({
        batch: () => [...table([['a', INT]], [1]), message(8134, 'Divide by zero error encountered.')],
      }),
    );
    const connection = await connected(server);
    await expect(
      rowsOf(connection, settle => new Request('x', settle), 'execSqlBatch'),
    ).rejects.toMatchObject({
      number: 8134,
    });
    expect(await rowsOf(connection, settle => new Request('SELECT 1;', settle))).toEqual([[1]]);
  });

  it('of severity 20 ends the connection, and the pool opens another', async () => {
    const listener = scripted({
      call: () => [message(21, 'Warning: Fatal error 823 occurred.', 24), done(1)],
    });
    const server = await started(listener);
    const client = await pool(server, { pool: { max: 1 } });
    await expect(client.query('x')).rejects.toMatchObject({ number: 21 });
    await expect.poll(() => listener.sessions.filter(session => !session.over)).toHaveLength(0);
    expect((await client.query('SELECT 1;')).recordset).toHaveLength(1);
  });

  it('of the double itself says so, and ends the connection', async () => {
    const lines: string[] = [];
    const server = await started(scripted({ call: () => [columns(['a', INT]), rows([1], ['no number'])] }), {
      log: line => lines.push(line),
    });
    const connection = await connected(server);
    const found: unknown[] = [];
    const result = new Promise((_resolve, reject) => {
      const request = new Request('x', error => reject(error));
      request.on('row', (row: readonly { value: unknown }[]) => found.push(row[0]?.value));
      connection.execSql(request);
    });
    await expect(result).rejects.toMatchObject({
      number: 3624,
      class: 20,
      message: expect.stringContaining('string as int'),
    });
    expect(found).toEqual([1]);
    expect(lines.join()).toContain('string as int');
  });

  it('thrown by a session is one of the double too', async () => {
    const server = await started(
      scripted({
        call: () => {
          throw new RangeError('a slip');
        },
      }),
    );
    const client = await pool(server);
    await expect(client.query('x')).rejects.toMatchObject({
      number: 3624,
      message: expect.stringContaining('a slip'),
    });
  });
});

describe('messages', () => {
  it('below severity 11 are information', async () => {
    const server = await started(
      scripted({
        call: () => [
          message(0, 'printed', 0),
          message(50_000, 'raised', 10, { line: 3 }),
          done(),
          returned(0),
        ],
      }),
    );
    const client = await pool(server);
    const request = client.request();
    const heard: unknown[] = [];
    request.on('info', ({ message: text, number, lineNumber }) => heard.push([text, number, lineNumber]));
    await request.query('x');
    expect(heard).toEqual([
      ['printed', 0, 1],
      ['raised', 50_000, 3],
    ]);
  });

  it('that are sent at once arrive while the request runs', async () => {
    let go = (): void => undefined;
    const heard = new Promise<void>(resolve => {
      go = resolve;
    });
    const server = await started(
      scripted({
        async *call() {
          yield message(3211, '10 percent processed.', 0, { now: true });
          await heard;
          yield done();
          yield returned(0);
        },
      }),
    );
    const client = await pool(server);
    const request = client.request();
    request.on('info', () => go());
    await request.query('backup');
  });

  it('of the change of the database reach the client', async () => {
    const seen: InputValue[] = [];
    const server = await started(
      scripted({
        call: (_procedure, parameters) => {
          seen.push(...parameters);
          return [returned(0)];
        },
        batch: () => [
          {
            reply: 'environment',
            change: { kind: 'database', name: 'Loans', before: 'master', collation: UTF8 },
          },
          message(5701, "Changed database context to 'Loans'.", 0),
          done(),
        ],
      }),
    );
    const connection = await connected(server);
    const changed = new Promise(resolve => connection.once('databaseChange', resolve));
    await rowsOf(connection, settle => new Request('use Loans', settle), 'execSqlBatch');
    expect(await changed).toBe('Loans');
    await rowsOf(
      connection,
      settle => {
        const request = new Request('p', settle);
        request.addParameter('v', TYPES.VarChar, 'ж', { length: 4 });
        return request;
      },
      'callProcedure',
    );
    expect(seen).toMatchObject([{ value: 'ж', type: { collation: UTF8 } }]);
  });
});

it('a batch reaches the session with every character', async () => {
  const seen: string[] = [];
  const text = `select N'ä€🙂\ud800'${' '.repeat(5000)}-- end`;
  const server = await started(
    scripted({
      batch: given => {
        seen.push(given);
        return [done()];
      },
      call: (_procedure, parameters) => {
        seen.push(statementOf(parameters));
        return [returned(0)];
      },
    }),
  );
  const client = await pool(server);
  await client.batch(text);
  await client.query(text);
  expect(seen).toEqual([text, text]);
});
