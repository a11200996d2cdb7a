import type { JobStep, Subsystem } from '../../agent/subsystem.ts';
import { SqlError } from '../../errors.ts';
import type { Instance } from '../../server/instance.ts';
import { lsnFromBytes } from '../../storage/lsn.ts';
import { agentPeer } from '../agent-peer.ts';
import { joined } from '../commands.ts';
import { type Note, readNote } from '../notes.ts';
import { readOriginator } from '../originator.ts';
import { bracketed, hex, quoted } from '../places.ts';
import { COMMAND } from '../procedures/log.ts';
import { readCommand } from './command-line.ts';
import { writeTransactions } from './distribution-rows.ts';
import { AgentHistory, RUN } from './history.ts';
import { isKilled, isPaused, live } from './life.ts';
import { rest } from './pace.ts';
import { type ReadTransaction, readBatch } from './read-batch.ts';

/** The log reader: moves committed transactions of a publisher's log into the distribution database, in commit order. */
export const LOG_READER: Subsystem = {
  name: 'LogReader',
  async run(step, instance, signal, history) {
    const agent = await open(step, instance);
    const record = new AgentHistory(instance, agent.database, 'MSlogreader_history', agent.id);
    await record.write(RUN.start, 'Starting agent.');
    try {
      await live(instance, 'LogReader', signal, life => read(agent, instance, record, life));
    } catch (error) {
      if (isKilled(error)) throw error;
      if (!signal.aborted) {
        history.add(await record.failed(step.jobName, error));
        throw error;
      }
    }
    await record.write(RUN.succeed, 'The process was successfully stopped.');
  },
};

interface LogReader {
  readonly id: number;
  readonly name: string;
  readonly database: string;
  readonly publisher: string;
  readonly publisherDb: string;
  readonly publisherDatabaseId: number;
  readonly mode: number;
  readonly login: string;
  readonly password: string;
}

async function open(step: JobStep, instance: Instance): Promise<LogReader> {
  const command = readCommand(step.command);
  const [publisher, publisherDb] = [command.value('Publisher'), command.value('PublisherDB')];
  const database = step.databaseName;
  const [row] = await instance.run(
    database,
    `SELECT a.id, d.id, a.publisher_security_mode, a.publisher_login, a.publisher_password
FROM dbo.MSlogreader_agents AS a JOIN dbo.MSreplservers AS s ON s.srvid = a.publisher_id
JOIN dbo.MSpublisher_databases AS d ON d.publisher_id = a.publisher_id AND d.publisher_db = a.publisher_db
WHERE s.srvname = ${quoted(publisher)} AND a.publisher_db = ${quoted(publisherDb)}`,
  );
  if (row === undefined)
    throw new SqlError(18757, `There is no Log Reader Agent for ${publisher}.${publisherDb}.`);
  return {
    ...{
      id: Number(row[0]),
      name: step.jobName,
      database,
      publisher,
      publisherDb,
      publisherDatabaseId: Number(row[1]),
    },
    ...{ mode: Number(row[2]), login: String(row[3] ?? ''), password: String(row[4] ?? '') },
  };
}

async function read(
  agent: LogReader,
  instance: Instance,
  record: AgentHistory,
  signal: AbortSignal,
): Promise<void> {
  const { mode, login, password } = agent;
  const peer = await agentPeer(
    instance,
    agent.publisher,
    { mode, login, password, database: agent.publisherDb, kind: 'LogReader' },
    signal,
  );
  try {
    while (!signal.aborted) {
      if (isPaused(instance, 'LogReader')) {
        await rest(instance, signal);
        continue;
      }
      const rows = await peer.query(
        `EXEC ${bracketed(agent.publisherDb)}.sys.sp_replcmds @maxtrans = ${READ_BATCH}`,
      );
      const { transactions, upTo } = readBatch(rows, instance);
      if (upTo === undefined) {
        await record.write(RUN.idle, 'No replicated transactions are available.');
        await rest(instance, signal);
        continue;
      }
      await store(agent, instance, transactions, signal);
      await peer.query(
        `EXEC ${bracketed(agent.publisherDb)}.sys.sp_repldone @xactid = ${hex(upTo)}, @xact_seqno = ${hex(upTo)}, @numtrans = 0, @time = 0, @reset = 0`,
      );
      const last = transactions.at(-1);
      const commands = transactions.reduce((sum, { commands: own }) => sum + own.length, 0);
      await record.write(
        RUN.inProgress,
        `${transactions.length} transaction(s) with ${commands} command(s) were delivered.`,
        {
          transactions: transactions.length,
          commands,
          latency: last === undefined ? 0 : Math.max(0, instance.clock.now() - last.committed),
          seqno: upTo,
        },
      );
    }
  } finally {
    await peer.close();
  }
}

/** -ReadBatchSize. */
const READ_BATCH = 500;

/**
 * Writes transactions with the commands that some subscription, or a 'virtual' one, wants. A transaction that is there already
 * (the agent was killed between writing and sp_repldone) is passed over.
 */
async function store(
  agent: LogReader,
  instance: Instance,
  transactions: readonly ReadTransaction[],
  signal: AbortSignal,
): Promise<void> {
  const { database, publisherDatabaseId } = agent;
  const wanted = await wantedArticles(agent, instance);
  const last = await lastStored(agent, instance);
  const originators = await originatorIds(agent, instance, transactions);
  const fresh = transactions.flatMap(({ seqno, xactId, commands }) => {
    if (last !== undefined && lsnFromBytes(seqno) <= last) return [];
    const kept = commands.filter(({ article, type }) => type !== COMMAND || wanted.has(article));
    if (kept.length === 0) return [];
    const own = kept.map(command => ({
      ...command,
      originatorId: originators.get(command.originator ?? '') ?? 0,
    }));
    return [{ seqno, xactId, commands: own }];
  });
  if (fresh.length > 0) await writeTransactions(instance, database, publisherDatabaseId, fresh, signal);
  // After the rows, and again where the agent was killed in between: both may be done twice.
  for (const { seqno, commands } of transactions)
    for (const note of notesOf(commands)) await noted(agent, instance, note, seqno);
}

async function noted(
  { database, publisherDatabaseId }: LogReader,
  instance: Instance,
  note: Note,
  seqno: Uint8Array,
): Promise<void> {
  if (note.kind === 'tracer')
    await instance.run(
      database,
      `UPDATE dbo.MStracer_tokens SET distributor_commit = GETDATE() WHERE tracer_id = ${note.tracerId} AND distributor_commit IS NULL`,
    );
  if (note.kind === 'procedures')
    await instance.run(
      database,
      `UPDATE dbo.MSsubscriptions SET ss_cplt_seqno = ${hex(seqno)}
WHERE publisher_database_id = ${publisherDatabaseId} AND article_id = ${note.article} AND subscriber_db = ${quoted(note.subscriberDb)}
  AND subscriber_id = (SELECT srvid FROM dbo.MSreplservers WHERE srvname = ${quoted(note.subscriber)}) AND ss_cplt_seqno = 0x00`,
    );
}

function notesOf(commands: ReadTransaction['commands']): readonly Note[] {
  const notes: Note[] = [];
  let pieces: Uint8Array[] = [];
  for (const { type, partial, bytes } of commands) {
    if (type === COMMAND) continue;
    pieces.push(bytes);
    if (partial) continue;
    notes.push(readNote(joined(pieces)));
    pieces = [];
  }
  return notes;
}

async function wantedArticles(agent: LogReader, instance: Instance): Promise<ReadonlySet<number>> {
  const rows = await instance.run(
    agent.database,
    `SELECT DISTINCT article_id FROM dbo.MSsubscriptions WHERE publisher_database_id = ${agent.publisherDatabaseId} AND status > 0`,
  );
  return new Set(rows.map(([article]) => Number(article)));
}

async function lastStored(agent: LogReader, instance: Instance): Promise<bigint | undefined> {
  const [row] = await instance.run(
    agent.database,
    `SELECT MAX(xact_seqno) FROM dbo.MSrepl_transactions WHERE publisher_database_id = ${agent.publisherDatabaseId}`,
  );
  return row?.[0] instanceof Uint8Array ? lsnFromBytes(row[0]) : undefined;
}

/** Ids of the databases that changes came from by replication, so that they are not sent back there. */
async function originatorIds(
  { database, publisherDatabaseId }: LogReader,
  instance: Instance,
  transactions: readonly ReadTransaction[],
): Promise<ReadonlyMap<string, number>> {
  const names = new Set(
    transactions.flatMap(({ commands }) => commands.flatMap(({ originator }) => originator ?? [])),
  );
  const ids = new Map<string, number>();
  for (const name of names) {
    const origin = readOriginator(name);
    const where = `publisher_database_id = ${publisherDatabaseId} AND srvname = ${quoted(origin.server)} AND dbname = ${quoted(origin.database)}`;
    const [row] = await instance.run(
      database,
      `IF NOT EXISTS (SELECT 1 FROM dbo.MSrepl_originators WHERE ${where})
INSERT dbo.MSrepl_originators (publisher_database_id, srvname, dbname) VALUES (${publisherDatabaseId}, ${quoted(origin.server)}, ${quoted(origin.database)});
SELECT id FROM dbo.MSrepl_originators WHERE ${where}`,
    );
    ids.set(name, Number(row?.[0]));
  }
  return ids;
}
