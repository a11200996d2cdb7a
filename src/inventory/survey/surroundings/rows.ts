/** Columns of an answer that came as a table, apart by tabs; undefined where a line has fewer than it must. */
export function rowsOf(text: string, columns: number): string[][] | undefined {
  const rows = text
    .split('\n')
    .filter(line => line.trim() !== '')
    .map(line => line.split('\t'));
  const whole = rows.filter(row => row.length >= columns);
  // A last line that was cut off is one line less, a table without one good line is no table.
  return rows.length > 0 && whole.length < rows.length - 1 ? undefined : whole;
}

/** A port as text; undefined where it is none. */
export function portOf(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,5}$/.test(text)) return undefined;
  const port = Number(text);
  return port >= 1 && port <= 65_535 ? port : undefined;
}
