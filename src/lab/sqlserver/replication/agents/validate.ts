import type { Note } from '../notes.ts';
import type { Peer } from '../peer.ts';
import { bracketed } from '../places.ts';

type Validation = Extract<Note, { kind: 'validation' }>;

/** The binary checksum of a table as both sides compute it; text, ntext and image do not count. */
export const checksumQuery = (owner: string, table: string, columns: readonly string[]): string =>
  `SELECT COUNT_BIG(*) AS rows, CONVERT(varchar(20), CHECKSUM_AGG(BINARY_CHECKSUM(${columns.map(bracketed).join(', ')}))) AS checksum
FROM ${bracketed(owner)}.${bracketed(table)} WITH (TABLOCK, HOLDLOCK)`;

/** What the distribution agent writes into its history after it compared: 20524 to 20527. */
export async function validate(
  peer: Peer,
  note: Validation,
  owner: string,
  table: string,
): Promise<{ readonly number: number; readonly text: string }> {
  const [row] = await peer.query(checksumQuery(owner, table, note.columns));
  const rows = Number(row?.['rows']);
  const checksum = typeof row?.['checksum'] === 'string' ? row['checksum'] : null;
  const name = `'${table}'`;
  if (note.checksum === null) {
    return rows === note.rows
      ? { number: 20526, text: `Table ${name} passed rowcount (${rows}) validation.` }
      : {
          number: 20524,
          text: `Table ${name} may be out of synchronization. Rowcounts (actual: ${rows}, expected: ${note.rows}).`,
        };
  }
  return rows === note.rows && checksum === note.checksum
    ? { number: 20527, text: `Table ${name} passed rowcount (${rows}) and checksum validation.` }
    : {
        number: 20525,
        text: `Table ${name} might be out of synchronization. Rowcounts (actual: ${rows}, expected ${note.rows}). Checksum values (actual: ${checksum}, expected: ${note.checksum}).`,
      };
}
