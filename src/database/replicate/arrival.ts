import { z } from 'zod';
import { LandfallError } from '../../foundation/errors.ts';
import { harmless } from '../../foundation/text.ts';
import type { Marker } from '../../journal/database-facts.ts';
import { numbersOf } from '../../remote/sql/faults.ts';
import type { Statement } from '../../remote/sql/statement.ts';
import { classify } from '../monitor/classify.ts';
import { isNewer, readMarker } from '../monitor/marker.ts';
import type { DatabaseRef } from '../names.ts';
import type { Work } from '../stage.ts';
import { agentJob } from './agent-phrases.ts';
import { inDistribution, publisherId } from './phrases.ts';

/** Waiting for what was written into production to be at the copy. */

const PAUSE_MS = 500;
/** An agent that failed begins again by itself; one that has failed for so long needs somebody. */
const PATIENCE_MS = 120_000;

export async function hasArrived({ servers, ref, signal }: Work, marker: Marker): Promise<boolean> {
  try {
    const newest = await readMarker(servers.subscriber, 'subscriber', ref.copy, signal);
    return newest !== undefined && !isNewer(marker, newest);
  } catch (error) {
    // The agent is delivering it: its transaction holds the row.
    if (error instanceof LandfallError && numbersOf(error).includes(1222)) return false;
    throw error;
  }
}

const failingStatement = (ref: DatabaseRef): Statement => ({
  on: 'distributor',
  database: 'master',
  title: 'ask whether the distribution agent fails',
  effect: 'reads',
  text: `${publisherId(inDistribution(ref, 'MSreplservers'), ref.publisher)}SELECT TOP (1) h.runstatus AS status, LEFT(h.comments, 500) AS said, CONVERT(varchar(20), e.error_code) AS number, LEFT(e.error_text, 500) AS error
FROM ${inDistribution(ref, 'MSdistribution_agents')} AS a
JOIN ${inDistribution(ref, 'MSdistribution_history')} AS h ON h.agent_id = a.id
LEFT JOIN ${inDistribution(ref, 'MSrepl_errors')} AS e ON e.id = h.error_id AND h.error_id <> 0
WHERE ${agentJob(ref)} ORDER BY h.timestamp DESC;`,
});

const failingRow = z.object({
  status: z.number(),
  said: z.string().nullable(),
  number: z.string().nullable(),
  error: z.string().nullable(),
});
type Failing = z.infer<typeof failingRow>;

/** Ended, retrying, failed: an agent that delivers without an end does none of these. */
const FAILS = new Set([2, 5, 6]);

/**
 * Waits until a question is answered with yes.
 *
 * @throws LandfallError database.agent where the distribution agent has failed for two minutes, with its reason
 */
export async function awaited(work: Work, text: string, holds: () => Promise<boolean>): Promise<void> {
  const { servers, ref, clock, signal } = work;
  let failingSince: number | undefined;
  while (!(await holds())) {
    const [said] = await servers.distributor.ask(failingStatement(ref), failingRow, { signal });
    const fails = said !== undefined && FAILS.has(said.status);
    failingSince = fails ? (failingSince ?? clock.monotonic()) : undefined;
    if (fails && failingSince !== undefined && clock.monotonic() - failingSince > PATIENCE_MS)
      throw agentFails(work, said);
    const last = said?.said;
    work.sample({ text: last === undefined || last === null ? text : `${text}: ${harmless(last)}` });
    await clock.sleep(PAUSE_MS, signal);
  }
}

function agentFails({ ref }: Work, { said, number, error }: Failing): LandfallError {
  const told = classify(Number(number ?? 0), error ?? said ?? '');
  return new LandfallError('database.agent', {
    what: `the distribution agent of ${ref.copy} fails: ${told.what}`,
    why: 'nothing arrives at the copy while it does',
    where: { host: ref.distributor },
    evidence: [harmless(error ?? said ?? '')],
    next: [told.remedy, 'then run the same command again'],
  });
}
