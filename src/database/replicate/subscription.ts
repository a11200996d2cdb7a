import { identifier, literal, qualified } from '../../remote/sql/quote.ts';
import type { Deed, Statement } from '../../remote/sql/statement.ts';
import type { Scene } from '../stage.ts';
import { agentJob } from './agent-phrases.ts';
import { articlesOf } from './articles.ts';
import { cleanupJob } from './made.ts';
import { asking, askingDistribution, call, inDistribution, procedureOf, writing } from './phrases.ts';

/** How a subscription begins (facts: mssql 1.6). */
export type Beginning =
  | 'initialize from lsn'
  | 'replication support only'
  | 'initialize with backup'
  | 'automatic';

export const LSN = 'landfall_lsn';
export const DEVICE = 'landfall_device';

const bytesOf = (lsn: string): Uint8Array => new Uint8Array(Buffer.from(lsn.replace(/^0x/i, ''), 'hex'));

/** What only the subscription of this beginning has. */
function beginningOf({ state }: Scene, beginning: Beginning) {
  switch (beginning) {
    case 'initialize from lsn': {
      const lsn = state.pinned?.marker?.lsn;
      return {
        note: `-- @${LSN}: where the pinned marker lies in the log\n`,
        values: { status: "N'active'", subscriptionlsn: `@${LSN}` },
        parameters: { [LSN]: { type: 'varbinary', value: lsn === undefined ? null : bytesOf(lsn) } },
      } as const;
    }
    case 'initialize with backup':
      return {
        note: `-- @${DEVICE}: the backup that was restored last, as the publisher sees the file: it reads the LSN from its header\n`,
        values: { status: "N'active'", backupdevicetype: "N'disk'", backupdevicename: `@${DEVICE}` },
        parameters: { [DEVICE]: { type: 'nvarchar', value: state.pinned?.source ?? null } },
      } as const;
    case 'replication support only':
      return { note: '', values: { status: "N'active'" }, parameters: {} } as const;
    case 'automatic':
      return { note: '', values: {}, parameters: {} } as const;
  }
}

/** The subscription of the copy, with its agent parked: it is started when everything else stands. */
export function subscriptionStatement(scene: Scene, beginning: Beginning, title: string): Statement {
  const { ref } = scene;
  const { note, values, parameters } = beginningOf(scene, beginning);
  return writing({
    on: 'publisher',
    database: ref.source,
    title,
    text: `${note}${call(procedureOf(ref.source, 'sp_addsubscription'), {
      publication: literal(ref.publication),
      subscriber: literal(ref.subscriber),
      destination_db: literal(ref.copy),
      article: "N'all'",
      subscription_type: "N'push'",
      sync_type: literal(beginning),
      ...values,
      update_mode: "N'read only'",
      frequency_type: 2,
    })}`,
    ...(Object.keys(parameters).length === 0 ? {} : { parameters }),
  });
}

const mine = ({ ref }: Scene): string =>
  `FROM dbo.syssubscriptions AS s JOIN dbo.sysarticles AS a ON a.artid = s.artid JOIN dbo.syspublications AS p ON p.pubid = a.pubid
  WHERE p.name = ${literal(ref.publication)} AND s.dest_db = ${literal(ref.copy)}`;

const TITLES: Readonly<Record<Beginning, string>> = {
  'initialize from lsn': 'the subscription: delivers what was captured since the pinned marker',
  'initialize with backup': 'the subscription: delivers what was captured since the last backup',
  'replication support only': 'the subscription: delivers what commits from now on',
  automatic: 'the subscription: begins with a snapshot of the publication',
};

export function subscriptionDeeds(scene: Scene, beginning: Beginning): readonly Deed[] {
  const { ref } = scene;
  const statement = subscriptionStatement(scene, beginning, TITLES[beginning]);
  const some = `EXISTS (SELECT 1 ${mine(scene)})`;
  const drop = dropSubscription(scene, ' (only where an earlier attempt was cut off half-way)');
  return [
    {
      id: 'subscription',
      statement,
      done: asking(
        'publisher',
        ref.source,
        'is every article subscribed?',
        `${some}
  AND NOT EXISTS (SELECT 1 FROM dbo.sysarticles AS b JOIN dbo.syspublications AS q ON q.pubid = b.pubid
    WHERE q.name = ${literal(ref.publication)} AND NOT EXISTS (SELECT 1 ${mine(scene)} AND s.artid = b.artid))`,
      ),
      mend: {
        isHalfMade: asking('publisher', ref.source, 'are some articles subscribed?', some),
        statements: [drop],
      },
    },
    {
      id: 'subscription/distributor',
      statement,
      done: askingDistribution(
        ref,
        'does the distributor know every article of the subscription?',
        `EXISTS (SELECT 1 FROM ${inDistribution(ref, 'MSdistribution_agents')} AS a WHERE ${agentJob(ref)}
      AND (SELECT COUNT(*) FROM ${inDistribution(ref, 'MSsubscriptions')} AS s WHERE s.agent_id = a.id AND s.subscriber_db = a.subscriber_db) >= ${articlesOf(scene).length})`,
      ),
      mend: {
        isHalfMade: asking('publisher', ref.source, 'does the publisher alone know it?', some),
        statements: [drop],
      },
    },
  ];
}

export const dropSubscription = ({ ref }: Scene, when = ''): Statement =>
  writing({
    on: 'publisher',
    database: ref.source,
    title: `drop the subscription of ${identifier(ref.copy)}${when}`,
    text: call(procedureOf(ref.source, 'sp_dropsubscription'), {
      publication: literal(ref.publication),
      article: "N'all'",
      subscriber: literal(ref.subscriber),
      destination_db: literal(ref.copy),
    }),
  });

/** 64 is as long as SQL Server Agent runs. */
export function pushAgentDeed({ ref, plan }: Scene): Deed {
  const { agents } = plan;
  return {
    id: 'agent',
    statement: writing({
      on: 'publisher',
      database: ref.source,
      title: 'the distribution agent: delivers from now on, without an end',
      text: call(procedureOf(ref.source, 'sp_addpushsubscription_agent'), {
        publication: literal(ref.publication),
        subscriber: literal(ref.subscriber),
        subscriber_db: literal(ref.copy),
        subscriber_security_mode: agents === undefined ? 1 : 0,
        subscriber_login: agents === undefined ? undefined : literal(agents.user),
        subscriber_password: agents === undefined ? undefined : '@agent_password',
        frequency_type: 64,
      }),
      ...(agents === undefined ? {} : { secrets: { agent_password: agents.password } }),
    }),
    done: askingDistribution(
      ref,
      'does the distribution agent deliver without an end?',
      `EXISTS (SELECT 1 FROM ${inDistribution(ref, 'MSdistribution_agents')} AS a
      JOIN msdb.dbo.sysjobsteps AS t ON t.job_id = CONVERT(uniqueidentifier, a.job_id)
    WHERE ${agentJob(ref)} AND t.command LIKE N'%-Continuous%')`,
    ),
  };
}

export const cleanupOnDeed = ({ ref }: Scene): Deed => ({
  id: 'cleanup-on',
  statement: writing({
    on: 'distributor',
    database: 'msdb',
    title: 'the clean-up of the distribution database goes on',
    text: call('dbo.sp_update_job', { job_name: literal(cleanupJob(ref)), enabled: 1 }),
  }),
  done: asking(
    'distributor',
    'msdb',
    'does the clean-up go on?',
    `NOT EXISTS (SELECT 1 FROM dbo.sysjobs WHERE name = ${literal(cleanupJob(ref))} AND enabled = 0)`,
  ),
});

/** Starts the Snapshot Agent; a snapshot that is on its way or delivered needs no second. */
export const startSnapshot = ({ ref }: Scene): Statement =>
  writing({
    on: 'publisher',
    database: ref.source,
    title: 'make the snapshot',
    text: call(procedureOf(ref.source, 'sp_startpublication_snapshot'), {
      publication: literal(ref.publication),
    }),
  });

export const isSnapshotBegun = ({ ref }: Scene): Statement =>
  askingDistribution(
    ref,
    'is the snapshot on its way?',
    `EXISTS (SELECT 1 FROM ${inDistribution(ref, 'MSsnapshot_agents')} AS a JOIN ${inDistribution(ref, 'MSsnapshot_history')} AS h ON h.agent_id = a.id
    WHERE a.publisher_id = @publisher AND a.publisher_db = ${literal(ref.source)} AND a.publication = ${literal(ref.publication)} AND h.runstatus IN (1, 2, 3, 4)
      AND NOT EXISTS (SELECT 1 FROM ${inDistribution(ref, 'MSsnapshot_history')} AS l WHERE l.agent_id = a.id AND l.runstatus IN (5, 6) AND l.timestamp > h.timestamp))`,
  );

/** Identity columns of a copy that is no restored backup take the agent's values only as NOT FOR REPLICATION (544). */
export const identityDeeds = (scene: Scene): readonly Deed[] =>
  articlesOf(scene)
    .filter(({ identity }) => identity)
    .map(({ schema, table }) => {
      const name = qualified(schema, table);
      return {
        id: `identity/${schema}.${table}`,
        statement: writing({
          on: 'subscriber',
          database: scene.ref.copy,
          title: `the identity column of ${name} takes production's numbers from the agent`,
          text: `DECLARE @id int = OBJECT_ID(${literal(name)});
${call(procedureOf(scene.ref.copy, 'sp_identitycolumnforreplication'), { object_id: '@id', value: 1 })}`,
        }),
        done: asking(
          'subscriber',
          scene.ref.copy,
          `does the identity column of ${name} take them?`,
          `NOT EXISTS (SELECT 1 FROM sys.identity_columns WHERE object_id = OBJECT_ID(${literal(name)}) AND is_not_for_replication = 0)`,
        ),
      };
    });
