import type { JobStep, Subsystem } from '../../agent/subsystem.ts';
import { SqlError } from '../../errors.ts';
import type { Instance } from '../../server/instance.ts';
import { lsnFromBytes } from '../../storage/lsn.ts';
import { agentPeer } from '../agent-peer.ts';
import { joined } from '../commands.ts';
import { readNote } from '../notes.ts';
import { bracketed, hex, quoted } from '../places.ts';
import { COMMAND, NOTE } from '../procedures/log.ts';
import { readCommand } from './command-line.ts';
import { AgentHistory, RUN } from './history.ts';
import { rest } from './pace.ts';

/** The log reader: moves committed transactions of a publisher's log into the distribution database, in commit order. */
export const LOG_READER: Subsystem = {
  name: 'LogReader',
  async run(step, instance, signal, history) {
    const agent = await open(step, instance);
    const record = new AgentHistory(instance, agent.database, 'MSlogreader_history', agent.id);
    await record.write(RUN.start, 'Starting agent.');
    try {
      await read(agent, instance, record, signal);
      await record.write(RUN.succeed, 'The process was successfully stopped.');
    } catch (error) {
      const { number, message } = error instanceof SqlError ? error : new SqlError(20000, String(error));
      const id = await record.error(step.jobName, number, message);
      await record.write(RUN.fail, message, undefined, id);
      history.add(message);
      throw error;
    }
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
  const peer = await agentPeer(instance, agent.publisher, {
    mode,
    login,
    password,
    database: agent.publisherDb,
    kind: 'LogReader',
  });
  try {
    while (!signal.aborted) {
      const rows = await peer.query(`EXEC ${bracketed(agent.publisherDb)}.sys.sp_replcmds @maxtrans = 500`);
      const batch = take(rows, instance);
      if (batch.transactions.length === 0 && batch.upTo === undefined) {
        await record.write(RUN.idle, 'No replicated transactions are available.');
        await rest(instance, signal);
        continue;
      }
      await store(agent, instance, batch.transactions);
      if (batch.upTo !== undefined) {
        await peer.query(
          `EXEC ${bracketed(agent.publisherDb)}.sys.sp_repldone @xactid = ${hex(batch.upTo)}, @xact_seqno = ${hex(batch.upTo)}, @numtrans = 0, @time = 0, @reset = 0`,
        );
      }
      const last = batch.transactions.at(-1);
      const commands = batch.transactions.reduce((sum, { commands: own }) => sum + own.length, 0);
      await record.write(
        RUN.inProgress,
        `${batch.transactions.length} transaction(s) with ${commands} command(s) were delivered.`,
        {
          transactions: batch.transactions.length,
          commands,
          latency: last === undefined ? 0 : Math.max(0, instance.clock.now() - last.committed),
          seqno: batch.upTo,
        },
      );
    }
  } finally {
    await peer.close();
  }
}

interface ReadTransaction {
  readonly seqno: Uint8Array;
  readonly xactId: Uint8Array;
  readonly committed: number;
  readonly commands: readonly {
    readonly id: number;
    readonly article: number;
    readonly type: number;
    readonly partial: boolean;
    readonly bytes: Uint8Array;
    readonly originator: string | null;
  }[];
}

interface Batch {
  readonly transactions: readonly ReadTransaction[];
  /** LSN up to which the log was read; undefined where nothing is to be marked. */
  readonly upTo: Uint8Array | undefined;
}

/** What sp_replcmds gave, transaction by transaction; younger than the agent's delay stays for the next turn. */
function take(rows: readonly Readonly<Record<string, unknown>>[], instance: Instance): Batch {
  const delay = instance.pace?.logReaderDelayMs ?? 0;
  const found: {
    seqno: Uint8Array;
    xactId: Uint8Array;
    committed: number;
    commands: ReadTransaction['commands'][number][];
  }[] = [];
  let upTo: Uint8Array | undefined;
  for (const row of rows) {
    const seqno = bytesOf(row['xact_seqno']);
    const type = Number(row['command_type']);
    if (type !== COMMAND && type !== NOTE) {
      upTo = seqno;
      continue;
    }
    const committed = row['committed'] instanceof Date ? row['committed'].getTime() : 0;
    if (instance.clock.now() - committed < delay) {
      upTo = found.at(-1)?.seqno;
      break;
    }
    let current = found.at(-1);
    if (current === undefined || Buffer.compare(current.seqno, seqno) !== 0) {
      current = { seqno, xactId: bytesOf(row['xactid']), committed, commands: [] };
      found.push(current);
    }
    current.commands.push({
      ...{
        id: Number(row['command_id']),
        article: Number(row['article id']),
        type,
        partial: row['partial_command'] === true,
      },
      ...{
        bytes: bytesOf(row['command']),
        originator: typeof row['originator'] === 'string' ? row['originator'] : null,
      },
    });
  }
  return { transactions: found, upTo };
}

const bytesOf = (value: unknown): Uint8Array => (value instanceof Uint8Array ? value : new Uint8Array(0));

/** Rows of one INSERT … VALUES. */
const ROWS = 400;

/**
 * Writes transactions with the commands that some subscription, or a 'virtual' one, wants. A transaction that is there already
 * (the agent was killed between writing and sp_repldone) is passed over.
 */
async function store(
  agent: LogReader,
  instance: Instance,
  transactions: readonly ReadTransaction[],
): Promise<void> {
  const wanted = await wantedArticles(agent, instance);
  const last = await lastStored(agent, instance);
  const values: string[] = [];
  const heads: string[] = [];
  const tokens: number[] = [];
  for (const { seqno, xactId, commands } of transactions) {
    if (last !== undefined && lsnFromBytes(seqno) <= last) continue;
    const kept = commands.filter(({ article, type }) => type === NOTE || wanted.has(article));
    if (kept.length === 0) continue;
    heads.push(`(${agent.publisherDatabaseId}, ${hex(xactId)}, ${hex(seqno)}, GETDATE())`);
    for (const { id, article, type, partial, bytes } of kept) {
      values.push(
        `(${agent.publisherDatabaseId}, ${hex(seqno)}, ${type}, ${article}, 0, ${id}, ${partial ? 1 : 0}, ${hex(bytes)})`,
      );
    }
    tokens.push(...tracers(kept));
  }
  if (heads.length === 0) return;
  await instance.run(
    agent.database,
    `SET XACT_ABORT ON; BEGIN TRANSACTION;
${chunks(values)
  .map(
    part =>
      `INSERT dbo.MSrepl_commands (publisher_database_id, xact_seqno, type, article_id, originator_id, command_id, partial_command, command) VALUES ${part.join(', ')};`,
  )
  .join('\n')}
${chunks(heads)
  .map(
    part =>
      `INSERT dbo.MSrepl_transactions (publisher_database_id, xact_id, xact_seqno, entry_time) VALUES ${part.join(', ')};`,
  )
  .join('\n')}
${tokens.map(token => `UPDATE dbo.MStracer_tokens SET distributor_commit = GETDATE() WHERE tracer_id = ${token};`).join('\n')}
COMMIT TRANSACTION;`,
  );
}

const chunks = (values: readonly string[]): readonly (readonly string[])[] =>
  Array.from({ length: Math.ceil(values.length / ROWS) }, (_, at) =>
    values.slice(at * ROWS, (at + 1) * ROWS),
  );

function tracers(commands: ReadTransaction['commands']): readonly number[] {
  const notes = commands.filter(({ type, partial }) => type === NOTE && !partial);
  return notes.flatMap(({ id, bytes }) => {
    // Tokens are short: their text is never split.
    const first = commands.find(each => each.id === id - 1);
    if (first?.partial === true) return [];
    const note = readNote(joined([bytes]));
    return note.kind === 'tracer' ? [note.tracerId] : [];
  });
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
