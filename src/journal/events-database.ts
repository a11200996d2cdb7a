import { z } from 'zod';
import {
  alignDeed,
  besidesItem,
  databaseFinding,
  databaseOrder,
  databaseTable,
  driftItem,
  handoverStep,
  lane,
  laneForecast,
  marker,
  replicationSample,
  sqlServerFacts,
  tableDifference,
} from './database-facts.ts';

/** What happens to a SQL Server database that leaves; events like any other (events.ts), in a file of their own. */
export const databaseBodies = [
  /** An engineer orders something of a database; the steps that follow from it are in `database`. */
  z.strictObject({
    type: z.literal('database.ordered'),
    database: z.string(),
    order: databaseOrder,
    reason: z.string().optional(),
    /** Tables it is limited to, as `schema.name`. */
    tables: z.array(z.string()).optional(),
    /** Differences found are repaired; only ever on request. */
    repair: z.boolean().optional(),
    /** The publisher is gone: the hand-over works with what has arrived. */
    dark: z.boolean().optional(),
    /** Of `handover`: freeze, drain, compare, and wait there. A second order without it goes on. */
    until: z.literal('drained').optional(),
    /** The name that was typed, for what cannot be undone. */
    confirmed: z.string().optional(),
  }),
  z.strictObject({
    type: z.literal('database.assessed'),
    database: z.string(),
    publisher: sqlServerFacts,
    distributor: sqlServerFacts,
    /** With the facts of the database that is to become the copy, where it is there. */
    subscriber: sqlServerFacts,
    /** The clone's own facts; absent where the plan names none or it is not there. */
    clone: sqlServerFacts.optional(),
    tables: z.array(databaseTable),
    findings: z.array(databaseFinding),
  }),
  z.strictObject({
    type: z.literal('database.planned'),
    database: z.string(),
    lanes: z.array(laneForecast),
    drift: z.array(driftItem),
    /** The script that mends what is `aligned` in `drift`; the stage `align` runs these deeds and no others. */
    align: z.array(alignDeed).optional(),
    /** Bytes a second over the link between the sites, as measured; absent where it was not. */
    linkBytesPerSecond: z.number().optional(),
    /** Share of rows that differ in the sample of the clone, 0 to 1. */
    sampledDifference: z.number().optional(),
  }),
  z.strictObject({
    type: z.literal('database.lane-chosen'),
    database: z.string(),
    lane,
    reason: z.string(),
  }),
  /** From here on nothing that is committed on the publisher can be lost: the seed may begin. */
  z.strictObject({
    type: z.literal('database.captured'),
    database: z.string(),
    lane,
    publication: z.string().optional(),
    marker: marker.optional(),
  }),
  /** The instant that the seed makes the copy equal to. */
  z.strictObject({
    type: z.literal('database.pinned'),
    database: z.string(),
    lane,
    /** Database snapshot, backup file, or change tracking version. */
    source: z.string(),
    marker: marker.optional(),
  }),
  z.strictObject({
    type: z.literal('database.aligned'),
    database: z.string(),
    statements: z.number(),
  }),
  z.strictObject({
    type: z.literal('reconcile.started'),
    database: z.string(),
    run: z.number(),
    source: z.string(),
    tables: z.number(),
    rows: z.number(),
    predictedMs: z.number().optional(),
  }),
  z.strictObject({
    type: z.literal('reconcile.table'),
    database: z.string(),
    run: z.number(),
    compared: tableDifference,
    inserted: z.number(),
    updated: z.number(),
    deleted: z.number(),
    /** Over both connections. */
    bytes: z.number(),
    ms: z.number(),
  }),
  z.strictObject({
    type: z.literal('reconcile.ended'),
    database: z.string(),
    run: z.number(),
    tables: z.number(),
    rows: z.number(),
    repaired: z.number(),
    bytes: z.number(),
    ms: z.number(),
  }),
  /** The copy follows: subscription, log restores, or change tracking rounds. */
  z.strictObject({
    type: z.literal('database.released'),
    database: z.string(),
    lane,
    /** `initialize from lsn`, `parked agent`, `restore log` … */
    how: z.string(),
    marker: marker.optional(),
  }),
  /** At most one a minute, and whenever a trouble comes or goes. */
  z.strictObject({
    type: z.literal('database.observed'),
    database: z.string(),
    sample: replicationSample,
  }),
  z.strictObject({
    type: z.literal('database.validated'),
    database: z.string(),
    /** `live`: at a common point while writers run; `exact`: both sides frozen. */
    kind: z.enum(['live', 'exact']),
    /** Epoch ms when it began: what was written later is not covered. */
    startedAt: z.number(),
    ms: z.number(),
    tables: z.array(tableDifference),
    repaired: z.number(),
    /** Only the tables that an order named: says nothing of the others. */
    limited: z.literal(true).optional(),
  }),
  z.strictObject({
    type: z.literal('database.besides'),
    database: z.string(),
    items: z.array(besidesItem),
    /** Name of the kept script. */
    script: z.string(),
  }),
  z.strictObject({
    type: z.literal('handover.step'),
    database: z.string(),
    dark: z.boolean(),
    did: handoverStep,
  }),
  /** Frozen, drained and equal, exactly: the hand-over waits here for the word at its point of no return. */
  z.strictObject({
    type: z.literal('handover.drained'),
    database: z.string(),
    evidence: z.array(z.string()),
  }),
  z.strictObject({
    type: z.literal('handover.ended'),
    database: z.string(),
    dark: z.boolean(),
    /** The last commit that is known to be in the copy. */
    marker: marker.optional(),
    /** What is known to be lost, in words; empty where nothing is. */
    lost: z.array(z.string()),
  }),
  /** The hand-over was given up before its point of no return: production is as it was before the freeze. */
  z.strictObject({
    type: z.literal('handover.thawed'),
    database: z.string(),
    evidence: z.array(z.string()),
  }),
  z.strictObject({
    type: z.literal('database.torn-down'),
    database: z.string(),
    /** What was on production before and stays, and what was removed. */
    removed: z.array(z.string()),
  }),
] as const;
