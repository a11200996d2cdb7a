import { createReadStream, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { deviceFile } from '../backup/device.ts';
import type { Instance } from '../server/instance.ts';

/** A snapshot in its folder: a script for each step of each article, its rows, and a list of it all. */

const article = z.object({
  id: z.number(),
  owner: z.string(),
  table: z.string(),
  /** 0 none, 1 drop, 2 delete, 3 truncate. */
  preCreation: z.number(),
  /** Of the rows, in their order. */
  columns: z.array(z.string()),
  create: z.array(z.string()),
  indexes: z.array(z.string()),
  constraints: z.array(z.string()),
  triggers: z.array(z.string()),
  /** The procedures that later changes call. */
  procedures: z.array(z.string()),
  rows: z.number(),
});

const list = z.object({ lsn: z.string(), articles: z.array(article) });

export type SnapshotArticle = z.infer<typeof article>;
export type SnapshotList = z.infer<typeof list>;

/** `unc\MIA-SQL1_PUBDB_LANDFALL\20260801101500`, below the working directory of the publisher. */
export const snapshotFolder = (
  publisher: string,
  database: string,
  publication: string,
  now: number,
): string => {
  const stamp = new Date(now)
    .toISOString()
    .replaceAll(/[^0-9]/g, '')
    .slice(0, 14);
  return ['unc', `${publisher}_${database}_${publication}`.toUpperCase(), stamp].join('\\');
};

/** Where a path of a distributor's file system is: a share by the rule of backups, its own default below its directory. */
function place(instance: Instance, root: string, folder: string): string {
  const parts = folder.split('\\');
  return root.startsWith(instance.directory)
    ? join(root, ...parts)
    : deviceFile(instance, [root, ...parts].join('\\'));
}

const nameOf = ({ id, table }: SnapshotArticle, extension: string): string =>
  `${table.replaceAll(/[^\w]/g, '_').slice(0, 60)}_${id}.${extension}`;

const batches = (scripts: readonly string[]): string => scripts.map(script => `${script}\nGO\n`).join('');

export interface SnapshotPlace {
  readonly instance: Instance;
  /** The working directory of the publisher, or the publication's alternate folder. */
  readonly root: string;
  readonly folder: string;
}

/** @param rows of an article, in groups: `(1,N'x')` as JSON texts */
export function writeSnapshot(
  { instance, root, folder }: SnapshotPlace,
  snapshot: SnapshotList,
  rows: ReadonlyMap<number, readonly string[]>,
): void {
  const path = place(instance, root, folder);
  mkdirSync(path, { recursive: true });
  for (const each of snapshot.articles) {
    writeFileSync(join(path, nameOf(each, 'sch')), batches(each.create));
    writeFileSync(join(path, nameOf(each, 'idx')), batches(each.indexes));
    writeFileSync(join(path, nameOf(each, 'dri')), batches(each.constraints));
    if (each.triggers.length > 0) writeFileSync(join(path, nameOf(each, 'trg')), batches(each.triggers));
    writeFileSync(
      join(path, nameOf(each, 'bcp')),
      (rows.get(each.id) ?? []).map(line => `${line}\n`).join(''),
    );
  }
  writeFileSync(join(path, 'snapshot.json'), JSON.stringify(snapshot));
}

/** @throws Error where the folder is not there */
export const readSnapshot = ({ instance, root, folder }: SnapshotPlace): SnapshotList =>
  list.parse(JSON.parse(readFileSync(join(place(instance, root, folder), 'snapshot.json'), 'utf8')));

const group = z.array(z.string());

/** Groups of rows as they were written. */
export async function* snapshotRows(
  { instance, root, folder }: SnapshotPlace,
  of: SnapshotArticle,
): AsyncGenerator<readonly string[], void, undefined> {
  const lines = createInterface({
    input: createReadStream(join(place(instance, root, folder), nameOf(of, 'bcp'))),
  });
  for await (const line of lines) yield group.parse(JSON.parse(line));
}

export const readSnapshotArticle = (text: string): SnapshotArticle => article.parse(JSON.parse(text));
