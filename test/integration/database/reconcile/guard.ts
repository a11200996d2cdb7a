import type { BulkLoad, Cell, SqlServer, SqlSession } from '../../../../src/remote/sql/server.ts';
import type { Role, Statement } from '../../../../src/remote/sql/statement.ts';

/** Hears of everything that is sent, before it is sent and after it was answered; what it throws ends the work there. */
export type Guard = (moment: 'before' | 'after', what: string) => void | Promise<void>;

type Announced = (statement: Pick<Statement, 'on' | 'database' | 'text' | 'title'>) => void;

/** A server whose writing statements have to be announced, and whose every call can be the last one of a process. */
export function guarded(server: SqlServer, announced: Announced, guard?: Guard): SqlServer {
  const around = async <T>(statement: Statement, act: () => Promise<T>): Promise<T> => {
    if (statement.effect !== 'reads') announced(statement);
    await guard?.('before', statement.title);
    const result = await act();
    await guard?.('after', statement.title);
    return result;
  };
  const session = (real: SqlSession): SqlSession => ({
    run: (statement, options) => around(statement, () => real.run(statement, options)),
    ask: (statement, row, options) => around(statement, () => real.ask(statement, row, options)),
    async *stream(statement, options) {
      await guard?.('before', statement.title);
      for await (const row of real.stream(statement, options)) {
        await guard?.('after', statement.title);
        yield row;
      }
    },
    async bulk(load, options) {
      const { database, table } = load;
      announced({ on: server.role, database, title: 'bulk', text: `INSERT BULK ${table}` });
      await guard?.('before', `load ${table}`);
      const count = await real.bulk({ ...load, rows: heard(load.rows, guard) }, options);
      await guard?.('after', `load ${table}`);
      return count;
    },
    traffic: () => real.traffic(),
  });
  const role: Role = server.role;
  return {
    ...{ role, label: server.label },
    run: (statement, options) => around(statement, () => server.run(statement, options)),
    ask: (statement, row, options) => around(statement, () => server.ask(statement, row, options)),
    session: (database, work, options) => server.session(database, real => work(session(real)), options),
    close: () => server.close(),
  };
}

async function* heard(rows: BulkLoad['rows'], guard?: Guard): AsyncGenerator<readonly Cell[]> {
  for await (const row of rows) {
    await guard?.('before', 'a row of a load');
    yield row;
  }
}
