import type { Connection } from './connection.ts';
import { dropTable, type Facts, type Shape, tableName } from './physical.ts';

/** What the file says of its physical tables. */

export function readPhysical(connection: Connection): {
  readonly shapes: Map<number, Shape>;
  readonly facts: Map<number, Facts>;
} {
  const shapes = new Map<number, Shape>();
  const facts = new Map<number, Facts>();
  for (const row of connection.all('SELECT store_id, shape, rows, ascending, wide, odd FROM physical')) {
    const [id, text, rows, ascending, wide, odd] = row;
    const storeId = Number(id);
    const written: { columns: number[]; shadows: number[]; indexes: [number, string][] } = JSON.parse(
      String(text),
    );
    const last = connection.first(`SELECT max(rid) FROM ${tableName(storeId)}`);
    const fact: Facts = {
      rows: Number(rows),
      nextRid: Number(last?.[0] ?? 0) + 1,
      ascending: ascending === 1,
      wide: wide === 1,
      odd: odd === 1,
    };
    facts.set(storeId, fact);
    shapes.set(storeId, {
      storeId,
      columns: new Set(written.columns),
      shadows: new Set(written.shadows),
      indexes: new Map(written.indexes),
      facts: fact,
    });
  }
  return { shapes, facts };
}

export function writePhysical(connection: Connection, shape: Shape, facts: Omit<Facts, 'nextRid'>): void {
  const text = JSON.stringify({
    columns: [...shape.columns],
    shadows: [...shape.shadows],
    indexes: [...shape.indexes],
  });
  connection.run(
    `INSERT INTO physical(store_id, shape, rows, ascending, wide, odd) VALUES(?, ?, ?, ?, ?, ?)
      ON CONFLICT(store_id) DO UPDATE SET shape = excluded.shape, rows = excluded.rows, ascending = excluded.ascending,
        wide = excluded.wide, odd = excluded.odd`,
    shape.storeId,
    text,
    facts.rows,
    facts.ascending ? 1 : 0,
    facts.wide ? 1 : 0,
    facts.odd ? 1 : 0,
  );
}

export function forgetPhysical(connection: Connection, storeId: number): void {
  dropTable(connection, storeId);
  connection.run('DELETE FROM physical WHERE store_id = ?', storeId);
}
