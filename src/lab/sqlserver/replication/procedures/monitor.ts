import { SqlError } from '../../errors.ts';
import type { ProcedureContext, SystemProcedure } from '../../system/procedure.ts';
import { columns } from '../columns.ts';
import { joined } from '../commands.ts';
import { elsewhere } from '../faults.ts';
import { int, sysname, text } from '../parameters.ts';
import { quoted } from '../places.ts';
import { COMMAND } from './log.ts';

/** What a distributor tells of its agents and queues (facts: mssql 3.2). Run in the distribution database. */

function inDistribution({ database }: ProcedureContext, procedure: string): string {
  if (!database.options.distributor) throw elsewhere(procedure, 'distribution');
  return database.name;
}

const newestOf = (table: string, agent: string): string =>
  `(SELECT TOP (1) h.runstatus FROM dbo.${table} AS h WHERE h.agent_id = ${agent} ORDER BY h.timestamp DESC)`;

const pending: SystemProcedure = {
  name: 'sp_replmonitorsubscriptionpendingcmds',
  home: { kind: 'sys' },
  parameters: [
    sysname('@publisher'),
    sysname('@publisher_db'),
    sysname('@publication'),
    sysname('@subscriber'),
    sysname('@subscriber_db'),
    int('@subscription_type'),
  ],
  async run(context, values) {
    const database = inDistribution(context, 'sp_replmonitorsubscriptionpendingcmds');
    const [agent] = await context.query(
      database,
      `SELECT a.id, a.publisher_database_id FROM dbo.MSdistribution_agents AS a JOIN dbo.MSreplservers AS p ON p.srvid = a.publisher_id
WHERE p.srvname = ${quoted(values.text('@publisher') ?? '')} AND a.publisher_db = ${quoted(values.text('@publisher_db') ?? '')} AND a.publication = ${quoted(values.text('@publication') ?? '')}
  AND a.subscriber_name = ${quoted(values.text('@subscriber') ?? '')} AND a.subscriber_db = ${quoted(values.text('@subscriber_db') ?? '')}
  AND a.subscription_type = ${values.integer('@subscription_type') ?? 0}`,
    );
    if (agent === undefined) throw new SqlError(14055, 'The subscription does not exist.');
    const id = Number(agent['id']);
    const [row] = await context.query(
      database,
      `DECLARE @done varbinary(16) = ISNULL((SELECT MAX(xact_seqno) FROM dbo.MSdistribution_history WHERE agent_id = ${id}), 0x00);
SELECT (SELECT COUNT(*) FROM dbo.MSrepl_commands AS c JOIN dbo.MSsubscriptions AS s ON s.agent_id = ${id} AND s.article_id = c.article_id AND s.publisher_database_id = c.publisher_database_id
    WHERE c.publisher_database_id = ${Number(agent['publisher_database_id'])} AND c.xact_seqno > @done AND c.xact_seqno > s.subscription_seqno AND c.partial_command = 0 AND c.type = ${COMMAND}) AS n,
  (SELECT TOP (1) delivery_rate FROM dbo.MSdistribution_history WHERE agent_id = ${id} AND delivery_rate > 0 ORDER BY timestamp DESC) AS rate`,
    );
    const count = Number(row?.['n']);
    const rate = Number(row?.['rate'] ?? 0);
    context.result(columns(['pendingcmdcount', 'int'], ['estimatedprocesstime', 'int']), [
      [count, count === 0 ? 0 : Math.ceil(count / (rate > 0 ? rate : 1))],
    ]);
    return 0;
  },
};

/** 6 failed, 5 retrying, 2 stopped, 4 idle, 3 in progress, 1 started: the order of severity. */
const RANKING: Readonly<Record<number, number>> = { 6: 60, 5: 40, 2: 30, 4: 20, 3: 20, 1: 20 };

const subscriptions: SystemProcedure = {
  name: 'sp_replmonitorhelpsubscription',
  home: { kind: 'sys' },
  parameters: [
    ...[
      sysname('@publisher', null),
      sysname('@publisher_db', null),
      sysname('@publication', null),
      int('@publication_type', null),
    ],
    ...[int('@mode', 0), int('@topnum', null), int('@exclude_anonymous', 0), int('@refreshpolicy', 0)],
  ],
  async run(context, values) {
    const database = inDistribution(context, 'sp_replmonitorhelpsubscription');
    const rows = await context.query(
      database,
      `SELECT a.id, a.name, a.publisher_db, a.publication, a.subscriber_name, a.subscriber_db, p.srvname AS publisher, CONVERT(varchar(36), CONVERT(uniqueidentifier, a.job_id)) AS job,
  ${newestOf('MSdistribution_history', 'a.id')} AS status,
  (SELECT TOP (1) h.delivery_latency FROM dbo.MSdistribution_history AS h WHERE h.agent_id = a.id AND h.runstatus = 3 ORDER BY h.timestamp DESC) AS latency,
  (SELECT TOP (1) h.time FROM dbo.MSdistribution_history AS h WHERE h.agent_id = a.id ORDER BY h.timestamp DESC) AS last_sync
FROM dbo.MSdistribution_agents AS a JOIN dbo.MSreplservers AS p ON p.srvid = a.publisher_id
WHERE (${optional('p.srvname', values.text('@publisher'))}) AND (${optional('a.publisher_db', values.text('@publisher_db'))}) AND (${optional('a.publication', values.text('@publication'))})`,
    );
    const mode = values.integer('@mode') ?? 0;
    const shown = rows
      .map(row => ({ row, status: Number(row['status'] ?? 2) }))
      .filter(({ status }) => mode === 0 || (mode === 1 ? status === 6 : mode === 3 ? status >= 5 : true));
    context.result(
      columns(
        ...([
          ['status', 'int'],
          ['warning', 'int'],
          ['subscriber', 'sysname'],
          ['subscriber_db', 'sysname'],
          ['publisher_db', 'sysname'],
          ['publication', 'sysname'],
          ['publication_type', 'int'],
        ] as const),
        ...([
          ['subtype', 'int'],
          ['latency', 'int'],
          ['latencythreshold', 'int'],
          ['agentnotrunning', 'int'],
          ['timetoexpiration', 'int'],
          ['last_distsync', 'datetime'],
        ] as const),
        ...([
          ['distribution_agentname', 'sysname'],
          ['monitorranking', 'int'],
          ['distributionagentid', 'int'],
          ['distributionagentjobid', 'sysname'],
          ['publisher', 'sysname'],
        ] as const),
      ),
      shown.map(({ row, status }) => [
        ...[
          status,
          0,
          row['subscriber_name'] ?? null,
          row['subscriber_db'] ?? null,
          row['publisher_db'] ?? null,
          row['publication'] ?? null,
          0,
          0,
        ],
        ...[
          Math.round(Number(row['latency'] ?? 0) / 1000),
          null,
          null,
          null,
          row['last_sync'] ?? null,
          row['name'] ?? null,
          RANKING[status] ?? 50,
          row['id'] ?? null,
          row['job'] ?? null,
          row['publisher'] ?? null,
        ],
      ]),
    );
    return 0;
  },
};

const optional = (column: string, value: string | null): string =>
  value === null ? '1 = 1' : `${column} = ${quoted(value)}`;

const publications: SystemProcedure = {
  name: 'sp_replmonitorhelppublication',
  home: { kind: 'sys' },
  parameters: [
    sysname('@publisher', null),
    sysname('@publisher_db', null),
    sysname('@publication', null),
    int('@publication_type', null),
    int('@refreshpolicy', 0),
  ],
  async run(context, values) {
    const database = inDistribution(context, 'sp_replmonitorhelppublication');
    const rows = await context.query(
      database,
      `SELECT p.publisher_db, p.publication, p.retention, s.srvname AS publisher,
  (SELECT TOP (1) l.name FROM dbo.MSlogreader_agents AS l WHERE l.publisher_id = p.publisher_id AND l.publisher_db = p.publisher_db) AS logreader,
  (SELECT TOP (1) g.name FROM dbo.MSsnapshot_agents AS g WHERE g.publisher_id = p.publisher_id AND g.publication = p.publication) AS snapshot,
  (SELECT COUNT(*) FROM dbo.MSdistribution_agents AS d WHERE d.publisher_id = p.publisher_id AND d.publication = p.publication) AS subscriptions,
  (SELECT MAX(h.runstatus) FROM dbo.MSdistribution_agents AS d JOIN dbo.MSdistribution_history AS h ON h.agent_id = d.id
    WHERE d.publisher_id = p.publisher_id AND d.publication = p.publication AND NOT EXISTS (SELECT 1 FROM dbo.MSdistribution_history AS l WHERE l.agent_id = h.agent_id AND l.timestamp > h.timestamp)) AS status
FROM dbo.MSpublications AS p JOIN dbo.MSreplservers AS s ON s.srvid = p.publisher_id
WHERE (${optional('s.srvname', values.text('@publisher'))}) AND (${optional('p.publisher_db', values.text('@publisher_db'))}) AND (${optional('p.publication', values.text('@publication'))})`,
    );
    context.result(
      columns(
        ...([
          ['publisher_db', 'sysname'],
          ['publication', 'sysname'],
          ['publication_type', 'int'],
          ['status', 'int'],
          ['warning', 'int'],
          ['retention', 'int'],
        ] as const),
        ...([
          ['subscriptioncount', 'int'],
          ['snapshot_agentname', 'sysname'],
          ['logreader_agentname', 'sysname'],
          ['publisher', 'sysname'],
        ] as const),
      ),
      rows.map(row => [
        ...[
          row['publisher_db'] ?? null,
          row['publication'] ?? null,
          0,
          row['status'] ?? null,
          0,
          row['retention'] ?? null,
        ],
        ...[
          row['subscriptions'] ?? null,
          row['snapshot'] ?? null,
          row['logreader'] ?? null,
          row['publisher'] ?? null,
        ],
      ]),
    );
    return 0;
  },
};

const browse: SystemProcedure = {
  name: 'sp_browsereplcmds',
  home: { kind: 'sys' },
  parameters: [
    ...[
      text(22)('@xact_seqno_start', '0x00000000000000000000'),
      text(22)('@xact_seqno_end', '0xFFFFFFFFFFFFFFFFFFFF'),
      int('@originator_id', null),
    ],
    ...[
      int('@publisher_database_id', null),
      int('@article_id', null),
      int('@command_id', null),
      int('@agent_id', null),
      int('@compatibility_level', 9000000),
    ],
  ],
  async run(context, values) {
    const database = inDistribution(context, 'sp_browsereplcmds');
    const seqno = (name: string): string => {
      const given = values.text(name) ?? '';
      if (!/^0x[0-9a-f]{1,32}$/i.test(given))
        throw new SqlError(21344, `Invalid value specified for ${name} parameter.`);
      return given;
    };
    const filter = (column: string, name: string): string =>
      values.integer(name) === null ? '' : ` AND ${column} = ${values.integer(name)}`;
    const rows = await context.query(
      database,
      `SELECT xact_seqno, command_id, type, article_id, publisher_database_id, partial_command, command FROM dbo.MSrepl_commands
WHERE xact_seqno >= ${seqno('@xact_seqno_start')} AND xact_seqno <= ${seqno('@xact_seqno_end')}${filter('publisher_database_id', '@publisher_database_id')}${filter('article_id', '@article_id')}${filter('command_id', '@command_id')}
ORDER BY publisher_database_id, xact_seqno, command_id`,
    );
    const whole: (readonly (typeof rows)[number][])[] = [];
    let open: (typeof rows)[number][] = [];
    for (const row of rows) {
      open.push(row);
      if (row['partial_command'] === 1) continue;
      whole.push(open);
      open = [];
    }
    context.result(
      columns(
        ...([
          ['xact_seqno', 'lsn'],
          ['originator_srvname', 'sysname'],
          ['originator_db', 'sysname'],
          ['article_id', 'int'],
          ['type', 'int'],
          ['partial_command', 'bit'],
        ] as const),
        ...([
          ['hashkey', 'int'],
          ['originator_publication_id', 'int'],
          ['originator_db_version', 'int'],
          ['originator_lsn', 'lsn'],
          ['command', 'text'],
          ['command_id', 'int'],
        ] as const),
      ),
      whole.map(pieces => {
        const head = pieces[0];
        const bytes = pieces.flatMap(each =>
          each['command'] instanceof Uint8Array ? [each['command']] : [],
        );
        return [
          ...[
            head?.['xact_seqno'] ?? null,
            null,
            null,
            head?.['article_id'] ?? null,
            head?.['type'] ?? null,
            0,
          ],
          ...[0, null, null, null, joined(bytes), head?.['command_id'] ?? null],
        ];
      }),
    );
    return 0;
  },
};

const profile: SystemProcedure = {
  name: 'sp_update_agent_profile',
  home: { kind: 'sys' },
  parameters: [int('@agent_type'), int('@agent_id'), int('@profile_id')],
  async run(context, values) {
    const database = inDistribution(context, 'sp_update_agent_profile');
    const table = { 1: 'MSsnapshot_agents', 2: 'MSlogreader_agents', 3: 'MSdistribution_agents' }[
      values.integer('@agent_type') ?? 0
    ];
    if (table === undefined)
      throw new SqlError(
        20058,
        'The @agent_type must be 1 (Snapshot), 2 (Logreader), 3 (Distribution), or 4 (Merge)',
      );
    const [known] = await context.query(
      'msdb',
      `SELECT profile_id FROM dbo.MSagent_profiles WHERE profile_id = ${values.integer('@profile_id') ?? 0} AND agent_type = ${values.integer('@agent_type') ?? 0}`,
    );
    if (known === undefined) throw new SqlError(20066, `Profile not defined.`);
    await context.query(
      database,
      `UPDATE dbo.${table} SET profile_id = ${values.integer('@profile_id') ?? 0} WHERE id = ${values.integer('@agent_id') ?? 0}`,
    );
    return 0;
  },
};

export const MONITOR_PROCEDURES: readonly SystemProcedure[] = [
  pending,
  subscriptions,
  publications,
  browse,
  profile,
];
