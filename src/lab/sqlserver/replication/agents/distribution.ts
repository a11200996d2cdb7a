import type { JobStep, Subsystem } from '../../agent/subsystem.ts';
import { SqlError } from '../../errors.ts';
import type { Instance } from '../../server/instance.ts';
import { agentPeer } from '../agent-peer.ts';
import type { Peer } from '../peer.ts';
import { quoted } from '../places.ts';
import { SUBSCRIBER_TABLES } from '../tables/subscriber.ts';
import { advanceMark, createMark, DeliveryFault, deliver, type Mark, readMark } from './apply.ts';
import { readCommand } from './command-line.ts';
import { AgentHistory, RUN } from './history.ts';
import { carryOut } from './notes.ts';
import { rest } from './pace.ts';
import { profileOf } from './profile.ts';
import { type QueuedTransaction, queued, type Subscription } from './queue.ts';

/** The distribution agent of a push subscription: delivers what the log reader has queued, in commit order. */
export const DISTRIBUTION: Subsystem = {
  name: 'Distribution',
  async run(step, instance, signal, history) {
    const agent = await open(step, instance);
    const record = new AgentHistory(instance, agent.database, 'MSdistribution_history', agent.agentId);
    await record.write(RUN.start, 'Starting agent.');
    try {
      await distribute(agent, instance, record, signal);
      await record.write(RUN.succeed, 'The process was successfully stopped.');
    } catch (error) {
      await fail(record, step.jobName, error);
      history.add(error instanceof Error ? error.message : String(error));
      throw error;
    }
  },
};

interface Agent extends Subscription, Mark {
  readonly subscriber: string;
  readonly subscriberDb: string;
  readonly mode: number;
  readonly login: string;
  readonly password: string;
  readonly profile: number;
  readonly continuous: boolean;
}

async function open(step: JobStep, instance: Instance): Promise<Agent> {
  const command = readCommand(step.command);
  const [subscriber, subscriberDb] = [command.value('Subscriber'), command.value('SubscriberDB')];
  const [publisher, publisherDb] = [command.value('Publisher'), command.value('PublisherDB')];
  const [row] = await instance.run(
    step.databaseName,
    `SELECT id, publisher_database_id, publication, subscriber_security_mode, subscriber_login, subscriber_password, profile_id
FROM dbo.MSdistribution_agents WHERE name = ${quoted(step.jobName)} AND subscriber_name = ${quoted(subscriber)} AND subscriber_db = ${quoted(subscriberDb)}`,
  );
  if (row === undefined) throw new SqlError(14055, 'The subscription does not exist.');
  return {
    ...{
      agentId: Number(row[0]),
      publisherDatabaseId: Number(row[1]),
      publication: String(row[2]),
      database: step.databaseName,
    },
    ...{
      publisher,
      publisherDb,
      subscriber,
      subscriberDb,
      mode: Number(row[3] ?? 1),
      login: String(row[4] ?? ''),
    },
    ...{ password: String(row[5] ?? ''), profile: Number(row[6]), continuous: command.flag('Continuous') },
  };
}

async function distribute(
  agent: Agent,
  instance: Instance,
  record: AgentHistory,
  signal: AbortSignal,
): Promise<void> {
  const { mode, login, password, subscriberDb } = agent;
  const peer = await agentPeer(instance, agent.subscriber, {
    mode,
    login,
    password,
    database: subscriberDb,
    kind: 'Distribution',
  });
  try {
    let mark = await prepare(peer, agent, instance);
    const profile = await profileOf(instance, agent.profile);
    while (!signal.aborted) {
      const queue = await queued(instance, agent, mark, profile.batch);
      const transactions = due(queue.transactions, instance);
      if (queue.transactions.length === 0 && queue.upTo !== undefined) {
        mark = await advanceMark(peer, agent, queue.upTo);
        continue;
      }
      if (transactions.length === 0) {
        await record.write(RUN.idle, 'No replicated transactions are available.');
        if (!agent.continuous) return;
        await rest(instance, signal);
        continue;
      }
      mark = await hand(peer, agent, instance, record, transactions, profile.skip);
    }
  } finally {
    await peer.close();
  }
}

/** Transactions old enough for the agent's delay; nothing younger may pass an older one. */
function due(transactions: readonly QueuedTransaction[], instance: Instance): readonly QueuedTransaction[] {
  const delay = instance.pace?.distributionDelayMs ?? 0;
  if (delay === 0) return transactions;
  const young = transactions.findIndex(({ entered }) => instance.clock.now() - entered < delay);
  return young === -1 ? transactions : transactions.slice(0, young);
}

/** Makes the subscriber's own tables and the mark where they are not there yet. */
async function prepare(peer: Peer, agent: Agent, instance: Instance): Promise<Uint8Array> {
  for (const batch of SUBSCRIBER_TABLES) {
    const name = /CREATE TABLE (dbo\.\w+)/.exec(batch)?.[1] ?? '';
    await peer.query(`IF OBJECT_ID(N'${name}') IS NULL EXEC (${quoted(batch)})`);
  }
  const there = await readMark(peer, agent);
  if (there !== undefined) return there;
  const [row] = await instance.run(
    agent.database,
    `SELECT MIN(subscription_seqno) FROM dbo.MSsubscriptions WHERE agent_id = ${agent.agentId}`,
  );
  const start = row?.[0] instanceof Uint8Array ? row[0] : new Uint8Array(10);
  // A subscription that waits for its snapshot begins at nothing: 0xFF… is above every transaction.
  const first = start.every(byte => byte === 0xff) ? new Uint8Array(10) : start;
  await createMark(peer, agent, first);
  return first;
}

/** Delivers up to the first note, then carries the note out: procedures, snapshots and validations come between rows. */
async function hand(
  peer: Peer,
  agent: Agent,
  instance: Instance,
  record: AgentHistory,
  transactions: readonly QueuedTransaction[],
  skip: ReadonlySet<number>,
): Promise<Uint8Array> {
  const at = transactions.findIndex(({ commands }) => commands.some(({ kind }) => kind === 'note'));
  const plain = at === -1 ? transactions : transactions.slice(0, at);
  const noted = at === -1 ? undefined : transactions[at];
  const parts = plain.length > 0 ? plain : noted === undefined ? [] : [noted];
  for (const command of plain.length > 0 ? [] : (noted?.commands ?? [])) {
    if (command.kind === 'note') await carryOut(peer, { ...agent, instance, record }, command.note);
  }
  const { commands, skipped } = await deliver(peer, agent, parts, skip);
  for (const { seqno, command, error } of skipped) {
    const id = await record.error(
      agent.subscriber,
      error.number,
      `Skipped: ${error.message}`,
      seqno,
      command,
    );
    await record.write(RUN.inProgress, `Error ${error.number} was skipped. ${error.message}`, undefined, id);
  }
  const last = parts.at(-1);
  const committed = last?.entered ?? instance.clock.now();
  await record.write(
    RUN.inProgress,
    `${parts.length} transaction(s) with ${commands} command(s) were delivered.`,
    {
      transactions: parts.length,
      commands,
      latency: Math.max(0, instance.clock.now() - committed),
      seqno: last?.seqno,
    },
  );
  return last?.seqno ?? new Uint8Array(10);
}

async function fail(record: AgentHistory, source: string, error: unknown): Promise<void> {
  if (error instanceof DeliveryFault) {
    const { fault, seqno, command } = error;
    const id = await record.error(source, fault.number, fault.message, seqno, command);
    return record.write(RUN.fail, fault.message, undefined, id);
  }
  const known = error instanceof SqlError ? error : new SqlError(20000, String(error));
  const id = await record.error(source, known.number, known.message);
  return record.write(RUN.fail, known.message, undefined, id);
}
