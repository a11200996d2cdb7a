import type { SQLInputValue, SQLOutputValue } from 'node:sqlite';
import type { Catalog, Table } from '../catalog/schema.ts';
import type { Value } from '../values/types.ts';
import { accessOf, type IndexAccess, NO_FILLS, type Places, type TableAccess } from './access.ts';
import type { Moment } from './moments.ts';
import type { Overlay } from './overlay.ts';
import type { Facts, Shape } from './physical.ts';
import { type Bounds, boundsOfKey, boundsOfRange, EVERYTHING } from './range.ts';
import type { Range, Snapshot, StoredRow } from './store.ts';

/** Rows of a page of a scan by rid. */
const PAGE = 500;
const FIRST_PAGE = 50;

/** Uncommitted rows over the committed ones, by storeId. */
export type Overlays = ReadonlyMap<number, Overlay>;

interface Way {
  readonly reverse?: boolean;
  readonly key?: readonly Value[];
  readonly places?: Places | undefined;
}

export interface Source {
  readonly moment: Moment;
  /** The later lie over the earlier; more than one for a dirty read. */
  readonly overlays: () => readonly Overlays[];
  readonly catalog: () => Catalog;
  readonly closed: () => void;
}

/** Reads a moment with overlays on top. Lazy: nothing is read before it is asked for. */
export class StoreView implements Snapshot {
  readonly #source: Source;
  #open = true;

  constructor(source: Source) {
    this.#source = source;
  }

  get catalog(): Catalog {
    return this.#source.catalog();
  }

  get moment(): Moment {
    return this.#source.moment;
  }

  scan(table: Table, range?: Range, places?: Places): Iterable<StoredRow> {
    const access = accessOf(table);
    if (!range) {
      const { clustered } = access;
      const byRid = !clustered || this.#shape(table)?.facts.ascending === true;
      return this.#merged(access, byRid ? undefined : clustered, clustered, EVERYTHING, { places });
    }
    const index = access.index(range.indexId);
    const bounds = boundsOfRange(index, range);
    return this.#merged(access, index, index, bounds, { reverse: range.reverse === true, places });
  }

  seek(table: Table, indexId: number, key: readonly Value[], places?: Places): Iterable<StoredRow> {
    const access = accessOf(table);
    const index = access.index(indexId);
    const bounds = boundsOfKey(index, key);
    if (!bounds.whole || !index.index.unique)
      return this.#merged(access, index, index, bounds, { key, places });
    return this.#few(access, index, bounds, key);
  }

  row(table: Table, rid: number): StoredRow | undefined {
    const access = accessOf(table);
    const touched = this.#overlays(table).find(overlay => overlay.entries.has(rid));
    if (touched) return touched.row(table, rid);
    const shape = this.#shape(table);
    if (!shape) return undefined;
    const { facts } = shape;
    const sql = `${access.select(shape, this.#fills(table))} WHERE rid = ?`;
    const row = this.#source.moment.connection.first(sql, [rid], facts.wide);
    return row && access.decode(row, facts);
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#source.closed();
  }

  #shape(table: Table): Shape | undefined {
    if (!this.#open) throw new Error('the view is closed');
    return this.#source.moment.state.shapes.get(table.storeId);
  }

  /** The topmost first. */
  #overlays(table: Table): readonly Overlay[] {
    const overlays = this.#source.overlays();
    if (overlays.length === 1) {
      const overlay = overlays[0]?.get(table.storeId);
      return overlay ? [overlay] : [];
    }
    return overlays.flatMap(each => each.get(table.storeId) ?? []).reverse();
  }

  #fills(table: Table) {
    return this.#overlays(table).find(overlay => overlay.fills.size > 0)?.fills ?? NO_FILLS;
  }

  /** All rows of a whole unique key at once: the statement is free again before the first is given. */
  #few(access: TableAccess, index: IndexAccess, bounds: Bounds, key: readonly Value[]): readonly StoredRow[] {
    const overlays = this.#overlays(access.table);
    const rows: StoredRow[] = [];
    const shape = this.#shape(access.table);
    if (shape) {
      const { facts } = shape;
      const sql = `${access.select(shape, this.#fills(access.table))} WHERE ${bounds.where}`;
      for (const row of this.#source.moment.connection.all(sql, bounds.parameters, facts.wide)) {
        const stored = access.decode(row, facts);
        if (!overlays.some(overlay => overlay.entries.has(stored.rid))) rows.push(stored);
      }
    }
    return overlays.length === 0 ? rows : [...rows, ...uncommitted(access, overlays, bounds, index, key)];
  }

  /** `by` undefined reads by rid; `order` is the order that the rows come in either way. */
  *#merged(
    access: TableAccess,
    by: IndexAccess | undefined,
    order: IndexAccess | undefined,
    bounds: Bounds,
    { reverse = false, key, places }: Way,
  ): Generator<StoredRow, void, undefined> {
    const overlays = this.#overlays(access.table);
    // Rows of an overlay go between the committed ones by all of their key.
    const wanted = overlays.length === 0 ? places : undefined;
    const committed = this.#committed(access, by, bounds, reverse, wanted);
    if (overlays.length === 0) {
      yield* committed;
      return;
    }
    const ascending = order?.compareRows ?? ((left: StoredRow, right: StoredRow) => left.rid - right.rid);
    const compare = reverse ? (left: StoredRow, right: StoredRow) => ascending(right, left) : ascending;
    const own = uncommitted(access, overlays, bounds, order, key).sort(compare);
    // Only what was touched when the scan began: what the statement itself writes later does not move its scan.
    const limits = overlays.map(overlay => overlay.touched);
    const hidden = (rid: number) =>
      overlays.some((overlay, n) => (overlay.entries.get(rid)?.touched ?? Infinity) < (limits[n] ?? 0));
    let next = 0;
    for (const row of committed) {
      if (hidden(row.rid)) continue;
      for (let mine = own[next]; mine && compare(mine, row) < 0; mine = own[++next]) yield mine;
      yield row;
    }
    for (; next < own.length; next++) {
      const mine = own[next];
      if (mine) yield mine;
    }
  }

  *#committed(
    access: TableAccess,
    by: IndexAccess | undefined,
    bounds: Bounds,
    reverse: boolean,
    places?: Places,
  ): Generator<StoredRow, void, undefined> {
    const { table } = access;
    const shape = this.#shape(table);
    if (!shape) return;
    const { facts } = shape;
    const { connection } = this.#source.moment;
    const select = access.select(shape, this.#fills(table), places);
    if (!by) {
      yield* pages(access, connection.all.bind(connection), select, facts);
      return;
    }
    if (by.parts.some(({ name, place }) => !inFile(shape, name, table.columns[place]?.id ?? 0))) {
      yield* this.#sorted(access, by, bounds, reverse);
      return;
    }
    const where = bounds.where === '' ? '' : ` WHERE ${bounds.where}`;
    const direction = (descending: boolean) => (descending === reverse ? '' : ' DESC');
    const columns = by.parts.map(({ name, descending }) => `${name}${direction(descending)}`);
    const text = `${select}${where} ORDER BY ${[...columns, `rid${direction(false)}`].join(', ')}`;
    for (const row of connection.iterate(text, bounds.parameters, facts.wide))
      yield access.decode(row, facts);
  }

  /** By an index that the file does not have yet. */
  #sorted(access: TableAccess, by: IndexAccess, bounds: Bounds, reverse: boolean): StoredRow[] {
    const rows: StoredRow[] = [];
    for (const row of this.#committed(access, undefined, EVERYTHING, false)) {
      if (bounds.inside(row.values)) rows.push(row);
    }
    rows.sort(by.compareRows);
    return reverse ? rows.reverse() : rows;
  }
}

function inFile(shape: Shape, name: string, column: number): boolean {
  return name.startsWith('k') ? shape.shadows.has(column) : shape.columns.has(column);
}

/** Page by page, so that no statement stays open between two of them. */
function* pages(
  access: TableAccess,
  all: (sql: string, parameters: readonly SQLInputValue[], wide: boolean) => SQLOutputValue[][],
  select: string,
  facts: Facts,
): Generator<StoredRow, void, undefined> {
  let last = -1;
  for (let size = FIRST_PAGE; ; size = PAGE) {
    const sql = `${select} WHERE rid > ? ORDER BY rid LIMIT ${size}`;
    const rows = all(sql, [last], facts.wide);
    for (const row of rows) {
      const stored = access.decode(row, facts);
      last = stored.rid;
      yield stored;
    }
    if (rows.length < size) return;
  }
}

/** The rows of the overlays inside the bounds; a row that a higher one touches is the higher one's. */
function uncommitted(
  access: TableAccess,
  overlays: readonly Overlay[],
  bounds: Bounds,
  index: IndexAccess | undefined,
  key: readonly Value[] | undefined,
): StoredRow[] {
  const found: StoredRow[] = [];
  overlays.forEach((overlay, depth) => {
    const rows =
      key && index && bounds.whole
        ? overlay.withKey(access.table, index.index.id, key)
        : overlay.rows(access.table);
    for (const row of rows) {
      const hidden = overlays.slice(0, depth).some(higher => higher.entries.has(row.rid));
      if (!hidden && bounds.inside(row.values)) found.push(row);
    }
  });
  return found;
}
