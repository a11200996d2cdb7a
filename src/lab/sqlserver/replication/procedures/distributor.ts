import { createHash } from 'node:crypto';
import { SqlError } from '../../errors.ts';
import { putLinkedServer } from '../../system/linked-servers.ts';
import type { ProcedureContext, SystemProcedure } from '../../system/procedure.ts';
import { elsewhere, needsSysadmin, notADistributor, outsideTransactions, wrongValue } from '../faults.ts';
import { cleanupJobs, createJob, upkeepJobs } from '../jobs.ts';
import { bit, int, sysname, text as textOf } from '../parameters.ts';
import { DISTRIBUTOR_ADMIN, DISTRIBUTOR_LINK, quoted, same } from '../places.ts';
import { requireRemoteDistributor } from '../remote-distributor.ts';
import { DISTRIBUTION_TABLES } from '../tables/distribution.ts';

/** Setting up a distributor: facts/mssql 1.2. */

const addDistributor: SystemProcedure = {
  name: 'sp_adddistributor',
  home: { kind: 'sys' },
  parameters: [
    sysname('@distributor'),
    int('@heartbeat_interval', 10),
    sysname('@password', null),
    bit('@from_scripting', 0),
  ],
  async run(context, values) {
    outsideTransactions(context, 'sp_adddistributor');
    needsSysadmin(context);
    inMaster(context, 'sp_adddistributor');
    const { instance } = context;
    const distributor = values.text('@distributor') ?? '';
    const known = await distributorName(context);
    if (known !== undefined) {
      throw new SqlError(
        14099,
        `The server '${known}' is already defined as a Distributor. To reconfigure the server as a Distributor, you must first uninstall the existing Distributor. Use the stored procedure sp_dropdistributor, or use the Disable Publishing and Distribution Wizard.`,
      );
    }
    const local = same(distributor, instance.name);
    if (!local && values.text('@password') === null)
      throw new SqlError(
        21768,
        'When executing sp_adddistributor for a remote Distributor, you must use a password. The password specified for the @password parameter must be the same when the procedure is executed at the Publisher and at the Distributor.',
      );
    if (!local) {
      if (!instance.product.publishes)
        throw new SqlError(
          21105,
          'This edition of SQL Server cannot act as a Publisher or Distributor for replication.',
        );
      await requireRemoteDistributor(context, distributor, values.text('@password') ?? '');
    }
    if (local && !instance.product.distributes) {
      throw new SqlError(
        21105,
        'This edition of SQL Server cannot act as a Publisher or Distributor for replication.',
      );
    }
    const password = values.text('@password') ?? Buffer.from(instance.random.bytes(16)).toString('hex');
    await context.query(
      'msdb',
      `INSERT dbo.MSdistributor (name, login, password, heartbeat_interval)
VALUES (${quoted(distributor)}, N'${DISTRIBUTOR_ADMIN}', ${quoted(password)}, ${values.integer('@heartbeat_interval') ?? 10})`,
    );
    putLinkedServer(instance, DISTRIBUTOR_LINK, {
      dataSource: local ? instance.name : distributor,
      ...{ distributor: true, rpc: true, rpcOut: true, dataAccess: false },
    });
    if (!local) return 0;
    makeAdmin(context, password);
    for (const job of upkeepJobs(values.integer('@heartbeat_interval') ?? 10))
      await context.query('msdb', createJob(job));
    return 0;
  },
};

/** The new one for this server alone: a Publisher keeps coming with the one that it was told. */
const changePassword: SystemProcedure = {
  name: 'sp_changedistributor_password',
  home: { kind: 'sys' },
  parameters: [sysname('@password')],
  async run(context, values) {
    needsSysadmin(context);
    const { instance } = context;
    const known = await distributorName(context);
    if (known === undefined) throw notADistributor(instance.name);
    const password = values.text('@password') ?? '';
    await context.query('msdb', `UPDATE dbo.MSdistributor SET password = ${quoted(password)}`);
    if (same(known, instance.name)) makeAdmin(context, password);
    return 0;
  },
};

/** The login that remote publishers come with; a distributor's alone. */
function makeAdmin({ instance }: ProcedureContext, password: string): void {
  const { principals } = instance;
  const salt = instance.random.bytes(4);
  const digest = createHash('sha512').update(Buffer.from(password, 'utf16le')).update(salt).digest();
  const hash = new Uint8Array([2, 0, ...salt, ...digest]);
  const now = instance.clock.now();
  const before = principals.find(DISTRIBUTOR_ADMIN);
  if (before !== undefined) {
    principals.change(before.id, { hash, modified: now });
    return;
  }
  principals.add({
    ...{
      name: DISTRIBUTOR_ADMIN,
      sid: instance.random.bytes(16),
      type: 'S',
      hash,
      disabled: false,
      fixed: false,
    },
    ...{ created: now, modified: now, defaultDatabase: 'master', defaultLanguage: 'us_english' },
    ...{ checkPolicy: false, checkExpiration: false, mustChange: false, roles: ['sysadmin'] },
  });
}

const addDistributionDb: SystemProcedure = {
  name: 'sp_adddistributiondb',
  home: { kind: 'sys' },
  parameters: [
    ...[
      sysname('@database'),
      textOf(255)('@data_folder', null),
      textOf(255)('@data_file', null),
      int('@data_file_size', 5),
    ],
    ...[textOf(255)('@log_folder', null), textOf(255)('@log_file', null), int('@log_file_size', 0)],
    ...[int('@min_distretention', 0), int('@max_distretention', 72), int('@history_retention', 48)],
    ...[int('@security_mode', 1), sysname('@login', null), sysname('@password', null), int('@createmode', 1)],
    ...[bit('@from_scripting', 0), int('@deletebatchsize_xact', 5000), int('@deletebatchsize_cmd', 2000)],
  ],
  async run(context, values) {
    outsideTransactions(context, 'sp_adddistributiondb');
    needsSysadmin(context);
    inMaster(context, 'sp_adddistributiondb');
    const { instance } = context;
    if (!same((await distributorName(context)) ?? '', instance.name)) throw notADistributor(instance.name);
    const database = values.text('@database') ?? '';
    if (
      (await context.query('msdb', `SELECT name FROM dbo.MSdistributiondbs WHERE name = ${quoted(database)}`))
        .length > 0
    ) {
      throw new SqlError(
        14119,
        `Could not add the distribution database '${database}'. This distribution database already exists.`,
      );
    }
    const minimum = values.integer('@min_distretention') ?? 0;
    const maximum = values.integer('@max_distretention') ?? 72;
    const history = values.integer('@history_retention') ?? 48;
    if (minimum < 0 || maximum < 0)
      throw new SqlError(14106, 'Distribution retention periods must be greater than or equal to 0.');
    if (maximum < minimum)
      throw new SqlError(
        14107,
        'The @max_distretention value must be larger than the @min_distretention value.',
      );
    const made =
      instance.databases.get(database.toLowerCase()) ?? instance.createDatabase({ name: database });
    made.options.distributor = true;
    for (const batch of DISTRIBUTION_TABLES) await instance.run(database, batch);
    await context.query(
      'msdb',
      `INSERT dbo.MSdistributiondbs (name, min_distretention, max_distretention, history_retention)
VALUES (${quoted(database)}, ${minimum}, ${maximum}, ${history})`,
    );
    for (const job of cleanupJobs(database, minimum, maximum, history))
      await context.query('msdb', createJob(job));
    return 0;
  },
};

const changeDistributionDb: SystemProcedure = {
  name: 'sp_changedistributiondb',
  home: { kind: 'sys' },
  parameters: [sysname('@database'), sysname('@property', null), textOf(255)('@value', null)],
  async run(context, values) {
    needsSysadmin(context);
    const database = values.text('@database') ?? '';
    await mustDistribute(context, database);
    const property = values.text('@property') ?? '';
    const columns = ['min_distretention', 'max_distretention', 'history_retention'];
    if (!columns.includes(property)) {
      throw new SqlError(
        14115,
        `The property parameter value must be 'min_distretention', 'max_distretention', or 'history_retention'.`,
      );
    }
    const value = Number(values.text('@value'));
    if (!Number.isInteger(value) || value < 0) {
      throw new SqlError(14106, 'Distribution retention periods must be greater than or equal to 0.');
    }
    const [kept] = await context.query(
      'msdb',
      `UPDATE dbo.MSdistributiondbs SET ${property} = ${value} WHERE name = ${quoted(database)};
SELECT min_distretention, max_distretention, history_retention FROM dbo.MSdistributiondbs WHERE name = ${quoted(database)}`,
    );
    const [minimum, maximum, history] = columns.map(column => Number(kept?.[column]));
    for (const { name, command } of cleanupJobs(database, minimum ?? 0, maximum ?? 0, history ?? 0))
      await context.query(
        'msdb',
        `IF EXISTS (SELECT 1 FROM dbo.sysjobs WHERE name = ${quoted(name)}) EXEC dbo.sp_update_jobstep @job_name = ${quoted(name)}, @step_id = 1, @command = ${quoted(command)}`,
      );
    return 0;
  },
};

const addDistPublisher: SystemProcedure = {
  name: 'sp_adddistpublisher',
  home: { kind: 'sys' },
  parameters: [
    ...[
      sysname('@publisher'),
      sysname('@distribution_db'),
      int('@security_mode', 1),
      sysname('@login', null),
      sysname('@password', null),
    ],
    ...[
      textOf(255)('@working_directory', null),
      textOf(5)('@trusted', 'false'),
      bit('@encrypted_password', 0),
    ],
    ...[bit('@thirdparty_flag', 0), sysname('@publisher_type', 'MSSQLSERVER')],
  ],
  async run(context, values) {
    outsideTransactions(context, 'sp_adddistpublisher');
    needsSysadmin(context);
    const { instance } = context;
    if (!same((await distributorName(context)) ?? '', instance.name)) throw notADistributor(instance.name);
    const database = values.text('@distribution_db') ?? '';
    await mustDistribute(context, database);
    const publisher = values.text('@publisher') ?? '';
    if (/^\d+\.\d+\.\d+\.\d+$/.test(publisher)) {
      throw new SqlError(
        18483,
        `Could not connect to server '${publisher}': replication needs the server's real name, not an IP address.`,
      );
    }
    if (!same(publisher, instance.name) && instance.servers.find(publisher) === undefined) {
      throw new SqlError(
        18482,
        `Could not connect to server '${publisher}' because it is not defined as a remote server.`,
      );
    }
    if (!same(values.text('@trusted') ?? 'false', 'false'))
      throw wrongValue('@trusted', 'sp_adddistpublisher');
    if (values.integer('@encrypted_password') === 1)
      throw wrongValue('@encrypted_password', 'sp_adddistpublisher');
    const mode = values.integer('@security_mode') ?? 1;
    if (mode === 0 && values.text('@login') === null)
      throw new SqlError(21263, "Parameter '@login' cannot be NULL or an empty string.");
    const there = await context.query(
      'msdb',
      `SELECT name FROM dbo.MSdistpublishers WHERE name = ${quoted(publisher)}`,
    );
    if (there.length > 0)
      throw new SqlError(14074, `The server '${publisher}' is already listed as a Publisher.`);
    const folder = values.text('@working_directory') ?? `${instance.directory}/repldata`;
    await context.query(
      'msdb',
      `INSERT dbo.MSdistpublishers (name, distribution_db, working_directory, security_mode, login, password, active, trusted, thirdparty_flag, publisher_type)
VALUES (${quoted(publisher)}, ${quoted(database)}, ${quoted(folder)}, ${mode}, ${quoted(values.text('@login') ?? '')}, ${quoted(values.text('@password') ?? '')}, 1, 0, 0, N'MSSQLSERVER')`,
    );
    await context.query(
      database,
      `IF NOT EXISTS (SELECT 1 FROM dbo.MSreplservers WHERE srvname = ${quoted(publisher)})
INSERT dbo.MSreplservers (srvid, srvname) SELECT ISNULL(MAX(srvid), -1) + 1, ${quoted(publisher)} FROM dbo.MSreplservers`,
    );
    return 0;
  },
};

const helpDistributor: SystemProcedure = {
  name: 'sp_get_distributor',
  home: { kind: 'sys' },
  parameters: [],
  async run(context) {
    const name = await distributorName(context);
    const here = name !== undefined && same(name, context.instance.name);
    const databases = here ? await context.query('msdb', 'SELECT name FROM dbo.MSdistributiondbs') : [];
    const column = (title: string) => ({
      name: title,
      type: int('@x').type,
      nullable: false,
      identity: false,
    });
    context.result(
      [
        column('installed'),
        { ...column('distribution server'), type: sysname('@x').type, nullable: true },
        column('distribution db installed'),
        column('is distribution publisher'),
      ],
      [[name === undefined ? 0 : 1, name ?? null, databases.length > 0 ? 1 : 0, name === undefined ? 0 : 1]],
    );
    return 0;
  },
};

export const DISTRIBUTOR_PROCEDURES: readonly SystemProcedure[] = [
  ...[
    addDistributor,
    changePassword,
    addDistributionDb,
    changeDistributionDb,
    addDistPublisher,
    helpDistributor,
  ],
];

/** The name of this server's distributor, undefined before sp_adddistributor. */
export async function distributorName(context: ProcedureContext): Promise<string | undefined> {
  const [known] = await context.query('msdb', 'SELECT name FROM dbo.MSdistributor');
  return known === undefined ? undefined : String(known['name']);
}

async function mustDistribute(context: ProcedureContext, database: string): Promise<void> {
  const rows = await context.query(
    'msdb',
    `SELECT name FROM dbo.MSdistributiondbs WHERE name = ${quoted(database)}`,
  );
  if (rows.length === 0)
    throw new SqlError(14117, `'${database}' is not configured as a distribution database.`);
}

function inMaster({ database }: ProcedureContext, procedure: string): void {
  if (same(database.name, 'master')) return;
  throw elsewhere(procedure, 'master');
}
