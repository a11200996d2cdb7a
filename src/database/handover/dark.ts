import { LandfallError } from '../../foundation/errors.ts';
import { identifier, literal } from '../../remote/sql/quote.ts';
import type { Deed, Script, Statement } from '../../remote/sql/statement.ts';
import { pendingRow, pendingStatement } from '../monitor/ask-distributor.ts';
import { readMarker } from '../monitor/index.ts';
import { performScript, serverOf } from '../perform.ts';
import { cleanSubscriberScript } from '../replicate/index.ts';
import type { Scene, Work } from '../stage.ts';
import { type Hand, isReplicated, laneOf } from './hand.ts';

/** The publisher is gone: what has arrived becomes production, and what has not is said. */

const alive: Statement = {
  on: 'publisher',
  database: 'master',
  title: 'does the publisher answer',
  effect: 'reads',
  timeoutMs: 10_000,
  text: 'SELECT 1 AS one;',
};

/** No answer at all; a refusal is one. */
const GONE: ReadonlySet<string> = new Set(['sql.unreachable', 'sql.timeout', 'sql.connection-lost']);

async function requireGone(work: Work): Promise<void> {
  const { servers, signal, name } = work;
  let said = 'it answers';
  try {
    await servers.publisher.run(alive, { signal });
  } catch (thrown) {
    if (!(thrown instanceof LandfallError)) throw thrown;
    if (GONE.has(thrown.code)) return;
    said = thrown.facts.what;
  }
  throw new LandfallError('database.in-use', {
    what: `the ${servers.publisher.label} is there`,
    why: 'two productions would go on by themselves, and neither could be made of the other',
    where: { host: servers.publisher.label },
    evidence: [said],
    next: [
      `hand over without --dark: landfall database handover … ${name} --confirm ${name}`,
      'where it must not come back: cut it off from the network first',
    ],
  });
}

/** How long what the distributor has may take to arrive while it still becomes less. */
const STALL_MS = 120_000;
const PAUSE_MS = 1_000;

async function drainDistributor(work: Work): Promise<string> {
  const { ref, clock, signal } = work;
  const statement = pendingStatement(ref);
  let least = Number.POSITIVE_INFINITY;
  let since = clock.monotonic();
  for (;;) {
    let pending: number;
    try {
      const [row] = await serverOf(work.servers, statement).ask(statement, pendingRow, { signal });
      if (row === undefined)
        return 'the distributor does not say what it has left: it knows no such subscription';
      pending = row.pendingcmdcount;
    } catch (thrown) {
      signal.throwIfAborted();
      if (!(thrown instanceof LandfallError)) throw thrown;
      return ref.distributorAt === 'publisher'
        ? 'the distribution database was on the publisher: what it had and had not delivered is gone with it'
        : `the distributor does not say what it has left: ${thrown.facts.what}`;
    }
    if (pending === 0) return 'the distributor has delivered everything it had';
    if (pending < least) {
      least = pending;
      since = clock.monotonic();
    }
    if (clock.monotonic() - since >= STALL_MS)
      return `the distributor keeps ${pending} commands that it does not deliver: look at its distribution agent before going on`;
    work.sample({ text: `${pending} commands that the distributor still has arrive` });
    await clock.sleep(PAUSE_MS, signal);
  }
}

export const gone: Hand = {
  id: 'lost',
  title: 'the publisher is gone: what has arrived, and what is lost',
  before: true,
  preview: () => [],
  async run(work) {
    await requireGone(work);
    const drained = isReplicated(work)
      ? await drainDistributor(work)
      : 'what was not carried over by the last round is gone with the publisher';
    const { lost } = await lostOf(work);
    return { evidence: ['the publisher does not answer', drained, ...lost] };
  },
};

/** Up to which commit of production the copy goes, and what that means. */
export async function lostOf(work: Work) {
  const { servers, ref, signal, state, clock } = work;
  let marker = state.observed?.sample.proven;
  try {
    marker = (await readMarker(servers.subscriber, 'subscriber', ref.copy, signal)) ?? marker;
  } catch (thrown) {
    signal.throwIfAborted();
    // A copy that is still being restored cannot be read: what was proven before has to do.
    if (!(thrown instanceof LandfallError) || laneOf(work) !== 'log-shipping') throw thrown;
  }
  if (marker === undefined) return { lost: ['nobody knows what is lost: no marker has ever arrived'] };
  const written = state.observed?.sample.written;
  const known =
    written !== undefined && BigInt(written.id) > BigInt(marker.id)
      ? `; marker ${written.id} of ${new Date(written.at).toISOString()} was written and has not arrived`
      : '';
  return {
    marker,
    lost: [
      `everything up to marker ${marker.id} of ${new Date(marker.at).toISOString()} is there; what was committed later is lost, at most ${minutes(clock.now() - marker.at)}${known}`,
    ],
  };
}

const minutes = (ms: number): string =>
  ms < 60_000 ? `${Math.max(0, Math.ceil(ms / 1000))} s` : `${Math.ceil(ms / 60_000)} minutes`;

/** A publisher that comes back must not deliver into the new production. */
function silenceDeeds(scene: Scene): readonly Deed[] {
  const { ref } = scene;
  if (!isReplicated(scene) || ref.distributorAt === 'publisher') return [];
  const agents = `SELECT j.name FROM msdb.dbo.sysjobs AS j WHERE j.enabled = 1 AND j.job_id IN (
    SELECT CONVERT(uniqueidentifier, a.job_id) FROM dbo.MSdistribution_agents AS a
      WHERE a.publication = ${literal(ref.publication)} AND a.publisher_db = ${literal(ref.source)} AND a.subscriber_db = ${literal(ref.copy)}
    UNION SELECT CONVERT(uniqueidentifier, l.job_id) FROM dbo.MSlogreader_agents AS l WHERE l.publisher_db = ${literal(ref.source)})`;
  const at = { on: 'distributor', database: ref.distribution } as const;
  return [
    {
      id: 'silence',
      statement: {
        ...at,
        title:
          'agents of this database are disabled and stopped: a publisher that comes back delivers nothing',
        effect: 'writes',
        text: `SET NOCOUNT ON;
DECLARE @name sysname;
DECLARE agents CURSOR LOCAL STATIC FOR ${agents};
OPEN agents;
FETCH NEXT FROM agents INTO @name;
WHILE @@FETCH_STATUS = 0
BEGIN
  EXEC msdb.dbo.sp_update_job @job_name = @name, @enabled = 0;
  -- 22022: it was not running.
  BEGIN TRY EXEC msdb.dbo.sp_stop_job @job_name = @name; END TRY BEGIN CATCH IF ERROR_NUMBER() <> 22022 THROW; END CATCH;
  FETCH NEXT FROM agents INTO @name;
END;
CLOSE agents;
DEALLOCATE agents;`,
      },
      done: {
        ...at,
        title: 'are they disabled',
        effect: 'reads',
        text: `SELECT CONVERT(bit, CASE WHEN EXISTS (${agents}) THEN 0 ELSE 1 END) AS silent;`,
      },
    },
  ];
}

const openDeed = ({ ref }: Scene): Deed => ({
  id: 'open',
  statement: {
    on: 'subscriber',
    database: 'master',
    title: 'the copy is opened with the log that has arrived',
    effect: 'irreversible',
    timeoutMs: 0,
    text: `RESTORE DATABASE ${identifier(ref.copy)} WITH RECOVERY;`,
  },
  done: {
    on: 'subscriber',
    database: 'master',
    title: 'is it open',
    effect: 'reads',
    text: `SELECT CONVERT(bit, CASE WHEN state = 0 AND is_in_standby = 0 THEN 1 ELSE 0 END) AS opened FROM sys.databases WHERE name = ${literal(ref.copy)};`,
  },
});

export function darkScripts(scene: Scene): readonly Script[] {
  if (laneOf(scene) === 'log-shipping') return [{ title: 'open the copy', deeds: [openDeed(scene)] }];
  if (!isReplicated(scene)) return [];
  return [{ title: 'silence the agents', deeds: silenceDeeds(scene) }, cleanSubscriberScript(scene)];
}

export const darkSever: Hand = {
  id: 'sever',
  title: 'the copy stands by itself',
  before: false,
  preview: scene => darkScripts(scene).flatMap(({ deeds }) => deeds.map(({ statement }) => statement)),
  async run(work) {
    const evidence: string[] = [];
    for (const script of darkScripts(work)) {
      await performScript(script, work);
      evidence.push(...script.deeds.map(({ statement }) => statement.title));
    }
    return evidence.length === 0
      ? { skipped: true, evidence: ['nothing ties the copy to production in this lane'] }
      : { evidence };
  },
};
