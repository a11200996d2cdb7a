import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mssql from 'mssql';
import { connectLab, createDouble, type Double } from '../../../../../src/lab/sqlserver/server/double.ts';
import type { ProductName } from '../../../../../src/lab/sqlserver/server/products.ts';

/** Publisher, distributor and subscriber as doubles, set up through the unmodified driver as an operator would. */

export const PASSWORD = 'Correct horse 1';
export const [PUBLISHER, SUBSCRIBER] = ['MIA-SQL1', 'DAL-SQL1'];
export const [PUB_DB, SUB_DB] = ['PubDB', 'SubDB'];
export const PUBLICATION = 'landfall';

export interface WorldOptions {
  /** `publisher`: the distributor is local to the publisher; otherwise a server of its own. */
  readonly distributor?: 'publisher' | 'own';
  readonly product?: ProductName;
}

export type AgentKind = 'LogReader' | 'Distribution';

export type Row = Readonly<Record<string, unknown>>;

export class World implements AsyncDisposable {
  readonly directory = mkdtempSync(join(tmpdir(), 'landfall-replication-'));
  readonly #doubles = new Map<string, Double>();
  readonly #pools = new Map<string, Promise<mssql.ConnectionPool>>();
  readonly #product: ProductName;
  readonly distributor: string;

  private constructor(options: WorldOptions) {
    this.#product = options.product ?? '2022-enterprise';
    this.distributor = options.distributor === 'own' ? 'DAL-DIST' : PUBLISHER;
  }

  static async start(options: WorldOptions = {}): Promise<World> {
    const world = new World(options);
    for (const name of new Set([PUBLISHER, world.distributor, SUBSCRIBER])) await world.boot(name);
    await world.run(PUBLISHER, 'master', `CREATE DATABASE [${PUB_DB}]`);
    await world.run(SUBSCRIBER, 'master', `CREATE DATABASE [${SUB_DB}]`);
    return world;
  }

  /** Starts a server, or starts it again on its directory and its port. */
  async boot(name: string): Promise<void> {
    const before = this.#doubles.get(name);
    const double = await createDouble({
      directory: join(this.directory, name),
      name,
      product: this.#product,
      saPassword: PASSWORD,
      trust: 'one domain',
      pace: { pollingMs: 10 },
      ...(before === undefined ? {} : { port: before.port }),
    });
    this.#doubles.set(name, double);
    connectLab([...this.#doubles.values()]);
  }

  /** Stops a server; what it keeps stays on its disk. */
  async halt(name: string): Promise<void> {
    await this.#forget(name);
    await this.double(name).close();
  }

  async restart(name: string): Promise<void> {
    await this.halt(name);
    await this.boot(name);
  }

  async #forget(name: string): Promise<void> {
    for (const [key, pool] of this.#pools) {
      if (!key.startsWith(`${name}/`)) continue;
      this.#pools.delete(key);
      await closed(pool);
    }
  }

  double(name: string): Double {
    const found = this.#doubles.get(name);
    if (found === undefined) throw new Error(`no server ${name}`);
    return found;
  }

  pool(server: string, database: string): Promise<mssql.ConnectionPool> {
    const key = `${server}/${database}`;
    const known = this.#pools.get(key);
    if (known !== undefined) return known;
    const pool = new mssql.ConnectionPool({
      ...this.double(server).connection('sa', PASSWORD, database),
      requestTimeout: 0,
      pool: { max: 8 },
    });
    pool.on('error', () => undefined);
    const connected = pool.connect();
    this.#pools.set(key, connected);
    // A server that is away may be there at the next call.
    connected.catch(() => this.#pools.delete(key));
    return connected;
  }

  /** A batch through the driver; rows of its last result. */
  async run(server: string, database: string, text: string): Promise<readonly Row[]> {
    const pool = await this.pool(server, database);
    const { recordsets } = await pool.request().batch<Row>(text);
    return (Array.isArray(recordsets) ? recordsets.at(-1) : undefined) ?? [];
  }

  readonly pub = (text: string) => this.run(PUBLISHER, PUB_DB, text);
  readonly sub = (text: string) => this.run(SUBSCRIBER, SUB_DB, text);
  readonly dist = (text: string) => this.run(this.distributor, 'distribution', text);

  /** Distributor, publishing and log reader: facts/mssql 1.7. */
  async distribute(): Promise<void> {
    const { distributor } = this;
    await this.run(
      distributor,
      'master',
      `EXEC sys.sp_adddistributor @distributor = N'${distributor}', @password = N'Distribution 1';
EXEC sys.sp_adddistributiondb @database = N'distribution', @data_file_size = 4096, @log_file_size = 2048, @min_distretention = 0, @max_distretention = 168, @history_retention = 168, @security_mode = 1;
EXEC distribution.sys.sp_adddistpublisher @publisher = N'${PUBLISHER}', @distribution_db = N'distribution', @security_mode = 1, @working_directory = N'\\\\${PUBLISHER}\\repldata'`,
    );
    if (distributor !== PUBLISHER)
      await this.run(
        PUBLISHER,
        'master',
        `EXEC sys.sp_adddistributor @distributor = N'${distributor}', @password = N'Distribution 1'`,
      );
    await this.run(
      PUBLISHER,
      'master',
      `EXEC sys.sp_configure N'max text repl size', -1; RECONFIGURE;
EXEC sys.sp_replicationdboption @dbname = N'${PUB_DB}', @optname = N'publish', @value = N'true';
EXEC [${PUB_DB}].sys.sp_addlogreader_agent @publisher_security_mode = 1;`,
    );
  }

  async publish(tables: readonly string[], article: ArticleOptions = {}): Promise<void> {
    await this.run(
      PUBLISHER,
      'master',
      `EXEC [${PUB_DB}].sys.sp_addpublication @publication = N'${PUBLICATION}', @sync_method = N'concurrent', @repl_freq = N'continuous',
  @status = N'active', @independent_agent = N'true', @immediate_sync = N'true', @allow_push = N'true', @allow_pull = N'true',
  @allow_anonymous = N'false', @retention = 0, @allow_initialize_from_backup = N'true', @replicate_ddl = 1;
EXEC [${PUB_DB}].sys.sp_addpublication_snapshot @publication = N'${PUBLICATION}', @frequency_type = 1;`,
    );
    for (const table of tables) await this.article(table, article);
  }

  async article(table: string, options: ArticleOptions = {}): Promise<void> {
    const form = options.update ?? 'SCALL';
    const removal = options.delete ?? 'CALL';
    await this.run(
      PUBLISHER,
      'master',
      `EXEC [${PUB_DB}].sys.sp_addarticle @publication = N'${PUBLICATION}', @article = N'dbo.${table}', @source_owner = N'dbo', @source_object = N'${table}',
  @destination_owner = N'dbo', @destination_table = N'${table}', @type = N'logbased', @pre_creation_cmd = N'none', @schema_option = ${options.schemaOption ?? '0x0000000008037FDF'},
  @status = 24, @identityrangemanagementoption = N'${options.identity ?? 'manual'}', @vertical_partition = N'false', @force_invalidate_snapshot = 1,
  @ins_cmd = N'${options.sql ? 'SQL' : `CALL [sp_MSins_dbo${table}]`}', @upd_cmd = N'${options.sql ? 'SQL' : `${form} [sp_MSupd_dbo${table}]`}', @del_cmd = N'${options.sql ? 'SQL' : `${removal} [sp_MSdel_dbo${table}]`}';`,
    );
  }

  async subscribe(how = "@sync_type = N'replication support only'"): Promise<void> {
    await this.run(
      PUBLISHER,
      'master',
      `EXEC [${PUB_DB}].sys.sp_addsubscription @publication = N'${PUBLICATION}', @subscriber = N'${SUBSCRIBER}', @destination_db = N'${SUB_DB}',
  @subscription_type = N'push', @article = N'all', @status = N'active', @update_mode = N'read only', ${how};
EXEC [${PUB_DB}].sys.sp_addpushsubscription_agent @publication = N'${PUBLICATION}', @subscriber = N'${SUBSCRIBER}', @subscriber_db = N'${SUB_DB}',
  @subscriber_security_mode = 0, @subscriber_login = N'sa', @subscriber_password = N'${PASSWORD}', @frequency_type = 64;`,
    );
  }

  /** Both sides with the same tables, everything set up, nothing written yet. */
  async replicate(ddl: string, tables: readonly string[], article: ArticleOptions = {}): Promise<void> {
    await this.pub(ddl);
    await this.sub(ddl);
    if ((article.identity ?? 'manual') === 'manual') await this.#flag(tables);
    await this.distribute();
    await this.publish(tables, article);
    await this.subscribe();
  }

  /** NOT FOR REPLICATION on identity columns of the subscriber, which is no copy of the publisher (facts/mssql 1.10). */
  async #flag(tables: readonly string[]): Promise<void> {
    for (const table of tables)
      await this.sub(
        `IF EXISTS (SELECT 1 FROM sys.identity_columns WHERE object_id = OBJECT_ID(N'dbo.${table}'))
BEGIN DECLARE @id int = OBJECT_ID(N'dbo.${table}'); EXEC sys.sp_identitycolumnforreplication @object_id = @id, @value = 1; END`,
      );
  }

  /** Waits until a row written now has gone the whole way. */
  async drain(): Promise<void> {
    const [token] = await this.pub(
      `DECLARE @t int; EXEC sys.sp_posttracertoken @publication = N'${PUBLICATION}', @tracer_token_id = @t OUTPUT; SELECT @t AS id`,
    );
    await this.until(async () => {
      const rows = await this.dist(
        `SELECT 1 AS n FROM dbo.MStracer_history WHERE parent_tracer_id = ${Number(token?.['id'])} AND subscriber_commit IS NOT NULL`,
      );
      if (rows.length > 0) return true;
      const [bad] = await this.dist(
        'SELECT TOP (1) error_code, error_text FROM dbo.MSrepl_errors ORDER BY id DESC',
      );
      if (bad !== undefined && this.strict) throw new Error(`${bad['error_code']}: ${bad['error_text']}`);
      return false;
    });
  }

  /** Stops or starts the job of an agent. */
  async job(kind: AgentKind, verb: 'start' | 'stop'): Promise<void> {
    const [row] = await this.run(
      this.distributor,
      'msdb',
      `SELECT j.name FROM dbo.sysjobs AS j JOIN dbo.syscategories AS c ON c.category_id = j.category_id WHERE c.name = N'REPL-${kind}'`,
    );
    await this.run(this.distributor, 'msdb', `EXEC dbo.sp_${verb}_job @job_name = N'${row?.['name']}'`);
  }

  /** Starts an agent again, which may wait for its next try. */
  async revive(kind: AgentKind): Promise<void> {
    for (const verb of ['stop', 'start'] as const)
      await this.job(kind, verb).catch((error: unknown) => {
        // It does not run, or it runs already.
        if (!(error instanceof mssql.RequestError) || error.number !== 22022) throw error;
      });
  }

  /** Ends the connection of an agent at the server that it works on; whether there was one. */
  async cut(kind: AgentKind): Promise<boolean> {
    const server = kind === 'LogReader' ? PUBLISHER : SUBSCRIBER;
    const found = [...this.double(server).instance.sessions.values()].filter(session =>
      session.application.startsWith(`Replication ${kind} Agent`),
    );
    for (const session of found) session.kill();
    return found.length > 0;
  }

  /** Any error of an agent ends a wait. */
  strict = true;

  /** Asks again until it holds. */
  async until(holds: () => Promise<boolean>): Promise<void> {
    for (;;) {
      if (await holds()) return;
      await new Promise(resolve => setTimeout(resolve, 10));
    }
  }

  /** All rows of a table as text, ordered by key. */
  async rows(side: 'pub' | 'sub', table: string, key = 'id'): Promise<readonly string[]> {
    const rows = await this[side](`SELECT * FROM dbo.[${table}] ORDER BY ${key}`);
    return rows.map(row =>
      JSON.stringify(row, (_, value: unknown) =>
        value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value,
      ),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const pool of this.#pools.values()) await closed(pool);
    for (const double of [...this.#doubles.values()].reverse()) await double.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

async function closed(pool: Promise<mssql.ConnectionPool>): Promise<void> {
  const connected = await pool.catch(() => undefined);
  await connected?.close();
}

export interface ArticleOptions {
  readonly schemaOption?: string;
  readonly identity?: 'manual' | 'none';
  readonly update?: 'CALL' | 'SCALL' | 'MCALL' | 'XCALL';
  readonly delete?: 'CALL' | 'XCALL';
  /** Plain SQL instead of procedures. */
  readonly sql?: boolean;
}
