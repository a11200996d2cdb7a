import { unsupported } from '../../errors.ts';
import type { ProcedureParameter, SystemProcedure } from '../../system/procedure.ts';
import { bit, int, procedure, sysname, text, tinyint } from '../parameters.ts';

/** Pull subscriptions and reinitialization: known by their parameters, and refused. */

const refused = (name: string, what: string, parameters: readonly ProcedureParameter[]): SystemProcedure =>
  procedure(name, parameters, async () => {
    throw unsupported(what);
  });

const PULL = 'pull subscriptions';

export const REFUSED_PROCEDURES: readonly SystemProcedure[] = [
  refused('sp_addpullsubscription', PULL, [
    ...[sysname('@publisher'), sysname('@publisher_db', null), sysname('@publication')],
    ...[text(5)('@independent_agent', 'true'), text(9)('@subscription_type', 'anonymous')],
    ...[text(100)('@description', null), text(30)('@update_mode', 'read only'), bit('@immediate_sync', 1)],
  ]),
  refused('sp_addpullsubscription_agent', PULL, [
    ...[sysname('@publisher'), sysname('@publisher_db', null), sysname('@publication')],
    ...[
      sysname('@subscriber', null),
      sysname('@subscriber_db', null),
      int('@subscriber_security_mode', null),
    ],
    ...[sysname('@subscriber_login', null), sysname('@subscriber_password', null)],
    ...[
      sysname('@distributor', null),
      sysname('@distribution_db', null),
      int('@distributor_security_mode', 1),
    ],
    ...[sysname('@distributor_login', null), sysname('@distributor_password', null)],
    ...[text(4000)('@optional_command_line', ''), int('@frequency_type', 2), int('@frequency_interval', 1)],
    ...[int('@frequency_relative_interval', 1), int('@frequency_recurrence_factor', 1)],
    ...[int('@frequency_subday', 1), int('@frequency_subday_interval', 1)],
    ...[int('@active_start_time_of_day', 0), int('@active_end_time_of_day', 0)],
    ...[int('@active_start_date', 0), int('@active_end_date', 0), sysname('@distribution_jobid', null)],
    ...[text(5)('@encrypted_distributor_password', '0'), text(5)('@enabled_for_syncmgr', 'false')],
    ...[sysname('@ftp_address', null), int('@ftp_port', null), sysname('@ftp_login', null)],
    ...[sysname('@ftp_password', null), text(255)('@alt_snapshot_folder', null)],
    ...[text(255)('@working_directory', null), text(5)('@use_ftp', 'false')],
    ...[tinyint('@publication_type', 0), sysname('@dts_package_name', null)],
    ...[sysname('@dts_package_password', null), text(12)('@dts_package_location', 'subscriber')],
    ...[text(100)('@reserved', null), bit('@offloadagent', 0), sysname('@offloadserver', null)],
    ...[sysname('@job_name', null), text(257)('@job_login', null), sysname('@job_password', null)],
  ]),
  refused('sp_droppullsubscription', PULL, [
    ...[sysname('@publisher'), sysname('@publisher_db', null), sysname('@publication')],
    ...[bit('@reserved', 0), bit('@from_backup', 0)],
  ]),
  refused('sp_helppullsubscription', PULL, [
    ...[sysname('@publisher', '%'), sysname('@publisher_db', '%'), sysname('@publication', '%')],
    text(5)('@show_push', 'false'),
  ]),
  refused('sp_reinitpullsubscription', PULL, [
    ...[sysname('@publisher'), sysname('@publisher_db', null), sysname('@publication', 'all')],
  ]),
  refused('sp_reinitsubscription', 'reinitialization of subscriptions', [
    ...[sysname('@publication', 'all'), sysname('@article', 'all'), sysname('@subscriber')],
    ...[sysname('@destination_db', 'all'), bit('@for_schema_change', 0), sysname('@publisher', null)],
    ...[bit('@ignore_distributor_failure', 0), bit('@invalidate_snapshot', 0)],
  ]),
];
