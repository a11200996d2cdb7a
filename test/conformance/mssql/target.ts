import { randomBytes } from 'node:crypto';
import type { ProductName } from '../../../src/lab/sqlserver/server/products.ts';
import { SA_PASSWORD, startDouble } from '../../support/sql-double.ts';
import { type Address, type Client, type Connect, type ServerFacts, UNKNOWN_SERVER } from './client.ts';

/** The server that is asked: a double started for the suite, or a real one named by the environment. */
export interface Target extends AsyncDisposable {
  readonly facts: ServerFacts;
  /** A session in a new database with a random name, which goes when `use` ends; nothing else is touched. */
  within<T>(use: (client: Client) => Promise<T>): Promise<T>;
}

/** What `LANDFALL_MSSQL_*` say. */
export interface RealServer {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly encrypt: boolean;
  readonly trust: boolean;
}

/** @throws Error where a real server is named but may not be used */
export function realServer(
  environment: Readonly<Record<string, string | undefined>>,
): RealServer | undefined {
  const host = environment['LANDFALL_MSSQL_HOST'];
  if (host === undefined || host === '') return undefined;
  if (environment['LANDFALL_MSSQL_SCRATCH'] !== 'yes')
    throw new Error(
      `${host} is a real server: LANDFALL_MSSQL_SCRATCH=yes says that databases may be created there`,
    );
  return {
    host,
    port: Number(environment['LANDFALL_MSSQL_PORT'] ?? 1433),
    user: environment['LANDFALL_MSSQL_USER'] ?? 'sa',
    password: environment['LANDFALL_MSSQL_PASSWORD'] ?? '',
    encrypt: environment['LANDFALL_MSSQL_ENCRYPT'] !== 'no',
    trust: environment['LANDFALL_MSSQL_TRUST'] === 'yes',
  };
}

export async function doubleTarget(connect: Connect, product: ProductName): Promise<Target> {
  const double = await startDouble({ product, databases: [], encryption: 'on' });
  const { host, port } = double;
  const address = { host, port, user: 'sa', password: SA_PASSWORD, encrypt: false, trust: true };
  return targetAt(connect, { ...address, database: 'master' }, false, () => double[Symbol.asyncDispose]());
}

export const realTarget = (connect: Connect, server: RealServer): Promise<Target> =>
  targetAt(connect, { ...server, database: 'master' }, true, async () => undefined);

async function targetAt(
  connect: Connect,
  address: Address,
  real: boolean,
  close: () => PromiseLike<void>,
): Promise<Target> {
  const admin = await connect(address, UNKNOWN_SERVER);
  const facts = await factsOf(admin, real);
  return {
    facts,
    async within(use) {
      const database = `landfall_conformance_${randomBytes(6).toString('hex')}`;
      await admin.batch(`CREATE DATABASE [${database}] COLLATE SQL_Latin1_General_CP1_CI_AS`);
      try {
        const client = await connect({ ...address, database }, facts);
        try {
          return await use(client);
        } finally {
          await client.close();
        }
      } finally {
        await admin.batch(
          `ALTER DATABASE [${database}] SET SINGLE_USER WITH ROLLBACK IMMEDIATE; DROP DATABASE [${database}]`,
        );
      }
    },
    async [Symbol.asyncDispose]() {
      await admin.close();
      await close();
    },
  };
}

async function factsOf(client: Client, real: boolean): Promise<ServerFacts> {
  const { sets } = await client.batch(`SELECT CAST(SERVERPROPERTY('ProductVersion') AS nvarchar(128)),
    CAST(SERVERPROPERTY('EngineEdition') AS int), CAST(SERVERPROPERTY('Edition') AS nvarchar(128)),
    IS_SRVROLEMEMBER('sysadmin')`);
  const [version, engineEdition, edition, sysadmin] = sets[0]?.rows[0] ?? [];
  return {
    real,
    version: String(version),
    major: Number.parseInt(String(version), 10),
    engineEdition: Number(engineEdition),
    edition: String(edition),
    sysadmin: sysadmin === 1,
  };
}
