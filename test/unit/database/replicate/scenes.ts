import { refOf } from '../../../../src/database/names.ts';
import type { Scene } from '../../../../src/database/stage.ts';
import type {
  DatabaseTable,
  Lane,
  SqlServerFacts,
  TableColumn,
} from '../../../../src/journal/database-facts.ts';
import type { DatabaseState } from '../../../../src/journal/state.ts';
import { PRODUCTS, type ProductName, productVersion } from '../../../../src/lab/sqlserver/server/products.ts';
import { planSchema } from '../../../../src/plan/schema.ts';

/** Scenes that scripts are made of: no server, no clock. */

export interface SceneOptions {
  readonly lane?: Lane;
  readonly product?: ProductName;
  readonly distributorAt?: 'publisher' | 'subscriber';
  readonly agents?: boolean;
  readonly tables?: readonly DatabaseTable[];
  readonly deadlineHours?: number;
}

const NOW = Date.UTC(2026, 8, 1, 12);

const column = (name: string, type: string, more: Partial<TableColumn> = {}): TableColumn => ({
  ...{ name, type, length: 4, precision: 10, scale: 0, nullable: false, identity: false, carried: true },
  ...more,
});

export const table = (schema: string, name: string, more: Partial<DatabaseTable> = {}): DatabaseTable => ({
  ...{ schema, name, rows: 1000, bytes: 65_536, key: ['id'] },
  columns: [column('id', 'int', { identity: true }), column('what', 'nvarchar')],
  carriedBy: 'replication',
  ...more,
});

const TABLES = [
  table('dbo', 'Loans'),
  table('sales', "O'Brien's orders"),
  table('dbo', 'Codes', { columns: [column('id', 'int')] }),
  table('dbo', 'NoKey', { key: [], carriedBy: 'reload' }),
];

function facts(name: string, product: ProductName): SqlServerFacts {
  const known = PRODUCTS[product];
  return {
    ...{ name, version: productVersion(known), major: known.major, edition: known.edition },
    ...{ engineEdition: known.engineEdition, platform: 'Windows', collation: 'Latin1_General_CI_AS' },
    ...{ banner: 'Microsoft SQL Server', sysadmin: true, agentRunning: known.hasAgent },
    ...{ publishes: known.publishes, distributes: known.distributes, serverId: name },
  };
}

export function sceneOf({
  lane = 'clone',
  product = '2022-standard',
  distributorAt = 'subscriber',
  agents = false,
  tables = TABLES,
  deadlineHours,
}: SceneOptions = {}): Scene {
  const server = (address: string) => ({ address, user: 'landfall', password: 'env:SQL' });
  const plan = planSchema.shape.databases.parse({
    Loans: {
      tier: 'gold',
      publisher: server('10.10.4.61'),
      subscriber: server('10.20.4.61'),
      distributor_at: distributorAt,
      lane,
      clone: { database: 'LoansDev' },
      backup: { folder: String.raw`X:\backup`, reads_as: String.raw`\\MIA-SQL1\backup` },
      ...(agents ? { agents: { user: 'repl_agents', password: 'env:AGENTS' } } : {}),
    },
  })['Loans'];
  if (plan === undefined) throw new Error('no plan');
  const [mia, dal] = [facts('MIA-SQL1', product), facts('DAL-SQL1', product)];
  const state: DatabaseState = {
    name: 'Loans',
    ordered: {},
    lane: { lane, reason: 'test', at: NOW, by: 'test' },
    assessed: {
      ...{ publisher: mia, subscriber: dal, distributor: distributorAt === 'publisher' ? mia : dal },
      ...{ tables: [...tables], findings: [], at: NOW },
    },
  };
  return {
    ...{ name: 'Loans', plan, state, ref: refOf('Loans', plan, state, 'miami-to-dallas') },
    ...(deadlineHours === undefined
      ? {}
      : { deadline: { earliest: NOW, expected: NOW + deadlineHours * 3_600_000 } }),
  };
}
