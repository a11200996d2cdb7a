import type { SqlServer } from '../../remote/sql/server.ts';
import { readCatalog } from '../catalog/read.ts';
import { asker } from './ask.ts';
import { readBackups } from './backups.ts';
import { readIdentity } from './identity.ts';
import {
  changeTrackingQuestion,
  databaseQuestion,
  encryptorQuestion,
  logQuestion,
  publicationsQuestion,
  referencesQuestion,
  rolesQuestion,
  sessionsQuestion,
  sizesQuestion,
  subscriptionsQuestion,
  transactionsQuestion,
  writtenQuestion,
} from './questions-database.ts';
import { freeQuestion } from './questions-server.ts';
import type { DatabaseSurvey } from './survey.ts';

/** Undefined where the server has no database of that name. @throws LandfallError what the server refuses */
export async function surveyDatabase(
  server: SqlServer,
  name: string,
  signal: AbortSignal,
): Promise<DatabaseSurvey | undefined> {
  const { role } = server;
  const ask = asker(server, signal);
  const [about] = await ask.must(databaseQuestion(role, name));
  if (about === undefined) return undefined;
  const { databaseId } = await readIdentity(server, name, signal);
  const closed = {
    name: about.name,
    id: databaseId ?? '',
    state: about.state,
    access: about.access,
    opens: about.opens && about.state === 'ONLINE',
    owner: false,
    backupOperator: false,
    mergePublished: about.merge_published,
    syncWithBackup: about.sync_with_backup,
    encrypted: about.encrypted,
    containment: about.containment,
    groupMember: about.group_member,
    neverBackedUp: about.never_backed_up,
    ...{ publications: [], subscriptions: [], transactions: [], sessions: [], references: [] },
    backups: await readBackups(ask, role, name),
    unknown: ask.unknown,
  } satisfies DatabaseSurvey;
  if (!closed.opens) return closed;

  const [roles] = await ask.must(rolesQuestion(role, name));
  const [sizes] = await ask.must(sizesQuestion(role, name));
  const log = await ask.may(logQuestion(role, name));
  const free = await ask.may(freeQuestion(role, name));
  const [tracking] = (await ask.may(changeTrackingQuestion(role, name))) ?? [];
  const [encryptor] = about.encrypted ? ((await ask.may(encryptorQuestion(role, name))) ?? []) : [];
  const subscriptions = (await ask.may(subscriptionsQuestion(role, name))) ?? [];
  const [written] = (await ask.may(writtenQuestion(role, name))) ?? [];
  const references = (await ask.may(referencesQuestion(role, name))) ?? [];
  return {
    ...closed,
    facts: {
      name: about.name,
      collation: about.collation ?? '',
      compatibility: about.compatibility,
      recovery: about.recovery,
      readOnly: about.read_only,
      published: about.published,
      subscribed: about.subscribed,
      cdc: about.cdc,
      changeTracking: tracking !== undefined,
      snapshotIsolation: about.snapshot_isolation === 'ON',
      readCommittedSnapshot: about.read_committed_snapshot,
      dataBytes: sizes?.data ?? 0,
      logBytes: sizes?.log ?? 0,
      // Where the server does not say how full its log is, it is taken to be full.
      logUsedBytes: log?.[0]?.used ?? sizes?.log ?? 0,
      logReuseWait: about.log_reuse_wait,
    },
    owner: roles?.db_owner ?? false,
    backupOperator: roles?.backup_operator ?? false,
    publications: ((await ask.may(publicationsQuestion(role, name))) ?? []).map(each => each.name),
    subscriptions: subscriptions.map(each => ({
      publisher: each.publisher,
      database: each.publisher_database,
      publication: each.publication,
    })),
    transactions: (await ask.may(transactionsQuestion(role, name))) ?? [],
    sessions: (await ask.may(sessionsQuestion(role, name))) ?? [],
    references: references.map(each => ({
      from: each.from,
      to: [each.server, each.database, each.entity].filter(part => part !== null).join('.'),
      remote: each.server !== null,
    })),
    catalog: await readCatalog(server, role, name, signal),
    ...(written?.minutes == null ? {} : { writtenMinutesAgo: written.minutes }),
    ...(encryptor?.thumbprint == null ? {} : { encryptor: encryptor.thumbprint }),
    ...(tracking === undefined
      ? {}
      : { tracking: { hours: hoursOf(tracking.period, tracking.unit), cleans: tracking.cleans } }),
    ...(free === undefined ? {} : { free: { data: leastFree(free, 'data'), log: leastFree(free, 'log') } }),
  };
}

const hoursOf = (period: number, unit: string): number =>
  unit === 'DAYS' ? period * 24 : unit === 'HOURS' ? period : period / 60;

const leastFree = (free: readonly { readonly kind: string; readonly free: number }[], kind: string): number =>
  free.find(each => each.kind === kind)?.free ?? Math.min(...free.map(each => each.free));
