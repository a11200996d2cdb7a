import { z } from 'zod';

/** What a backup says of itself: kept as JSON in front of each set. */

const lsn = z.string().regex(/^\d+$/);

/** A stretch of a database's history, up to the LSN at which a recovery began the next one. */
const forkSchema = z.object({ fork: z.string(), until: lsn });

export type Fork = z.infer<typeof forkSchema>;

const settingsSchema = z.object({
  readOnly: z.boolean(),
  access: z.enum(['MULTI_USER', 'RESTRICTED_USER', 'SINGLE_USER']),
  snapshotIsolation: z.boolean(),
  readCommittedSnapshot: z.boolean(),
  changeTracking: z.object({ retentionMinutes: z.number(), autoCleanup: z.boolean() }).nullable(),
  others: z.array(z.tuple([z.string(), z.union([z.string(), z.number()])])),
});

export type Settings = z.infer<typeof settingsSchema>;

export const headerSchema = z.object({
  /** 1 database, 2 log. */
  type: z.union([z.literal(1), z.literal(2)]),
  setId: z.string(),
  /** All files of one media set have it. */
  mediaSet: z.string(),
  mediaName: z.string().nullable(),
  mediaDescription: z.string().nullable(),
  name: z.string().nullable(),
  description: z.string().nullable(),
  database: z.string(),
  server: z.string(),
  user: z.string(),
  databaseVersion: z.number(),
  compatibility: z.number(),
  collation: z.string(),
  recovery: z.enum(['SIMPLE', 'FULL', 'BULK_LOGGED']),
  copyOnly: z.boolean(),
  checksums: z.boolean(),
  compressed: z.boolean(),
  tail: z.boolean(),
  beginsChain: z.boolean(),
  /** LSNs as decimal text of their 80 bits; what is in a log backup was committed after the first and up to the last. */
  firstLsn: lsn,
  lastLsn: lsn,
  checkpointLsn: lsn,
  databaseBackupLsn: lsn,
  family: z.string(),
  recoveryFork: z.string(),
  /** Forks before the present one, oldest first. */
  forks: z.array(forkSchema),
  software: z.object({ major: z.number(), minor: z.number(), build: z.number() }),
  created: z.number(),
  started: z.number(),
  finished: z.number(),
  /** Bytes before compression. */
  size: z.number(),
  files: z.array(
    z.object({
      id: z.number(),
      logicalName: z.string(),
      physicalName: z.string(),
      type: z.enum(['ROWS', 'LOG']),
      size: z.number(),
    }),
  ),
  /** Place of this file among those the set was striped over, from 0. */
  stripe: z.number(),
  stripes: z.number(),
  published: z.boolean(),
  settings: settingsSchema,
});

export type BackupHeader = z.infer<typeof headerSchema>;
