import { z } from 'zod';
import type { Marker } from '../../journal/database-facts.ts';
import { identifier, literal } from '../../remote/sql/quote.ts';
import type { Statement } from '../../remote/sql/statement.ts';
import type { DatabaseRef } from '../names.ts';
import { serverOf } from '../perform.ts';
import type { Scene, Work } from '../stage.ts';
import { followStatements, trackingRound } from '../tracking/rounds.ts';
import { many, one } from './answers.ts';
import {
  agentRow,
  agentsStatement,
  errorRow,
  errorsStatement,
  pendingRow,
  pendingStatement,
} from './ask-distributor.ts';
import { tokenRow, tracerStatement } from './ask-publisher.ts';
import { stateOf } from './hops.ts';
import { laneOf } from './lane.ts';
import { isNewer, readMarker, writeMarker, writeMarkerStatement } from './marker.ts';
import { shipped } from './shipped.ts';

export interface Drained {
  readonly drained: boolean;
  /** One sentence for each proof that holds. */
  readonly evidence: string[];
  /** One sentence for each that does not, with what it waits for. */
  readonly missing: string[];
}

export interface DrainOptions {
  /** How long the proofs may take to come together, ms; an idle agent says so once a minute only. */
  readonly patienceMs?: number;
}

const PATIENCE = 180_000;
const PAUSE = 500;

/** Every statement that writes and that `proveDrained` may send. */
export function drainedStatements(scene: Scene): readonly Statement[] {
  const lane = laneOf(scene);
  if (lane === 'log-shipping') return [];
  if (lane === 'change-tracking') return [writeMarkerStatement(scene.ref), ...followStatements(scene)];
  return [writeMarkerStatement(scene.ref), tracerStatement(scene.ref)];
}

/**
 * That everything committed on production is in the copy (facts: mssql 8.4). Asked after the writers were stopped: a
 * marker and a tracer token of now, then all proofs together, in one look; one alone is never enough. Waits for them as
 * long as patience goes, and says then what is missing.
 *
 * @throws LandfallError sql.* where a server is away: nothing is proven then
 */
export async function proveDrained(
  work: Work,
  { patienceMs = PATIENCE }: DrainOptions = {},
): Promise<Drained> {
  const lane = laneOf(work);
  if (lane === 'log-shipping') return shipped(work);
  const marker = await writeMarker(work, work.signal);
  const look = lane === 'change-tracking' ? () => followed(work, marker) : await replicated(work, marker);
  const until = work.clock.monotonic() + patienceMs;
  for (;;) {
    const proofs = await look();
    const missing = proofs.flatMap(({ missing: each }) => each ?? []);
    if (missing.length === 0 || work.clock.monotonic() >= until)
      return {
        drained: missing.length === 0,
        evidence: proofs.flatMap(({ holds }) => holds ?? []),
        missing,
      };
    await work.clock.sleep(PAUSE, work.signal);
  }
}

/** One proof: what shows that it holds, or what is missing. */
interface Proof {
  readonly holds?: string;
  readonly missing?: string;
}

const proof = (holds: boolean, yes: string, no: string): Proof => (holds ? { holds: yes } : { missing: no });

async function arrival(work: Work, marker: Marker): Promise<Proof> {
  const { servers, ref, signal } = work;
  const there = await readMarker(servers.subscriber, 'subscriber', ref.copy, signal);
  return proof(
    there !== undefined && !isNewer(marker, there),
    `marker ${marker.id}, written at ${new Date(marker.at).toISOString()}, is at the copy`,
    `marker ${marker.id} is not at the copy yet; the newest there is ${there?.id ?? 'none'}`,
  );
}

/**
 * Transactions of others that are open and have written; also those of a statement that commits by itself, which are no
 * user transactions.
 */
const openStatement = (ref: DatabaseRef): Statement => ({
  on: 'publisher',
  database: ref.source,
  title: 'ask for open transactions',
  effect: 'reads',
  text: `SET NOCOUNT ON;
SELECT s.session_id AS session, ISNULL(c.program_name, N'') AS program, ISNULL(c.login_name, N'') AS login
FROM sys.dm_tran_database_transactions AS d
JOIN sys.dm_tran_session_transactions AS s ON s.transaction_id = d.transaction_id
LEFT JOIN sys.dm_exec_sessions AS c ON c.session_id = s.session_id
WHERE d.database_id = DB_ID(${literal(ref.source)})
  AND d.database_transaction_begin_time IS NOT NULL AND s.session_id <> @@SPID;`,
});

const openRow = z.object({ session: z.number(), program: z.string(), login: z.string() });

async function nothingOpen(work: Work): Promise<Proof> {
  const open = await work.servers.publisher.ask(openStatement(work.ref), openRow, { signal: work.signal });
  const [first] = open;
  return proof(
    first === undefined,
    'no session holds an open transaction on production',
    `${open.length} open transactions on production; session ${first?.session} (${first?.login}, ${first?.program}) has one`,
  );
}

const undistributedStatement = (ref: DatabaseRef): Statement => ({
  on: 'publisher',
  database: ref.source,
  title: 'ask for the oldest transaction that was not distributed',
  effect: 'reads',
  text: `DBCC OPENTRAN (${literal(ref.source)}) WITH TABLERESULTS, NO_INFOMSGS;`,
});

const transactionsStatement = (ref: DatabaseRef): Statement => ({
  on: 'publisher',
  database: ref.source,
  title: 'ask for transactions that wait in the log',
  effect: 'reads',
  text: `EXEC ${identifier(ref.source)}.sys.sp_repltrans;`,
});

/** The oldest non-distributed LSN is (0:0:0), and sp_repltrans gives nothing. */
async function logRead(work: Work): Promise<Proof> {
  const { ref, servers, signal } = work;
  const { results } = await servers.publisher.run(undistributedStatement(ref), { signal });
  const waiting = (await servers.publisher.ask(transactionsStatement(ref), z.unknown(), { signal })).length;
  // Its two columns have no names: the driver makes one array of them.
  const oldest = (results[0] ?? [])
    .map(row => Object.values(row).flat().map(String))
    .find(([name]) => name === 'REPL_NONDIST_OLD_LSN')?.[1];
  return proof(
    oldest === '(0:0:0)' && waiting === 0,
    'the log reader has read all of the log: oldest non-distributed LSN (0:0:0), sp_repltrans empty',
    oldest === undefined
      ? 'production says nothing of replication: DBCC OPENTRAN knows no distributed LSN'
      : `${waiting} transactions wait in the log, the oldest at ${oldest}`,
  );
}

const historyStatement = (ref: DatabaseRef): Statement => ({
  on: 'publisher',
  database: ref.source,
  title: 'ask whether the tracer token has arrived',
  effect: 'reads',
  text: `EXEC ${identifier(ref.source)}.sys.sp_helptracertokenhistory @publication = ${literal(ref.publication)}, @tracer_id = @token;`,
});

const historyRow = z.object({
  subscriber: z.string(),
  subscriber_db: z.string(),
  overall_latency: z.coerce.number().nullable(),
});

async function tokenArrived(work: Work, token: number): Promise<Proof> {
  const rows = await work.servers.publisher.ask(historyStatement(work.ref), historyRow, {
    signal: work.signal,
    parameters: { token: { type: 'int', value: token } },
  });
  const own = rows.find(({ subscriber_db }) => subscriber_db.toLowerCase() === work.ref.copy.toLowerCase());
  return proof(
    own?.overall_latency != null,
    `tracer token ${token} has gone the whole way in ${own?.overall_latency ?? '?'} s`,
    `tracer token ${token} has not arrived at the copy`,
  );
}

const NOTHING = /no replicated transactions/i;

async function agentsIdle(work: Work): Promise<Proof[]> {
  const agents = await serverOf(work.servers, agentsStatement(work.ref)).ask(
    agentsStatement(work.ref),
    agentRow,
    {
      signal: work.signal,
    },
  );
  return (['log-reader', 'distribution'] as const).map(hop => {
    const agent = agents.find(each => each.hop === hop);
    const state = agent === undefined ? 'absent' : stateOf(agent);
    const name = hop === 'log-reader' ? 'log reader' : 'distribution agent';
    return proof(
      state === 'idle' || (state === 'working' && NOTHING.test(agent?.said ?? '')),
      `the ${name} is idle`,
      `the ${name} is ${state}: ${agent?.said ?? 'it has said nothing'}`,
    );
  });
}

/** Posts the token, and gives the look that is repeated. */
async function replicated(work: Work, marker: Marker): Promise<() => Promise<Proof[]>> {
  const { servers, ref, signal, clock } = work;
  const begun = clock.now();
  const [posted] = await servers.publisher.ask(tracerStatement(ref), tokenRow, { signal });
  const token = posted?.token ?? 0;
  return async () => {
    const arrived = await arrival(work, marker);
    const traced = await tokenArrived(work, token);
    const pending = await one(work, pendingStatement(ref), pendingRow);
    const errors = await many(work, errorsStatement(ref), errorRow, {
      seconds: { type: 'int', value: Math.ceil((clock.now() - begun) / 1000) + 1 },
    });
    const newest = errors.answered ? errors.value[0] : undefined;
    return [
      arrived,
      traced,
      pending.answered
        ? proof(
            pending.value.pendingcmdcount === 0,
            'no command waits in the distribution database',
            `${pending.value.pendingcmdcount} commands wait in the distribution database`,
          )
        : { missing: pending.error.facts.what },
      await nothingOpen(work),
      await logRead(work),
      ...(await agentsIdle(work)),
      errors.answered
        ? proof(
            newest === undefined,
            'the agents met no error meanwhile',
            `an agent met ${newest?.code}: ${newest?.said}`,
          )
        : { missing: errors.error.facts.what },
    ];
  };
}

const versionStatement = (ref: DatabaseRef): Statement => ({
  on: 'publisher',
  database: ref.source,
  title: 'ask for the version of change tracking',
  effect: 'reads',
  text: `SELECT CONVERT(varchar(20), CHANGE_TRACKING_CURRENT_VERSION()) AS version;`,
});

/** A round that finds nothing after a round that brought the marker, at the version that production has. */
async function followed(work: Work, marker: Marker): Promise<Proof[]> {
  await trackingRound(work);
  const last = await trackingRound(work);
  const [now] = await work.servers.publisher.ask(
    versionStatement(work.ref),
    z.object({ version: z.string().nullable() }),
    { signal: work.signal },
  );
  return [
    await arrival(work, marker),
    proof(
      last.rows === 0,
      'the last round found no change',
      `the last round still brought ${last.rows} changes`,
    ),
    proof(
      last.again.length === 0,
      'every table that is tracked was in it',
      `${last.again.length} tables were left out, because their changes are no longer kept: ${last.again.slice(0, 8).join(', ')}`,
    ),
    proof(
      now?.version === last.version,
      `the copy has version ${last.version}, as production`,
      `production is at version ${now?.version ?? 'none'}, the copy at ${last.version}`,
    ),
    await nothingOpen(work),
  ];
}
