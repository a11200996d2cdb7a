import { z } from 'zod';
import { rateFacts, surveyGap } from './facts-survey.ts';

/** What the wide look learned of hypervisors, SQL servers and the link; as in facts-survey, sizes in bytes, instants in epoch ms. */

const text = z.string();

/** A domain as its hypervisor has it, whether the plan knows it or not. */
export const domainSurvey = z.strictObject({
  name: text,
  uuid: text,
  state: text,
  autostart: z.boolean(),
  memory: z.number(),
  vcpus: z.number(),
  disks: z.array(
    z.strictObject({
      target: text,
      source: text,
      format: text,
      capacity: z.number(),
      allocation: z.number(),
      /** What it rests on, nearest first; empty where it stands alone. */
      chain: z.array(text),
    }),
  ),
  interfaces: z.array(
    z.strictObject({
      mac: text,
      network: text,
      vlan: z.number().optional(),
      /** How it is plugged in: `network`, `bridge`, `direct` … */
      kind: text.optional(),
    }),
  ),
  addresses: z.array(text),
  snapshots: z.number(),
  checkpoints: z.number(),
  /** A job of libvirt that runs on it now, in its own words. */
  job: text.optional(),
  /** Devices of the host that it has for itself: `pci 0000:3b:00.0`. */
  passthrough: z.array(text),
  /** True where landfall made it: a receiver, a standby, a copy that is proved. */
  landfall: z.boolean().optional(),
  /** Bytes per second, by disk target; absent where it does not run. */
  rates: z.array(rateFacts).optional(),
});

export const networkSurvey = z.strictObject({
  name: text,
  active: z.boolean(),
  bridge: text.optional(),
  /** `nat`, `route`, `bridge`, `open`, `isolated` … */
  forward: text.optional(),
  addresses: z.array(text),
});

export const poolSurvey = z.strictObject({
  name: text,
  type: text,
  active: z.boolean(),
  autostart: z.boolean(),
});

/** Whether domains of a source hypervisor run on the processors of this one. */
export const cpuFitFacts = z.strictObject({
  /** The hypervisor of the source site, by its name in the plan. */
  source: text,
  fit: z.enum(['identical', 'superset', 'incompatible', 'unknown']),
  detail: text,
});

/** All of one hypervisor; `bridges` are the devices on which domains may hang: `virbr0`, `br-prod`. */
export const hypervisorSurvey = z.strictObject({
  gaps: z.array(surveyGap),
  domains: z.array(domainSurvey),
  networks: z.array(networkSurvey),
  pools: z.array(poolSurvey),
  bridges: z.array(text),
  cpuFit: z.array(cpuFitFacts),
  versions: z.strictObject({ libvirt: text.optional(), qemu: text.optional(), kernel: text.optional() }),
});

/** A right that a login lacks. */
export const missingRight = z.strictObject({
  /** `VIEW SERVER STATE`. */
  right: text,
  /** What stays unknown without it, in words. */
  unlocks: text,
  /** The statement with which an administrator grants it. */
  grant: text,
});

const reference = z.strictObject({
  kind: z.enum(['linked-server', 'cross-database', 'openrowset', 'service-broker', 'file-share']),
  /** The object that refers: `dbo.OrdersToday`. */
  from: text,
  /** Server, database or share that it needs. */
  to: text,
});

export const sqlDatabaseSurvey = z.strictObject({
  name: text,
  state: text,
  recovery: text,
  compatibility: z.number(),
  dataBytes: z.number(),
  logBytes: z.number(),
  /** False where the login may not see sizes: both are 0 then. */
  sizeKnown: z.boolean().optional(),
  lastFullBackupAt: z.number().optional(),
  lastLogBackupAt: z.number().optional(),
  /** `always-on`, `encrypted (TDE)`, `in-memory`, `filestream`, `cdc` … */
  features: z.array(text),
  tables: z.number().optional(),
  withoutKey: z.number().optional(),
  largest: z
    .array(
      z.strictObject({ name: text, rows: z.number(), bytes: z.number(), key: z.boolean(), lob: z.boolean() }),
    )
    .optional(),
  references: z.array(reference).optional(),
});

/** A SQL Server as a whole, whichever of its databases the plan moves. */
export const sqlServerSurvey = z.strictObject({
  name: text,
  version: text,
  edition: text,
  startedAt: z.number().optional(),
  collation: text.optional(),
  /** Whether SQL Server Agent runs; absent where the login may not see it, or the edition has none. */
  agentRunning: z.boolean().optional(),
  missingRights: z.array(missingRight),
  gaps: z.array(surveyGap),
  databases: z.array(sqlDatabaseSurvey),
  jobs: z
    .array(
      z.strictObject({
        name: text,
        enabled: z.boolean(),
        schedule: text.optional(),
        lastRunAt: z.number().optional(),
        lastOutcome: z.enum(['succeeded', 'failed', 'cancelled', 'running', 'unknown']).optional(),
        /** Since when it fails without a success in between. */
        failingSince: z.number().optional(),
      }),
    )
    .optional(),
  linkedServers: z
    .array(z.strictObject({ name: text, provider: text, dataSource: text.optional() }))
    .optional(),
  logins: z
    .strictObject({ sql: z.number(), windows: z.number(), disabled: z.number(), orphanedUsers: z.number() })
    .optional(),
  replication: z.array(text).optional(),
});

/** One timed transfer between two hosts. */
export const linkRun = z.strictObject({
  streams: z.number(),
  bytes: z.number(),
  ms: z.number(),
  bytesPerSecond: z.number(),
  /** CPUs that one stream kept busy on the host that sent it, 1 being a whole one; absent where it was not seen. */
  cpu: z.number().optional(),
});

export type DomainSurvey = z.infer<typeof domainSurvey>;
export type HypervisorSurvey = z.infer<typeof hypervisorSurvey>;
export type MissingRight = z.infer<typeof missingRight>;
export type SqlDatabaseSurvey = z.infer<typeof sqlDatabaseSurvey>;
export type SqlServerSurvey = z.infer<typeof sqlServerSurvey>;
export type LinkRun = z.infer<typeof linkRun>;
