import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { SA_PASSWORD, type SqlDouble, startDouble } from '../../support/sql-double.ts';
import { login7 } from '../../unit/lab/sqlserver/wire/login7-bytes.ts';
import { failure } from './case.ts';
import { type Client, Failure, UNKNOWN_SERVER } from './client.ts';
import { type Dice, dice, Statements } from './statements.ts';
import { connectTedious } from './tedious-client.ts';

/**
 * Noise through the driver and below it: the double answers errors of its own and lives. A fault of the double itself shows
 * as 3624. LANDFALL_MSSQL_FUZZ_SECONDS makes it go on, LANDFALL_MSSQL_FUZZ_SEED begins elsewhere.
 */

const SEED = Number(process.env['LANDFALL_MSSQL_FUZZ_SEED'] ?? 1);
const SECONDS = Number(process.env['LANDFALL_MSSQL_FUZZ_SECONDS'] ?? 0);
const TABLES = `CREATE TABLE dbo.t (a int NULL, b varchar(10) NULL, c datetime2(3) NULL);
  CREATE TABLE dbo.u (a int NOT NULL PRIMARY KEY, y nvarchar(max) NULL);
  INSERT dbo.t VALUES (1, 'x', '2026-01-01'), (2, NULL, NULL), (NULL, '3', '1999-12-31'); INSERT dbo.u VALUES (1, N'ž'), (2, NULL)`;

const client = (double: SqlDouble): Promise<Client> =>
  connectTedious(
    {
      ...{ host: double.host, port: double.port, user: 'sa', password: SA_PASSWORD, database: 'app' },
      ...{ encrypt: false, trust: true },
    },
    UNKNOWN_SERVER,
  );

/** At least `rounds`, and for as long as was asked for. */
function* rounds(count: number): Generator<number> {
  const end = Date.now() + SECONDS * 1000;
  for (let round = 0; round < count || Date.now() < end; round += 1) yield round;
}

describe('noise', () => {
  it('as T-SQL is answered or refused, and never breaks the double', {
    timeout: 60_000 + SECONDS * 2000,
  }, async () => {
    await using double = await startDouble();
    const session = await client(double);
    await session.batch(TABLES);
    const statements = new Statements(dice(SEED));
    const counts = { answered: 0, refused: 0 };
    for (const round of rounds(600)) {
      const text = statements.batch();
      const outcome = await session.batch(text).then(
        () => undefined,
        (error: unknown) => error,
      );
      if (outcome === undefined) counts.answered += 1;
      else if (outcome instanceof Failure && outcome.errors.length > 0) {
        counts.refused += 1;
        const broken = outcome.errors.filter(each => each.number === 3624 || each.severity >= 20);
        expect(broken, `seed ${SEED}, round ${round}: ${text}`).toEqual([]);
      } else throw new Error(`seed ${SEED}, round ${round}: ${text}`, { cause: outcome });
    }
    expect(counts.answered).toBeGreaterThan(0);
    expect(counts.refused).toBeGreaterThan(0);
    await session.batch('IF @@TRANCOUNT > 0 ROLLBACK');
    expect((await session.batch('SELECT 1')).sets[0]?.rows).toEqual([[1]]);
    await session.close();
  });

  it('as bytes ends one connection at most', { timeout: 60_000 + SECONDS * 2000 }, async () => {
    const lines: string[] = [];
    await using double = await startDouble({ log: line => lines.push(line) });
    const session = await client(double);
    const random = dice(SEED + 1);
    for (const _round of rounds(150)) await sent(double.port, mutated(conversation(), random));
    expect((await session.batch('SELECT 1')).sets[0]?.rows).toEqual([[1]]);
    await session.close();
    const failed = await failure(client(double).then(other => other.batch('SELECT 1/0')));
    expect(failed.errors.map(each => each.number)).toEqual([8134]);
    expect(lines.filter(line => /TypeError|ReferenceError/.test(line))).toEqual([]);
  });
});

/** PRELOGIN, LOGIN7, a batch, a call with parameters, a bulk load: as a driver sends them. */
function conversation(): readonly Buffer[] {
  const login = login7({ host: 'noise', user: 'sa', password: SA_PASSWORD, database: 'app' });
  const headers = Buffer.from('16000000120000000200000000000000000001000000', 'hex');
  const batch = (text: string): Buffer => packet(1, Buffer.concat([headers, Buffer.from(text, 'utf16le')]));
  const call = Buffer.from(
    `ffff0a0000000a4000730074006100740065006d0065006e0074000000e7020009 04d00034 02007800`.replaceAll(
      ' ',
      '',
    ),
    'hex',
  );
  return [
    packet(0x12, Buffer.from([1, 0, 6, 0, 1, 0xff, 2])),
    packet(0x10, login),
    batch("SELECT 1 AS a, N'ž' AS b, CAST(1.5 AS decimal(9,2)) AS c"),
    packet(3, Buffer.concat([headers, call])),
    batch('CREATE TABLE #b (a int); insert bulk #b ([a] int)'),
    packet(7, Buffer.from('8101000000000005002604016100d10401000000fd000000000000000000000000', 'hex')),
    packet(0x0e, Buffer.concat([headers, Buffer.from([5, 0, 2, 0])])),
  ];
}

function packet(type: number, payload: Buffer): Buffer {
  const bytes = Buffer.concat([Buffer.from([type, 1, 0, 0, 0, 0, 1, 0]), payload]);
  bytes.writeUInt16BE(bytes.length, 2);
  return bytes;
}

/** Some bytes changed, taken away or doubled; seldom in what comes before the login. */
function mutated(messages: readonly Buffer[], { roll }: Dice): Buffer {
  const first = roll(4) === 0 ? 0 : 2;
  const parts = [...messages];
  for (let change = 0; change <= roll(4); change += 1) {
    const at = first + roll(parts.length - first);
    const bytes = Buffer.from(parts[at] ?? []);
    const place = roll(Math.max(1, bytes.length));
    switch (roll(4)) {
      case 0:
        bytes[place] = roll(256);
        parts[at] = bytes;
        break;
      case 1:
        parts[at] = Buffer.concat([bytes.subarray(0, place), bytes.subarray(place + 1 + roll(8))]);
        break;
      case 2:
        parts[at] = Buffer.concat([bytes.subarray(0, place), bytes.subarray(roll(bytes.length))]);
        break;
      default:
        bytes.fill(roll(256), place, Math.min(bytes.length, place + roll(12)));
        parts[at] = bytes;
    }
  }
  return Buffer.concat(parts);
}

/** Resolves when the server has ended the connection. */
function sent(port: number, bytes: Buffer): Promise<void> {
  return new Promise(resolve => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: false });
    socket.on('error', () => undefined);
    socket.on('data', () => undefined);
    socket.once('close', () => resolve());
    socket.end(bytes);
  });
}
