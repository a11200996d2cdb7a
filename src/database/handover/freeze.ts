import { z } from 'zod';
import { LandfallError } from '../../foundation/errors.ts';
import { harmless } from '../../foundation/text.ts';
import type { Statement } from '../../remote/sql/statement.ts';
import { isPerformed, performScript } from '../perform.ts';
import type { Scene, Work } from '../stage.ts';
import { freezeScript, frozenQuestion } from './freeze-script.ts';
import type { Hand } from './hand.ts';

const frozenRow = z.object({ kind: z.string(), name: z.string(), was: z.string() });
export type Frozen = z.infer<typeof frozenRow>;

/** What the freeze has changed; empty where nothing is frozen. */
export const readFrozen = (
  { servers, signal, ...scene }: Pick<Work, 'servers' | 'signal' | 'ref' | 'plan'>,
  on: 'publisher' | 'subscriber' = 'publisher',
): Promise<Frozen[]> => servers[on].ask(frozenQuestion(scene, on), frozenRow, { signal });

export const isFrozen = (work: Work): Promise<boolean> => isPerformed(freezeScript(work), work);

export const freeze: Hand = {
  id: 'freeze',
  title: 'production takes no more writes',
  before: true,
  open: true,
  preview: scene => freezeScript(scene).deeds.map(({ statement }) => statement),
  async run(work) {
    const script = freezeScript(work);
    await performScript(script, {
      ...work,
      onDeed: (deed, at, of) => work.sample({ text: deed.statement.title, fraction: at / of }),
    });
    const frozen = await readFrozen(work);
    const names = (kind: string): string[] =>
      frozen.filter(each => each.kind === kind).map(({ name }) => harmless(name));
    const said = (kind: string, word: string): string => {
      const all = names(kind);
      return `${all.length} ${word}${all.length === 0 ? '' : `: ${all.slice(0, 8).join(', ')}${all.length > 8 ? ' …' : ''}`}`;
    };
    return {
      evidence: [
        said('login', 'logins disabled'),
        said('job', 'jobs disabled'),
        ...(names('queue').length === 0 ? [] : [said('queue', 'queues stopped')]),
        `${work.ref.source} is RESTRICTED_USER: only its owners and administrators come in`,
        `to give up: landfall database thaw puts all of it back`,
      ],
    };
  },
};

/** Whether writers have stopped, asked of the server: counts of writes, and transactions that are open. */
const samplesQuestion = ({ ref }: Pick<Scene, 'ref'>): Statement => ({
  on: 'publisher',
  database: ref.source,
  title: 'count what was written to tables of users',
  effect: 'reads',
  text: `SELECT CONVERT(varchar(40), ISNULL(SUM(u.user_updates), 0)) AS writes FROM sys.dm_db_index_usage_stats AS u
JOIN sys.tables AS t ON t.object_id = u.object_id
WHERE u.database_id = DB_ID() AND t.is_ms_shipped = 0 AND SCHEMA_NAME(t.schema_id) <> N'landfall';`,
});

/** A statement that commits by itself is no user transaction, and writes until it ends. */
const openQuestion = ({ ref }: Pick<Scene, 'ref'>): Statement => ({
  on: 'publisher',
  database: ref.source,
  title: 'who holds a transaction that has written',
  effect: 'reads',
  text: `SELECT s.session_id AS session, s.login_name AS login, ISNULL(s.program_name, N'') AS program, ISNULL(s.host_name, N'') AS host
FROM sys.dm_tran_database_transactions AS d JOIN sys.dm_tran_session_transactions AS t ON t.transaction_id = d.transaction_id
JOIN sys.dm_exec_sessions AS s ON s.session_id = t.session_id
WHERE d.database_id = DB_ID() AND d.database_transaction_begin_time IS NOT NULL AND s.session_id <> @@SPID
ORDER BY s.session_id;`,
});

const writes = z.object({ writes: z.string() });
const open = z.object({ session: z.number(), login: z.string(), program: z.string(), host: z.string() });

/** Facts 8.3 has 30 s; less would miss a writer that comes once in a while. */
const BETWEEN_SAMPLES_MS = 30_000;
/** Rolled back transactions may take a while to go. */
const PATIENCE = 10;

export const quiet: Hand = {
  id: 'quiet',
  title: 'nobody writes',
  before: true,
  open: true,
  preview: () => [],
  async run(work) {
    const { servers, signal, clock } = work;
    const count = async (): Promise<string> =>
      (await servers.publisher.ask(samplesQuestion(work), writes, { signal }))[0]?.writes ?? '0';
    const sessions = (): Promise<z.infer<typeof open>[]> =>
      servers.publisher.ask(openQuestion(work), open, { signal });
    let before = await count();
    let holding: z.infer<typeof open>[] = [];
    for (let attempt = 1; attempt <= PATIENCE; attempt += 1) {
      work.sample({ text: 'waits for a second sample: nobody may have written between the two' });
      await clock.sleep(BETWEEN_SAMPLES_MS, signal);
      const now = await count();
      holding = await sessions();
      if (now === before && holding.length === 0)
        return {
          evidence: [
            `two samples ${BETWEEN_SAMPLES_MS / 1000} s apart count the same ${now} writes to tables of users`,
            'no session holds a transaction that has written',
          ],
        };
      before = now;
    }
    throw new LandfallError('database.in-use', {
      what: `somebody still writes to ${work.ref.source}`,
      why: 'what is written now would not be in the copy',
      where: { host: work.servers.publisher.label },
      evidence: holding.map(({ session, login, program, host }) =>
        harmless(`session ${session}: ${login} with ${program} from ${host}`),
      ),
      next: [
        'stop these programs, or end their sessions: KILL <session>',
        'a job, a linked server or an administrator may write, too: SELECT * FROM sys.dm_exec_sessions WHERE database_id = DB_ID()',
        'then order the hand-over again; landfall database thaw gives up and lets everybody in',
      ],
    });
  },
};
