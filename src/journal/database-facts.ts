import { z } from 'zod';
import { DATABASE_ORDERS, isOpenItem, LANES } from './database-words.ts';

/** What events say of a SQL Server database that leaves. Sizes in bytes, times in ms, LSNs and big numbers as text. */

export { DATABASE_ORDERS, isOpenItem, LANES };
export const lane = z.enum(LANES);
export type Lane = z.infer<typeof lane>;

/** One server as the assessment met it. `serverId` and `databaseId` are what later writes are checked against. */
export const sqlServerFacts = z.strictObject({
  /** @@SERVERNAME: replication knows it by this and by nothing else. */
  name: z.string(),
  version: z.string(),
  /** 11 to 17. */
  major: z.number(),
  edition: z.string(),
  engineEdition: z.number(),
  platform: z.string(),
  collation: z.string(),
  /** Starts with "SQL Server double" where it is one. */
  banner: z.string(),
  sysadmin: z.boolean(),
  agentRunning: z.boolean().nullable(),
  publishes: z.boolean(),
  distributes: z.boolean(),
  /** Creation of the instance's master and of the database, and the database's own ids, where it is there. */
  serverId: z.string(),
  databaseId: z.string().optional(),
  database: z
    .strictObject({
      name: z.string(),
      collation: z.string(),
      compatibility: z.number(),
      recovery: z.string(),
      readOnly: z.boolean(),
      published: z.boolean(),
      subscribed: z.boolean(),
      cdc: z.boolean(),
      changeTracking: z.boolean(),
      snapshotIsolation: z.boolean(),
      readCommittedSnapshot: z.boolean(),
      dataBytes: z.number(),
      logBytes: z.number(),
      logUsedBytes: z.number(),
      logReuseWait: z.string(),
    })
    .optional(),
  /** Free bytes where its databases lie; absent where the server does not tell. */
  freeBytes: z.number().optional(),
});
export type SqlServerFacts = z.infer<typeof sqlServerFacts>;

/** Something the assessment found: of a server, of the database, or of one table. */
export const databaseFinding = z.strictObject({
  /** Stable: `no-primary-key`, `collation-differs`. */
  code: z.string(),
  severity: z.enum(['blocker', 'warning', 'note']),
  /** `dbo.Orders`, `publisher`, `subscriber`, `database`. */
  subject: z.string(),
  what: z.string(),
  remedy: z.string(),
  /** The lanes that it closes; empty where it closes none. */
  closes: z.array(lane),
  evidence: z.array(z.string()),
});
export type DatabaseFinding = z.infer<typeof databaseFinding>;

/** What comparing and carrying a column has to know of it; as sys.columns says it. */
export const tableColumn = z.strictObject({
  name: z.string(),
  /** System type: `int`, `nvarchar`, `timestamp`. */
  type: z.string(),
  /** Bytes; nvarchar(50) is 100, max is -1. */
  length: z.number(),
  precision: z.number(),
  scale: z.number(),
  collation: z.string().optional(),
  nullable: z.boolean(),
  identity: z.boolean(),
  /** False for what the server makes itself: computed, rowversion, period columns. */
  carried: z.boolean(),
});
export type TableColumn = z.infer<typeof tableColumn>;

export const databaseTable = z.strictObject({
  schema: z.string(),
  name: z.string(),
  rows: z.number(),
  bytes: z.number(),
  /** Columns of the primary key; empty where there is none. */
  key: z.array(z.string()),
  columns: z.array(tableColumn),
  /** How its rows travel: by replication, by comparing again, or whole inside the freeze; `none` where they cannot. */
  carriedBy: z.enum(['replication', 'change-tracking', 'reload', 'none']),
});
export type DatabaseTable = z.infer<typeof databaseTable>;

export const laneForecast = z.strictObject({
  lane,
  verdict: z.enum(['recommended', 'possible', 'closed']),
  /** Hours until the subscriber follows; absent where nothing was measured. */
  hours: z.number().optional(),
  /** Bytes over the link between the sites. */
  bytes: z.number().optional(),
  /** What it leaves out, one sentence each. */
  leavesOut: z.array(z.string()),
  /** What can be lost when the source goes dark under it. */
  canLose: z.string(),
  /** Why it is recommended or closed, and what the figures come from. */
  why: z.array(z.string()),
});
export type LaneForecast = z.infer<typeof laneForecast>;

export const driftItem = z.strictObject({
  /** `column`, `table`, `index`, `foreign-key`, `check`, `trigger`, `module`, `sequence` … */
  kind: z.string(),
  /** `dbo.Orders.Amount`. */
  subject: z.string(),
  severity: z.enum(['blocker', 'warning', 'note']),
  what: z.string(),
  /** True where the aligning script mends it; false where it would lose data and is refused. */
  aligned: z.boolean(),
});
export type DriftItem = z.infer<typeof driftItem>;

/**
 * One deed of the script that makes the clone's schema equal to production's, as it was shown and as it will run:
 * production may change meanwhile, and nothing runs that nobody could read.
 */
export const alignDeed = z.strictObject({
  id: z.string(),
  title: z.string(),
  text: z.string(),
  /** SELECT of one bit: 1 where it is done. */
  done: z.string(),
});
export type AlignDeed = z.infer<typeof alignDeed>;

/** Where a server's data stood: read from the marker row that landfall writes into production. */
export const marker = z.strictObject({
  id: z.string(),
  /** Epoch ms by the publisher's clock. */
  at: z.number(),
  /** 10 bytes, hex with 0x; absent where nothing captured it. */
  lsn: z.string().optional(),
});
export type Marker = z.infer<typeof marker>;

export const tableDifference = z.strictObject({
  table: z.string(),
  rows: z.number(),
  /** Key ranges compared, and those that were not equal. */
  ranges: z.number(),
  differingRanges: z.number(),
  missing: z.number(),
  extra: z.number(),
  different: z.number(),
  /** The first few, as key texts, harmless. */
  examples: z.array(z.string()),
});
export type TableDifference = z.infer<typeof tableDifference>;

/** One hop of the pipeline publisher -> log reader -> distributor -> distribution agent -> subscriber. */
export const hop = z.strictObject({
  name: z.enum(['log-reader', 'distribution']),
  agent: z.string(),
  state: z.enum(['starting', 'working', 'idle', 'retrying', 'failed', 'stopped', 'absent', 'unknown']),
  /** Ms from commit to the far end of this hop, by the last tracer token. */
  latencyMs: z.number().optional(),
  /** Commands that wait before this hop, where it can be told. */
  backlog: z.number().optional(),
  /** Epoch ms of what the agent said last. */
  saidAt: z.number().optional(),
  said: z.string().optional(),
});
export type Hop = z.infer<typeof hop>;

export const replicationTrouble = z.strictObject({
  /** Stable: `row-missing`, `duplicate-key`, `log-reader-stopped`, `subscription-expired`. */
  code: z.string(),
  /** SQL Server's number, where it has one. */
  number: z.number().optional(),
  severity: z.enum(['blocker', 'warning']),
  what: z.string(),
  remedy: z.string(),
  at: z.number().optional(),
  evidence: z.array(z.string()),
});
export type ReplicationTrouble = z.infer<typeof replicationTrouble>;

/** How replication stands. Exposure counts from `proven`: the newest marker that was read at the subscriber. */
export const replicationSample = z.strictObject({
  hops: z.array(hop),
  written: marker.optional(),
  proven: marker.optional(),
  /** Publisher's now minus `proven.at`, by the publisher's clock. */
  exposureMs: z.number().optional(),
  pendingCommands: z.number().optional(),
  logUsedBytes: z.number().optional(),
  logBytes: z.number().optional(),
  distributionBytes: z.number().optional(),
  /** Hours until the subscription expires. */
  expiresInHours: z.number().optional(),
  troubles: z.array(replicationTrouble),
  /** True where landfall proposes to drop the publication because production's log grows beyond the limit. */
  proposeDrop: z.boolean(),
});
export type ReplicationSample = z.infer<typeof replicationSample>;

/** One thing that replication does not bring: a login, a job, a sequence. */
export const besidesItem = z.strictObject({
  /** `login`, `user`, `role`, `permission`, `job`, `linked-server`, `credential`, `configuration`, `sequence`, `trigger` … */
  kind: z.string(),
  name: z.string(),
  /** `held`: put aside while the copy follows, as it has to be; the hand-over puts it back. */
  status: z.enum(['same', 'missing', 'different', 'by-hand', 'held']),
  what: z.string(),
  /** True where the script that landfall prints makes it. */
  scripted: z.boolean(),
});
export type BesidesItem = z.infer<typeof besidesItem>;

/** One step of the hand-over and what showed that it holds. */
export const handoverStep = z.strictObject({
  id: z.string(),
  title: z.string(),
  status: z.enum(['done', 'failed', 'skipped']),
  evidence: z.array(z.string()),
});
export type HandoverStep = z.infer<typeof handoverStep>;

export const databaseOrder = z.enum(DATABASE_ORDERS);
export type DatabaseOrder = z.infer<typeof databaseOrder>;
