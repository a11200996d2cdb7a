import type { MachineRow } from '../../reports/rows.ts';
import type { View } from '../screen.ts';
import { line, span } from '../text/line.ts';
import { type Column, layOutTable, type TableLayout, widest } from '../text/table.ts';

/** Lays a table out once for each width that is asked for, instead of once a row. */
export function layoutsOf<T>(
  columns: () => readonly Column<T>[],
  ellipsis: string,
): (width: number) => TableLayout<T> {
  let last: { readonly width: number; readonly layout: TableLayout<T> } | undefined;
  return width => {
    if (last?.width !== width) last = { width, layout: layOutTable(columns(), width, ellipsis) };
    return last.layout;
  };
}

export function nameColumn({ rows }: View): Column<MachineRow> {
  const names = widest(
    rows.map(row => row.name),
    7,
    20,
  );
  return {
    title: 'machine',
    keep: 0,
    least: Math.min(names, 12),
    most: names,
    cell: row => line(span(row.name, 'title')),
  };
}
