import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCatalog } from '../../../../src/database/catalog/read.ts';
import { databaseTables } from '../../../../src/database/catalog/tables.ts';
import { copyStage, followStage, trackStage } from '../../../../src/database/tracking/index.ts';
import { createDouble, type Double } from '../../../../src/lab/sqlserver/server/double.ts';
import type { ProductName } from '../../../../src/lab/sqlserver/server/products.ts';
import { serverFacts } from '../../../support/databases.ts';
import { Hands } from '../hands.ts';

/** Production on an edition that cannot publish, and a copy that follows it by change tracking. */

export const PASSWORD = 'Correct horse 1';
export const [SOURCE, COPY] = ['Loans', 'LoansDev'];

export const SCHEMA: readonly string[] = [
  `CREATE TABLE dbo.Customer (code nvarchar(10) NOT NULL CONSTRAINT PK_Customer PRIMARY KEY, name nvarchar(40) NOT NULL, email varchar(60) NULL CONSTRAINT UQ_Customer UNIQUE, balance money NOT NULL DEFAULT 0, stamp rowversion)`,
  `CREATE TABLE dbo.Loan (id int IDENTITY(1,1) NOT NULL CONSTRAINT PK_Loan PRIMARY KEY, customer nvarchar(10) NOT NULL CONSTRAINT FK_Loan_Customer REFERENCES dbo.Customer ON DELETE CASCADE ON UPDATE CASCADE,
  amount decimal(12,2) NOT NULL, rate float NULL, opened datetime2(7) NOT NULL DEFAULT SYSUTCDATETIME(), note nvarchar(max) NULL, photo varbinary(max) NULL, doubled AS amount * 2)`,
  `CREATE TABLE dbo.Payment (loan int NOT NULL, line int NOT NULL, paid decimal(12,2) NOT NULL, CONSTRAINT PK_Payment PRIMARY KEY (loan, line))`,
  `CREATE TABLE dbo.Audit (at datetime2(3) NOT NULL, what nvarchar(100) NOT NULL)`,
];
const TRIGGER = `CREATE TRIGGER dbo.loud ON dbo.Loan AFTER INSERT, UPDATE, DELETE AS INSERT dbo.Audit VALUES (SYSUTCDATETIME(), N'trigger')`;

export class Followers implements AsyncDisposable {
  readonly directory = mkdtempSync(join(tmpdir(), 'landfall-tracking-'));
  readonly #doubles = new Map<string, Double>();
  readonly #product: ProductName;
  hands!: Hands;

  private constructor(product: ProductName) {
    this.#product = product;
  }

  static async start(product: ProductName = '2019-express', rows = true): Promise<Followers> {
    const one = new Followers(product);
    await one.boot('MIA-SQL1');
    await one.boot('DAL-SQL1');
    await one.mia('master', `CREATE DATABASE [${SOURCE}]`);
    await one.dal('master', `CREATE DATABASE [${COPY}]`);
    for (const batch of SCHEMA) {
      await one.pub(batch);
      await one.sub(batch);
    }
    await one.pub(TRIGGER);
    await one.sub(TRIGGER);
    if (rows) await one.#fill();
    const plan = { clone: { database: COPY }, lane: 'change-tracking', production: { lock_timeout: '1s' } };
    one.hands = new Hands({
      ...{ name: SOURCE, password: PASSWORD, plan },
      at: role => one.double(role === 'publisher' ? 'MIA-SQL1' : 'DAL-SQL1'),
    });
    const catalog = await readCatalog(one.hands.connect('publisher'), 'publisher', SOURCE);
    one.hands.tell({
      ...{ type: 'database.assessed', database: SOURCE, findings: [] },
      ...{ publisher: serverFacts('MIA-SQL1'), subscriber: serverFacts('DAL-SQL1') },
      ...{ distributor: serverFacts('DAL-SQL1'), tables: databaseTables(catalog) },
    });
    one.hands.tell({
      type: 'database.lane-chosen',
      database: SOURCE,
      lane: 'change-tracking',
      reason: 'test',
    });
    return one;
  }

  /** The clone has drifted: rows too many, too few, others, and a trigger that would tell. */
  async #fill(): Promise<void> {
    await this.pub(`INSERT dbo.Customer (code, name, email, balance) VALUES (N'ann', N'Ann', 'a@x', 1.0001), (N'bob', N'Bob ', 'b@x', 2), (N'cyd', N'Çyd 漢', NULL, -922337203685477.5808);
INSERT dbo.Loan (customer, amount, rate, note, photo) VALUES (N'ann', 10.50, 0.1, N'', 0x), (N'bob', 20.25, 1e300, NULL, 0x00FF), (N'ann', 0.01, -0.0, N'long ' + REPLICATE(CONVERT(nvarchar(max), N'ü'), 9000), NULL);
INSERT dbo.Payment VALUES (1, 1, 5), (1, 2, 5.5), (2, 1, 1)`);
    await this.sub(`INSERT dbo.Customer (code, name, email, balance) VALUES (N'ANN', N'Ann of yesterday', 'b@x', 0), (N'old', N'gone', 'a@x', 9);
INSERT dbo.Loan (customer, amount) VALUES (N'old', 1); INSERT dbo.Payment VALUES (7, 7, 7)`);
  }

  async boot(name: string): Promise<void> {
    const before = this.#doubles.get(name);
    this.#doubles.set(
      name,
      await createDouble({
        directory: join(this.directory, name),
        ...{ name, product: this.#product, saPassword: PASSWORD },
        ...(before === undefined ? {} : { port: before.port }),
      }),
    );
  }

  async restart(name: string): Promise<void> {
    await this.double(name).close();
    await this.boot(name);
  }

  double(name: string): Double {
    const found = this.#doubles.get(name);
    if (found === undefined) throw new Error(`no ${name}`);
    return found;
  }

  mia = (database: string, text: string) => this.double('MIA-SQL1').run(database, text);
  dal = (database: string, text: string) => this.double('DAL-SQL1').run(database, text);
  pub = (text: string) => this.mia(SOURCE, text);
  sub = (text: string) => this.dal(COPY, text);

  /** Tracked, copied, following. */
  async follow(): Promise<void> {
    for (const stage of [trackStage, copyStage, followStage]) await this.hands.conduct(stage);
  }

  /** All rows of both sides, by a comparison that is not landfall's. */
  async rows(side: 'pub' | 'sub'): Promise<unknown> {
    const tables = [
      'SELECT code, name, email, balance FROM dbo.Customer ORDER BY code',
      'SELECT id, customer, amount, rate, opened, note, photo, doubled FROM dbo.Loan ORDER BY id',
      'SELECT loan, line, paid FROM dbo.Payment ORDER BY loan, line',
    ];
    const all: unknown[] = [];
    for (const text of tables) all.push(await this[side](text));
    return JSON.parse(
      JSON.stringify(all, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value)),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.hands[Symbol.asyncDispose]();
    for (const double of this.#doubles.values()) await double.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
