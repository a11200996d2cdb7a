import { executable, joined } from '../commands.ts';
import { type Note, readNote } from '../notes.ts';
import type { Peer, PeerTransaction } from '../peer.ts';
import { bracketed, hex, quoted, same } from '../places.ts';
import { COMMAND } from '../procedures/log.ts';
import { readSnapshot, type SnapshotArticle, type SnapshotPlace, snapshotRows } from '../snapshot-files.ts';
import { RUN } from './history.ts';
import type { NotePlace } from './notes.ts';

type SnapshotNote = Extract<Note, { kind: 'snapshot' }>;

/**
 * Delivers a snapshot, and behind it what committed while it was being written: in one transaction of the subscriber, which
 * also says that it was delivered.
 *
 * @returns procedures to make; undefined where the snapshot is for others
 */
export async function applySnapshot(
  peer: Peer,
  place: NotePlace,
  note: SnapshotNote,
): Promise<readonly string[] | undefined> {
  const wanted = new Set(
    note.subscriptions
      .filter(each => same(each.subscriber, place.subscriber) && same(each.database, place.subscriberDb))
      .map(({ article }) => article),
  );
  if (wanted.size === 0) return undefined;
  const files: SnapshotPlace = { instance: place.instance, root: note.root, folder: note.folder };
  const articles = readSnapshot(files).articles.filter(({ id }) => wanted.has(id));
  const later = await between(place, note, [...wanted]);
  const token = `${note.folder}/${[...wanted].sort((a, b) => a - b).join(',')}`;
  const done = await peer.query(
    `SELECT 1 AS done FROM dbo.MSsnapshotdeliveryprogress WHERE session_token = N'snapshot' AND progress_token = ${quoted(token)}`,
  );
  if (done.length === 0) {
    await place.record.write(RUN.inProgress, `Initializing from the snapshot folder '${note.folder}'.`);
    const started = place.instance.clock.now();
    await peer.transaction(async inside => {
      await inside.run('SET XACT_ABORT ON; SET NOCOUNT ON;');
      await build(inside, place, files, articles);
      for (const script of articles.flatMap(({ procedures }) => procedures)) await makeAnew(inside, script);
      for (const change of later) {
        await inside.run(change.text);
        for (const script of change.scripts) await makeAnew(inside, script);
      }
      await inside.run(
        `INSERT dbo.MSsnapshotdeliveryprogress (session_token, progress_token_hash, progress_token, progress_timestamp) VALUES (N'snapshot', 0, ${quoted(token)}, GETDATE())`,
      );
    });
    await place.record.write(
      RUN.inProgress,
      `Delivered snapshot from the '${note.folder}' sub-folder in ${place.instance.clock.now() - started} milliseconds`,
    );
  }
  await place.instance.run(
    place.database,
    `UPDATE dbo.MSsubscriptions SET status = 2, subscription_seqno = 0x${note.until}, snapshot_seqno_flag = 0
WHERE agent_id = ${place.agentId} AND article_id IN (${[...wanted].join(', ')}) AND (status = 1 OR subscription_seqno < 0x${note.until} OR subscription_seqno = ${hex(new Uint8Array(10).fill(0xff))})`,
  );
  const newest = new Map(articles.map(({ id, procedures }) => [id, procedures]));
  for (const { article, scripts } of later) if (scripts.length > 0) newest.set(article, [...scripts]);
  return [...newest.values()].flat();
}

const nameOf = ({ owner, table }: SnapshotArticle): string => `${bracketed(owner)}.${bracketed(table)}`;

/** Tables first, then rows, then keys, and constraints once everything is there. */
async function build(
  inside: PeerTransaction,
  place: NotePlace,
  files: SnapshotPlace,
  articles: readonly SnapshotArticle[],
): Promise<void> {
  for (const article of articles) await inside.run(preCreation(article));
  for (const article of articles) {
    const [table, ...others] = [...article.create].reverse();
    for (const script of others) await inside.run(script);
    if (table !== undefined) await inside.run(ifMissing(article, [table, ...article.indexes]));
    const rows = await copy(inside, files, article);
    await place.record.write(RUN.inProgress, `Bulk copied data into table '${article.table}' (${rows} rows)`);
  }
  for (const article of articles.filter(({ preCreation: command }) => command === 1))
    for (const script of [...article.constraints, ...article.triggers]) await inside.run(script);
}

/** What was there before is kept with its own indexes: only a table that is not there is made. */
function ifMissing(article: SnapshotArticle, scripts: readonly string[]): string {
  const body = scripts.map(script => `EXEC (${quoted(script)});`).join('\n');
  return `IF OBJECT_ID(${quoted(nameOf(article))}) IS NULL
BEGIN
${body}
END`;
}

/** @pre_creation_cmd: 0 none, 1 drop, 2 delete, 3 truncate. */
function preCreation(article: SnapshotArticle): string {
  const name = nameOf(article);
  const there = (work: string): string => `IF OBJECT_ID(${quoted(name)}) IS NOT NULL\nBEGIN\n${work}\nEND`;
  switch (article.preCreation) {
    case 1:
      return there(`DECLARE @drop nvarchar(max) = N'';
SELECT @drop = @drop + N'ALTER TABLE ' + QUOTENAME(OBJECT_SCHEMA_NAME(parent_object_id)) + N'.' + QUOTENAME(OBJECT_NAME(parent_object_id)) + N' DROP CONSTRAINT ' + QUOTENAME(name) + N';'
FROM sys.foreign_keys WHERE referenced_object_id = OBJECT_ID(${quoted(name)});
EXEC (@drop);
DROP TABLE ${name};`);
    case 2:
      return there(`DELETE FROM ${name};`);
    case 3:
      return there(`TRUNCATE TABLE ${name};`);
    default:
      return 'DECLARE @nothing int;';
  }
}

async function copy(
  inside: PeerTransaction,
  files: SnapshotPlace,
  article: SnapshotArticle,
): Promise<number> {
  const name = nameOf(article);
  const identity = (word: 'ON' | 'OFF'): string =>
    `IF OBJECTPROPERTY(OBJECT_ID(${quoted(name)}), 'TableHasIdentity') = 1 SET IDENTITY_INSERT ${name} ${word};`;
  const columns = article.columns.map(bracketed).join(', ');
  let count = 0;
  await inside.run(identity('ON'));
  for await (const rows of snapshotRows(files, article)) {
    await inside.run(`INSERT INTO ${name} (${columns}) VALUES ${rows.join(',\n')}`);
    count += rows.length;
  }
  await inside.run(identity('OFF'));
  return count;
}

/** What is done at the subscriber for a change, and the procedures of the article from then on. */
interface Later {
  readonly article: number;
  readonly text: string;
  readonly scripts: readonly string[];
}

/** Changes from the LSN of the snapshot up to the note about it. */
async function between(
  place: NotePlace,
  note: SnapshotNote,
  articles: readonly number[],
): Promise<readonly Later[]> {
  const rows = await place.instance.run(
    place.database,
    `SELECT c.article_id, c.type, c.partial_command, c.command FROM dbo.MSrepl_commands AS c
WHERE c.publisher_database_id = (SELECT publisher_database_id FROM dbo.MSdistribution_agents WHERE id = ${place.agentId})
  AND c.xact_seqno > 0x${note.lsn} AND c.xact_seqno <= 0x${note.until} AND c.article_id IN (${articles.join(', ')})
ORDER BY c.xact_seqno, c.command_id`,
  );
  const found: Later[] = [];
  let pieces: Uint8Array[] = [];
  for (const [article, type, partial, bytes] of rows) {
    if (bytes instanceof Uint8Array) pieces.push(bytes);
    if (partial === 1 || partial === true) continue;
    const text = joined(pieces);
    pieces = [];
    if (Number(type) === COMMAND) {
      found.push({ article: Number(article), text: executable(text), scripts: [] });
      continue;
    }
    const other = readNote(text);
    if (other.kind === 'ddl')
      found.push({ article: other.article, text: other.text, scripts: other.scripts });
  }
  return found;
}

async function makeAnew(inside: PeerTransaction, script: string): Promise<void> {
  const name = /^CREATE PROCEDURE (\[(?:[^\]]|\]\])+\])/.exec(script)?.[1] ?? '';
  await inside.run(
    `IF OBJECT_ID(${quoted(`dbo.${name}`)}) IS NOT NULL DROP PROCEDURE dbo.${name};\nEXEC (${quoted(script)})`,
  );
}
