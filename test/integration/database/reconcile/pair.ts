import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectLab, createDouble, type Double } from '../../../../src/lab/sqlserver/server/double.ts';
import { PRODUCTS, type ProductName } from '../../../../src/lab/sqlserver/server/products.ts';
import { connectSqlServer } from '../../../../src/remote/sql/connect.ts';
import type { SqlServer } from '../../../../src/remote/sql/server.ts';
import type { Role } from '../../../../src/remote/sql/statement.ts';

/** Two doubles that know each other, for as long as tests need them: production in Miami, the copies in Dallas. */

export const PASSWORD = 'Correct horse 1';
export type Site = 'miami' | 'dallas';
const NAMES: Readonly<Record<Site, string>> = { miami: 'MIA-SQL1', dallas: 'DAL-SQL1' };

export class Pair implements AsyncDisposable {
  readonly directory = mkdtempSync(join(tmpdir(), 'landfall-pair-'));
  readonly product: ProductName;
  readonly #doubles = new Map<Site, Double>();
  /** Fails no test by itself: agents of databases that are gone may say what they like. */
  readonly said: string[] = [];

  private constructor(product: ProductName) {
    this.product = product;
  }

  static async start(product: ProductName = '2022-standard'): Promise<Pair> {
    const pair = new Pair(product);
    await pair.boot('miami');
    await pair.boot('dallas');
    return pair;
  }

  /** Starts a server, or starts it again on its directory and its port. */
  async boot(site: Site): Promise<void> {
    const before = this.#doubles.get(site);
    const double = await createDouble({
      directory: join(this.directory, NAMES[site]),
      name: NAMES[site],
      product: this.product,
      saPassword: PASSWORD,
      trust: 'one domain',
      pace: { pollingMs: 25 },
      log: line => void this.said.push(line),
      ...(before === undefined ? {} : { port: before.port }),
    });
    this.#doubles.set(site, double);
    connectLab([...this.#doubles.values()]);
  }

  async restart(site: Site): Promise<void> {
    await this.at(site).close();
    await this.boot(site);
  }

  at(site: Site): Double {
    const found = this.#doubles.get(site);
    if (found === undefined) throw new Error(`${site} was not started`);
    return found;
  }

  get facts() {
    return PRODUCTS[this.product];
  }

  /** As `sa`, without the wire. */
  run(site: Site, database: string, text: string): Promise<readonly (readonly unknown[])[]> {
    return this.at(site).run(database, text);
  }

  /** As landfall connects. */
  connect(role: Role, site: Site): SqlServer {
    const { host, port, name } = this.at(site);
    return connectSqlServer(
      {
        ...{ role, label: `${role} ${name}`, address: host, port, user: 'sa', password: PASSWORD },
        ...{ encrypt: 'off', trustCertificate: false },
      },
      { secret: () => PASSWORD },
    );
  }

  /** Ends landfall's connections, as a network does. */
  cut(site: Site): number {
    const found = [...this.at(site).instance.sessions.values()].filter(
      ({ application }) => application === 'landfall',
    );
    for (const session of found) session.kill();
    return found.length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const site of ['dallas', 'miami'] as const) await this.#doubles.get(site)?.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
