/** Values as T-SQL writes them. */
export const text = (value: string | null): string =>
  value === null ? 'NULL' : `N'${value.replaceAll("'", "''")}'`;

/** A moment, milliseconds since the epoch, as a datetime literal that no DATEFORMAT changes. */
export const moment = (milliseconds: number): string =>
  `'${new Date(milliseconds).toISOString().slice(0, 23)}'`;
