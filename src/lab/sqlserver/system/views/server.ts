import type { Value } from '../../values/types.ts';
import { view } from '../define-view.ts';
import { LANGUAGES } from '../languages.ts';
import { linkedServers } from '../linked-servers.ts';
import { MESSAGES, userMessages } from '../messages.ts';
import { agentName, serviceName } from '../names.ts';

const variant = (value: number): Value => ({ type: { kind: 'int' }, value });

export const configurations = view(
  'configurations',
  `configuration_id int
   name nvarchar(35)
   value sql_variant null
   minimum sql_variant null
   maximum sql_variant null
   value_in_use sql_variant null
   description nvarchar(255)
   is_dynamic bit
   is_advanced bit`,
  context =>
    context.instance.configuration.options().map(option => ({
      configuration_id: option.id,
      name: option.name,
      value: variant(option.configured),
      minimum: variant(option.minimum),
      maximum: variant(option.maximum),
      value_in_use: variant(option.running),
      description: option.description,
      is_dynamic: option.dynamic,
      is_advanced: option.advanced,
    })),
);

export const servers = view(
  'servers',
  `server_id int
   name sysname
   product sysname
   provider sysname
   data_source nvarchar(4000) null
   location nvarchar(4000) null
   provider_string nvarchar(4000) null
   catalog sysname null
   connect_timeout int null = 0
   query_timeout int null = 0
   is_linked bit
   is_remote_login_enabled bit
   is_rpc_out_enabled bit
   is_data_access_enabled bit
   is_collation_compatible bit = 0
   uses_remote_collation bit = 1
   collation_name sysname null
   lazy_schema_validation bit = 0
   is_system bit = 0
   is_publisher bit
   is_subscriber bit null
   is_distributor bit null
   is_nonsql_subscriber bit null = 0
   is_remote_proc_transaction_promotion_enabled bit null = 1
   modify_date datetime
   is_rda_server bit null = 0 since 2016`,
  context =>
    linkedServers(context.instance).map(server => ({
      server_id: server.id,
      name: server.name,
      product: server.product,
      provider: server.provider,
      data_source: server.dataSource,
      provider_string: server.providerString,
      catalog: server.catalog,
      is_linked: server.id !== 0,
      is_remote_login_enabled: server.rpc,
      is_rpc_out_enabled: server.rpcOut,
      is_data_access_enabled: server.dataAccess,
      is_publisher: server.publisher,
      is_subscriber: server.subscriber,
      is_distributor: server.distributor,
      modify_date: server.modified,
    })),
);

export const linkedLogins = view(
  'linked_logins',
  `server_id int
   local_principal_id int null
   uses_self_credential bit
   remote_name sysname null
   modify_date datetime`,
  function* (context) {
    for (const server of linkedServers(context.instance))
      for (const login of server.logins)
        yield {
          server_id: server.id,
          local_principal_id:
            login.local === null ? 0 : (context.instance.principals.find(login.local)?.id ?? 0),
          uses_self_credential: login.self,
          remote_name: login.remote,
          modify_date: server.modified,
        };
  },
);

export const endpoints = view(
  'endpoints',
  `name sysname
   endpoint_id int
   principal_id int null = 1
   protocol tinyint
   protocol_desc nvarchar(60) null
   type tinyint null = 2
   type_desc nvarchar(60) null = TSQL
   state tinyint null = 0
   state_desc nvarchar(60) null = STARTED
   is_admin_endpoint bit`,
  () => [
    {
      name: 'Dedicated Admin Connection',
      endpoint_id: 1,
      protocol: 2,
      protocol_desc: 'TCP',
      is_admin_endpoint: true,
    },
    {
      name: 'TSQL Local Machine',
      endpoint_id: 2,
      protocol: 4,
      protocol_desc: 'SHARED_MEMORY',
      is_admin_endpoint: false,
    },
    {
      name: 'TSQL Named Pipes',
      endpoint_id: 3,
      protocol: 3,
      protocol_desc: 'NAMED_PIPES',
      is_admin_endpoint: false,
    },
    { name: 'TSQL Default TCP', endpoint_id: 4, protocol: 2, protocol_desc: 'TCP', is_admin_endpoint: false },
  ],
);

export const messages = view(
  'messages',
  `message_id int
   language_id smallint
   severity tinyint
   is_event_logged bit
   text nvarchar(2048)`,
  function* (context) {
    for (const [id, severity, text] of MESSAGES)
      yield {
        message_id: id,
        language_id: 1033,
        severity,
        is_event_logged: severity >= 19,
        text,
      };
    yield* [...userMessages(context.instance).values()].map(message => ({
      message_id: message.id,
      language_id: 1033,
      severity: message.severity,
      is_event_logged: message.logged,
      text: message.text,
    }));
  },
);

export const languages = view(
  'syslanguages',
  `langid smallint
   dateformat nchar(3)
   datefirst tinyint
   upgrade int null = 0
   name sysname
   alias sysname null
   months nvarchar(372) null
   shortmonths nvarchar(132) null
   days nvarchar(217) null
   lcid int
   msglangid smallint`,
  () =>
    LANGUAGES.map(language => ({
      langid: language.id,
      dateformat: language.format,
      datefirst: language.first,
      name: language.name,
      alias: language.alias,
      months: language.months,
      shortmonths: language.short,
      days: language.days,
      lcid: language.lcid,
      msglangid: language.lcid,
    })),
);

export const serverServices = view(
  'dm_server_services',
  `servicename nvarchar(256)
   startup_type int null
   startup_type_desc nvarchar(256)
   status int null
   status_desc nvarchar(256)
   process_id int null
   last_startup_time datetimeoffset(7) null
   service_account nvarchar(256)
   filename nvarchar(256)
   is_clustered nvarchar(1)
   cluster_nodename nvarchar(256) null
   instant_file_initialization_enabled nvarchar(1) = Y since 2016`,
  function* (context) {
    const { instance } = context;
    const row = (name: string, running: boolean, account: string, program: string) => ({
      servicename: name,
      startup_type: running ? 2 : 3,
      startup_type_desc: running ? 'Automatic' : 'Manual',
      status: running ? 4 : 1,
      status_desc: running ? 'Running' : 'Stopped',
      process_id: null,
      service_account: account,
      filename: program,
      is_clustered: 'N',
    });
    yield row(serviceName(instance.name), true, 'NT Service\\MSSQLSERVER', 'sqlservr.exe');
    if (instance.product.hasAgent)
      yield row(
        agentName(instance.name),
        instance.agent?.running ?? false,
        'NT Service\\SQLSERVERAGENT',
        'SQLAGENT.EXE',
      );
  },
  { state: 'server' },
);

export const hostInfo = view(
  'dm_os_host_info',
  `host_platform nvarchar(256)
   host_distribution nvarchar(256)
   host_release nvarchar(256)
   host_service_pack_level nvarchar(256)
   host_sku int null
   os_language_version int
   host_architecture nvarchar(256) = X64 since 2019`,
  ({ instance }) => {
    const windows = instance.product.platform === 'Windows';
    return [
      {
        host_platform: windows ? 'Windows' : 'Linux',
        host_distribution: windows ? 'Windows Server 2019 Standard' : 'Ubuntu',
        host_release: windows ? '10.0' : '22.04',
        host_service_pack_level: '',
        host_sku: windows ? 7 : null,
        os_language_version: windows ? 1033 : 0,
      },
    ];
  },
  { since: 2017 },
);

export const sysInfo = view(
  'dm_os_sys_info',
  `cpu_ticks bigint
   ms_ticks bigint
   cpu_count int
   hyperthread_ratio int
   physical_memory_kb bigint
   virtual_memory_kb bigint
   committed_kb bigint
   committed_target_kb bigint
   visible_target_kb bigint
   max_workers_count int
   scheduler_count int
   scheduler_total_count int
   sqlserver_start_time datetime
   affinity_type int = 2
   affinity_type_desc nvarchar(60) = AUTO
   virtual_machine_type int = 1
   virtual_machine_type_desc nvarchar(60) = HYPERVISOR
   sql_memory_model int null = 1 since 2016
   sql_memory_model_desc nvarchar(60) null = CONVENTIONAL since 2016
   container_type int = 0 since 2019
   container_type_desc nvarchar(60) = NONE since 2019`,
  ({ instance }) => {
    const ticks = instance.clock.monotonic();
    const started = instance.databases.get('tempdb')?.created ?? instance.clock.now();
    return [
      {
        cpu_ticks: ticks * 2_000_000,
        ms_ticks: ticks,
        cpu_count: 2,
        hyperthread_ratio: 2,
        physical_memory_kb: 4_194_304,
        virtual_memory_kb: 137_438_953_344,
        committed_kb: 262_144,
        committed_target_kb: 2_097_152,
        visible_target_kb: 2_097_152,
        max_workers_count: 512,
        scheduler_count: 2,
        scheduler_total_count: 2,
        sqlserver_start_time: started,
      },
    ];
  },
  { state: 'server' },
);

/** sys.fn_helpcollations(): the collations the double can compare by. */
export const helpCollations = (names: () => readonly string[]) =>
  view(
    'fn_helpcollations',
    `name sysname
     description nvarchar(1000) null`,
    () => names().map(name => ({ name, description: describeCollation(name) })),
    { parameters: [] },
  );

function describeCollation(name: string): string {
  const parts = name.split('_');
  const said = [
    parts.includes('BIN') || parts.includes('BIN2')
      ? 'binary sort'
      : `case-${parts.includes('CS') ? 'sensitive' : 'insensitive'}, accent-${parts.includes('AI') ? 'insensitive' : 'sensitive'}`,
    `kanatype-${parts.includes('KS') ? 'sensitive' : 'insensitive'}`,
    `width-${parts.includes('WS') ? 'sensitive' : 'insensitive'}`,
  ];
  return `${parts.slice(0, name.startsWith('SQL_') ? 2 : 1).join('_')}, ${said.join(', ')}`;
}
