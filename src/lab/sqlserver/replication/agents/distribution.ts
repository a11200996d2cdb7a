import type { JobStep, Subsystem } from '../../agent/subsystem.ts';
import { SqlError } from '../../errors.ts';
import type { Instance } from '../../server/instance.ts';
import { agentPeer } from '../agent-peer.ts';
import type { Peer } from '../peer.ts';
import { quoted } from '../places.ts';
import { marked } from '../tables/marked.ts';
import { SUBSCRIBER_TABLES } from '../tables/subscriber.ts';
import { advanceMark, createMark, DeliveryFault, deliver, type Mark, readMark } from './apply.ts';
import { readCommand } from './command-line.ts';
import { AgentHistory, RUN } from './history.ts';
import { isKilled, isPaused, live } from './life.ts';
import { carryOut } from './notes.ts';
import { rest } from './pace.ts';
import { type Profile, profileOf } from './profile.ts';
import { commandPages, notesIn, type Subscription, type WaitingTransaction, waiting } from './queue.ts';
import { setUp } from './set-up.ts';

/** The distribution agent of a push subscription: delivers what the log reader has queued, in commit order. */
export const DISTRIBUTION: Subsystem = {
  name: 'Distribution',
  async run(step, instance, signal, history) {
    const agent = await open(step, instance);
    const record = new AgentHistory(instance, agent.database, 'MSdistribution_history', agent.agentId);
    await record.write(RUN.start, 'Starting agent.');
    try {
      await live(instance, 'Distribution', signal, life => distribute(agent, instance, record, life));
    } catch (error) {
      if (isKilled(error)) throw error;
      if (!signal.aborted) {
        const { fault, command } = error instanceof DeliveryFault ? error : { fault: error };
        history.add(await record.failed(step.jobName, fault, command?.seqno, command?.id));
        throw fault;
      }
    }
    await record.write(RUN.succeed, 'The process was successfully stopped.');
  },
};

interface Agent extends Subscription, Mark {
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
  const peer = await agentPeer(
    instance,
    agent.subscriber,
    { mode, login, password, database: subscriberDb, kind: 'Distribution' },
    signal,
  );
  try {
    const session: Session = {
      agent,
      instance,
      record,
      peer,
      profile: await profileOf(instance, agent.profile),
    };
    let mark = await prepare(session);
    await record.write(RUN.inProgress, 'Initializing', progress(mark));
    const carried = new Set<string>();
    while (!signal.aborted) {
      if (isPaused(instance, 'Distribution')) {
        await rest(instance, signal);
        continue;
      }
      const ready = await setUp(peer, { ...agent, instance, record }, mark, carried);
      const due = ready
        ? notYoung(await waiting(instance, agent, mark, session.profile.batch), instance)
        : [];
      if (due.length === 0) {
        await record.write(
          RUN.idle,
          ready
            ? 'No replicated transactions are available.'
            : 'Waiting for the Log Reader Agent to deliver the set-up of the subscription.',
        );
        if (!agent.continuous) return;
        await rest(instance, signal);
        continue;
      }
      const part = firstPart(due, session.profile.threshold);
      const last = part.at(-1);
      if (last === undefined) continue;
      if (last.noted) await note(session, last);
      else await load(session, part, last);
      mark = last.seqno;
    }
  } finally {
    await peer.close();
  }
}

interface Session {
  readonly agent: Agent;
  readonly instance: Instance;
  readonly record: AgentHistory;
  readonly peer: Peer;
  readonly profile: Profile;
}

/** Transactions old enough for the agent's delay; nothing younger may pass an older one. */
function notYoung(
  transactions: readonly WaitingTransaction[],
  { clock, pace }: Instance,
): readonly WaitingTransaction[] {
  const delay = pace?.distributionDelayMs ?? 0;
  if (delay === 0) return transactions;
  const young = transactions.findIndex(({ entered }) => clock.now() - entered < delay);
  return young === -1 ? transactions : transactions.slice(0, young);
}

/** Whole transactions up to the threshold of commands, or one of replication's own: that comes between rows. */
function firstPart(
  transactions: readonly WaitingTransaction[],
  threshold: number,
): readonly WaitingTransaction[] {
  const part: WaitingTransaction[] = [];
  let rows = 0;
  for (const transaction of transactions) {
    if (part.length > 0 && (transaction.noted || rows + transaction.rows > threshold)) break;
    part.push(transaction);
    rows += transaction.rows;
    if (transaction.noted) break;
  }
  return part;
}

/** Makes the subscriber's own tables and the mark where they are not there yet. */
async function prepare({ peer, agent, instance }: Session): Promise<Uint8Array> {
  for (const batch of SUBSCRIBER_TABLES) {
    const name = /CREATE TABLE (dbo\.\w+)/.exec(batch)?.[1] ?? '';
    await peer.query(`IF OBJECT_ID(N'${name}') IS NULL BEGIN EXEC (${quoted(batch)}); ${marked(batch)} END`);
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

/** Carries out what replication itself wrote: procedures, snapshots and validations come between rows. */
async function note(
  { peer, agent, instance, record }: Session,
  { seqno }: WaitingTransaction,
): Promise<void> {
  for (const each of await notesIn(instance, agent, seqno))
    await carryOut(peer, { ...agent, instance, record }, each);
  await advanceMark(peer, agent, seqno);
  await record.write(RUN.inProgress, '1 transaction(s) with 0 command(s) were delivered.', progress(seqno));
}

const progress = (seqno: Uint8Array) => ({ transactions: 0, commands: 0, latency: 0, seqno });

async function load(
  { peer, agent, instance, record, profile }: Session,
  part: readonly WaitingTransaction[],
  { seqno, entered }: WaitingTransaction,
): Promise<void> {
  const pages = () => commandPages(instance, agent, part);
  const { commands, skipped } = await deliver(peer, agent, { seqno, pages }, profile.skip, () =>
    record.write(RUN.inProgress, 'Error executing a batch of commands. Retrying individual commands.'),
  );
  for (const { command, error } of skipped) {
    const text = `Skipped: ${error.message}`;
    const id = await record.error(agent.subscriber, error.number, text, command.seqno, command.id);
    await record.write(RUN.inProgress, `Error ${error.number} was skipped. ${error.message}`, undefined, id);
  }
  await record.write(
    RUN.inProgress,
    `${part.length} transaction(s) with ${commands} command(s) were delivered.`,
    { transactions: part.length, commands, latency: Math.max(0, instance.clock.now() - entered), seqno },
  );
}
