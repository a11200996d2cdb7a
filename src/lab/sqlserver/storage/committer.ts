import type { Catalog, Table } from '../catalog/schema.ts';
import { NO_FILLS } from './access.ts';
import type { LogBackups } from './backups.ts';
import { encodeCatalog } from './catalog-codec.ts';
import type { ChangeLog } from './change-log.ts';
import { recordOf } from './change-log.ts';
import { AT_COMMIT, type ChangeTracking } from './change-tracking.ts';
import type { Connection } from './connection.ts';
import type { Counters } from './counters.ts';
import { deferred } from './deferred.ts';
import type { Moments, State } from './moments.ts';
import type { Overlay, Write } from './overlay.ts';
import { alterTable, createTable, type Facts, noRows, type Shape } from './physical.ts';
import { forgetPhysical, writePhysical } from './physical-rows.ts';
import { RowWriter } from './row-writer.ts';
import type { LogRecord, Lsn } from './store.ts';
import { setFact } from './store-file.ts';
import type { Versions } from './versions.ts';

/** What a commit writes. */
export interface Work {
  readonly lsn: Lsn;
  readonly beginLsn: Lsn;
  readonly committed: number;
  readonly originator: string | undefined;
  /** undefined where nothing was defined. */
  readonly catalog: Catalog | undefined;
  readonly overlays: ReadonlyMap<number, Overlay>;
  readonly journal: readonly Write[];
  /** What replication itself wrote, captured ahead of the rows. */
  readonly notes?: { readonly lsn: Lsn; readonly texts: readonly string[] };
  /** Facts of physical tables that are new with this commit. */
  readonly created: ReadonlyMap<number, Facts>;
}

export interface CommitterParts {
  readonly connection: Connection;
  readonly moments: Moments;
  readonly facts: Map<number, Facts>;
  readonly versions: Versions;
  readonly counters: Counters;
  readonly log: ChangeLog;
  readonly tracking: ChangeTracking;
  readonly backups: LogBackups;
}

/** Writes one commit: everything in one transaction of SQLite, and then the new state in memory. */
export class Committer {
  readonly #parts: CommitterParts;

  constructor(parts: CommitterParts) {
    this.#parts = parts;
  }

  /** @returns the change tracking version, undefined where nothing tracked was written */
  commit(given: Work): bigint | undefined {
    const { connection, moments, log, counters } = this.#parts;
    const before = moments.state;
    const work = given.catalog
      ? { ...given, catalog: withBeginVersions(given.catalog, before.version + 1n) }
      : given;
    moments.leave();
    const shapes = work.catalog ? new Map(before.shapes) : before.shapes;
    const catalog = work.catalog ?? before.catalog;
    let written: readonly RowWriter[] = [];
    let captured: readonly number[] = [];
    let recorded = 0;
    let version: bigint | undefined;
    const settled: (() => void)[] = [];
    connection.exec('BEGIN IMMEDIATE');
    try {
      if (work.catalog) this.#define(before, work, new Map(shapes), settled, shapes);
      written = this.#writeRows(work, catalog, shapes, settled);
      captured = this.#capture(work, catalog);
      version = this.#track(work, catalog, before.version + 1n);
      recorded = this.#parts.backups.write(work, catalog, counters.dirty);
      counters.flush(false);
      log.writeCurrent();
      connection.exec('COMMIT');
    } catch (error) {
      if (connection.database.isTransaction) connection.exec('ROLLBACK');
      throw error;
    }
    counters.flushed();
    for (const bytes of captured) log.written(bytes);
    this.#parts.backups.written(recorded, work.lsn);
    for (const settle of settled) settle();
    if (written.length > 0) this.#recordVersions(work, before.sequence + 1);
    moments.enter({
      catalog,
      shapes,
      sequence: before.sequence + 1,
      version: version ?? before.version,
      lsn: work.lsn,
    });
    return version;
  }

  #define(
    before: State,
    work: Work,
    old: ReadonlyMap<number, Shape>,
    settled: (() => void)[],
    shapes: ReadonlyMap<number, Shape> | Map<number, Shape>,
  ): void {
    const { connection, facts, tracking } = this.#parts;
    const { catalog } = work;
    if (!catalog || !(shapes instanceof Map)) return;
    const tables = new Map<number, Table>();
    for (const table of catalog.tables.values()) tables.set(table.storeId, table);
    for (const storeId of old.keys()) {
      if (tables.has(storeId)) continue;
      forgetPhysical(connection, storeId);
      shapes.delete(storeId);
      settled.push(() => facts.delete(storeId));
    }
    for (const [id, table] of before.catalog.tables) {
      if (table.changeTracking && !catalog.tables.get(id)?.changeTracking) tracking.forget(id);
    }
    for (const [storeId, table] of tables) {
      const shape = old.get(storeId);
      const earlier = before.catalog.tables.get(table.id);
      if (shape && earlier === table) continue;
      const now = shape
        ? alterTable(connection, shape, table, work.overlays.get(storeId)?.fills ?? NO_FILLS)
        : createTable(connection, table, facts.get(storeId) ?? noRows());
      facts.set(storeId, now.facts);
      shapes.set(storeId, now);
      // The rows that are there were not looked at in the order of another clustered index.
      if (now.facts.rows > 0 && clusteredText(earlier) !== clusteredText(table)) now.facts.ascending = false;
      writePhysical(connection, now, now.facts);
    }
    for (const storeId of work.created.keys())
      if (!tables.has(storeId)) settled.push(() => facts.delete(storeId));
    setFact(connection, 'catalog', encodeCatalog(catalog));
  }

  #writeRows(
    work: Work,
    catalog: Catalog,
    shapes: ReadonlyMap<number, Shape>,
    settled: (() => void)[],
  ): readonly RowWriter[] {
    const { connection } = this.#parts;
    const writers: RowWriter[] = [];
    for (const [storeId, overlay] of work.overlays) {
      const [first] = overlay.entries.values();
      const shape = shapes.get(storeId);
      if (!first || !shape) continue;
      const fact = shape.facts;
      const table = catalog.tables.get(first.table.id);
      if (table?.storeId !== storeId) continue;
      const { wide, odd } = fact;
      const writer = new RowWriter(connection, table, shape);
      writer.write(overlay);
      const { rows, ascending } = writer;
      const changed =
        rows !== fact.rows || ascending !== fact.ascending || wide !== fact.wide || odd !== fact.odd;
      if (changed) writePhysical(connection, shape, { ...fact, rows, ascending });
      settled.push(() => {
        fact.rows = rows;
        fact.ascending = ascending;
      });
      writers.push(writer);
    }
    return writers;
  }

  /** Bytes of each captured transaction. */
  #capture(work: Work, catalog: Catalog): readonly number[] {
    const { log } = this.#parts;
    if (!log.capturing) return [];
    const { notes } = work;
    const noted = notes?.texts.map((text): LogRecord => ({ kind: 'note', text })) ?? [];
    return [
      ...(notes ? [log.write({ ...work, lsn: notes.lsn }, noted)] : []),
      log.write(work, publishedChanges(work, catalog)),
    ];
  }

  #track(work: Work, catalog: Catalog, version: bigint): bigint | undefined {
    const tracked = work.journal.some(write => catalog.tables.get(write.table.id)?.changeTracking);
    const changed = tracked && this.#parts.tracking.write(version, work.journal, catalog);
    if (!changed && !(work.catalog && beginsAt(work.catalog, version))) return undefined;
    this.#parts.tracking.committed(version);
    setFact(this.#parts.connection, 'trackingVersion', version);
    return version;
  }

  /** Only while a transaction reads older rows, and only of rows that it can have seen. */
  #recordVersions(work: Work, sequence: number): void {
    const { moments, versions } = this.#parts;
    if (!moments.watched) {
      versions.clear();
      return;
    }
    for (const [storeId, overlay] of work.overlays) {
      for (const [rid, { before }] of overlay.entries) if (before) versions.record(storeId, rid, sequence);
    }
  }
}

/** A table that begins anew does so with a version of its own: who has read up to the one before begins again. */
function withBeginVersions(catalog: Catalog, version: bigint): Catalog {
  const begun = [...catalog.tables].filter(([, table]) => table.changeTracking?.beginVersion === AT_COMMIT);
  if (begun.length === 0) return catalog;
  const tables = new Map(catalog.tables);
  for (const [id, table] of begun)
    if (table.changeTracking)
      tables.set(id, { ...table, changeTracking: { ...table.changeTracking, beginVersion: version } });
  return { ...catalog, tables };
}

/** Also where the record of a log backup brings the definition, and the version with it. */
const beginsAt = (catalog: Catalog, version: bigint): boolean =>
  [...catalog.tables.values()].some(({ changeTracking }) => changeTracking?.beginVersion === version);

function* publishedChanges(
  { journal, overlays }: Work,
  catalog: Catalog,
): Generator<LogRecord, void, undefined> {
  const published = journal.filter(
    write => (catalog.tables.get(write.table.id) ?? write.table).published && !write.relayout,
  );
  for (const { write, part } of deferred(published)) {
    const record = recordOf(
      write,
      catalog.tables.get(write.table.id),
      overlays.get(write.table.storeId)?.fills,
    );
    if (record?.kind !== 'update' || part === 'whole') {
      if (record) yield record;
    } else if (part === 'delete') yield { kind: 'delete', table: record.table, before: record.before };
    else yield { kind: 'insert', table: record.table, after: record.after };
  }
}

function clusteredText(table: Table | undefined): string {
  return JSON.stringify(table?.indexes.find(index => index.clustered && !index.disabled)?.columns ?? null);
}
