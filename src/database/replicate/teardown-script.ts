import { identifier, literal } from '../../remote/sql/quote.ts';
import type { Deed, Script } from '../../remote/sql/statement.ts';
import { OWN_SCHEMA } from '../catalog/types.ts';
import type { Scene } from '../stage.ts';
import { agentJob } from './agent-phrases.ts';
import { articlesOf } from './articles.ts';
import { before, type MadeRow, TEXT_SIZE } from './made.ts';
import { MADE_TABLE, MARKER_TABLE } from './marker.ts';
import {
  asking,
  askingDistribution,
  askingUnless,
  call,
  inDistribution,
  isLocal,
  procedureOf,
  writing,
} from './phrases.ts';
import { dropSubscription } from './subscription.ts';

/** Taking replication down, in the order that SQL Server asks for (facts: mssql 1.8), each step asked whether it is due. */

const noTable = (name: string): string => `OBJECT_ID(N'${name}', N'U') IS NULL`;

/** The subscription at publisher and distributor. */
export const dropSubscriptionScript = (scene: Scene): Script => ({
  title: `The subscription of ${scene.ref.copy} is dropped`,
  deeds: [
    {
      id: 'drop/subscription',
      statement: dropSubscription(scene),
      done: askingUnless(
        'publisher',
        scene.ref.source,
        'is the subscription gone?',
        { holds: noTable('dbo.syssubscriptions'), answer: 1 },
        `NOT EXISTS (SELECT 1 FROM dbo.syssubscriptions AS s JOIN dbo.sysarticles AS a ON a.artid = s.artid JOIN dbo.syspublications AS p ON p.pubid = a.pubid
    WHERE p.name = ${literal(scene.ref.publication)} AND s.dest_db = ${literal(scene.ref.copy)})`,
      ),
    },
  ],
});

/** What replication left in the copy; a subscription of somebody else stays with all that it needs. */
export function cleanSubscriberScript(scene: Scene): Script {
  const { ref } = scene;
  const own = `publisher = ${literal(ref.publisher)} AND publisher_db = ${literal(ref.source)} AND publication = ${literal(ref.publication)}`;
  const subscriptions = 'dbo.MSreplication_subscriptions';
  const online = `DB_ID(${literal(ref.copy)}) IS NULL OR DATABASEPROPERTYEX(${literal(ref.copy)}, 'Status') <> N'ONLINE'`;
  const inCopy = (table: string): string => `${identifier(ref.copy)}.${table}`;
  const suffixes = articlesOf(scene).map(({ suffix }) => suffix);
  const procedures = suffixes.flatMap(suffix =>
    ['sp_MSins_', 'sp_MSupd_', 'sp_MSdel_'].map(each => `${each}${suffix}`),
  );
  const listed = `(${procedures.map(name => `N'${name.replaceAll("'", "''")}'`).join(', ')})`;
  return {
    title: `What replication left in ${ref.copy} is removed`,
    deeds: [
      {
        id: 'clean/subscription',
        statement: writing({
          on: 'subscriber',
          database: 'master',
          title: `the copy ${identifier(ref.copy)} forgets its subscription`,
          text: call(procedureOf(ref.copy, 'sp_subscription_cleanup'), {
            publisher: literal(ref.publisher),
            publisher_db: literal(ref.source),
            publication: literal(ref.publication),
          }),
        }),
        done: askingUnless(
          'subscriber',
          'master',
          'does the copy know of no subscription?',
          { holds: `${online} OR OBJECT_ID(${literal(inCopy(subscriptions))}) IS NULL`, answer: 1 },
          `NOT EXISTS (SELECT 1 FROM ${inCopy(subscriptions)} WHERE ${own})`,
        ),
      },
      {
        id: 'clean/procedures',
        statement: writing({
          on: 'subscriber',
          database: ref.copy,
          title: 'drop the procedures with which the agent applied changes',
          text: `DECLARE @todo nvarchar(max) = N'';
SELECT @todo = @todo + N'DROP PROCEDURE ' + QUOTENAME(SCHEMA_NAME(schema_id)) + N'.' + QUOTENAME(name) + N'; '
  FROM sys.procedures WHERE name IN ${listed};
EXEC sys.sp_executesql @todo;`,
        }),
        done: askingUnless(
          'subscriber',
          'master',
          'are the procedures of the agent gone?',
          { holds: online, answer: 1 },
          `NOT EXISTS (SELECT 1 FROM ${inCopy('sys.procedures')} WHERE name IN ${listed})`,
        ),
      },
      {
        id: 'clean/tables',
        statement: writing({
          on: 'subscriber',
          database: 'master',
          title: `remove replication's own tables from ${identifier(ref.copy)} (nobody else subscribes there)`,
          text: call('sys.sp_removedbreplication', { dbname: literal(ref.copy) }),
        }),
        done: askingUnless(
          'subscriber',
          'master',
          "are replication's own tables gone from the copy?",
          { holds: `${online} OR OBJECT_ID(${literal(inCopy(subscriptions))}) IS NULL`, answer: 1 },
          `EXISTS (SELECT 1 FROM ${inCopy(subscriptions)}) OR EXISTS (SELECT 1 FROM sys.databases WHERE name = ${literal(ref.copy)} AND is_published = 1)`,
        ),
      },
    ],
  };
}

/** Identity columns get back the flag that they had; each waits for its table, and never long. */
const identityBack = ({ ref, plan }: Pick<Scene, 'ref' | 'plan'>): Deed => {
  const changed = `FROM ${MADE_TABLE} AS m JOIN sys.identity_columns AS c ON c.object_id = OBJECT_ID(m.[name])
  WHERE m.[kind] = N'identity' AND m.[before] = N'0' AND c.is_not_for_replication = 1`;
  return {
    id: 'back/identity/publisher',
    statement: writing({
      on: 'publisher',
      database: ref.source,
      title: 'identity columns are flagged as they were before they were published',
      text: `SET LOCK_TIMEOUT ${plan.production.lock_timeout};
DECLARE @todo nvarchar(max) = N'';
SELECT @todo = @todo + N'EXEC sys.sp_identitycolumnforreplication @object_id = ' + CONVERT(nvarchar(20), c.object_id) + N', @value = 0; '
  ${changed};
EXEC sys.sp_executesql @todo;
SET LOCK_TIMEOUT -1;`,
    }),
    done: askingUnless(
      'publisher',
      ref.source,
      'are identity columns flagged as they were?',
      { holds: noTable(MADE_TABLE), answer: 1 },
      `NOT EXISTS (SELECT 1 ${changed})`,
    ),
  };
};

const publicationDeeds = ({ ref, plan }: Scene): readonly Deed[] => [
  {
    id: 'drop/publication',
    statement: writing({
      on: 'publisher',
      database: ref.source,
      title: `drop the publication ${ref.publication} with its articles`,
      text: `SET LOCK_TIMEOUT ${plan.production.lock_timeout};
${call(procedureOf(ref.source, 'sp_droppublication'), { publication: literal(ref.publication) })}
SET LOCK_TIMEOUT -1;`,
    }),
    done: askingUnless(
      'publisher',
      ref.source,
      'is the publication gone?',
      { holds: noTable('dbo.syspublications'), answer: 1 },
      `NOT EXISTS (SELECT 1 FROM dbo.syspublications WHERE name = ${literal(ref.publication)})`,
    ),
  },
  identityBack({ ref, plan }),
  {
    id: 'drop/publish',
    statement: writing({
      on: 'publisher',
      database: 'master',
      title: `${identifier(ref.source)} is no longer published; its log reader goes`,
      text: call('sys.sp_replicationdboption', {
        dbname: literal(ref.source),
        optname: "N'publish'",
        value: "N'false'",
      }),
    }),
    done: askingUnless(
      'publisher',
      ref.source,
      'is the database published as it was?',
      { holds: `${noTable(MADE_TABLE)} OR ${noTable('dbo.syspublications')}`, answer: 1 },
      // Somebody who has begun to publish from it since keeps what he needs.
      `EXISTS (SELECT 1 FROM dbo.syspublications) OR NOT EXISTS (SELECT 1 FROM ${MADE_TABLE} WHERE [kind] = N'publish' AND [before] = N'0')
    OR NOT EXISTS (SELECT 1 FROM sys.databases WHERE database_id = DB_ID() AND is_published = 1)`,
    ),
  },
];

const distributorDeeds = ({ ref }: Scene): readonly Deed[] => [
  ...(isLocal(ref)
    ? []
    : [
        {
          id: 'drop/registered',
          statement: writing({
            on: 'publisher',
            database: 'master',
            title: `${ref.publisher} forgets its distributor`,
            text: 'EXEC sys.sp_dropdistributor;',
          }),
          done: asking(
            'publisher',
            'master',
            'does the publisher have no distributor, or publish something else?',
            `NOT EXISTS (SELECT 1 FROM sys.servers WHERE is_distributor = 1) OR EXISTS (SELECT 1 FROM sys.databases WHERE is_published = 1)`,
          ),
        },
      ]),
  {
    id: 'drop/distribution-publisher',
    statement: writing({
      on: 'distributor',
      database: 'master',
      title: `${ref.distributor} no longer distributes for ${ref.publisher}`,
      text: call('sys.sp_dropdistpublisher', { publisher: literal(ref.publisher) }),
    }),
    done: askingDistribution(
      ref,
      'does the distributor know the publisher no more, or need it for others?',
      `NOT EXISTS (SELECT 1 FROM msdb.dbo.MSdistpublishers WHERE name = ${literal(ref.publisher)})
    OR EXISTS (SELECT 1 FROM ${inDistribution(ref, 'MSpublications')} WHERE publisher_id = @publisher)`,
      1,
    ),
  },
  {
    id: 'drop/distribution',
    statement: writing({
      on: 'distributor',
      database: 'master',
      title: 'drop the distribution database',
      text: call('sys.sp_dropdistributiondb', { database: literal(ref.distribution) }),
    }),
    done: askingUnless(
      'distributor',
      'master',
      'is the distribution database gone, or in use by others?',
      { holds: `DB_ID(${literal(ref.distribution)}) IS NULL`, answer: 1 },
      `EXISTS (SELECT 1 FROM msdb.dbo.MSdistpublishers WHERE distribution_db = ${literal(ref.distribution)})`,
    ),
  },
  {
    id: 'drop/distributor',
    statement: writing({
      on: 'distributor',
      database: 'master',
      title: `${ref.distributor} is no distributor any more`,
      text: 'EXEC sys.sp_dropdistributor;',
    }),
    done: asking(
      'distributor',
      'master',
      'is it no distributor, or one for others?',
      'NOT EXISTS (SELECT 1 FROM sys.servers WHERE is_distributor = 1) OR EXISTS (SELECT 1 FROM sys.databases WHERE is_distributor = 1)',
    ),
  },
];

const textSizeBack = ({ ref }: Scene): Deed => ({
  id: 'back/text-size',
  statement: writing({
    on: 'publisher',
    database: ref.source,
    title: `${TEXT_SIZE} as it was`,
    text: `DECLARE @before int = (SELECT MAX(CONVERT(int, [before])) FROM ${MADE_TABLE} WHERE [kind] = N'option' AND [name] = N'${TEXT_SIZE}');
EXEC sys.sp_configure N'${TEXT_SIZE}', @before;
RECONFIGURE;`,
  }),
  done: askingUnless(
    'publisher',
    ref.source,
    `is ${TEXT_SIZE} as it was?`,
    { holds: noTable(MADE_TABLE), answer: 1 },
    `NOT EXISTS (SELECT 1 FROM ${MADE_TABLE} AS m JOIN sys.configurations AS c ON c.name = N'${TEXT_SIZE}'
    WHERE m.[kind] = N'option' AND m.[name] = N'${TEXT_SIZE}' AND CONVERT(int, m.[before]) <> CONVERT(int, c.value))
    OR ${OTHERS}`,
  ),
});

/** One value for the whole server: while another database is published, its writers and its subscription need it. */
const OTHERS = 'EXISTS (SELECT 1 FROM sys.databases WHERE is_published = 1 AND database_id <> DB_ID())';

/** Entries of sys.servers that SQL Server made on the way. */
const serversBack = ({ ref }: Scene): readonly Deed[] =>
  [...new Set([ref.subscriber, ref.distributor])]
    .filter(name => name !== ref.publisher)
    .map(name => ({
      id: `back/server/${name}`,
      statement: writing({
        on: 'publisher',
        database: 'master',
        title: `${ref.publisher} forgets the server ${name}, which it did not know before`,
        text: call('sys.sp_dropserver', { server: literal(name), droplogins: "'droplogins'" }),
      }),
      done: askingUnless(
        'publisher',
        ref.source,
        `does ${ref.publisher} know ${name} as it did before?`,
        { holds: noTable(MADE_TABLE), answer: 1 },
        `NOT EXISTS (SELECT 1 FROM ${MADE_TABLE} WHERE [kind] = N'server' AND [name] = ${literal(name)} AND [before] = N'absent')
    OR NOT EXISTS (SELECT 1 FROM sys.servers WHERE name = ${literal(name)}) OR ${OTHERS}`,
      ),
    }));

/** The record goes last: until then a teardown that was cut off knows what is left to do. */
const ownDeeds = (on: 'publisher' | 'subscriber', database: string): readonly Deed[] => [
  ...[MARKER_TABLE, MADE_TABLE].map(table => ({
    id: `own/${table}/${on}`,
    statement: writing({
      on,
      database,
      title: `drop landfall's own table ${table}`,
      text: `DROP TABLE ${table};`,
    }),
    done: asking(on, database, `is ${table} gone?`, noTable(table)),
  })),
  {
    id: `own/schema/${on}`,
    statement: writing({
      on,
      database,
      title: `drop landfall's schema`,
      text: `DROP SCHEMA ${identifier(OWN_SCHEMA)};`,
    }),
    done: asking(
      on,
      database,
      "is landfall's schema gone, or is something of another step still in it?",
      `SCHEMA_ID(N'${OWN_SCHEMA}') IS NULL OR EXISTS (SELECT 1 FROM sys.objects WHERE schema_id = SCHEMA_ID(N'${OWN_SCHEMA}'))`,
    ),
  },
];

/** A distributor whose publisher is gone still delivers what it has; then its agent goes. */
const orphanAgent = ({ ref }: Scene): Deed => ({
  id: 'drop/agent',
  statement: writing({
    on: 'distributor',
    database: 'master',
    title: 'the distribution agent delivers no more (the publisher is gone)',
    text: `IF DB_ID(${literal(ref.distribution)}) IS NOT NULL
BEGIN
  DECLARE @publisher int = (SELECT MAX(srvid) FROM ${inDistribution(ref, 'MSreplservers')} WHERE srvname = ${literal(ref.publisher)});
  DECLARE @job uniqueidentifier = (SELECT MAX(CONVERT(char(36), CONVERT(uniqueidentifier, a.job_id))) FROM ${inDistribution(ref, 'MSdistribution_agents')} AS a WHERE ${agentJob(ref)});
  EXEC msdb.dbo.sp_update_job @job_id = @job, @enabled = 0;
  IF EXISTS (SELECT 1 FROM msdb.dbo.sysjobactivity WHERE job_id = @job AND session_id = (SELECT MAX(session_id) FROM msdb.dbo.syssessions)
    AND start_execution_date IS NOT NULL AND stop_execution_date IS NULL) EXEC msdb.dbo.sp_stop_job @job_id = @job;
END;`,
  }),
  done: askingDistribution(
    ref,
    'is the distribution agent off?',
    `NOT EXISTS (SELECT 1 FROM ${inDistribution(ref, 'MSdistribution_agents')} AS a JOIN msdb.dbo.sysjobs AS j ON j.job_id = CONVERT(uniqueidentifier, a.job_id)
    WHERE ${agentJob(ref)} AND j.enabled = 1)`,
    1,
  ),
});

export interface TeardownOptions {
  /** The publisher is gone: the subscriber alone is cleaned. */
  readonly dark?: boolean;
}

/** Production as it was found. What was there before landfall stays: `dueOf` leaves it out. */
export function teardownScript(scene: Scene, { dark = false }: TeardownOptions = {}): Script {
  const copy = [...cleanSubscriberScript(scene).deeds];
  if (dark)
    return {
      title: `Teardown of ${scene.name} without the publisher, which is gone`,
      deeds: [...(isLocal(scene.ref) ? [] : [orphanAgent(scene)]), ...copy],
    };
  return {
    title: `Teardown of ${scene.name}: production as it was found`,
    deeds: [
      ...dropSubscriptionScript(scene).deeds,
      ...copy,
      ...publicationDeeds(scene),
      ...distributorDeeds(scene),
      textSizeBack(scene),
      ...serversBack(scene),
      ...ownDeeds('publisher', scene.ref.source),
    ],
  };
}

/** Which deed is only due where landfall made what it removes: by the kind under which that was written down. */
const MADE_BY: Readonly<Record<string, string>> = {
  'drop/registered': 'registered',
  'drop/distribution-publisher': 'distribution-publisher',
  'drop/distribution': 'distribution',
  'drop/distributor': 'distributor',
};

/** The script without what was there before landfall, or that nobody has written down. */
export const dueOf = (script: Script, made: readonly MadeRow[]): Script => ({
  ...script,
  deeds: script.deeds.filter(({ id }) => {
    const kind = MADE_BY[id];
    return kind === undefined || before(made, kind) === 'absent';
  }),
});
