import { describe, expect, it } from 'vitest';
import { guarded, type WritingDeed } from '../../../../src/evacuation/sql/guard.ts';
import { LandfallError } from '../../../../src/foundation/errors.ts';
import type { CommandRecord } from '../../../../src/remote/host.ts';
import type { Outcome, SqlServer, SqlSession } from '../../../../src/remote/sql/server.ts';
import type { Statement } from '../../../../src/remote/sql/statement.ts';

const statement = (text: string, overrides: Partial<Statement> = {}): Statement => ({
  on: 'publisher',
  database: 'Orders',
  title: 'a title',
  text,
  effect: 'writes',
  ...overrides,
});

const NOTHING: Outcome = { results: [], messages: [], rowsAffected: [] };

function setUp(refuse: (deed: WritingDeed) => boolean = () => false) {
  const sent: string[] = [];
  const admitted: WritingDeed[] = [];
  const records: CommandRecord[] = [];
  const run = (asked: Statement): Promise<Outcome> => {
    sent.push(asked.text);
    if (asked.text === 'FAIL') {
      const cause = Object.assign(new Error('no'), { number: 208 });
      return Promise.reject(new LandfallError('sql.failed', { what: 'no', next: [], cause }));
    }
    return Promise.resolve(NOTHING);
  };
  const session: SqlSession = {
    run,
    ask: async asked => {
      await run(asked);
      return [];
    },
    async *stream(asked) {
      await run(asked);
      yield [1];
    },
    bulk: load => {
      sent.push(`bulk ${load.table}`);
      return Promise.resolve(2);
    },
    traffic: () => ({ received: 1, sent: 2 }),
  };
  const server: SqlServer = {
    ...{ role: 'publisher', label: 'publisher of Orders', run, ask: session.ask },
    session: (_database, work) => work(session),
    close: () => Promise.resolve(),
  };
  let now = 0;
  const clock = {
    now: () => 1000,
    monotonic: () => {
      now += 5;
      return now;
    },
  };
  const guardedServer = guarded(server, {
    ...{ host: 'Orders.publisher', clock },
    admit: deed => {
      admitted.push(deed);
      return refuse(deed) ? Promise.reject(new Error('not announced')) : Promise.resolve();
    },
    onCommand: record => records.push(record),
  });
  return { server: guardedServer, sent, admitted, records };
}

describe('a guarded server', () => {
  it('asks before every write, by every way there is, and sends nothing that is refused', async () => {
    const { server, sent, admitted } = setUp(() => true);
    await expect(server.run(statement('A'))).rejects.toThrow('not announced');
    await server.session('Orders', async session => {
      await expect(session.run(statement('B', { effect: 'irreversible' }))).rejects.toThrow();
      await expect(async () => {
        for await (const row of session.stream(statement('C'))) expect(row).toEqual([]);
      }).rejects.toThrow();
      const load = { database: 'Orders', table: '[landfall].[stage_1]', columns: [], rows: [] };
      await expect(session.bulk(load)).rejects.toThrow();
    });
    expect(sent).toEqual([]);
    expect(admitted.map(({ host, database, text }) => [host, database, text])).toEqual([
      ['Orders.publisher', 'Orders', 'A'],
      ['Orders.publisher', 'Orders', 'B'],
      ['Orders.publisher', 'Orders', 'C'],
      ['Orders.publisher', 'Orders', 'INSERT BULK [landfall].[stage_1]'],
    ]);
  });

  it('lets reads through unasked', async () => {
    const { server, sent } = setUp(() => true);
    await server.run(statement('SELECT 1', { effect: 'reads' }));
    expect(sent).toEqual(['SELECT 1']);
  });

  it('never sends to one server what was made for another', async () => {
    const { server, sent } = setUp();
    await expect(server.run(statement('DROP', { on: 'subscriber' }))).rejects.toMatchObject({ code: 'bug' });
    expect(sent).toEqual([]);
  });

  it('never sends over a session what was made for another database', async () => {
    const { server, sent } = setUp();
    await server.session('master', async session => {
      await expect(session.run(statement('DROP'))).rejects.toMatchObject({ code: 'bug' });
      const load = { database: 'Orders', table: '[landfall].[stage_1]', columns: [], rows: [] };
      await expect((async () => session.bulk(load))()).rejects.toMatchObject({ code: 'bug' });
    });
    expect(sent).toEqual([]);
  });

  it('records what was sent, with the server’s number where it failed, and no values', async () => {
    const { server, records } = setUp();
    await server.run(
      statement('SELECT\n  @p', { parameters: { p: { type: 'nvarchar', value: 'Correct horse' } } }),
    );
    await expect(server.run(statement('FAIL'))).rejects.toThrow();
    expect(records).toEqual([
      { at: 1000, host: 'Orders.publisher', command: "Orders: a title: 'SELECT\n  @p'", code: 0, ms: 5 },
      { at: 1000, host: 'Orders.publisher', command: 'Orders: a title: FAIL', code: 208, ms: 5 },
    ]);
  });
});
