import { SqlError, unsupported } from '../../errors.ts';
import { lsnToBytes } from '../../storage/lsn.ts';
import type { ProcedureContext, SystemProcedure } from '../../system/procedure.ts';
import { answer } from '../columns.ts';
import { foreignPublisher, outsideTransactions } from '../faults.ts';
import { bit, procedure, sysname, text } from '../parameters.ts';
import { type DistributorLink, hex, linkDistributor, quoted } from '../places.ts';
import { type Publication, publicationOf, truth } from '../publications.ts';
import { invalidateSnapshot } from '../snapshot-state.ts';

/** sp_changepublication: one property at a time, at the publisher and where the distributor has it too. */

interface Change {
  readonly context: ProcedureContext;
  readonly link: DistributorLink;
  readonly publication: Publication;
  readonly property: string;
  readonly value: string | null;
}

/** Columns of the flags; those of `distributor` are in MSpublications as well. */
const FLAGS: Readonly<Record<string, { readonly distributor: boolean }>> = {
  allow_push: { distributor: true },
  allow_pull: { distributor: true },
  allow_anonymous: { distributor: true },
  immediate_sync: { distributor: true },
  independent_agent: { distributor: true },
  allow_initialize_from_backup: { distributor: true },
  snapshot_in_defaultfolder: { distributor: false },
  compress_snapshot: { distributor: false },
};

const TEXTS: ReadonlySet<string> = new Set([
  ...['description', 'alt_snapshot_folder', 'pre_snapshot_script', 'post_snapshot_script'],
]);

/** Those that a snapshot which is there already does not show. */
const OF_SNAPSHOTS: ReadonlySet<string> = new Set([
  ...['alt_snapshot_folder', 'compress_snapshot', 'pre_snapshot_script', 'post_snapshot_script'],
  ...['snapshot_in_defaultfolder', 'sync_method'],
]);

const UNKNOWN: ReadonlySet<string> = new Set([
  ...[
    'allow_dts',
    'allow_subscription_copy',
    'allow_sync_tran',
    'allow_queued_tran',
    'allow_partition_switch',
  ],
  ...['enabled_for_internet', 'enabled_for_p2p', 'ftp_address', 'ftp_login', 'ftp_password', 'ftp_port'],
  ...['ftp_subdirectory', 'queue_type', 'conflict_policy', 'centralized_conflicts', 'conflict_retention'],
  ...[
    'p2p_continue_onconflict',
    'publish_to_activedirectory',
    'replicate_partition_switch',
    'repl_freq',
    'taskid',
  ],
]);

const SYNC_METHODS: Readonly<Record<string, number>> = {
  ...{ native: 0, 'bcp native': 0, character: 1, 'bcp character': 1, concurrent: 3, concurrent_c: 4 },
  ...{ 'database snapshot': 5, 'database snapshot character': 6 },
};

const PROPERTIES = [
  ...[...Object.keys(FLAGS), ...TEXTS, 'replicate_ddl', 'retention', 'status', 'sync_method'].sort(),
];

const changePublication = procedure(
  'sp_changepublication',
  [
    ...[sysname('@publication', null), text(255)('@property', null), text(255)('@value', null)],
    ...[bit('@force_invalidate_snapshot', 0), bit('@force_reinit_subscription', 0)],
    sysname('@publisher', null),
  ],
  async (context, values) => {
    outsideTransactions(context, 'sp_changepublication');
    const publisher = values.text('@publisher');
    if (publisher !== null) throw foreignPublisher(publisher);
    const property = values.text('@property')?.toLowerCase();
    if (property === undefined) {
      answer(
        context,
        [['properties', 'sysname']],
        PROPERTIES.map(name => ({ properties: name })),
      );
      return 0;
    }
    const publication = await publicationOf(context, values.text('@publication'));
    if (UNKNOWN.has(property)) throw unsupported(`the property '${property}' of sp_changepublication`);
    if (!PROPERTIES.includes(property))
      throw new SqlError(
        14078,
        "The parameter must be 'description', 'taskid', 'sync_method', 'status', 'repl_freq', 'restricted', 'retention', 'immediate_sync', 'enabled_for_internet', 'allow_push', 'allow_pull', 'allow_anonymous', or 'retention'.",
      );
    if (OF_SNAPSHOTS.has(property))
      await invalidateSnapshot(context, publication.id, values.integer('@force_invalidate_snapshot') === 1);
    const link = await linkDistributor(context);
    try {
      await change({ context, link, publication, property, value: values.text('@value') });
    } finally {
      await link.close();
    }
    context.message('The publication was updated successfully.', { number: 14077, severity: 10 });
    return 0;
  },
);

async function change(wanted: Change): Promise<void> {
  const { property, value } = wanted;
  if (property in FLAGS) return changeFlag(wanted);
  if (TEXTS.has(property)) return setHere(wanted, property, value === null ? 'NULL' : quoted(value));
  switch (property) {
    case 'status': {
      const word = value?.toLowerCase();
      if (word !== 'active' && word !== 'inactive')
        throw new SqlError(14012, "The @status parameter value must be either 'active' or 'inactive'.");
      return setHere(wanted, 'status', word === 'active' ? '1' : '0');
    }
    case 'sync_method': {
      const method = SYNC_METHODS[value?.toLowerCase() ?? ''];
      if (method === undefined)
        throw new SqlError(
          14014,
          "The synchronization method (@sync_method) must be '[bcp] native', '[bcp] character', 'concurrent', 'concurrent_c', 'database snapshot', or 'database snapshot character'.",
        );
      return setBoth(wanted, 'sync_method', `${method}`);
    }
    case 'replicate_ddl':
      if (value !== '0' && value !== '1')
        throw new SqlError(
          21544,
          'Value specified for the publication property replicate_ddl is not valid. The value must be 1 or 0.',
        );
      return setHere(wanted, 'replicate_ddl', value);
    default: {
      const hours = Number(value ?? Number.NaN);
      if (!Number.isInteger(hours) || hours < 0)
        throw new SqlError(
          20050,
          'The retention period must be greater than or equal to 0, and it must not extend past December 31, 9999.',
        );
      return setBoth(wanted, 'retention', `${hours}`);
    }
  }
}

async function changeFlag(wanted: Change): Promise<void> {
  const { property, value, publication } = wanted;
  const on = truth(value);
  if (on === undefined)
    throw new SqlError(14148, `Invalid '${property}' value. Valid values are 'true' or 'false'.`);
  if (property === 'immediate_sync' && on && !publication.independentAgent)
    throw new SqlError(
      21022,
      "If set 'immediate_sync' property of a publication to true then must also set 'independent_agent' property to true.",
    );
  if (property === 'allow_anonymous' && on && !publication.immediateSync)
    throw new SqlError(
      20011,
      "Cannot set incompatible publication properties. The 'allow_anonymous' property of a publication depends on the 'immediate_sync' property.",
    );
  if (property === 'independent_agent' && on !== publication.independentAgent && (await subscribed(wanted)))
    throw new SqlError(
      20013,
      "The publication property 'independent_agent' cannot be changed when there are subscriptions on it.",
    );
  if (property === 'allow_push' && !on && (await subscribed(wanted)))
    throw new SqlError(
      21012,
      'Cannot change the \'allow_push\' property of the publication to "false". There are push subscriptions on the publication.',
    );
  if (property === 'compress_snapshot' && on) throw unsupported('compressed snapshots');
  const digit = on ? '1' : '0';
  await (FLAGS[property]?.distributor ? setBoth(wanted, property, digit) : setHere(wanted, property, digit));
  if (property === 'immediate_sync') await keepCommands(wanted, on);
  if (property === 'allow_initialize_from_backup') await beginKeeping(wanted, on);
}

async function subscribed({ context, publication }: Change): Promise<boolean> {
  const rows = await context.query(
    context.database.name,
    `SELECT TOP (1) s.artid FROM dbo.syssubscriptions AS s JOIN dbo.sysarticles AS a ON a.artid = s.artid WHERE a.pubid = ${publication.id}`,
  );
  return rows.length > 0;
}

const setHere = async ({ context, publication }: Change, column: string, value: string): Promise<void> => {
  await context.query(
    context.database.name,
    `UPDATE dbo.syspublications SET ${column} = ${value} WHERE pubid = ${publication.id}`,
  );
};

async function setBoth(wanted: Change, column: string, value: string): Promise<void> {
  await setHere(wanted, column, value);
  await wanted.link.query(
    `UPDATE dbo.MSpublications SET ${column} = ${value} WHERE ${whereDistributed(wanted)}`,
  );
}

const whereDistributed = ({ context: { instance, database }, publication }: Change): string =>
  `publisher_id = (SELECT srvid FROM dbo.MSreplservers WHERE srvname = ${quoted(instance.name)}) AND publisher_db = ${quoted(database.name)} AND publication = ${quoted(publication.name)}`;

/** The 'virtual' subscriptions make the distributor keep commands that no subscription asks for. */
async function keepCommands(wanted: Change, on: boolean): Promise<void> {
  const { context, link } = wanted;
  const publication = `(SELECT publication_id FROM dbo.MSpublications WHERE ${whereDistributed(wanted)})`;
  await link.query(
    `DELETE dbo.MSsubscriptions WHERE subscriber_db = N'virtual' AND publication_id = ${publication}`,
  );
  if (!on) return;
  await link.query(`INSERT dbo.MSsubscriptions (publisher_database_id, publisher_id, publisher_db, publication_id, article_id, subscriber_id, subscriber_db, subscription_type,
  sync_type, status, subscription_seqno, snapshot_seqno_flag, independent_agent, subscription_time, loopback_detection, agent_id, update_mode, publisher_seqno, ss_cplt_seqno, nosync_type)
SELECT d.id, a.publisher_id, a.publisher_db, a.publication_id, a.article_id, -1, N'virtual', 0, 1, 1, 0x00, 0, 1, GETDATE(), 0, -1, 0, 0x00, 0x00, 0
FROM dbo.MSarticles AS a JOIN dbo.MSpublisher_databases AS d ON d.publisher_id = a.publisher_id AND d.publisher_db = a.publisher_db
WHERE a.publication_id = ${publication} AND a.publisher_db = ${quoted(context.database.name)}`);
}

/** From here on commands are kept for subscriptions that are initialized without a snapshot. */
async function beginKeeping(wanted: Change, on: boolean): Promise<void> {
  const lsn = on ? hex(lsnToBytes(wanted.context.database.store?.log.current ?? 0n)) : 'NULL';
  if (on && wanted.publication.fromBackup) return;
  await setBoth(wanted, 'min_autonosync_lsn', lsn);
}

export const CHANGE_PUBLICATION_PROCEDURES: readonly SystemProcedure[] = [changePublication];
