import { SqlError } from '../../errors.ts';
import type { ProcedureValues, SystemProcedure } from '../../system/procedure.ts';
import { foreignPublisher, needsSysadmin, notEnabled } from '../faults.ts';
import { int, procedure, smallint, sysname, text } from '../parameters.ts';
import { linkDistributor, quoted } from '../places.ts';
import { publicationOf } from '../publications.ts';

/** Changing how the agents of a publication database log in. */

/** The columns that were given, as SET items. */
function loginOf(values: ProcedureValues): readonly string[] {
  const mode = values.integer('@publisher_security_mode');
  const login = values.text('@publisher_login');
  const password = values.text('@publisher_password');
  if (mode !== null && mode !== 0 && mode !== 1)
    throw new SqlError(
      14109,
      'The @security_mode parameter value must be 0 (SQL Server Authentication) or 1 (Integrated Authentication).',
    );
  return [
    ...(mode === null ? [] : [`publisher_security_mode = ${mode}`]),
    ...(login === null ? [] : [`publisher_login = ${quoted(login)}`]),
    ...(password === null ? [] : [`publisher_password = ${quoted(password)}`]),
  ];
}

const noAgent = (kind: string, publisher: string, database: string, publication: string): SqlError =>
  new SqlError(
    21799,
    `The ${kind} agent for Publisher (${publisher}), database (${database}), publication (${publication}) cannnot be found. Create the agent with the appropriate procedure: sp_addpublication_snapshot, sp_addlogreader_agent, or sp_addqreader_agent.`,
  );

const changeLogReader = procedure(
  'sp_changelogreader_agent',
  [
    ...[text(257)('@job_login', null), sysname('@job_password', null)],
    ...[smallint('@publisher_security_mode', null), sysname('@publisher_login', null)],
    ...[sysname('@publisher_password', null), sysname('@publisher', null)],
    sysname('@publisher_type', 'MSSQLSERVER'),
  ],
  async (context, values) => {
    needsSysadmin(context);
    const { database, instance } = context;
    if (!database.options.published) throw notEnabled();
    const publisher = values.text('@publisher');
    if (publisher !== null) throw foreignPublisher(publisher);
    const set = loginOf(values);
    const link = await linkDistributor(context);
    try {
      const where = `publisher_db = ${quoted(database.name)} AND publisher_id = (SELECT srvid FROM dbo.MSreplservers WHERE srvname = ${quoted(instance.name)})`;
      const there = await link.query(`SELECT id FROM dbo.MSlogreader_agents WHERE ${where}`);
      if (there.length === 0) throw noAgent('Log Reader', instance.name, database.name, 'ALL');
      if (set.length > 0)
        await link.query(`UPDATE dbo.MSlogreader_agents SET ${set.join(', ')} WHERE ${where}`);
    } finally {
      await link.close();
    }
    return 0;
  },
);

const changeSnapshot = procedure(
  'sp_changepublication_snapshot',
  [
    ...[sysname('@publication'), int('@frequency_type', null), int('@frequency_interval', null)],
    ...[int('@frequency_subday', null), int('@frequency_subday_interval', null)],
    ...[int('@frequency_relative_interval', null), int('@frequency_recurrence_factor', null)],
    ...[int('@active_start_date', null), int('@active_end_date', null)],
    ...[int('@active_start_time_of_day', null), int('@active_end_time_of_day', null)],
    ...[text(100)('@snapshot_job_name', null), int('@publisher_security_mode', null)],
    ...[sysname('@publisher_login', null), sysname('@publisher_password', null)],
    ...[text(257)('@job_login', null), sysname('@job_password', null), sysname('@publisher', null)],
  ],
  async (context, values) => {
    const { database, instance } = context;
    const publication = await publicationOf(context, values.text('@publication'));
    const set = loginOf(values);
    const frequency = values.integer('@frequency_type');
    const link = await linkDistributor(context);
    try {
      const where = `publisher_db = ${quoted(database.name)} AND publication = ${quoted(publication.name)} AND publisher_id = (SELECT srvid FROM dbo.MSreplservers WHERE srvname = ${quoted(instance.name)})`;
      const [agent] = await link.query(`SELECT name FROM dbo.MSsnapshot_agents WHERE ${where}`);
      if (agent === undefined) throw noAgent('Snapshot', instance.name, database.name, publication.name);
      if (set.length > 0)
        await link.query(`UPDATE dbo.MSsnapshot_agents SET ${set.join(', ')} WHERE ${where}`);
      if (frequency !== null)
        await link.query(`UPDATE msdb.dbo.sysschedules SET freq_type = ${frequency} WHERE schedule_id IN (SELECT s.schedule_id FROM msdb.dbo.sysjobschedules AS s
  JOIN msdb.dbo.sysjobs AS j ON j.job_id = s.job_id WHERE j.name = ${quoted(String(agent['name']))})`);
    } finally {
      await link.close();
    }
    return 0;
  },
);

export const CHANGE_AGENT_PROCEDURES: readonly SystemProcedure[] = [changeLogReader, changeSnapshot];
