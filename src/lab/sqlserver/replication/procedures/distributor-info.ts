import { SqlError } from '../../errors.ts';
import type { ProcedureContext, SystemProcedure } from '../../system/procedure.ts';
import type { Value } from '../../values/types.ts';
import { answer } from '../columns.ts';
import { elsewhere, needsSysadmin, notADistributor } from '../faults.ts';
import { bit, int, output, procedure, sysname, text } from '../parameters.ts';
import { linkDistributor, quoted, same } from '../places.ts';
import { distributorName } from './distributor.ts';

/** What a server tells of its distributor, of its distribution databases and of their Publishers. */

async function mustBeDistributor(context: ProcedureContext): Promise<void> {
  const name = await distributorName(context);
  if (name === undefined || !same(name, context.instance.name)) throw notADistributor(context.instance.name);
}

const given = (name: string) => output(sysname(name, '%'));

const distributor = procedure(
  'sp_helpdistributor',
  [
    ...[given('@distributor'), given('@distribdb'), output(text(255)('@directory', '%'))],
    ...[output(text(255)('@account', '%')), output(int('@min_distretention', -1))],
    ...[output(int('@max_distretention', -1)), output(int('@history_retention', -1))],
    ...[output(text(100)('@history_cleanupagent', '%')), output(text(100)('@distrib_cleanupagent', '%'))],
    ...[sysname('@publisher', null), text(5)('@local', null), given('@rpcsrvname')],
    ...[output(sysname('@publisher_type', '%'))],
  ],
  async (context, values) => {
    const name = await distributorName(context);
    if (name === undefined) return 0;
    const publisher = values.text('@publisher') ?? context.instance.name;
    const local = same(name, context.instance.name);
    const link = local ? undefined : await linkDistributor(context);
    try {
      const ask = (batch: string) => (link === undefined ? context.query('msdb', batch) : link.query(batch));
      const [row] =
        await ask(`SELECT ${quoted(name)} AS distributor, p.distribution_db AS [distribution database], p.working_directory AS directory, CAST(NULL AS nvarchar(255)) AS account,
  d.min_distretention AS [min distrib retention], d.max_distretention AS [max distrib retention], d.history_retention AS [history retention],
  N'Agent history clean up: ' + d.name AS [history cleanup agent], N'Distribution clean up: ' + d.name AS [distribution cleanup agent],
  N'repl_distributor' AS [rpc server name], N'distributor_admin' AS [rpc login name], p.publisher_type AS [publisher type]
FROM msdb.dbo.MSdistpublishers AS p JOIN msdb.dbo.MSdistributiondbs AS d ON d.name = p.distribution_db WHERE p.name = ${quoted(publisher)}`);
      const told = row ?? { distributor: name };
      const outputs: readonly (readonly [string, string])[] = [
        ...([
          ['@distributor', 'distributor'],
          ['@distribdb', 'distribution database'],
          ['@directory', 'directory'],
          ['@account', 'account'],
        ] as const),
        ...([
          ['@min_distretention', 'min distrib retention'],
          ['@max_distretention', 'max distrib retention'],
        ] as const),
        ...([
          ['@history_retention', 'history retention'],
          ['@history_cleanupagent', 'history cleanup agent'],
        ] as const),
        ...([
          ['@distrib_cleanupagent', 'distribution cleanup agent'],
          ['@publisher_type', 'publisher type'],
        ] as const),
      ];
      for (const [parameter, column] of outputs) context.output(parameter, plain(told[column]));
      answer(
        context,
        [
          ...([
            ['distributor', 'sysname'],
            ['distribution database', 'sysname'],
            ['directory', 'text'],
            ['account', 'text'],
          ] as const),
          ...([
            ['min distrib retention', 'int'],
            ['max distrib retention', 'int'],
            ['history retention', 'int'],
          ] as const),
          ...([
            ['history cleanup agent', 'text'],
            ['distribution cleanup agent', 'text'],
          ] as const),
          ...([
            ['rpc server name', 'sysname'],
            ['rpc login name', 'sysname'],
            ['publisher type', 'sysname'],
          ] as const),
        ],
        [told],
      );
    } finally {
      await link?.close();
    }
    return 0;
  },
);

const plain = (value: unknown): Value =>
  typeof value === 'string' || typeof value === 'number' ? value : null;

const databases = procedure('sp_helpdistributiondb', [sysname('@database', '%')], async (context, values) => {
  await mustBeDistributor(context);
  const wanted = values.text('@database') ?? '%';
  const rows = await context.query(
    'msdb',
    `SELECT name, min_distretention, max_distretention, history_retention AS [history retention], N'Agent history clean up: ' + name AS history_cleanup_agent,
  N'Distribution clean up: ' + name AS distribution_cleanup_agent, 0 AS status, CAST(NULL AS nvarchar(255)) AS data_folder
FROM dbo.MSdistributiondbs WHERE name LIKE ${quoted(wanted)}`,
  );
  if (rows.length === 0 && wanted !== '%')
    throw new SqlError(14117, `'${wanted}' is not configured as a distribution database.`);
  answer(
    context,
    [
      ...([
        ['name', 'sysname'],
        ['min_distretention', 'int'],
        ['max_distretention', 'int'],
        ['history retention', 'int'],
      ] as const),
      ...([
        ['history_cleanup_agent', 'sysname'],
        ['distribution_cleanup_agent', 'sysname'],
        ['status', 'int'],
        ['data_folder', 'text'],
      ] as const),
      ...([
        ['data_file', 'text'],
        ['data_file_size', 'int'],
        ['log_folder', 'text'],
        ['log_file', 'text'],
        ['log_file_size', 'int'],
      ] as const),
    ],
    rows.map(row => ({ ...row, ...filesOf(context, String(row['name'])) })),
  );
  return 0;
});

function filesOf({ instance }: ProcedureContext, name: string): Readonly<Record<string, unknown>> {
  const database = instance.databases.get(name.toLowerCase());
  const size = database?.store?.size();
  const path = (type: 'ROWS' | 'LOG') =>
    database?.files.find(file => file.type === type)?.physicalName ?? null;
  return {
    data_file: path('ROWS'),
    log_file: path('LOG'),
    data_file_size: megabytes(size?.data),
    log_file_size: megabytes(size?.log),
  };
}

const megabytes = (bytes: number | undefined): number => Math.ceil((bytes ?? 0) / 2 ** 20);

const publishers = procedure(
  'sp_helpdistpublisher',
  [sysname('@publisher', '%'), bit('@check_user', 0)],
  async (context, values) => {
    await mustBeDistributor(context);
    const wanted = values.text('@publisher') ?? '%';
    const rows = await context.query(
      'msdb',
      `SELECT name, distribution_db, security_mode, login, active, working_directory, trusted, thirdparty_flag, publisher_type
FROM dbo.MSdistpublishers WHERE name LIKE ${quoted(wanted)}`,
    );
    if (rows.length === 0 && wanted !== '%')
      throw new SqlError(
        14080,
        `The remote server "${wanted}" does not exist, or has not been designated as a valid Publisher, or you may not have permission to see available Publishers.`,
      );
    answer(
      context,
      [
        ...([
          ['name', 'sysname'],
          ['distribution_db', 'sysname'],
          ['security_mode', 'int'],
          ['login', 'sysname'],
          ['password', 'text'],
        ] as const),
        ...([
          ['active', 'bit'],
          ['working_directory', 'text'],
          ['trusted', 'bit'],
          ['thirdparty_flag', 'bit'],
          ['publisher_type', 'sysname'],
        ] as const),
        ['publisher_data_source', 'text'],
      ],
      rows.map(row => ({ ...row, password: '**********' })),
    );
    return 0;
  },
);

const changeProperty = procedure(
  'sp_changedistributor_property',
  [sysname('@property', null), text(255)('@value', null)],
  async (context, values) => {
    needsSysadmin(context);
    await mustBeDistributor(context);
    const property = values.text('@property');
    if (property === null) {
      answer(context, [['parameters', 'sysname']], [{ parameters: 'heartbeat_interval' }]);
      return 0;
    }
    if (!same(property, 'heartbeat_interval'))
      throw new SqlError(14154, "The Distributor parameter must be '@heartbeat_interval'.");
    const value = Number(values.text('@value'));
    if (!Number.isInteger(value) || value < 1)
      throw new SqlError(
        21115,
        `${Number.isNaN(value) ? 0 : value} is not a valid value for the '@heartbeat_interval' parameter. The value must be a positive integer.`,
      );
    await context.query('msdb', `UPDATE dbo.MSdistributor SET heartbeat_interval = ${value}`);
    return 0;
  },
);

const monitor = procedure(
  'sp_replmonitorhelppublisher',
  [sysname('@publisher', null), int('@refreshpolicy', 0)],
  async (context, values) => {
    const { database, instance } = context;
    if (!database.options.distributor) throw elsewhere('sp_replmonitorhelppublisher', 'distribution');
    const wanted = values.text('@publisher');
    const rows = await context.query(
      database.name,
      `SELECT p.name AS publisher, p.distribution_db, 0 AS warning,
  (SELECT COUNT(*) FROM dbo.MSpublications AS b JOIN dbo.MSreplservers AS s ON s.srvid = b.publisher_id WHERE s.srvname = p.name) AS publicationcount,
  (SELECT MAX(h.runstatus) FROM dbo.MSdistribution_agents AS d JOIN dbo.MSreplservers AS s ON s.srvid = d.publisher_id JOIN dbo.MSdistribution_history AS h ON h.agent_id = d.id
    WHERE s.srvname = p.name AND NOT EXISTS (SELECT 1 FROM dbo.MSdistribution_history AS l WHERE l.agent_id = h.agent_id AND l.timestamp > h.timestamp)) AS status,
  CONVERT(nvarchar(20), GETDATE(), 112) AS returnstamp
FROM msdb.dbo.MSdistpublishers AS p WHERE p.distribution_db = ${quoted(database.name)}${wanted === null ? '' : ` AND p.name = ${quoted(wanted)}`}`,
    );
    if (rows.length === 0 && wanted !== null)
      throw new SqlError(
        21169,
        `Could not identify the Publisher '${wanted}' at the Distributor '${instance.name}'. Make sure that the server '${wanted}' is registered at the Distributor.`,
      );
    answer(
      context,
      [
        ...([
          ['publisher', 'sysname'],
          ['distribution_db', 'sysname'],
          ['status', 'int'],
        ] as const),
        ...([
          ['warning', 'int'],
          ['publicationcount', 'int'],
          ['returnstamp', 'text'],
        ] as const),
      ],
      rows,
    );
    return 0;
  },
);

export const DISTRIBUTOR_INFO_PROCEDURES: readonly SystemProcedure[] = [
  ...[distributor, databases, publishers, changeProperty, monitor],
];
