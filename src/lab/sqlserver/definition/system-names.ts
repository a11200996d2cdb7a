/** Names that SQL Server gives to constraints that were written without one. */

const hex = (value: number): string => (value >>> 0).toString(16).toUpperCase().padStart(8, '0');

/** Both parts of the middle share 14 characters; the table has at most 9 of them. */
function middle(table: string, column: string | undefined): string {
  const first = table.slice(0, 9);
  return column === undefined ? first : `${first}__${column.slice(0, 14 - first.length)}`;
}

/** FNV-1a: what a key's name says of its columns, so that two keys of a table differ. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return value >>> 0;
}

/** `PK__Orders__3213E83F4F7CD00D`, `UQ__…`. */
export const systemKeyName = (
  primary: boolean,
  table: string,
  columns: readonly string[],
  objectId: number,
): string =>
  `${primary ? 'PK' : 'UQ'}__${middle(table, undefined)}__${hex(hash(columns.join('\n')))}${hex(objectId)}`;

/** `DF__Orders__Status__5EBF139D`, `CK__…`, `FK__…`; a check of the whole table names no column. */
export const systemConstraintName = (
  kind: 'DF' | 'CK' | 'FK',
  table: string,
  column: string | undefined,
  objectId: number,
): string => `${kind}__${middle(table, column)}__${hex(objectId)}`;
