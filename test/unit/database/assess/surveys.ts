import type { DatabaseSurvey, ServerSurvey, Survey } from '../../../../src/database/assess/index.ts';
import type { Catalog, Column, Index, Table } from '../../../../src/database/catalog/types.ts';
import type { SqlServerFacts } from '../../../../src/journal/database-facts.ts';
import type { Role } from '../../../../src/remote/sql/statement.ts';
import { ORDERS, serverFacts } from '../../../support/databases.ts';
import { planOf } from '../../../support/state.ts';

/** A survey in which nothing is wrong, and what a test makes wrong in it. */

export const column = (name: string, more: Partial<Column> = {}): Column => ({
  ...{ name, id: 1, type: 'int', length: 4, precision: 10, scale: 0, nullable: false },
  ...{ rowGuid: false, sparse: false, columnSet: false, hidden: false, assemblyType: false },
  ...more,
});

export const key = (name: string, more: Partial<Index> = {}): Index => ({
  ...{ name, kind: 'CLUSTERED', unique: true, primaryKey: true, uniqueConstraint: false },
  ...{ systemNamed: false, disabled: false, ignoreDuplicates: false, fillFactor: 0 },
  columns: [{ name: 'Id', descending: false, included: false }],
  ...more,
});

export const table = (name: string, more: Partial<Table> = {}): Table => ({
  ...{ schema: 'dbo', name, columns: [column('Id')], indexes: [key(`PK_${name}`)], foreignKeys: [] },
  ...{ checks: [], triggers: [], rows: 1000, bytes: 1e6, lobBytes: 0, temporal: 'none' as const },
  ...{ memoryOptimized: false, fileTable: false, external: false, graph: false, ledger: false },
  ...{ trackedByCdc: false, changeTracked: false, published: false },
  ...more,
});

export const catalog = (tables: readonly Table[], more: Partial<Catalog> = {}): Catalog => ({
  ...{ database: 'Orders', collation: 'Latin1_General_CI_AS', compatibility: 160, schemas: ['dbo'], tables },
  ...{ modules: [], sequences: [], synonyms: [], types: [], partitionFunctions: [] },
  ...more,
});

export const server = (
  role: Role,
  name: string,
  facts: Partial<SqlServerFacts> = {},
  more: Partial<ServerSurvey> = {},
): ServerSurvey => ({
  role,
  facts: serverFacts(name, { serverId: `${name}/key/family`, ...facts }),
  localName: name,
  login: 'landfall',
  dbcreator: true,
  seesState: true,
  maxReplicatedBytes: -1,
  encrypted: true,
  distribution: [],
  publishers: [],
  certificates: [],
  unknown: [],
  ...more,
});

const FACTS = {
  ...{ name: 'Orders', collation: 'Latin1_General_CI_AS', compatibility: 160, recovery: 'FULL' },
  ...{ readOnly: false, published: false, subscribed: false, cdc: false, changeTracking: false },
  ...{ snapshotIsolation: true, readCommittedSnapshot: true, dataBytes: 50e9, logBytes: 10e9 },
  ...{ logUsedBytes: 1e9, logReuseWait: 'NOTHING' },
};

export const database = (
  name: string,
  more: Partial<DatabaseSurvey> = {},
  facts: Partial<NonNullable<DatabaseSurvey['facts']>> = {},
): DatabaseSurvey => ({
  ...{ name, id: 'family/fork', state: 'ONLINE', access: 'MULTI_USER', opens: true },
  facts: { ...FACTS, name, ...facts },
  ...{ owner: true, backupOperator: true, mergePublished: false, syncWithBackup: false, encrypted: false },
  ...{ containment: 'NONE', groupMember: false, neverBackedUp: false, publications: [], subscriptions: [] },
  ...{ transactions: [], sessions: [], references: [], backups: [], unknown: [] },
  free: { data: 500e9, log: 500e9 },
  catalog: catalog([table('Orders'), table('Lines')]),
  ...more,
});

export function survey(more: Partial<Survey> = {}): Survey {
  const subscriber = server('subscriber', 'DAL-SQL1');
  const plan = planOf({
    databases: { Orders: { ...ORDERS, backup: { folder: '/b', reads_as: '/b' } } },
  }).databases['Orders'];
  if (plan === undefined) throw new Error('no Orders');
  return {
    publisher: server('publisher', 'MIA-SQL1'),
    distributor: subscriber,
    subscriber,
    distributorAt: 'subscriber',
    source: database('Orders'),
    clone: database('Orders_Dev', { id: 'family/other' }),
    names: {
      ...{ source: 'Orders', clone: 'Orders_Dev', target: 'Orders' },
      ...{ publication: 'landfall_miami_to_dallas', distribution: 'distribution' },
    },
    plan,
    begun: false,
    hoursLeft: 96,
    ...more,
  };
}
