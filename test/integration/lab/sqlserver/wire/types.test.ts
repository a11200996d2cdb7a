import { TYPES } from 'tedious';
import { describe, expect, it } from 'vitest';
import type { InputValue, TableValue } from '../../../../../src/lab/sqlserver/server/requests.ts';
import {
  collation,
  DEFAULT_COLLATION,
  type SqlType,
  type Value,
} from '../../../../../src/lab/sqlserver/values/index.ts';
import { connected, pool, Request, rowsOf, sql, started } from './clients.ts';
import { CASES, LONG, text } from './parameter-cases.ts';
import { column, done, returned, rows, scripted, table } from './scripted.ts';

const isTable = (value: Value | TableValue): value is TableValue =>
  value !== null && typeof value === 'object' && 'typeName' in value;

const plain = ({ value }: InputValue): Value => {
  if (isTable(value)) throw new Error('a table');
  return value;
};

/** A server that answers the parameters of a statement as one row, and as outputs where they are outputs. */
function echo(seen: InputValue[] = []) {
  return scripted({
    call: (_procedure, parameters) => {
      const own = parameters.filter(
        parameter => parameter.name !== '@statement' && parameter.name !== '@params',
      );
      seen.push(...own);
      return [
        { reply: 'columns', columns: own.map(({ name, type }) => column(name.slice(1), type)) },
        rows(own.map(plain)),
        done(1, 'select'),
        returned(
          0,
          own
            .filter(({ output }) => output)
            .map(one => ({ name: one.name, type: one.type, value: plain(one) })),
        ),
      ];
    },
  });
}

describe('a parameter comes back as it was sent', () => {
  it.each(CASES)('$name', async ({ type, options, sent, back, seen }) => {
    const received: InputValue[] = [];
    const server = await started(echo(received));
    const connection = await connected(server);
    const result = await rowsOf(connection, settle => {
      const request = new Request('x', settle);
      request.addParameter('v', type, sent, options);
      request.addParameter('n', type, null, options);
      return request;
    });
    expect(received[0]?.type).toEqual(seen);
    expect(received[1]?.value).toBeNull();
    const value = result[0]?.[0];
    expect(value instanceof Date ? value.getTime() : value).toEqual(
      sent instanceof Date ? sent.getTime() : (back ?? sent),
    );
    expect(result[0]?.[1]).toBeNull();
  });

  it.each(CASES.filter(({ name }) => !['text', 'image'].includes(name)))('$name as an output', async one => {
    const server = await started(echo());
    const connection = await connected(server);
    const outputs: unknown[] = [];
    await rowsOf(connection, settle => {
      const request = new Request('x', settle);
      request.addOutputParameter('v', one.type, one.sent, one.options);
      request.on('returnValue', (name, value) =>
        outputs.push([name, value instanceof Date ? value.getTime() : value]),
      );
      return request;
    });
    expect(outputs).toEqual([['v', one.sent instanceof Date ? one.sent.getTime() : (one.back ?? one.sent)]]);
  });
});

/** One row of these columns and values, as the driver reads it. */
async function served(type: SqlType, ...values: Value[]): Promise<unknown[]> {
  const server = await started(
    scripted({ call: () => [...table([['v', type]], ...values.map(value => [value]))] }),
  );
  const connection = await connected(server);
  return (await rowsOf(connection, settle => new Request('x', settle))).map(row => row[0]);
}

describe('a column', () => {
  it.each<[string, SqlType, Value, unknown]>([
    [
      'rowversion',
      { kind: 'rowversion' },
      new Uint8Array([0, 0, 0, 0, 0, 0, 7, 209]),
      Buffer.from('00000000000007d1', 'hex'),
    ],
    ['xml', { kind: 'xml' }, '<a>ä🙂</a>', '<a>ä🙂</a>'],
    ['ntext', { kind: 'ntext', collation: DEFAULT_COLLATION }, LONG, LONG],
    ['decimal(38,20)', { kind: 'decimal', precision: 38, scale: 20 }, -(15n * 10n ** 19n), -1.5],
    ['decimal(13,0)', { kind: 'decimal', precision: 13, scale: 0 }, 9_007_199_254n, 9_007_199_254],
    [
      'utf-8 varchar',
      { kind: 'varchar', length: 30, collation: 'Latin1_General_100_CI_AS_SC_UTF8' },
      'ж🙂é',
      'ж🙂é',
    ],
    ['empty nvarchar(max)', { kind: 'nvarchar', length: 'max', collation: DEFAULT_COLLATION }, '', ''],
    ['empty varbinary', { kind: 'varbinary', length: 5 }, new Uint8Array(0), Buffer.alloc(0)],
    ['empty text', { kind: 'text', collation: DEFAULT_COLLATION }, '', ''],
    ['sql_variant of int', { kind: 'sql_variant' }, { type: { kind: 'int' }, value: 42 }, 42],
    ['sql_variant of bigint', { kind: 'sql_variant' }, { type: { kind: 'bigint' }, value: 5n }, '5'],
    [
      'sql_variant of nvarchar',
      { kind: 'sql_variant' },
      {
        type: { kind: 'nvarchar', length: 128, collation: DEFAULT_COLLATION },
        value: 'Standard Edition (64-bit) €',
      },
      'Standard Edition (64-bit) €',
    ],
    [
      'sql_variant of varchar',
      { kind: 'sql_variant' },
      { type: { kind: 'varchar', length: 128, collation: DEFAULT_COLLATION }, value: 'plain' },
      'plain',
    ],
    [
      'sql_variant of numeric',
      { kind: 'sql_variant' },
      { type: { kind: 'numeric', precision: 25, scale: 2 }, value: 1250n },
      12.5,
    ],
    [
      'sql_variant of varbinary',
      { kind: 'sql_variant' },
      { type: { kind: 'varbinary', length: 8 }, value: new Uint8Array([1, 2]) },
      Buffer.from([1, 2]),
    ],
    [
      'sql_variant of uniqueidentifier',
      { kind: 'sql_variant' },
      { type: { kind: 'uniqueidentifier' }, value: '11223344-5566-7788-99AA-BBCCDDEEFF00' },
      '11223344-5566-7788-99AA-BBCCDDEEFF00',
    ],
    [
      'sql_variant of datetime2',
      { kind: 'sql_variant' },
      { type: { kind: 'datetime2', scale: 3 }, value: 739_617n * 864_000_000_000n },
      new Date('2026-01-02T00:00:00Z'),
    ],
  ])('of %s is read by the driver', async (_name, type, value, expected) => {
    const [first, second] = await served(type, value, null);
    if (expected instanceof Date) expect(first).toMatchObject({ getTime: expect.any(Function) });
    expect(first instanceof Date ? first.getTime() : first).toEqual(
      expected instanceof Date ? expected.getTime() : expected,
    );
    expect(second).toBeNull();
  });

  it('keeps seven digits of a datetime2', async () => {
    const [value] = await served(
      { kind: 'datetime2', scale: 7 },
      739_617n * 864_000_000_000n + 12_345_678_901n,
    );
    expect(value).toMatchObject({ nanosecondsDelta: 0.0008901 });
    expect(value instanceof Date && value.toISOString()).toBe('2026-01-02T00:20:34.567Z');
  });

  it('tells the driver its facts', async () => {
    const server = await started(
      scripted({
        call: () => [
          {
            reply: 'columns',
            columns: [
              { name: 'id', type: { kind: 'int' }, nullable: false, identity: true },
              column('name', { kind: 'nvarchar', length: 7, collation: 'Latin1_General_CS_AS' }),
              column('amount', { kind: 'decimal', precision: 18, scale: 4 }, false),
            ],
          },
          rows([1, null, 25_000n]),
          done(1, 'select'),
        ],
      }),
    );
    const client = await pool(server);
    const { recordset } = await client.query('x');
    expect(recordset).toEqual([{ id: 1, name: null, amount: 2.5 }]);
    expect(recordset.columns['id']).toMatchObject({ nullable: false, identity: true, readOnly: true });
    expect(recordset.columns['name']).toMatchObject({ nullable: true, caseSensitive: true, length: 14 });
    expect(recordset.columns['amount']).toMatchObject({ nullable: false, precision: 18, scale: 4 });
  });

  it('may be one of very many, most of them null', async () => {
    const described = Array.from({ length: 300 }, (_, index) => [`c${index}`, text('nvarchar', 10)] as const);
    const value = (index: number): string | null => (index % 37 === 0 ? `v${index}` : null);
    const server = await started(
      scripted({
        call: () => [
          ...table(
            described,
            described.map((_, index) => value(index)),
          ),
        ],
      }),
    );
    const connection = await connected(server);
    const [row] = await rowsOf(connection, settle => new Request('x', settle));
    expect(row).toEqual(described.map((_, index) => value(index)));
  });
});

describe('a table-valued parameter', () => {
  it('arrives with its name, its columns and its rows', async () => {
    const received: InputValue[] = [];
    const server = await started(
      scripted({
        call: (_procedure, parameters) => {
          received.push(...parameters);
          return [returned(3)];
        },
      }),
    );
    const client = await pool(server);
    const rowsSent = new sql.Table('dbo.Keys');
    rowsSent.columns.add('id', sql.Int);
    rowsSent.columns.add('name', sql.NVarChar(20));
    rowsSent.columns.add('note', sql.NVarChar(sql.MAX));
    rowsSent.rows.add(1, 'ä', null);
    rowsSent.rows.add(2, null, LONG);
    const request = client.request();
    request.input('keys', sql.TVP, rowsSent);
    expect((await request.execute('dbo.take')).returnValue).toBe(3);
    expect(received).toMatchObject([
      {
        name: '@keys',
        value: {
          typeName: ['dbo', 'Keys'],
          columns: [{ kind: 'int' }, { kind: 'nvarchar', length: 20 }, { kind: 'nvarchar', length: 'max' }],
          rows: [
            [1, 'ä', null],
            [2, null, LONG],
          ],
        },
      },
    ]);
  });
});

it('the collation of the login is what varchar parameters are encoded with', async () => {
  const received: InputValue[] = [];
  const server = await started(
    scripted({
      collation: 'Latin1_General_100_CI_AS_SC_UTF8',
      call: (_procedure, parameters) => {
        received.push(...parameters);
        return [returned(0)];
      },
    }),
  );
  const connection = await connected(server);
  await rowsOf(
    connection,
    settle => {
      const request = new Request('p', settle);
      request.addParameter('v', TYPES.VarChar, 'ж', { length: 10 });
      return request;
    },
    'callProcedure',
  );
  expect(received[0]).toMatchObject({ value: 'ж', type: { collation: 'Latin1_General_100_CI_AS_SC_UTF8' } });
  expect(collation('Latin1_General_100_CI_AS_SC_UTF8').codePage).toBe(65001);
});

describe('a bulk row', () => {
  it.each(CASES)('of $name arrives as a parameter does', async ({ type, options, sent, seen }) => {
    const parameters: InputValue[] = [];
    const found: { type: SqlType; row: readonly Value[] }[] = [];
    const server = await started(
      scripted({
        call: (_procedure, given) => {
          parameters.push(...given);
          return [returned(0)];
        },
        async *bulk(load) {
          const kind = load.columns[0]?.type;
          for await (const part of load.rows)
            for (const row of part) if (kind !== undefined) found.push({ type: kind, row });
          yield done(found.length);
        },
      }),
    );
    const connection = await connected(server);
    await rowsOf(
      connection,
      settle => {
        const request = new Request('p', settle);
        request.addParameter('v', type, sent, options);
        return request;
      },
      'callProcedure',
    );
    const count = await new Promise<number | undefined>((resolve, reject) => {
      const load = connection.newBulkLoad('dbo.t', (error, rowCount) =>
        error ? reject(error) : resolve(rowCount),
      );
      const length =
        type === TYPES.NVarChar || type === TYPES.VarChar || type === TYPES.VarBinary ? Infinity : undefined;
      load.addColumn('v', type, { nullable: true, ...(length === undefined ? {} : { length }), ...options });
      connection.execBulkLoad(load, [[sent], [null]]);
    });
    expect(count).toBe(2);
    expect(found[0]?.type).toEqual(seen);
    expect(found.map(({ row }) => row)).toEqual([[parameters[0]?.value], [null]]);
  });
});
