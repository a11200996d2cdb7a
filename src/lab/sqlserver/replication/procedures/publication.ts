import { SqlError } from '../../errors.ts';
import { lsnToBytes } from '../../storage/lsn.ts';
import type { ProcedureContext, ProcedureValues, SystemProcedure } from '../../system/procedure.ts';
import { foreignPublisher, notEnabled, outsideTransactions } from '../faults.ts';
import { int, sysname, text } from '../parameters.ts';
import { type DistributorLink, hex, linkDistributor, quoted, same } from '../places.ts';
import { FORBIDDEN_CHARACTERS, publicationOf, truth } from '../publications.ts';

const word = (length: number) => text(length);

const SYNC_METHODS: Readonly<Record<string, number>> = {
  native: 0,
  character: 1,
  concurrent: 3,
  concurrent_c: 4,
  'database snapshot': 5,
  'database snapshot character': 6,
};

const addPublication: SystemProcedure = {
  name: 'sp_addpublication',
  home: { kind: 'sys' },
  parameters: [
    ...[
      sysname('@publication'),
      int('@taskid', 0),
      word(5)('@restricted', 'false'),
      word(13)('@sync_method', null),
      word(10)('@repl_freq', 'continuous'),
    ],
    ...[
      text(255)('@description', null),
      word(8)('@status', 'inactive'),
      word(5)('@independent_agent', 'false'),
      word(5)('@immediate_sync', 'false'),
    ],
    ...[
      word(5)('@enabled_for_internet', 'false'),
      word(5)('@allow_push', 'true'),
      word(5)('@allow_pull', 'false'),
      word(5)('@allow_anonymous', 'false'),
    ],
    ...[
      word(5)('@allow_sync_tran', 'false'),
      word(5)('@autogen_sync_procs', null),
      int('@retention', 336),
      word(5)('@allow_queued_tran', 'false'),
    ],
    ...[
      word(5)('@snapshot_in_defaultfolder', 'true'),
      text(255)('@alt_snapshot_folder', null),
      text(255)('@pre_snapshot_script', null),
    ],
    ...[
      text(255)('@post_snapshot_script', null),
      word(5)('@compress_snapshot', 'false'),
      sysname('@ftp_address', null),
      int('@ftp_port', 21),
    ],
    ...[
      text(255)('@ftp_subdirectory', null),
      sysname('@ftp_login', 'anonymous'),
      sysname('@ftp_password', null),
      word(5)('@allow_dts', 'false'),
    ],
    ...[
      word(5)('@allow_subscription_copy', 'false'),
      text(100)('@conflict_policy', null),
      word(5)('@centralized_conflicts', null),
    ],
    ...[
      int('@conflict_retention', 14),
      text(10)('@queue_type', null),
      text(10)('@add_to_active_directory', 'false'),
      int('@logreader_job_name', null),
    ],
    ...[
      text(257)('@qreader_job_name', null),
      sysname('@publisher', null),
      word(5)('@allow_initialize_from_backup', null),
      int('@replicate_ddl', 1),
    ],
    ...[
      word(5)('@enabled_for_p2p', 'false'),
      word(5)('@publish_local_changes_only', 'false'),
      word(5)('@enabled_for_het_sub', 'false'),
    ],
    ...[
      word(5)('@p2p_conflictdetection', 'false'),
      int('@p2p_originator_id', null),
      word(5)('@p2p_continue_onconflict', 'false'),
    ],
    ...[word(5)('@allow_partition_switch', 'false'), word(5)('@replicate_partition_switch', 'false')],
  ],
  async run(context, values) {
    outsideTransactions(context, 'sp_addpublication');
    const { database, instance } = context;
    if (!database.options.published) {
      throw notEnabled();
    }
    const name = values.text('@publication') ?? '';
    if (name === '' || FORBIDDEN_CHARACTERS.test(name)) {
      throw new SqlError(20587, `Invalid '@publication' value for stored procedure 'sp_addpublication'.`);
    }
    if (same(name, 'all'))
      throw new SqlError(14034, "The publication name (@publication) cannot be the keyword 'all'.");
    if (values.text('@publisher') !== null) throw foreignPublisher(values.text('@publisher') ?? '');
    refuseUnknown(values);
    const settings = read(values);
    const there = await context.query(
      database.name,
      `SELECT pubid FROM dbo.syspublications WHERE name = ${quoted(name)}`,
    );
    if (there.length > 0) throw new SqlError(14016, `The publication '${name}' already exists.`);
    const link = await linkDistributor(context);
    try {
      // From here on commands are kept for subscriptions that are initialized without a snapshot.
      const lsn = hex(lsnToBytes(database.store?.log.current ?? 0n));
      await record(context, name, settings, values, lsn);
      await register(link, {
        instance: instance.name,
        database: database.name,
        name,
        settings,
        retention: values.integer('@retention') ?? 336,
        lsn,
      });
    } finally {
      await link.close();
    }
    return 0;
  },
};

/** What the double has no counterpart for must not be asked of it. */
function refuseUnknown(values: ProcedureValues): void {
  for (const name of [
    '@allow_sync_tran',
    '@allow_queued_tran',
    '@allow_dts',
    '@enabled_for_p2p',
    '@enabled_for_het_sub',
    '@enabled_for_internet',
    '@allow_subscription_copy',
  ]) {
    if (truth(values.text(name)) === true)
      throw new SqlError(40517, `The SQL Server double does not know ${name} = 'true'.`);
  }
}

interface Settings {
  readonly active: boolean;
  readonly independent: boolean;
  readonly immediate: boolean;
  readonly push: boolean;
  readonly pull: boolean;
  readonly anonymous: boolean;
  readonly fromBackup: boolean;
  readonly syncMethod: number;
  readonly replicateDdl: number;
}

function read(values: ProcedureValues): Settings {
  const on = (name: string): boolean => {
    const value = truth(values.text(name) ?? 'false');
    if (value === undefined)
      throw new SqlError(14148, `Invalid '${name}' value. Valid values are 'true' or 'false'.`);
    return value;
  };
  const method = SYNC_METHODS[(values.text('@sync_method') ?? 'native').toLowerCase()];
  if (method === undefined)
    throw new SqlError(
      14014,
      "The synchronization method (@sync_method) must be '[bcp] native', '[bcp] character', 'concurrent', 'concurrent_c', 'database snapshot', or 'database snapshot character'.",
    );
  const status = (values.text('@status') ?? 'inactive').toLowerCase();
  if (status !== 'active' && status !== 'inactive')
    throw new SqlError(14012, "The @status parameter value must be either 'active' or 'inactive'.");
  const frequency = (values.text('@repl_freq') ?? 'continuous').toLowerCase();
  if (frequency === 'snapshot')
    throw new SqlError(40517, 'The SQL Server double does not know snapshot publications.');
  if (frequency !== 'continuous')
    throw new SqlError(
      14015,
      "The replication frequency (@repl_freq) must be either 'continuous' or 'snapshot'.",
    );
  const [independent, immediate, anonymous] = [
    on('@independent_agent'),
    on('@immediate_sync'),
    on('@allow_anonymous'),
  ];
  if (immediate && !independent)
    throw new SqlError(
      21022,
      "If set 'immediate_sync' property of a publication to true then must also set 'independent_agent' property to true.",
    );
  if (anonymous && !immediate)
    throw new SqlError(
      20011,
      "Cannot set incompatible publication properties. The 'allow_anonymous' property of a publication depends on the 'immediate_sync' property.",
    );
  const ddl = values.integer('@replicate_ddl') ?? 1;
  if (ddl !== 0 && ddl !== 1)
    throw new SqlError(
      21544,
      'Value specified for the publication property replicate_ddl is not valid. The value must be 1 or 0.',
    );
  if ((values.integer('@retention') ?? 336) < 0)
    throw new SqlError(
      20050,
      'The retention period must be greater than or equal to 0, and it must not extend past December 31, 9999.',
    );
  return {
    ...{
      active: status === 'active',
      independent,
      immediate,
      anonymous,
      syncMethod: method,
      replicateDdl: ddl,
    },
    ...{ push: on('@allow_push'), pull: on('@allow_pull'), fromBackup: on('@allow_initialize_from_backup') },
  };
}

const digit = (value: boolean): number => (value ? 1 : 0);

async function record(
  context: ProcedureContext,
  name: string,
  settings: Settings,
  values: ProcedureValues,
  lsn: string,
): Promise<void> {
  const { active, independent, immediate, push, pull, anonymous, fromBackup, syncMethod, replicateDdl } =
    settings;
  await context.query(
    context.database.name,
    `INSERT dbo.syspublications (description, name, repl_freq, status, sync_method, independent_agent, immediate_sync, allow_push, allow_pull,
  allow_anonymous, retention, allow_initialize_from_backup, replicate_ddl, min_autonosync_lsn)
VALUES (${values.text('@description') === null ? 'NULL' : quoted(values.text('@description') ?? '')}, ${quoted(name)}, 0, ${digit(active)}, ${syncMethod},
  ${digit(independent)}, ${digit(immediate)}, ${digit(push)}, ${digit(pull)}, ${digit(anonymous)}, ${values.integer('@retention') ?? 336},
  ${digit(fromBackup)}, ${replicateDdl}, ${lsn})`,
  );
}

interface Registration {
  readonly instance: string;
  readonly database: string;
  readonly name: string;
  readonly settings: Settings;
  readonly retention: number;
  /** Where commands begin to be kept, as a literal. */
  readonly lsn: string;
}

async function register(
  link: DistributorLink,
  { instance, database, name, settings, retention, lsn }: Registration,
): Promise<void> {
  const { independent, immediate, push, pull, anonymous, fromBackup, syncMethod } = settings;
  await link.query(
    `DECLARE @publisher smallint = (SELECT srvid FROM dbo.MSreplservers WHERE srvname = ${quoted(instance)});
INSERT dbo.MSpublications (publisher_id, publisher_db, publication, publication_type, thirdparty_flag, independent_agent, immediate_sync,
  allow_push, allow_pull, allow_anonymous, retention, sync_method, allow_initialize_from_backup, min_autonosync_lsn)
VALUES (@publisher, ${quoted(database)}, ${quoted(name)}, 0, 0, ${digit(independent)}, ${digit(immediate)}, ${digit(push)}, ${digit(pull)},
  ${digit(anonymous)}, ${retention}, ${syncMethod}, ${digit(fromBackup)}, ${fromBackup ? lsn : 'NULL'})`,
  );
}

const grantAccess: SystemProcedure = {
  name: 'sp_grant_publication_access',
  home: { kind: 'sys' },
  parameters: [
    sysname('@publication'),
    sysname('@login'),
    text(10)('@reserved', null),
    sysname('@publisher', null),
  ],
  async run(context, values) {
    const publication = await publicationOf(context, values.text('@publication'));
    const login = values.text('@login') ?? '';
    if (context.instance.principals.find(login) === undefined)
      throw new SqlError(15007, `'${login}' is not a valid login or you do not have permission.`);
    await context.query(
      context.database.name,
      `IF NOT EXISTS (SELECT 1 FROM dbo.MSpub_access WHERE pubid = ${publication.id} AND login = ${quoted(login)})
INSERT dbo.MSpub_access (pubid, login) VALUES (${publication.id}, ${quoted(login)})`,
    );
    return 0;
  },
};

export const PUBLICATION_PROCEDURES: readonly SystemProcedure[] = [addPublication, grantAccess];
