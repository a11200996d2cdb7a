import type { FunctionContext } from '../../functions/function.ts';
import type { Instance, SessionFacts } from '../../server/instance.ts';
import { varbinary } from '../../values/types.ts';
import { view } from '../define-view.ts';
import { maySeeServerState } from '../state-permission.ts';

/** All sessions, or without VIEW SERVER STATE the own one. */
const all = (context: FunctionContext): readonly SessionFacts[] => {
  const sessions = [...context.instance.sessions.values()];
  return maySeeServerState(context) ? sessions : sessions.filter(each => each.id === context.session.id);
};

const sidOf = (instance: Instance, login: string): Uint8Array =>
  instance.principals.find(login)?.sid ?? Uint8Array.of(1);

const ISOLATION = {
  'read-uncommitted': 1,
  'read-committed': 2,
  'repeatable-read': 3,
  serializable: 4,
  snapshot: 5,
} as const;

/** Settings are known of the session that asks; others show what a client begins with. */
function settings(context: FunctionContext, session: SessionFacts) {
  const own = context.session.id === session.id ? context.session.options : undefined;
  return {
    text_size: own?.textSize ?? 2_147_483_647,
    language: own?.language ?? 'us_english',
    date_format: own?.dateFormat ?? 'mdy',
    date_first: own?.dateFirst ?? 7,
    quoted_identifier: own?.quotedIdentifier ?? true,
    arithabort: own?.arithAbort ?? true,
    ansi_null_dflt_on: true,
    ansi_defaults: false,
    ansi_warnings: own?.ansiWarnings ?? true,
    ansi_padding: own?.ansiPadding ?? true,
    ansi_nulls: own?.ansiNulls ?? true,
    concat_null_yields_null: own?.concatNullYieldsNull ?? true,
    transaction_isolation_level: own === undefined ? 2 : ISOLATION[own.isolation],
    lock_timeout: own?.lockTimeout ?? -1,
    deadlock_priority: own?.deadlockPriority ?? 0,
  };
}

const SETTING_COLUMNS = `text_size int
   language nvarchar(128) null
   date_format nvarchar(3) null
   date_first smallint
   quoted_identifier bit
   arithabort bit
   ansi_null_dflt_on bit
   ansi_defaults bit
   ansi_warnings bit
   ansi_padding bit
   ansi_nulls bit
   concat_null_yields_null bit
   transaction_isolation_level smallint
   lock_timeout int
   deadlock_priority int
   row_count bigint = 0
   prev_error int = 0`;

export const sessions = view(
  'dm_exec_sessions',
  `session_id smallint
   login_time datetime
   host_name nvarchar(128) null
   program_name nvarchar(128) null
   host_process_id int null
   client_version int null = 7
   client_interface_name nvarchar(32) null = TDS
   security_id varbinary(85)
   login_name nvarchar(128)
   nt_domain nvarchar(128) null
   nt_user_name nvarchar(128) null
   status nvarchar(30)
   context_info varbinary(128) null
   cpu_time int = 0
   memory_usage int = 4
   total_scheduled_time int = 0
   total_elapsed_time int = 0
   endpoint_id int = 4
   last_request_start_time datetime
   last_request_end_time datetime null
   reads bigint = 0
   writes bigint = 0
   logical_reads bigint = 0
   is_user_process bit
   ${SETTING_COLUMNS}
   original_security_id varbinary(85)
   original_login_name nvarchar(128)
   last_successful_logon datetime null
   last_unsuccessful_logon datetime null
   unsuccessful_logons bigint null
   group_id int = 2
   database_id smallint
   authenticating_database_id int null = 1
   open_transaction_count int
   page_server_reads bigint = 0 since 2022
   contained_availability_group_id uniqueidentifier null since 2022`,
  context =>
    all(context).map(session => ({
      session_id: session.id,
      login_time: session.started,
      host_name: session.host,
      program_name: session.application,
      security_id: sidOf(context.instance, session.login),
      login_name: session.login,
      status: session.request === undefined ? 'sleeping' : 'running',
      last_request_start_time: session.request?.started ?? session.lastRequest,
      last_request_end_time: session.request === undefined ? session.lastRequest : null,
      is_user_process: session.user,
      ...settings(context, session),
      original_security_id: sidOf(context.instance, session.login),
      original_login_name: session.login,
      database_id: session.database.id,
      open_transaction_count: session.openTransactions,
    })),
);

/** sql_handle: 0x02, the session and the start of its request, so that dm_exec_sql_text finds the text again. */
function handleOf(session: SessionFacts): Uint8Array {
  const handle = new Uint8Array(44);
  handle[0] = 2;
  const bytes = new DataView(handle.buffer);
  bytes.setUint32(4, session.id);
  bytes.setFloat64(8, session.request?.started ?? session.lastRequest);
  return handle;
}

export const requests = view(
  'dm_exec_requests',
  `session_id smallint
   request_id int = 0
   start_time datetime
   status nvarchar(30)
   command nvarchar(32)
   sql_handle varbinary(64) null
   statement_start_offset int null = 0
   statement_end_offset int null = -1
   plan_handle varbinary(64) null
   database_id smallint
   user_id int = 1
   connection_id uniqueidentifier null
   blocking_session_id smallint null
   wait_type nvarchar(60) null
   wait_time int
   last_wait_type nvarchar(60)
   wait_resource nvarchar(256) = -
   open_transaction_count int
   open_resultset_count int = 1
   transaction_id bigint
   context_info varbinary(128) null
   percent_complete real
   estimated_completion_time bigint
   cpu_time int = 0
   total_elapsed_time int
   scheduler_id int null = 0
   task_address varbinary(8) null
   reads bigint = 0
   writes bigint = 0
   logical_reads bigint = 0
   ${SETTING_COLUMNS}
   nest_level int = 0
   granted_query_memory int = 0
   executing_managed_code bit = 0
   group_id int = 2
   query_hash binary(8) null
   query_plan_hash binary(8) null
   statement_sql_handle varbinary(64) null since 2016
   statement_context_id bigint null since 2016
   dop int = 1 since 2016
   parallel_worker_count int null since 2016
   external_script_request_id uniqueidentifier null since 2016
   is_resumable bit = 0 since 2017
   page_resource binary(8) null since 2019
   page_server_reads bigint = 0 since 2022`,
  function* (context) {
    for (const session of all(context)) {
      const { request } = session;
      if (request === undefined) continue;
      const elapsed = Math.max(0, context.instance.clock.now() - request.started);
      const waits = request.waitType !== undefined || request.blockedBy !== 0;
      yield {
        session_id: session.id,
        start_time: request.started,
        status: waits ? 'suspended' : 'running',
        command: request.command,
        sql_handle: handleOf(session),
        database_id: session.database.id,
        blocking_session_id: request.blockedBy,
        wait_type: request.waitType ?? null,
        wait_time: waits ? elapsed : 0,
        last_wait_type: request.waitType ?? 'MISCELLANEOUS',
        open_transaction_count: session.openTransactions,
        transaction_id: session.transactionId ?? 0,
        percent_complete: request.percentComplete,
        estimated_completion_time: request.estimatedCompletionMs,
        total_elapsed_time: elapsed,
        ...settings(context, session),
      };
    }
  },
);

export const connections = view(
  'dm_exec_connections',
  `session_id int null
   most_recent_session_id int null
   connect_time datetime
   net_transport nvarchar(40) = TCP
   protocol_type nvarchar(40) null = TSQL
   protocol_version int null = 1946157060
   endpoint_id int null = 4
   encrypt_option nvarchar(40)
   auth_scheme nvarchar(40) = SQL
   node_affinity smallint = 0
   num_reads int null
   num_writes int null
   last_read datetime null
   last_write datetime null
   net_packet_size int null = 4096
   client_net_address varchar(48) null
   client_tcp_port int null
   local_net_address varchar(48) null
   local_tcp_port int null
   connection_id uniqueidentifier
   parent_connection_id uniqueidentifier null
   most_recent_sql_handle varbinary(64) null`,
  function* (context) {
    for (const session of all(context)) {
      if (!session.user) continue;
      yield {
        session_id: session.id,
        most_recent_session_id: session.id,
        connect_time: session.started,
        encrypt_option: session.encrypted === true ? 'TRUE' : 'FALSE',
        last_read: session.lastRequest,
        last_write: session.lastRequest,
        client_net_address: '127.0.0.1',
        local_net_address: '127.0.0.1',
        connection_id: `00000000-0000-4000-8000-${session.id.toString(16).toUpperCase().padStart(12, '0')}`,
        most_recent_sql_handle: handleOf(session),
      };
    }
  },
  { state: 'server' },
);

export const sqlText = view(
  'dm_exec_sql_text',
  `dbid smallint null
   objectid int null
   number smallint null
   encrypted bit
   text nvarchar(max) null`,
  function* (context, _database, [handle]) {
    if (!(handle instanceof Uint8Array)) return;
    for (const session of all(context)) {
      const own = handleOf(session);
      if (session.request === undefined || Buffer.compare(own, handle) !== 0) continue;
      yield { dbid: session.database.id, encrypted: false, text: session.request.text };
    }
  },
  { state: 'server', parameters: [varbinary(64)] },
);

export const inputBuffer = view(
  'dm_exec_input_buffer',
  `event_type nvarchar(256) null
   parameters smallint null
   event_info nvarchar(max) null`,
  function* (context, _database, [id]) {
    const session = context.instance.sessions.get(Number(id));
    if (session?.request !== undefined)
      yield { event_type: 'Language Event', parameters: 0, event_info: session.request.text };
  },
  { since: 2014, parameters: [{ kind: 'smallint' }, { kind: 'int' }] },
);
