import type { Instance } from '../../server/instance.ts';
import { lsnFromBytes } from '../../storage/lsn.ts';
import type { Note } from '../notes.ts';
import type { Peer } from '../peer.ts';
import { bracketed, quoted, same } from '../places.ts';
import { applySnapshot } from './apply-snapshot.ts';
import { type AgentHistory, RUN } from './history.ts';
import { validate } from './validate.ts';

export interface NotePlace {
  readonly agentId: number;
  readonly database: string;
  readonly publisherDb: string;
  readonly publisher: string;
  readonly publication: string;
  readonly subscriber: string;
  readonly subscriberDb: string;
  readonly instance: Instance;
  readonly record: AgentHistory;
}

/** Does at the subscriber what a note of the publisher's log asks; each may be done twice. */
export async function carryOut(peer: Peer, place: NotePlace, note: Note): Promise<void> {
  switch (note.kind) {
    case 'tracer':
      await place.instance.run(
        place.database,
        `IF NOT EXISTS (SELECT 1 FROM dbo.MStracer_history WHERE parent_tracer_id = ${note.tracerId} AND agent_id = ${place.agentId})
INSERT dbo.MStracer_history (parent_tracer_id, agent_id, subscriber_commit) VALUES (${note.tracerId}, ${place.agentId}, GETDATE())`,
      );
      return;
    case 'procedures':
      if (same(note.subscriber, place.subscriber) && same(note.subscriberDb, place.subscriberDb))
        await makeProcedures(peer, place, note.scripts);
      return;
    case 'snapshot': {
      const scripts = await applySnapshot(peer, place, note);
      if (scripts !== undefined) await makeProcedures(peer, place, scripts);
      return;
    }
    case 'ddl':
      await alterSubscriber(peer, place, note);
      return;
    case 'validation': {
      const { subscriber, subscriberDb } = place;
      if (
        note.subscribers?.some(each => same(each.name, subscriber) && same(each.database, subscriberDb)) ===
        false
      )
        return;
      const [row] = await place.instance.run(
        place.database,
        `SELECT a.destination_owner, a.destination_object FROM dbo.MSarticles AS a JOIN dbo.MSsubscriptions AS s ON s.article_id = a.article_id AND s.publisher_id = a.publisher_id AND s.publisher_db = a.publisher_db
WHERE s.agent_id = ${place.agentId} AND a.article_id = ${note.article}`,
      );
      if (row === undefined) return;
      const { text } = await validate(peer, note, String(row[0]), String(row[1]));
      await place.record.write(RUN.inProgress, text);
      return;
    }
  }
}

/** ALTER TABLE and the mark that it was done are one transaction; its procedures may be made twice. */
async function alterSubscriber(
  peer: Peer,
  place: NotePlace,
  note: Extract<Note, { kind: 'ddl' }>,
): Promise<void> {
  const [row] = await place.instance.run(
    place.database,
    `SELECT subscription_seqno FROM dbo.MSsubscriptions WHERE agent_id = ${place.agentId} AND article_id = ${note.article} AND status = 2`,
  );
  const start = row?.[0];
  if (!(start instanceof Uint8Array) || lsnFromBytes(start) > BigInt(note.after)) return;
  await peer.transaction(inside =>
    inside.run(`IF NOT EXISTS (SELECT 1 FROM dbo.MSsnapshotdeliveryprogress WHERE session_token = N'ddl' AND progress_token = ${quoted(note.id)})
BEGIN
  EXEC (${quoted(note.text)});
  INSERT dbo.MSsnapshotdeliveryprogress (session_token, progress_token_hash, progress_token, progress_timestamp) VALUES (N'ddl', 0, ${quoted(note.id)}, GETDATE());
END`),
  );
  await makeProcedures(peer, place, note.scripts);
}

async function makeProcedures(
  peer: Peer,
  { publisher, publisherDb, publication }: NotePlace,
  scripts: readonly string[],
): Promise<void> {
  for (const script of scripts) {
    const name = /^CREATE PROCEDURE (\[(?:[^\]]|\]\])+\])/.exec(script)?.[1] ?? '';
    const plain = name.slice(1, -1).replaceAll(']]', ']');
    await peer.query(
      `IF OBJECT_ID(N'dbo.${name.replaceAll("'", "''")}') IS NOT NULL DROP PROCEDURE dbo.${bracketed(plain)}`,
    );
    await peer.query(`EXEC (${quoted(script)})`);
    await peer.query(`IF NOT EXISTS (SELECT 1 FROM dbo.MSreplication_objects WHERE object_name = ${quoted(plain)})
INSERT dbo.MSreplication_objects (publisher, publisher_db, publication, object_name, object_type) VALUES (${quoted(publisher)}, ${quoted(publisherDb)}, ${quoted(publication)}, ${quoted(plain)}, 'T')`);
  }
}
