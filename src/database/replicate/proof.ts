import { z } from 'zod';
import { LandfallError } from '../../foundation/errors.ts';
import { harmless } from '../../foundation/text.ts';
import type { Marker } from '../../journal/database-facts.ts';
import { literal } from '../../remote/sql/quote.ts';
import type { Statement } from '../../remote/sql/statement.ts';
import { writeMarker } from '../monitor/marker.ts';
import type { DatabaseRef } from '../names.ts';
import type { Work } from '../stage.ts';
import { MARKER_ARTICLE } from './marker.ts';
import { inDistribution, publisherId } from './phrases.ts';

/** Go or no go: a marker written now has to show up among the commands of the distributor. */

const PATIENCE_MS = 180_000;
const PAUSE_MS = 500;

/** The newest command for the marker, from the LSN on at which the publication began to keep. */
const newestMarker = (ref: DatabaseRef): Statement => ({
  on: 'distributor',
  database: 'master',
  title: 'look for the newest marker among the commands that the distributor keeps',
  effect: 'reads',
  text: `${publisherId(inDistribution(ref, 'MSreplservers'), ref.publisher)}SELECT CONVERT(varchar(22), MAX(c.xact_seqno), 1) AS lsn
FROM ${inDistribution(ref, 'MSarticles')} AS a
JOIN ${inDistribution(ref, 'MSpublications')} AS p ON p.publication_id = a.publication_id
JOIN ${inDistribution(ref, 'MSpublisher_databases')} AS d ON d.publisher_id = p.publisher_id AND d.publisher_db = p.publisher_db
JOIN ${inDistribution(ref, 'MSrepl_commands')} AS c ON c.publisher_database_id = d.id AND c.article_id = a.article_id AND c.xact_seqno >= ISNULL(p.min_autonosync_lsn, 0x00)
WHERE p.publisher_id = @publisher AND p.publisher_db = ${literal(ref.source)} AND p.publication = ${literal(ref.publication)} AND a.article = ${literal(MARKER_ARTICLE)};`,
});

/** What the log reader said last. */
const logReaderSays = (ref: DatabaseRef): Statement => ({
  on: 'distributor',
  database: 'master',
  title: 'ask what the log reader said last',
  effect: 'reads',
  text: `${publisherId(inDistribution(ref, 'MSreplservers'), ref.publisher)}SELECT TOP (3) CONVERT(varchar(19), h.time, 120) + N' ' + LEFT(h.comments, 300) + ISNULL(N' ' + LEFT(e.error_text, 300), N'') AS said
FROM ${inDistribution(ref, 'MSlogreader_agents')} AS a
JOIN ${inDistribution(ref, 'MSlogreader_history')} AS h ON h.agent_id = a.id
LEFT JOIN ${inDistribution(ref, 'MSrepl_errors')} AS e ON e.id = h.error_id AND h.error_id <> 0
WHERE a.publisher_id = @publisher AND a.publisher_db = ${literal(ref.source)} ORDER BY h.timestamp DESC;`,
});

const lsnRow = z.object({ lsn: z.string().nullable() });
const saidRow = z.object({ said: z.string() });

/**
 * Writes a marker and waits until the distributor has it.
 *
 * @returns the marker with its LSN
 * @throws LandfallError database.not-captured where it does not come, with what the log reader says
 */
export async function proveCapture(work: Work): Promise<Marker> {
  const { servers, signal, clock, ref } = work;
  const newest = async (): Promise<string> => {
    const [row] = await servers.distributor.ask(newestMarker(ref), lsnRow, { signal });
    return row?.lsn ?? '';
  };
  const earlier = await newest();
  const marker = await writeMarker(work, signal);
  const begun = clock.monotonic();
  for (;;) {
    const lsn = await newest();
    // Hex of one length: as texts they compare as they do as numbers.
    if (lsn > earlier) return { ...marker, lsn };
    const waited = clock.monotonic() - begun;
    if (waited > PATIENCE_MS) throw await notCaptured(work);
    work.sample({ text: `wait until the distributor has marker ${marker.id}` });
    await clock.sleep(PAUSE_MS, signal);
  }
}

async function notCaptured({ servers, ref, signal }: Work): Promise<LandfallError> {
  const said = await servers.distributor.ask(logReaderSays(ref), saidRow, { signal });
  return new LandfallError('database.not-captured', {
    what: `what commits in ${ref.source} does not arrive at the distributor ${ref.distributor}`,
    why: 'a copy that is made now would miss every change from now on',
    where: { host: ref.distributor },
    evidence: said.map(each => harmless(each.said)),
    next: [
      `look at the job of the log reader at ${ref.distributor}: its account must be sysadmin at ${ref.publisher}`,
      'agents: { user: NAME, password: env:NAME } in the plan, where the service account is not let in',
      'then run the same command again',
    ],
  });
}
