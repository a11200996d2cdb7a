import type {
  DatabaseTable,
  LaneForecast,
  ReplicationSample,
  ReplicationTrouble,
  SqlServerFacts,
  TableDifference,
} from '../../src/journal/database-facts.ts';
import type { EventOf } from '../../src/journal/events.ts';
import type { PlanInput } from '../../src/plan/schema.ts';
import { planOf, Story } from './state.ts';

/** Stories of a database that leaves, told by events. */

export const ORDERS: NonNullable<PlanInput['databases']>[string] = {
  tier: 'critical',
  publisher: { address: '10.20.0.9', user: 'landfall', password: 'env:SOURCE' },
  subscriber: { address: '10.30.0.9', user: 'landfall', password: 'env:TARGET' },
  clone: { database: 'Orders_Dev', as_of: 'Sunday 02:00' },
};

export const databaseStory = (): Story => new Story(planOf({ databases: { Orders: ORDERS } })).begin();

export const serverFacts = (name: string, overrides: Partial<SqlServerFacts> = {}): SqlServerFacts => ({
  name,
  version: '16.0.4185.3',
  major: 16,
  edition: 'Standard Edition (64-bit)',
  engineEdition: 2,
  platform: 'Windows',
  collation: 'SQL_Latin1_General_CP1_CI_AS',
  banner: 'Microsoft SQL Server 2022 (RTM-CU17)',
  sysadmin: true,
  agentRunning: true,
  publishes: true,
  distributes: true,
  serverId: `id of ${name}`,
  databaseId: `database of ${name}`,
  freeBytes: 200e9,
  ...overrides,
});

export const tableFacts = (name: string, overrides: Partial<DatabaseTable> = {}): DatabaseTable => ({
  schema: 'dbo',
  name,
  rows: 1_000_000,
  bytes: 4e9,
  key: ['Id'],
  columns: [],
  carriedBy: 'replication',
  ...overrides,
});

export const LANES_WEIGHED: readonly LaneForecast[] = [
  {
    lane: 'backup',
    verdict: 'possible',
    hours: 1.5,
    bytes: 18e9,
    leavesOut: [],
    canLose: 'what the distributor has not read yet',
    why: ['a compressed backup is 18 GB'],
  },
  {
    lane: 'clone',
    verdict: 'recommended',
    hours: 0.4,
    bytes: 900e6,
    leavesOut: ['2 tables without a primary key wait for the freeze'],
    canLose: 'what the distributor has not read yet',
    why: ['1.2 % of the sampled rows differ', 'measured link: 98 Mbit/s'],
  },
  {
    lane: 'change-tracking',
    verdict: 'closed',
    leavesOut: [],
    canLose: 'the last round',
    why: ['replication is to be had'],
  },
];

export const differenceOf = (table: string, overrides: Partial<TableDifference> = {}): TableDifference => ({
  table,
  rows: 1_000_000,
  ranges: 20,
  differingRanges: 0,
  missing: 0,
  extra: 0,
  different: 0,
  examples: [],
  ...overrides,
});

export const LOG_READER_STOPPED: ReplicationTrouble = {
  code: 'log-reader-stopped',
  severity: 'blocker',
  what: 'the log reader of Orders does not run',
  remedy: "start its job on DAL-SQL1: EXEC msdb.dbo.sp_start_job N'MIA-SQL1-Orders-1'",
  evidence: ['stopped by sa'],
};

export function sampleOf(at: number, overrides: Partial<ReplicationSample> = {}): ReplicationSample {
  return {
    hops: [
      { name: 'log-reader', agent: 'MIA-SQL1-Orders-1', state: 'working', latencyMs: 800, backlog: 0 },
      { name: 'distribution', agent: 'MIA-SQL1-Orders-landfall-DAL-SQL1-2', state: 'idle', latencyMs: 1400 },
    ],
    written: { id: '4711', at },
    proven: { id: '4710', at: at - 1500 },
    exposureMs: 1500,
    pendingCommands: 12,
    logUsedBytes: 2e9,
    logBytes: 20e9,
    expiresInHours: 160,
    troubles: [],
    proposeDrop: false,
    ...overrides,
  };
}

export function assessed(story: Story, overrides: Partial<EventOf<'database.assessed'>> = {}): Story {
  return story.tell({
    type: 'database.assessed',
    database: 'Orders',
    publisher: serverFacts('MIA-SQL1'),
    distributor: serverFacts('DAL-SQL1'),
    subscriber: serverFacts('DAL-SQL1'),
    tables: [tableFacts('Orders'), tableFacts('Audit', { key: [], carriedBy: 'reload' })],
    findings: [
      {
        code: 'no-primary-key',
        severity: 'warning',
        subject: 'dbo.Audit',
        what: 'it has no primary key and is loaded whole inside the freeze',
        remedy: 'ALTER TABLE dbo.Audit ADD CONSTRAINT PK_Audit PRIMARY KEY (Id)',
        closes: [],
        evidence: [],
      },
    ],
    ...overrides,
  });
}

export const weighed = (story: Story): Story =>
  assessed(story)
    .tell({
      type: 'database.planned',
      database: 'Orders',
      lanes: [...LANES_WEIGHED],
      drift: [
        {
          kind: 'column',
          subject: 'dbo.Orders.Note',
          severity: 'warning',
          what: 'missing in the clone',
          aligned: true,
        },
      ],
      linkBytesPerSecond: 12e6,
      sampledDifference: 0.012,
    })
    .tell({
      type: 'database.lane-chosen',
      database: 'Orders',
      lane: 'clone',
      reason: 'recommended',
    });

/** Until the copy follows: captured, pinned, reconciled, subscribed. */
export function following(story: Story): Story {
  weighed(story)
    .tell({ type: 'database.captured', database: 'Orders', lane: 'clone', publication: 'landfall' })
    .tell({ type: 'database.pinned', database: 'Orders', lane: 'clone', source: 'Orders_landfall' })
    .tell({
      type: 'reconcile.started',
      database: 'Orders',
      run: 1,
      source: 'Orders_landfall',
      tables: 2,
      rows: 2e6,
    });
  return story
    .tell(reconciled('dbo.Orders', { inserted: 100, updated: 2900, deleted: 112 }))
    .tell(reconciled('dbo.Lines'))
    .tell({
      type: 'reconcile.ended',
      database: 'Orders',
      run: 1,
      tables: 2,
      rows: 2e6,
      repaired: 3112,
      bytes: 80e6,
      ms: 90e3,
    })
    .tell({ type: 'database.released', database: 'Orders', lane: 'clone', how: 'initialize from lsn' });
}

export const reconciled = (
  table: string,
  overrides: Partial<EventOf<'reconcile.table'>> = {},
): EventOf<'reconcile.table'> => ({
  type: 'reconcile.table',
  database: 'Orders',
  run: 1,
  compared: differenceOf(table),
  inserted: 0,
  updated: 0,
  deleted: 0,
  bytes: 40e6,
  ms: 45e3,
  ...overrides,
});

/** The copy follows, was observed just now and validated before. */
export function inSync(story: Story, overrides: Partial<ReplicationSample> = {}): Story {
  following(story)
    .tell({
      type: 'database.validated',
      database: 'Orders',
      kind: 'live',
      startedAt: story.now,
      ms: 60e3,
      tables: [differenceOf('dbo.Orders'), differenceOf('dbo.Lines')],
      repaired: 0,
    })
    .tell({
      type: 'database.besides',
      database: 'Orders',
      items: [
        { kind: 'login', name: 'shop', status: 'same', what: 'same SID and hash', scripted: true },
        { kind: 'job', name: 'nightly', status: 'missing', what: 'made disabled', scripted: true },
        {
          kind: 'credential',
          name: 'blob',
          status: 'by-hand',
          what: 'its secret cannot be read',
          scripted: false,
        },
      ],
      script: 'orders-besides.sql',
    });
  return story.tell({
    type: 'database.observed',
    database: 'Orders',
    sample: sampleOf(story.now, overrides),
  });
}
