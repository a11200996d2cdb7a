import { z } from 'zod';
import { LandfallError } from '../../foundation/errors.ts';
import type { TableColumn } from '../../journal/database-facts.ts';
import { readCatalog } from '../catalog/read.ts';
import { databaseTables } from '../catalog/tables.ts';
import type { Side } from '../compare/index.ts';
import { MARKER_TABLE } from '../replicate/marker.ts';
import type { Work } from '../stage.ts';
import { progressName, tablesOf } from './names.ts';

export interface CopyTable {
  readonly columns: readonly TableColumn[];
}

const there = z.object({ there: z.number() });

/**
 * The tables of the copy that can be made equal, by their names in small letters: whatever collation decides them.
 *
 * @throws LandfallError database.drift where the copy lacks a table
 */
export async function copyTables(work: Work, left: Side): Promise<ReadonlyMap<string, CopyTable>> {
  const { servers, ref, signal } = work;
  const catalog = await readCatalog(servers.subscriber, 'subscriber', ref.copy, signal);
  const found = new Map<string, CopyTable>(
    databaseTables(catalog).map(table => [progressName(table).toLowerCase(), { columns: table.columns }]),
  );
  const names = tablesOf(work).map(({ table }) => table);
  const marker = names.at(-1);
  const question = { title: 'is there a marker table', effect: 'reads' as const, text: MARKER };
  const [mine] = await left.session.ask({ ...question, on: left.role, database: left.database }, there, {
    signal,
  });
  const [other] = await servers.subscriber.ask({ ...question, on: 'subscriber', database: ref.copy }, there, {
    signal,
  });
  if (marker !== undefined && mine?.there === 1 && other?.there === 1)
    found.set(progressName(marker).toLowerCase(), { columns: marker.columns });
  const missing = names
    .slice(0, -1)
    .map(progressName)
    .filter(name => !found.has(name.toLowerCase()));
  if (missing.length > 0)
    throw new LandfallError('database.drift', {
      what: `${ref.copy} lacks ${missing.length === 1 ? 'a table' : `${missing.length} tables`} of production`,
      evidence: missing.slice(0, 10),
      next: [
        'align the copy first: run the same command again',
        'was a table made on production meanwhile? assess again',
      ],
    });
  return found;
}

const MARKER = `SELECT CASE WHEN OBJECT_ID(N'${MARKER_TABLE}', N'U') IS NULL THEN 0 ELSE 1 END AS there;`;
