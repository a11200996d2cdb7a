import { besidesStage } from '../../../../src/database/besides/index.ts';
import { handoverStage } from '../../../../src/database/handover/index.ts';
import { pinStage, reconcileStage, unpinStage } from '../../../../src/database/reconcile/index.ts';
import { captureStage, catchUpStage, releaseStage } from '../../../../src/database/replicate/index.ts';
import type { Stage, Work } from '../../../../src/database/stage.ts';
import { validateStage } from '../../../../src/database/validate/index.ts';
import { systemClock } from '../../../../src/foundation/clock.ts';
import type { SqlServer } from '../../../../src/remote/sql/server.ts';
import type { Statement } from '../../../../src/remote/sql/statement.ts';
import { Estate, SOURCE } from '../replicate/estate.ts';

/** A copy that follows production, ready to be handed over to. */

export const PASSWORD = 'Correct horse 2';

/** Everything that a hand-over has to put right: identities, a sequence, a cascade, a check, triggers, users, options. */
export const SCHEMA = [
  `CREATE TABLE dbo.Loans (id int IDENTITY(1,1) NOT NULL PRIMARY KEY, code varchar(20) NOT NULL CONSTRAINT uq_code UNIQUE,
     amount money NOT NULL CONSTRAINT ck_amount CHECK (amount >= 0))`,
  `CREATE TABLE dbo.Payments (loan int NOT NULL CONSTRAINT fk_loan REFERENCES dbo.Loans (id) ON DELETE CASCADE, no int NOT NULL,
     paid decimal(18,4) NOT NULL, CONSTRAINT pk_payments PRIMARY KEY (loan, no))`,
  'CREATE TABLE dbo.Audit (id bigint IDENTITY(10,10) NOT NULL PRIMARY KEY, what nvarchar(100) NOT NULL)',
  'CREATE TABLE dbo.Never (id smallint IDENTITY(7,1) NOT NULL PRIMARY KEY, what nvarchar(100) NOT NULL)',
  'CREATE TRIGGER dbo.tr_loans ON dbo.Loans AFTER INSERT AS INSERT dbo.Audit (what) SELECT code FROM inserted',
  'CREATE TRIGGER dbo.tr_asleep ON dbo.Loans AFTER DELETE AS INSERT dbo.Audit (what) SELECT code FROM deleted',
  'DISABLE TRIGGER dbo.tr_asleep ON dbo.Loans',
  'CREATE SEQUENCE dbo.Numbers AS int START WITH 100 INCREMENT BY 1 CACHE 10',
];

/** Between the two samples of a hand-over agents have the time to find that the gate has cut them off. */
export function hands(estate: Estate, stage?: Stage): Work {
  const work = estate.work(stage);
  const production = { ...work.plan.production, lock_timeout: 1 };
  return Object.assign(work, {
    plan: { ...work.plan, production },
    clock: {
      ...systemClock,
      sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(ms >= 30_000 ? 2_500 : ms, signal),
    },
  });
}

export async function followed(distributorAt: 'publisher' | 'subscriber' = 'subscriber'): Promise<Estate> {
  const estate = await Estate.start({ schema: SCHEMA, lane: 'clone', distributorAt });
  for (const batch of [
    `CREATE LOGIN [app] WITH PASSWORD = N'${PASSWORD}', CHECK_POLICY = OFF`,
    `ALTER DATABASE [${SOURCE}] SET READ_COMMITTED_SNAPSHOT ON WITH ROLLBACK IMMEDIATE`,
  ])
    await estate.mia('master', batch);
  for (const batch of [
    'CREATE USER [app] FOR LOGIN [app]',
    'ALTER ROLE db_datareader ADD MEMBER [app]; ALTER ROLE db_datawriter ADD MEMBER [app]',
    `INSERT dbo.Loans (code, amount) VALUES ('a', 1), ('b', 2), ('c', 3); INSERT dbo.Payments VALUES (1, 1, 0.5), (2, 1, 1)`,
    // Values that were given and are no longer there.
    `INSERT dbo.Loans (code, amount) VALUES ('gone', 1); DELETE dbo.Loans WHERE code = 'gone'`,
    'SELECT NEXT VALUE FOR dbo.Numbers',
  ])
    await estate.mia(SOURCE, batch);
  for (const stage of [captureStage, pinStage, reconcileStage, releaseStage, catchUpStage, unpinStage])
    await estate.conduct(stage);
  await estate.mia(
    SOURCE,
    `INSERT dbo.Loans (code, amount) VALUES ('d', 4); INSERT dbo.Payments VALUES (3, 1, 2)`,
  );
  estate.emit({ type: 'database.ordered', database: SOURCE, order: 'besides' });
  await besidesStage.run(estate.work(besidesStage));
  await validateStage.run(estate.work(validateStage));
  return estate;
}

export const ordered = (estate: Estate, more: { dark?: boolean; confirmed?: string } = {}): void =>
  estate.emit({
    ...{ type: 'database.ordered', database: SOURCE, order: 'handover', confirmed: SOURCE },
    ...more,
  });

/** Runs the hand-over; ends as a process that is killed before a statement for which `kill` says so. */
export async function handOver(
  estate: Estate,
  kill: (statement: Statement) => boolean = () => false,
): Promise<void> {
  const work = hands(estate, handoverStage);
  const dying = (server: SqlServer): SqlServer => ({
    ...server,
    run: async (statement, options) => {
      if (statement.effect !== 'reads' && kill(statement)) throw new Error('killed');
      return server.run(statement, options);
    },
    ask: async (statement, row, options) => {
      if (statement.effect !== 'reads' && kill(statement)) throw new Error('killed');
      return server.ask(statement, row, options);
    },
  });
  const { publisher, distributor, subscriber } = work.servers;
  const servers = {
    publisher: dying(publisher),
    distributor: dying(distributor),
    subscriber: dying(subscriber),
  };
  await handoverStage.run(Object.assign(work, { servers }));
}

/** As the application, over the login it has. */
export async function asApplication(
  double: Estate['publisher'],
  database: string,
  text: string,
): Promise<unknown[][]> {
  const session = double.instance.login({
    ...{ user: 'app', password: PASSWORD, database, application: 'app', host: 'here', address: '127.0.0.1' },
  });
  const rows: unknown[][] = [];
  try {
    for await (const reply of session.batch(text, new AbortController().signal)) {
      if (reply.reply === 'message' && reply.message.severity > 10) throw new Error(reply.message.text);
      if (reply.reply === 'rows') rows.push(...reply.rows.map(row => [...row]));
    }
  } finally {
    session.end();
  }
  return rows;
}
