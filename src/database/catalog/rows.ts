import { z } from 'zod';

/** What the queries of queries.ts answer, row by row. */

const flag = z.union([z.boolean(), z.number(), z.null()]).transform(value => value === true || value === 1);
const text = z.string().nullable();
/** A bigint as text; rows and bytes stay far below what a number holds exactly. */
const count = z.string().transform(Number);
const number = z.number();

export const shapeRow = z.object({ view: z.string(), column: z.string() });
export const databaseRow = z.object({ name: z.string(), collation: text, compatibility: number });
export const schemaRow = z.object({ name: z.string() });

export const tableRow = z.object({
  id: number,
  schema: z.string(),
  name: z.string(),
  rows: count,
  bytes: count,
  lobBytes: count,
  /** sys.tables.temporal_type: 1 is a history, 2 has one. */
  temporal: number.nullable(),
  memoryOptimized: flag,
  fileTable: flag,
  external: flag,
  node: flag,
  edge: flag,
  ledger: number.nullable(),
  trackedByCdc: flag,
  published: flag,
  replicated: flag,
  changeTracked: flag,
});
export type TableRow = z.infer<typeof tableRow>;

export const columnRow = z.object({
  table: number,
  id: number,
  name: z.string(),
  type: z.string(),
  declared: z.string(),
  declaredSchema: z.string(),
  userDefined: flag,
  assemblyType: flag,
  length: number,
  precision: number,
  scale: number,
  collation: text,
  nullable: flag,
  seed: text,
  increment: text,
  last: text,
  notForReplication: flag,
  computed: text,
  persisted: flag,
  defaultName: text,
  default: text,
  defaultSystemNamed: flag,
  rowGuid: flag,
  sparse: flag,
  columnSet: flag,
  hidden: flag,
  generated: text,
  encryption: text,
  xmlCollection: text,
  xmlSchema: text,
});
export type ColumnRow = z.infer<typeof columnRow>;

export const indexRow = z.object({
  table: number,
  id: number,
  name: z.string(),
  kind: z.string(),
  unique: flag,
  primaryKey: flag,
  uniqueConstraint: flag,
  systemNamed: flag,
  disabled: flag,
  ignoreDuplicates: flag,
  filter: text,
  fillFactor: number,
});
export type IndexRow = z.infer<typeof indexRow>;

export const indexColumnRow = z.object({
  table: number,
  index: number,
  name: z.string(),
  descending: flag,
  included: flag,
});
export type IndexColumnRow = z.infer<typeof indexColumnRow>;

export const foreignKeyRow = z.object({
  table: number,
  name: z.string(),
  referencedSchema: z.string(),
  referencedTable: z.string(),
  column: z.string(),
  referencedColumn: z.string(),
  onDelete: z.string(),
  onUpdate: z.string(),
  disabled: flag,
  notTrusted: flag,
  notForReplication: flag,
  systemNamed: flag,
});
export type ForeignKeyRow = z.infer<typeof foreignKeyRow>;

export const checkRow = z.object({
  table: number,
  name: z.string(),
  definition: text,
  disabled: flag,
  notTrusted: flag,
  notForReplication: flag,
  systemNamed: flag,
});
export type CheckRow = z.infer<typeof checkRow>;

export const triggerRow = z.object({
  table: number,
  id: number,
  name: z.string(),
  insteadOf: flag,
  disabled: flag,
  notForReplication: flag,
  definition: text,
  ansiNulls: flag,
  quotedIdentifier: flag,
});
export type TriggerRow = z.infer<typeof triggerRow>;

export const triggerEventRow = z.object({ trigger: number, event: z.string() });
export type TriggerEventRow = z.infer<typeof triggerEventRow>;

export const moduleRow = z.object({
  schema: z.string(),
  name: z.string(),
  kind: z.string(),
  definition: text,
  ansiNulls: flag,
  quotedIdentifier: flag,
  schemaBound: flag,
});

export const sequenceRow = z.object({
  schema: z.string(),
  name: z.string(),
  type: z.string(),
  precision: number,
  scale: number.nullable(),
  start: z.string(),
  increment: z.string(),
  minimum: z.string(),
  maximum: z.string(),
  cycles: flag,
  cached: flag,
  cache: number.nullable(),
  current: z.string(),
});

export const synonymRow = z.object({ schema: z.string(), name: z.string(), target: z.string() });

export const typeRow = z.object({
  schema: z.string(),
  name: z.string(),
  base: text,
  length: number,
  precision: number,
  scale: number,
  nullable: flag,
  assemblyType: flag,
  table: number.nullable(),
});
export type TypeRow = z.infer<typeof typeRow>;

export const partitionRow = z.object({
  name: z.string(),
  onRight: flag,
  type: z.string(),
  length: number,
  precision: number,
  scale: number,
  boundary: number.nullable(),
  value: text,
});
export type PartitionRow = z.infer<typeof partitionRow>;
