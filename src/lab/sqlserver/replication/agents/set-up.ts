import { SqlError } from '../../errors.ts';
import type { Peer } from '../peer.ts';
import { hex } from '../places.ts';
import { carryOut, type NotePlace } from './notes.ts';
import { notesIn, type Subscription } from './queue.ts';

/**
 * The set-up of subscriptions without a snapshot goes ahead of their commands, however old those are: it may have been
 * written long after the LSN that a subscription begins from.
 *
 * @param carried LSNs of set-ups that this agent has carried out
 * @throws SqlError 21074 where the clean-up has deactivated the subscription
 * @returns false where the log reader has not brought the set-up of some article yet
 */
export async function setUp(
  peer: Peer,
  place: NotePlace & Subscription,
  mark: Uint8Array,
  carried: Set<string>,
): Promise<boolean> {
  const [inactive] = await place.instance.run(
    place.database,
    `SELECT TOP (1) article_id FROM dbo.MSsubscriptions WHERE agent_id = ${place.agentId} AND status = 0`,
  );
  if (inactive !== undefined)
    throw new SqlError(
      21074,
      'The subscription(s) have been marked inactive and must be reinitialized. NoSync subscriptions will need to be dropped and recreated.',
    );
  const rows = await place.instance.run(
    place.database,
    `SELECT ss_cplt_seqno FROM dbo.MSsubscriptions
WHERE agent_id = ${place.agentId} AND nosync_type > 0 AND status = 2 AND (ss_cplt_seqno = 0x00 OR ss_cplt_seqno > ${hex(mark)}) ORDER BY ss_cplt_seqno`,
  );
  for (const [seqno] of rows) {
    if (!(seqno instanceof Uint8Array) || seqno.length < 10) return false;
    const name = hex(seqno);
    if (carried.has(name)) continue;
    for (const note of await notesIn(place.instance, place, seqno)) await carryOut(peer, place, note);
    carried.add(name);
  }
  return true;
}
