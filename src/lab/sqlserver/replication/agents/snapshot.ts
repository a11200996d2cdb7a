import type { JobStep, Subsystem } from '../../agent/subsystem.ts';
import { SqlError } from '../../errors.ts';
import type { Instance } from '../../server/instance.ts';
import { agentPeer } from '../agent-peer.ts';
import type { Peer } from '../peer.ts';
import { bracketed, hex, quoted } from '../places.ts';
import { readSnapshotArticle, type SnapshotList, snapshotFolder, writeSnapshot } from '../snapshot-files.ts';
import { readCommand } from './command-line.ts';
import { AgentHistory, RUN } from './history.ts';

/** The Snapshot Agent: schema and rows of a publication, as of one LSN, into files of the distributor. */
export const SNAPSHOT: Subsystem = {
  name: 'Snapshot',
  async run(step, instance, signal, history) {
    const agent = await open(step, instance);
    const record = new AgentHistory(instance, agent.database, 'MSsnapshot_history', agent.id);
    await record.write(RUN.start, 'Starting agent.');
    try {
      const text = await generate(agent, instance, record, signal);
      await record.write(RUN.succeed, text);
      history.add(text);
    } catch (error) {
      history.add(await record.failed(step.jobName, error));
      throw error;
    }
  },
};

interface Agent {
  readonly id: number;
  readonly database: string;
  readonly publisher: string;
  readonly publisherDb: string;
  readonly publication: string;
  readonly mode: number;
  readonly login: string;
  readonly password: string;
  readonly root: string;
}

async function open(step: JobStep, instance: Instance): Promise<Agent> {
  const command = readCommand(step.command);
  const [publisher, publisherDb] = [command.value('Publisher'), command.value('PublisherDB')];
  const publication = command.value('Publication');
  const [row] = await instance.run(
    step.databaseName,
    `SELECT a.id, a.publisher_security_mode, a.publisher_login, a.publisher_password, p.working_directory
FROM dbo.MSsnapshot_agents AS a JOIN dbo.MSreplservers AS s ON s.srvid = a.publisher_id JOIN msdb.dbo.MSdistpublishers AS p ON p.name = s.srvname
WHERE s.srvname = ${quoted(publisher)} AND a.publisher_db = ${quoted(publisherDb)} AND a.publication = ${quoted(publication)}`,
  );
  if (row === undefined) throw new SqlError(20026, `The publication '${publication}' does not exist.`);
  return {
    ...{ id: Number(row[0]), database: step.databaseName, publisher, publisherDb, publication },
    ...{ mode: Number(row[1] ?? 1), login: String(row[2] ?? ''), password: String(row[3] ?? '') },
    root: String(row[4]),
  };
}

async function generate(
  agent: Agent,
  instance: Instance,
  record: AgentHistory,
  signal: AbortSignal,
): Promise<string> {
  const { mode, login, password, publisherDb } = agent;
  await record.write(RUN.inProgress, `Connecting to Publisher '${agent.publisher}'`);
  const peer = await agentPeer(
    instance,
    agent.publisher,
    { mode, login, password, database: publisherDb, kind: 'Snapshot' },
    signal,
  );
  try {
    const call = (text: string) => peer.query(`EXEC ${bracketed(publisherDb)}.sys.${text}`);
    const place = await wanted(peer, agent);
    if (place === undefined)
      return '[100%] A snapshot was not generated because no subscriptions needed initialization.';
    const folder = snapshotFolder(agent.publisher, publisherDb, agent.publication, instance.clock.now());
    const { list, rows } = gather(
      await call(`sp_mssnapshotdata @publication = ${quoted(agent.publication)}`),
    );
    const root = place === '' ? agent.root : place;
    writeSnapshot({ instance, root, folder }, list, rows);
    for (const { table, rows: count } of list.articles)
      await record.write(RUN.inProgress, `Bulk copied snapshot data for article '${table}' (${count} rows).`);
    await call(
      `sp_mssnapshotready @publication = ${quoted(agent.publication)}, @lsn = 0x${list.lsn}, @root = ${quoted(root)}, @folder = ${quoted(folder)}`,
    );
    return `[100%] A snapshot of ${list.articles.length} article(s) was generated.`;
  } finally {
    await peer.close();
  }
}

/** The alternate folder of the publication, '' where it has none; undefined where nobody needs a snapshot. */
async function wanted(peer: Peer, { publication }: Agent): Promise<string | undefined> {
  const [row] =
    await peer.query(`SELECT CASE WHEN p.snapshot_in_defaultfolder = 0 THEN p.alt_snapshot_folder END AS folder, p.immediate_sync,
  (SELECT COUNT(*) FROM dbo.syssubscriptions AS s JOIN dbo.sysarticles AS a ON a.artid = s.artid WHERE a.pubid = p.pubid AND s.sync_type = 1 AND s.status = 1) AS waiting
FROM dbo.syspublications AS p WHERE p.name = ${quoted(publication)}`);
  if (row === undefined) throw new SqlError(20026, `The publication '${publication}' does not exist.`);
  if (row['immediate_sync'] !== true && Number(row['waiting']) === 0) return undefined;
  return typeof row['folder'] === 'string' ? row['folder'] : '';
}

function gather(parts: readonly Readonly<Record<string, unknown>>[]): {
  readonly list: SnapshotList;
  readonly rows: ReadonlyMap<number, readonly string[]>;
} {
  const rows = new Map<number, string[]>();
  const articles: SnapshotList['articles'] = [];
  let lsn = '';
  for (const { article, part, lsn: at, text } of parts) {
    if (at instanceof Uint8Array) lsn = hex(at).slice(2);
    if (part === 'article') articles.push(readSnapshotArticle(String(text)));
    if (part !== 'rows') continue;
    const own = rows.get(Number(article)) ?? [];
    own.push(String(text));
    rows.set(Number(article), own);
  }
  return { list: { lsn, articles }, rows };
}
