import { identifier, literal } from '../../remote/sql/quote.ts';
import type { Deed } from '../../remote/sql/statement.ts';
import type { Scene } from '../stage.ts';
import { cleanupJob, TEXT_SIZE } from './made.ts';
import {
  asking,
  askingDistribution,
  call,
  inDistribution,
  isLocal,
  procedureOf,
  writing,
} from './phrases.ts';
import { retentionHours } from './refusals.ts';

/** Deeds that give production a distributor (facts: mssql 1.2, 1.3). Where there is one already, they are done. */

/** Sent as a parameter to both servers; nobody ever has to know it. */
export const PASSWORD = 'landfall_password';
const PASSWORD_NOTE = `-- @${PASSWORD}: random, made when this runs, the same for both servers, kept nowhere`;

const LINUX_REPLDATA = "N'/var/opt/mssql/data/ReplData'";

/** Values beyond the limit would make production's own INSERTs and UPDATEs fail (7139): first of all. */
export const textSizeDeed = ({ ref }: Scene): Deed => ({
  id: 'text-size',
  statement: writing({
    on: 'publisher',
    database: 'master',
    title: 'big values may be published: no statement of production fails for their size',
    text: `EXEC sys.sp_configure N'${TEXT_SIZE}', -1;\nRECONFIGURE;`,
  }),
  done: asking(
    'publisher',
    'master',
    `may values of any size be published on ${ref.publisher}?`,
    `EXISTS (SELECT 1 FROM sys.configurations WHERE name = N'${TEXT_SIZE}' AND CONVERT(int, value_in_use) = -1)`,
  ),
});

export function distributorDeeds(scene: Scene): readonly Deed[] {
  return [
    distributor(scene),
    distributionDatabase(scene),
    cleanupOff(scene),
    publisherAtDistributor(scene),
    ...(isLocal(scene.ref) ? [] : [remoteDistributor(scene)]),
  ];
}

const distributor = ({ ref }: Scene): Deed => ({
  id: 'distributor',
  statement: writing({
    on: 'distributor',
    database: 'master',
    title: `${ref.distributor} becomes a distributor`,
    text: `${PASSWORD_NOTE}\n${call('sys.sp_adddistributor', { distributor: literal(ref.distributor), password: `@${PASSWORD}` })}`,
  }),
  done: asking(
    'distributor',
    'master',
    `is ${ref.distributor} a distributor?`,
    'EXISTS (SELECT 1 FROM sys.servers WHERE is_distributor = 1)',
  ),
});

function distributionDatabase(scene: Scene): Deed {
  const { ref } = scene;
  const hours = retentionHours(scene);
  return {
    id: 'distribution',
    statement: writing({
      on: 'distributor',
      database: 'master',
      title: `the distribution database, which keeps what was not delivered for ${hours} hours`,
      text: call('sys.sp_adddistributiondb', {
        database: literal(ref.distribution),
        data_file_size: 512,
        log_file_size: 256,
        min_distretention: 0,
        max_distretention: hours,
        history_retention: hours,
        security_mode: 1,
      }),
    }),
    done: asking(
      'distributor',
      'master',
      'is the distribution database there?',
      `EXISTS (SELECT 1 FROM sys.databases WHERE name = ${literal(ref.distribution)} AND is_distributor = 1 AND state = 0)
  AND EXISTS (SELECT 1 FROM msdb.dbo.MSdistributiondbs WHERE name = ${literal(ref.distribution)})`,
    ),
  };
}

/** A clean-up that runs while a subscription begins makes it fail (21398); on again as soon as there is one. */
function cleanupOff({ ref }: Scene): Deed {
  const job = literal(cleanupJob(ref));
  return {
    id: 'cleanup-off',
    statement: writing({
      on: 'distributor',
      database: 'msdb',
      title: 'the clean-up of the distribution database waits until the subscription exists',
      text: call('dbo.sp_update_job', { job_name: job, enabled: 0 }),
    }),
    done: askingDistribution(
      ref,
      'does the clean-up wait?',
      `NOT EXISTS (SELECT 1 FROM msdb.dbo.sysjobs WHERE name = ${job} AND enabled = 1)
    OR EXISTS (SELECT 1 FROM ${inDistribution(ref, 'MSsubscriptions')} WHERE publisher_id = @publisher
      AND publisher_db = ${literal(ref.source)} AND subscriber_db = ${literal(ref.copy)})`,
    ),
  };
}

function publisherAtDistributor({ ref, state, plan }: Scene): Deed {
  const onLinux = state.assessed?.distributor.platform === 'Linux';
  const agents = onLinux ? plan.agents : undefined;
  return {
    id: 'distribution-publisher',
    statement: writing({
      on: 'distributor',
      database: 'master',
      title: `${ref.publisher} may publish through ${ref.distributor}`,
      text: call(procedureOf(ref.distribution, 'sp_adddistpublisher'), {
        publisher: literal(ref.publisher),
        distribution_db: literal(ref.distribution),
        security_mode: agents === undefined ? 1 : 0,
        login: agents === undefined ? undefined : literal(agents.user),
        password: agents === undefined ? undefined : '@agent_password',
        working_directory: onLinux ? LINUX_REPLDATA : undefined,
      }),
      ...(agents === undefined ? {} : { secrets: { agent_password: agents.password } }),
    }),
    done: asking(
      'distributor',
      'master',
      `may ${ref.publisher} publish through ${ref.distributor}?`,
      `EXISTS (SELECT 1 FROM msdb.dbo.MSdistpublishers WHERE name = ${literal(ref.publisher)})`,
    ),
  };
}

/** The password of an attempt that was cut off is forgotten: the distributor gets this one's, the publisher comes with it. */
function remoteDistributor({ ref }: Scene): Deed {
  return {
    id: 'registered',
    statement: writing({
      on: 'publisher',
      database: 'master',
      title: `${ref.publisher} publishes through ${ref.distributor}`,
      text: `${PASSWORD_NOTE}\n${call('sys.sp_adddistributor', { distributor: literal(ref.distributor), password: `@${PASSWORD}` })}`,
    }),
    done: asking(
      'publisher',
      'master',
      `does ${ref.publisher} publish through ${ref.distributor}?`,
      'EXISTS (SELECT 1 FROM sys.servers WHERE is_distributor = 1)',
    ),
    mend: {
      isHalfMade: asking(
        'distributor',
        'master',
        'is the password that of an earlier attempt?',
        `PWDCOMPARE(@${PASSWORD}, CONVERT(varbinary(256), LOGINPROPERTY(N'distributor_admin', 'PasswordHash'))) = 0`,
      ),
      statements: [
        writing({
          on: 'distributor',
          database: 'master',
          title:
            'a password both servers know (only where an earlier attempt was cut off before the publisher had it)',
          text: `${PASSWORD_NOTE}\nEXEC sys.sp_changedistributor_password @password = @${PASSWORD};`,
        }),
      ],
    },
  };
}

export const publishDeed = ({ ref }: Scene): Deed => ({
  id: 'publish',
  statement: writing({
    on: 'publisher',
    database: 'master',
    title: `${identifier(ref.source)} may be published`,
    text: call('sys.sp_replicationdboption', {
      dbname: literal(ref.source),
      optname: "N'publish'",
      value: "N'true'",
    }),
  }),
  done: asking(
    'publisher',
    'master',
    `may ${identifier(ref.source)} be published?`,
    `EXISTS (SELECT 1 FROM sys.databases WHERE name = ${literal(ref.source)} AND is_published = 1)`,
  ),
});

/** One for a database, whoever publishes from it. */
export function logReaderDeed({ ref, plan }: Scene): Deed {
  const { agents } = plan;
  return {
    id: 'log-reader',
    statement: writing({
      on: 'publisher',
      database: ref.source,
      title: 'the log reader: brings what commits to the distributor',
      text: call(procedureOf(ref.source, 'sp_addlogreader_agent'), {
        publisher_security_mode: agents === undefined ? 1 : 0,
        publisher_login: agents === undefined ? undefined : literal(agents.user),
        publisher_password: agents === undefined ? undefined : '@agent_password',
      }),
      ...(agents === undefined ? {} : { secrets: { agent_password: agents.password } }),
    }),
    done: askingDistribution(
      ref,
      'is there a log reader?',
      `EXISTS (SELECT 1 FROM ${inDistribution(ref, 'MSlogreader_agents')} AS a JOIN msdb.dbo.sysjobs AS j ON j.job_id = CONVERT(uniqueidentifier, a.job_id)
    WHERE a.publisher_id = @publisher AND a.publisher_db = ${literal(ref.source)})`,
    ),
  };
}
