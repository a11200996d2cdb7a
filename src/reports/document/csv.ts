/** Tables for spreadsheets: RFC 4180, and nothing that a spreadsheet would take for a formula. */

export function csvOf(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  return [titles, ...rows].map(row => `${row.map(cell).join(',')}\r\n`).join('');
}

/** What a spreadsheet computes, or opens a program for, when a cell begins with it. */
const FORMULA = /^[\s'"]*[=+\-@\t\r\n|%＝＋－＠]/u;

/** One cell: text that begins like a formula is led by an apostrophe, which spreadsheets take for "this is text". */
export function cell(text: string): string {
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
