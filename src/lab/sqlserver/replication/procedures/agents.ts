import { SqlError } from '../../errors.ts';
import type { ProcedureValues, SystemProcedure } from '../../system/procedure.ts';
import { needsSysadmin, noSubscription, notEnabled, outsideTransactions } from '../faults.ts';
import { createJob, inCommand } from '../jobs.ts';
import { bit, int, smallint, sysname, text } from '../parameters.ts';
import { linkDistributor, quoted } from '../places.ts';
import { publicationOf } from '../publications.ts';
import { distributionJob } from '../subscriptions.ts';

/** A password is kept as it was given: the double has no service master key. Nothing but its agents reads it. */
const addLogReader: SystemProcedure = {
  name: 'sp_addlogreader_agent',
  home: { kind: 'sys' },
  parameters: [
    ...[
      text(257)('@job_login', null),
      sysname('@job_password', null),
      sysname('@job_name', null),
      smallint('@publisher_security_mode', 1),
    ],
    ...[sysname('@publisher_login', null), sysname('@publisher_password', null), sysname('@publisher', null)],
  ],
  async run(context, values) {
    outsideTransactions(context, 'sp_addlogreader_agent');
    needsSysadmin(context);
    const { database, instance } = context;
    if (!database.options.published) throw notEnabled();
    const mode = values.integer('@publisher_security_mode') ?? 1;
    const login = values.text('@publisher_login');
    if (mode === 0 && login === null)
      throw new SqlError(21263, "Parameter '@publisher_login' cannot be NULL or an empty string.");
    const link = await linkDistributor(context);
    try {
      const there =
        await link.query(`SELECT id FROM dbo.MSlogreader_agents WHERE publisher_db = ${quoted(database.name)}
  AND publisher_id = (SELECT srvid FROM dbo.MSreplservers WHERE srvname = ${quoted(instance.name)})`);
      if (there.length > 0)
        throw new SqlError(
          21831,
          "The Log Reader Agent already exists. Use 'sp_changelogreader_agent' to change any settings/properties.",
        );
      const [next] = await link.query('SELECT ISNULL(MAX(id), 0) + 1 AS id FROM dbo.MSlogreader_agents');
      const name = values.text('@job_name') ?? `${instance.name}-${database.name}-${Number(next?.['id'])}`;
      const command = `-Publisher ${inCommand(instance.name)} -PublisherDB ${inCommand(database.name)} -Distributor ${inCommand(link.server)} -DistributorSecurityMode 1 -Continuous`;
      await link.query(`DECLARE @publisher smallint = (SELECT srvid FROM dbo.MSreplservers WHERE srvname = ${quoted(instance.name)});
INSERT dbo.MSlogreader_agents (name, publisher_id, publisher_db, publication, local_job, profile_id, publisher_security_mode, publisher_login, publisher_password)
VALUES (${quoted(name)}, @publisher, ${quoted(database.name)}, N'ALL', 1, 2, ${mode}, ${login === null ? 'NULL' : quoted(login)}, ${quoted(values.text('@publisher_password') ?? '')});
${createJob({ name, category: 'REPL-LogReader', subsystem: 'LogReader', command, database: link.database, frequency: 64 })}
UPDATE dbo.MSlogreader_agents SET job_id = CONVERT(binary(16), @job) WHERE name = ${quoted(name)};`);
    } finally {
      await link.close();
    }
    return 0;
  },
};

const addSnapshotAgent: SystemProcedure = {
  name: 'sp_addpublication_snapshot',
  home: { kind: 'sys' },
  parameters: [
    ...[
      sysname('@publication'),
      int('@frequency_type', 4),
      int('@frequency_interval', 1),
      int('@frequency_subday', 4),
      int('@frequency_subday_interval', 5),
    ],
    ...[
      int('@frequency_relative_interval', 1),
      int('@frequency_recurrence_factor', 0),
      int('@active_start_date', 0),
      int('@active_end_date', 99991231),
    ],
    ...[
      int('@active_start_time_of_day', 0),
      int('@active_end_time_of_day', 235959),
      text(100)('@snapshot_job_name', null),
      int('@publisher_security_mode', 1),
    ],
    ...[
      sysname('@publisher_login', null),
      sysname('@publisher_password', null),
      text(257)('@job_login', null),
      sysname('@job_password', null),
      sysname('@publisher', null),
    ],
  ],
  async run(context, values) {
    outsideTransactions(context, 'sp_addpublication_snapshot');
    const { database, instance } = context;
    const publication = await publicationOf(context, values.text('@publication'));
    const link = await linkDistributor(context);
    try {
      const there = await link.query(
        `SELECT id FROM dbo.MSsnapshot_agents WHERE publisher_db = ${quoted(database.name)} AND publication = ${quoted(publication.name)}`,
      );
      if (there.length > 0)
        throw new SqlError(
          14101,
          `The publication '${publication.name}' already has a Snapshot Agent defined.`,
        );
      const [next] = await link.query('SELECT ISNULL(MAX(id), 0) + 1 AS id FROM dbo.MSsnapshot_agents');
      const name =
        values.text('@snapshot_job_name') ??
        `${instance.name}-${database.name}-${publication.name}-${Number(next?.['id'])}`;
      const command = `-Publisher ${inCommand(instance.name)} -PublisherDB ${inCommand(database.name)} -Distributor ${inCommand(link.server)} -Publication ${inCommand(publication.name)} -DistributorSecurityMode 1`;
      await link.query(`DECLARE @publisher smallint = (SELECT srvid FROM dbo.MSreplservers WHERE srvname = ${quoted(instance.name)});
INSERT dbo.MSsnapshot_agents (name, publisher_id, publisher_db, publication, publication_type, local_job, profile_id, publisher_security_mode, publisher_login, publisher_password)
VALUES (${quoted(name)}, @publisher, ${quoted(database.name)}, ${quoted(publication.name)}, 0, 1, 1, ${values.integer('@publisher_security_mode') ?? 1},
  ${values.text('@publisher_login') === null ? 'NULL' : quoted(values.text('@publisher_login') ?? '')}, ${quoted(values.text('@publisher_password') ?? '')});
${createJob({ name, category: 'REPL-Snapshot', subsystem: 'Snapshot', command, database: link.database, frequency: values.integer('@frequency_type') ?? 4, rhythm: rhythmOf(values) })}
UPDATE dbo.MSsnapshot_agents SET job_id = CONVERT(binary(16), @job) WHERE name = ${quoted(name)};`);
    } finally {
      await link.close();
    }
    return 0;
  },
};

/** The schedule of a Snapshot Agent: daily every five minutes, unless the caller says otherwise. */
function rhythmOf(values: ProcedureValues): string {
  const names: readonly (readonly [string, string])[] = [
    ...([
      ['@frequency_interval', '@freq_interval'],
      ['@frequency_subday', '@freq_subday_type'],
    ] as const),
    ...([
      ['@frequency_subday_interval', '@freq_subday_interval'],
      ['@frequency_relative_interval', '@freq_relative_interval'],
    ] as const),
    ...([['@frequency_recurrence_factor', '@freq_recurrence_factor']] as const),
    ...([
      ['@active_start_time_of_day', '@active_start_time'],
      ['@active_end_time_of_day', '@active_end_time'],
    ] as const),
  ];
  return names.map(([from, to]) => `${to} = ${values.integer(from) ?? 0}`).join(', ');
}

const startSnapshot: SystemProcedure = {
  name: 'sp_startpublication_snapshot',
  home: { kind: 'sys' },
  parameters: [sysname('@publication'), sysname('@publisher', null)],
  async run(context, values) {
    const publication = await publicationOf(context, values.text('@publication'));
    const link = await linkDistributor(context);
    try {
      const [agent] = await link.query(
        `SELECT name FROM dbo.MSsnapshot_agents WHERE publisher_db = ${quoted(context.database.name)} AND publication = ${quoted(publication.name)}`,
      );
      if (agent === undefined)
        throw new SqlError(
          20678,
          `Could not find the regular snapshot job for the specified publication '${publication.name}'.`,
          { severity: 11 },
        );
      await link.query(`EXEC msdb.dbo.sp_start_job @job_name = ${quoted(String(agent['name']))}`);
      context.message(`Job '${String(agent['name'])}' started successfully.`);
    } finally {
      await link.close();
    }
    return 0;
  },
};

const addPushAgent: SystemProcedure = {
  name: 'sp_addpushsubscription_agent',
  home: { kind: 'sys' },
  parameters: [
    ...[
      sysname('@publication'),
      sysname('@subscriber', null),
      sysname('@subscriber_db', null),
      smallint('@subscriber_security_mode', 1),
    ],
    ...[
      sysname('@subscriber_login', null),
      sysname('@subscriber_password', null),
      text(257)('@job_login', null),
      sysname('@job_password', null),
    ],
    ...[
      sysname('@job_name', null),
      int('@frequency_type', 64),
      int('@frequency_interval', 1),
      int('@frequency_relative_interval', 1),
    ],
    ...[
      int('@frequency_recurrence_factor', 0),
      int('@frequency_subday', 4),
      int('@frequency_subday_interval', 5),
      int('@active_start_time_of_day', 0),
    ],
    ...[
      int('@active_end_time_of_day', 235959),
      int('@active_start_date', 0),
      int('@active_end_date', 99991231),
      sysname('@dts_package_name', null),
    ],
    ...[
      sysname('@dts_package_password', null),
      text(12)('@dts_package_location', 'distributor'),
      text(5)('@enabled_for_syncmgr', 'false'),
    ],
    ...[
      sysname('@distribution_job_name', null),
      sysname('@publisher', null),
      sysname('@subscriber_provider', null),
      text(4000)('@subscriber_datasrc', null),
    ],
    ...[
      text(4000)('@subscriber_location', null),
      text(4000)('@subscriber_provider_string', null),
      sysname('@subscriber_catalog', null),
      bit('@reserved', 0),
    ],
  ],
  async run(context, values) {
    outsideTransactions(context, 'sp_addpushsubscription_agent');
    const publication = await publicationOf(context, values.text('@publication'));
    const [subscriber, target] = [values.text('@subscriber') ?? '', values.text('@subscriber_db') ?? ''];
    const link = await linkDistributor(context);
    try {
      const [agent] =
        await link.query(`SELECT id, name FROM dbo.MSdistribution_agents WHERE publisher_db = ${quoted(context.database.name)}
  AND publication = ${quoted(publication.name)} AND subscriber_name = ${quoted(subscriber)} AND subscriber_db = ${quoted(target)}`);
      if (agent === undefined) throw noSubscription();
      const name = values.text('@job_name') ?? String(agent['name']);
      const frequency = values.integer('@frequency_type') ?? 64;
      const job = distributionJob({
        name,
        publisher: context.instance.name,
        publisherDb: context.database.name,
        subscriber,
        subscriberDb: target,
        link,
        frequency,
      });
      await link.query(`UPDATE dbo.MSdistribution_agents SET name = ${quoted(name)}, subscriber_security_mode = ${values.integer('@subscriber_security_mode') ?? 1},
  subscriber_login = ${values.text('@subscriber_login') === null ? 'NULL' : quoted(values.text('@subscriber_login') ?? '')},
  subscriber_password = ${quoted(values.text('@subscriber_password') ?? '')} WHERE id = ${Number(agent['id'])};
${job}
UPDATE dbo.MSdistribution_agents SET job_id = CONVERT(binary(16), @job) WHERE id = ${Number(agent['id'])};`);
      context.message(`Job '${name}' started successfully.`);
    } finally {
      await link.close();
    }
    return 0;
  },
};

export const AGENT_PROCEDURES: readonly SystemProcedure[] = [
  addLogReader,
  addSnapshotAgent,
  startSnapshot,
  addPushAgent,
];
