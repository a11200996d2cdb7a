import type { z } from 'zod';
import { harmless } from '../../foundation/text.ts';
import { counted } from '../../foundation/units.ts';
import type { SqlDatabaseSurvey } from '../../journal/facts-site.ts';
import { instantOf } from './instants.ts';
import type { tablesQuestion } from './questions-database.ts';
import type { databasesQuestion, filesQuestion, lastBackupsQuestion } from './questions-server.ts';

export type DatabaseRow = z.infer<ReturnType<typeof databasesQuestion>['row']>;
export type TableRow = z.infer<ReturnType<typeof tablesQuestion>['row']>;
type FileRow = z.infer<ReturnType<typeof filesQuestion>['row']>;
type BackupRow = z.infer<ReturnType<typeof lastBackupsQuestion>['row']>;

const key = (name: string): string => name.toLowerCase();

/** What a database is or has that decides how it can travel, in the words of DBAs. */
export function featuresOf(row: DatabaseRow): string[] {
  const has: readonly (readonly [boolean, string])[] = [
    [row.group_member, 'always-on'],
    [row.mirrored, 'mirrored'],
    [row.encrypted, 'encrypted (TDE)'],
    [row.contained, 'contained'],
    [row.cdc, 'cdc'],
    [row.tracked, 'change tracking'],
    [row.published, 'published'],
    [row.merge_published, 'merge-published'],
    [row.subscribed, 'subscribed'],
    [row.distributor, 'distribution database'],
    [row.sync_with_backup, 'sync with backup'],
    [row.snapshot, 'database snapshot'],
    [row.read_only, 'read-only'],
    [row.standby, 'standby'],
    [row.access !== 'MULTI_USER', row.access.toLowerCase().replaceAll('_', ' ')],
    [row.auto_close, 'auto-close'],
    [row.auto_shrink, 'auto-shrink'],
    [row.trustworthy, 'trustworthy'],
    [row.durability !== 'DISABLED', `delayed durability ${row.durability.toLowerCase()}`],
    [row.stretched, 'stretched to Azure'],
    [row.ledger, 'ledger'],
    [row.change_feed, 'change feed'],
    [row.log_reuse_wait === 'REPLICATION', 'its log waits for replication'],
  ];
  return has.filter(([is]) => is).map(([, word]) => word);
}

/** Every database as far as the server tells of it without opening it. Sizes are 0 and `sizeKnown` false where not. */
export function databasesOf(
  rows: readonly DatabaseRow[],
  files: readonly FileRow[],
  backups: readonly BackupRow[],
  offset: number,
): SqlDatabaseSurvey[] {
  const sizes = new Map(files.flatMap(each => (each.name === null ? [] : [[key(each.name), each] as const])));
  const ended = new Map(
    backups.map(({ name, kind, ended: at }) => [
      `${kind} ${key(name)}`,
      at === null ? undefined : instantOf(at, offset),
    ]),
  );
  return rows.map(row => {
    const size = sizes.get(key(row.name));
    const full = ended.get(`D ${key(row.name)}`);
    const log = ended.get(`L ${key(row.name)}`);
    return {
      name: harmless(row.name),
      state: row.state,
      recovery: row.recovery,
      compatibility: row.compatibility,
      dataBytes: size?.data ?? 0,
      logBytes: size?.log ?? 0,
      ...(size === undefined ? { sizeKnown: false } : {}),
      ...(full === undefined ? {} : { lastFullBackupAt: full }),
      ...(log === undefined ? {} : { lastLogBackupAt: log }),
      features: [
        ...featuresOf(row),
        ...(size !== undefined && size.containers > 0 ? ['filestream or in-memory containers'] : []),
      ],
    };
  });
}

/** Tables that are told by name, the largest first. */
const LARGEST = 20;

/** What the tables of a database are, and which of them replication does not take. */
export function tablesOf(
  tables: readonly TableRow[],
  keys: ReadonlySet<number>,
): Pick<SqlDatabaseSurvey, 'tables' | 'withoutKey' | 'largest'> & { readonly features: readonly string[] } {
  const largest = tables.toSorted((a, b) => b.bytes - a.bytes || b.rows - a.rows).slice(0, LARGEST);
  const kinds: readonly (readonly [(table: TableRow) => boolean, string])[] = [
    [({ temporal }) => temporal === 2, 'system-versioned table'],
    [({ memoryOptimized }) => memoryOptimized, 'in-memory table'],
    [({ fileTable }) => fileTable, 'file table'],
    [({ external }) => external, 'external table'],
    [({ node, edge }) => node || edge, 'graph table'],
    [({ ledger }) => ledger > 1, 'ledger table'],
  ];
  return {
    tables: tables.length,
    withoutKey: tables.filter(({ id }) => !keys.has(id)).length,
    largest: largest.map(({ id, schema, name, rows, bytes, lobBytes }) => ({
      name: harmless(`${schema}.${name}`),
      ...{ rows, bytes },
      key: keys.has(id),
      lob: lobBytes > 0,
    })),
    features: kinds.flatMap(([is, noun]) => {
      const count = tables.filter(is).length;
      return count === 0 ? [] : [counted(count, noun)];
    }),
  };
}
