import { createJob, dropJob, inCommand } from './jobs.ts';
import type { DistributorLink } from './places.ts';

/** Values of @sync_type, in MSsubscriptions.sync_type and nosync_type. */
export const SYNC_TYPES = {
  automatic: { syncType: 1, nosyncType: 0 },
  none: { syncType: 2, nosyncType: 0 },
  'replication support only': { syncType: 2, nosyncType: 1 },
  'initialize with backup': { syncType: 2, nosyncType: 2 },
  'initialize from lsn': { syncType: 2, nosyncType: 3 },
} as const;

export type SyncType = keyof typeof SYNC_TYPES;

export const isSyncType = (text: string): text is SyncType => Object.hasOwn(SYNC_TYPES, text);

/** Subscription states: inactive, subscribed, active. */
export const STATUS = { inactive: 0, subscribed: 1, active: 2 } as const;

export interface PushAgent {
  readonly name: string;
  readonly publisher: string;
  readonly publisherDb: string;
  readonly subscriber: string;
  readonly subscriberDb: string;
  readonly link: DistributorLink;
  readonly frequency: number;
}

/** T-SQL for the job of a push subscription's distribution agent; one of the same name is replaced. */
export function distributionJob({
  name,
  publisher,
  publisherDb,
  subscriber,
  subscriberDb,
  link,
  frequency,
}: PushAgent): string {
  const command = [
    `-Subscriber ${inCommand(subscriber)}`,
    `-SubscriberDB ${inCommand(subscriberDb)}`,
    `-Publisher ${inCommand(publisher)}`,
    `-Distributor ${inCommand(link.server)}`,
    '-DistributorSecurityMode 1',
    `-PublisherDB ${inCommand(publisherDb)}`,
    ...(frequency === 64 ? ['-Continuous'] : []),
  ].join(' ');
  return `${dropJob(name)}
${createJob({ name, category: 'REPL-Distribution', subsystem: 'Distribution', command, database: link.database, frequency })}`;
}
