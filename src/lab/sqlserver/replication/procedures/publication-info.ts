import { SqlError } from '../../errors.ts';
import type { SystemProcedure } from '../../system/procedure.ts';
import { answer } from '../columns.ts';
import { noPublication, notEnabled } from '../faults.ts';
import { int, output, procedure, sysname } from '../parameters.ts';
import { linkDistributor, quoted } from '../places.ts';
import { publicationOf } from '../publications.ts';

/** What a publication database tells of its publications and of the agents that serve them. */

const publications = procedure(
  'sp_helppublication',
  [sysname('@publication', '%'), output(int('@found', 23456)), sysname('@publisher', null)],
  async (context, values) => {
    const { database } = context;
    if (!database.options.published) throw notEnabled();
    const wanted = values.text('@publication') ?? '%';
    const rows = await context.query(
      database.name,
      `SELECT p.*, 0 AS restricted, 0 AS task, p.repl_freq AS [replication frequency], p.sync_method AS [synchronization method],
  CASE WHEN EXISTS (SELECT 1 FROM dbo.syssubscriptions AS s JOIN dbo.sysarticles AS a ON a.artid = s.artid WHERE a.pubid = p.pubid) THEN 1 ELSE 0 END AS [has subscription],
  NULL AS ftp_address, 21 AS ftp_port, N'anonymous' AS ftp_login, 0 AS enabled_for_p2p, 0 AS publish_local_changes_only, 0 AS enabled_for_het_sub
FROM dbo.syspublications AS p WHERE p.name LIKE ${quoted(wanted)} ORDER BY p.pubid`,
    );
    if (values.given('@found')) context.output('@found', rows.length > 0 ? 1 : 0);
    else if (rows.length === 0 && wanted !== '%') throw noPublication(wanted);
    answer(
      context,
      [
        ...([
          ['pubid', 'int'],
          ['name', 'sysname'],
          ['restricted', 'int'],
          ['status', 'tinyint'],
          ['task', 'int'],
        ] as const),
        ...([
          ['replication frequency', 'tinyint'],
          ['synchronization method', 'tinyint'],
          ['description', 'text'],
        ] as const),
        ...([
          ['immediate_sync', 'bit'],
          ['enabled_for_internet', 'bit'],
          ['allow_push', 'bit'],
          ['allow_pull', 'bit'],
        ] as const),
        ...([
          ['allow_anonymous', 'bit'],
          ['independent_agent', 'bit'],
          ['immediate_sync_ready', 'bit'],
          ['allow_sync_tran', 'bit'],
        ] as const),
        ...([
          ['autogen_sync_procs', 'bit'],
          ['snapshot_jobid', 'lsn'],
          ['retention', 'int'],
          ['has subscription', 'bit'],
        ] as const),
        ...([
          ['allow_queued_tran', 'bit'],
          ['snapshot_in_defaultfolder', 'bit'],
          ['alt_snapshot_folder', 'text'],
        ] as const),
        ...([
          ['pre_snapshot_script', 'text'],
          ['post_snapshot_script', 'text'],
          ['compress_snapshot', 'bit'],
          ['ftp_address', 'sysname'],
        ] as const),
        ...([
          ['ftp_port', 'int'],
          ['ftp_login', 'sysname'],
          ['allow_dts', 'bit'],
          ['allow_subscription_copy', 'bit'],
        ] as const),
        ...([
          ['backward_comp_level', 'int'],
          ['allow_initialize_from_backup', 'bit'],
          ['replicate_ddl', 'int'],
          ['enabled_for_p2p', 'bit'],
        ] as const),
        ...([
          ['publish_local_changes_only', 'bit'],
          ['enabled_for_het_sub', 'bit'],
        ] as const),
      ],
      rows,
    );
    return 0;
  },
);

const AGENT_COLUMNS = [
  ...([
    ['id', 'int'],
    ['name', 'sysname'],
    ['publisher_security_mode', 'smallint'],
    ['publisher_login', 'sysname'],
    ['publisher_password', 'text'],
  ] as const),
  ...([
    ['job_id', 'sysname'],
    ['job_login', 'text'],
    ['job_password', 'text'],
  ] as const),
] as const;

const agentFields = (alias: string): string =>
  `${alias}.id, ${alias}.name, ${alias}.publisher_security_mode, ${alias}.publisher_login, N'**********' AS publisher_password,
  CONVERT(varchar(36), CONVERT(uniqueidentifier, ${alias}.job_id)) AS job_id, CAST(NULL AS nvarchar(512)) AS job_login, N'**********' AS job_password`;

const logReader = procedure(
  'sp_helplogreader_agent',
  [sysname('@publisher', null), sysname('@publisher_type', 'MSSQLSERVER')],
  async context => {
    const { database, instance } = context;
    if (!database.options.published) throw notEnabled();
    const link = await linkDistributor(context);
    try {
      const rows =
        await link.query(`SELECT ${agentFields('a')} FROM dbo.MSlogreader_agents AS a JOIN dbo.MSreplservers AS s ON s.srvid = a.publisher_id
WHERE s.srvname = ${quoted(instance.name)} AND a.publisher_db = ${quoted(database.name)}`);
      answer(context, AGENT_COLUMNS, rows);
    } finally {
      await link.close();
    }
    return 0;
  },
);

const snapshot = procedure(
  'sp_helppublication_snapshot',
  [sysname('@publication'), sysname('@publisher', null)],
  async (context, values) => {
    const { database, instance } = context;
    const publication = await publicationOf(context, values.text('@publication'));
    const link = await linkDistributor(context);
    try {
      const rows =
        await link.query(`SELECT ${agentFields('a')}, c.name AS schedule_name, c.freq_type AS frequency_type, c.freq_interval AS frequency_interval,
  c.freq_subday_type AS frequency_subday_type, c.freq_subday_interval AS frequency_subday_interval
FROM dbo.MSsnapshot_agents AS a JOIN dbo.MSreplservers AS s ON s.srvid = a.publisher_id
LEFT JOIN msdb.dbo.sysjobschedules AS j ON CONVERT(binary(16), j.job_id) = a.job_id LEFT JOIN msdb.dbo.sysschedules AS c ON c.schedule_id = j.schedule_id
WHERE s.srvname = ${quoted(instance.name)} AND a.publisher_db = ${quoted(database.name)} AND a.publication = ${quoted(publication.name)}`);
      if (rows.length === 0)
        throw new SqlError(
          20678,
          `Could not find the regular snapshot job for the specified publication '${publication.name}'.`,
          { severity: 11 },
        );
      answer(
        context,
        [
          ...AGENT_COLUMNS,
          ...([
            ['schedule_name', 'sysname'],
            ['frequency_type', 'int'],
            ['frequency_interval', 'int'],
          ] as const),
          ...([
            ['frequency_subday_type', 'int'],
            ['frequency_subday_interval', 'int'],
          ] as const),
        ],
        rows,
      );
    } finally {
      await link.close();
    }
    return 0;
  },
);

const subscriptions = procedure(
  'sp_helpsubscription',
  [
    ...[sysname('@publication', '%'), sysname('@article', '%'), sysname('@subscriber', '%')],
    ...[sysname('@destination_db', '%'), output(int('@found', 23456)), sysname('@publisher', null)],
  ],
  async (context, values) => {
    const { database } = context;
    if (!database.options.published) throw notEnabled();
    const publication = values.text('@publication') ?? '%';
    if (publication !== '%') await publicationOf(context, publication);
    const like = (column: string, name: string): string =>
      `${column} LIKE ${quoted(values.text(name) ?? '%')}`;
    const rows = await context.query(
      database.name,
      `SELECT s.srvname AS subscriber, p.name AS publication, a.name AS article, s.dest_db AS [destination database], s.status AS [subscription status],
  s.sync_type AS [synchronization type], s.subscription_type AS [subscription type], 1 AS [full subscription], N'' AS [subscription name], s.update_mode AS [update mode],
  s.distribution_jobid AS [distribution job id], s.loopback_detection, 0 AS offload_enabled, NULL AS offload_server, NULL AS dts_package_name, 0 AS dts_package_location, 0 AS subscriber_type
FROM dbo.syssubscriptions AS s JOIN dbo.sysarticles AS a ON a.artid = s.artid JOIN dbo.syspublications AS p ON p.pubid = a.pubid
WHERE ${like('p.name', '@publication')} AND ${like('a.name', '@article')} AND ${like('s.srvname', '@subscriber')} AND ${like('s.dest_db', '@destination_db')}
ORDER BY s.srvname, s.dest_db, a.artid`,
    );
    if (values.given('@found')) context.output('@found', rows.length > 0 ? 1 : 0);
    answer(
      context,
      [
        ...([
          ['subscriber', 'sysname'],
          ['publication', 'sysname'],
          ['article', 'sysname'],
          ['destination database', 'sysname'],
        ] as const),
        ...([
          ['subscription status', 'tinyint'],
          ['synchronization type', 'tinyint'],
          ['subscription type', 'int'],
        ] as const),
        ...([
          ['full subscription', 'bit'],
          ['subscription name', 'text'],
          ['update mode', 'int'],
          ['distribution job id', 'lsn'],
        ] as const),
        ...([
          ['loopback_detection', 'bit'],
          ['offload_enabled', 'bit'],
          ['offload_server', 'sysname'],
          ['dts_package_name', 'sysname'],
        ] as const),
        ...([
          ['dts_package_location', 'int'],
          ['subscriber_type', 'tinyint'],
        ] as const),
      ],
      rows,
    );
    return 0;
  },
);

export const PUBLICATION_INFO_PROCEDURES: readonly SystemProcedure[] = [
  ...[publications, logReader, snapshot, subscriptions],
];
