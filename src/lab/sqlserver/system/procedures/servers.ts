import { SqlError } from '../../errors.ts';
import { serverPermitted } from '../../server/permissions.ts';
import { noServer, notPermitted } from '../faults.ts';
import {
  dropLinkedServer,
  findLinkedServer,
  type LinkedServer,
  linkedServers,
  putLinkedServer,
} from '../linked-servers.ts';
import type { ProcedureContext, SystemProcedure } from '../procedure.ts';
import { columns, procedure } from './define.ts';

function existing(context: ProcedureContext, name: string | null): LinkedServer {
  const found = findLinkedServer(context.instance, name ?? '');
  if (found === undefined) throw noServer(name ?? '');
  return found;
}

/** @throws SqlError 15247 */
function requireSetup(context: ProcedureContext): void {
  const login = context.instance.principals.find(context.session.login);
  if (login === undefined || !serverPermitted(context.instance, login, 'ALTER ANY LINKED SERVER'))
    throw notPermitted();
}

function requireNew(context: ProcedureContext, name: string): void {
  if (findLinkedServer(context.instance, name) !== undefined)
    throw new SqlError(15028, `The server '${name}' already exists.`);
}

const isOn = (value: string | null): boolean =>
  ['true', 'on', '1', 'yes'].includes(value?.toLowerCase() ?? '');

/** Options of sp_serveroption that the double keeps, and where. */
const OPTIONS: Readonly<Record<string, keyof LinkedServer>> = {
  'data access': 'dataAccess',
  rpc: 'rpc',
  'rpc out': 'rpcOut',
  pub: 'publisher',
  sub: 'subscriber',
  dist: 'distributor',
};

/** Options that change nothing here, whatever they are set to. */
const KEPT = [
  'collation compatible',
  'use remote collation',
  'collation name',
  'connect timeout',
  'query timeout',
  'lazy schema validation',
  'remote proc transaction promotion',
  'system',
  'name',
];

export const SERVER_PROCEDURES: readonly SystemProcedure[] = [
  procedure(
    'sp_addlinkedserver',
    `@server sysname; @srvproduct nvarchar(128) = null; @provider nvarchar(128) = null; @datasrc nvarchar(4000) = null;
     @location nvarchar(4000) = null; @provstr nvarchar(4000) = null; @catalog sysname = null; @linkedstyle bit = null`,
    (context, values) => {
      requireSetup(context);
      const name = values.text('@server') ?? '';
      const product = values.text('@srvproduct');
      const provider = values.text('@provider');
      const source = values.text('@datasrc');
      requireNew(context, name);
      const sqlServer = product === null || product.toLowerCase() === 'sql server';
      if (product?.toLowerCase() === 'sql server' && (provider ?? source) !== null)
        throw new SqlError(
          15428,
          "You cannot specify a provider or any properties for product 'SQL Server'.",
        );
      if (!sqlServer && provider === null)
        throw new SqlError(15426, 'You must specify a provider name with this set of properties.');
      putLinkedServer(context.instance, name, {
        product: product ?? '',
        provider: provider ?? 'SQLNCLI',
        dataSource: source ?? (sqlServer ? name : null),
        providerString: values.text('@provstr'),
        catalog: values.text('@catalog'),
        logins: [{ local: null, self: true, remote: null, password: null }],
      });
      return 0;
    },
  ),
  procedure(
    'sp_addserver',
    '@server sysname; @local varchar(10) = null; @duplicate_ok varchar(13) = null',
    (context, values) => {
      requireSetup(context);
      const name = values.text('@server') ?? '';
      if (values.text('@local')?.toLowerCase() === 'local') {
        const own = linkedServers(context.instance).find(each => each.id === 0);
        if (own !== undefined) throw new SqlError(15028, `The server '${own.name}' already exists.`);
        putLinkedServer(context.instance, name, { dataAccess: false, rpc: true, rpcOut: true });
        return 0;
      }
      if (values.text('@duplicate_ok')?.toLowerCase() !== 'duplicate_ok') requireNew(context, name);
      putLinkedServer(context.instance, name, { dataAccess: false, rpc: true, rpcOut: true });
      return 0;
    },
  ),
  procedure('sp_dropserver', '@server sysname; @droplogins char(10) = null', (context, values) => {
    requireSetup(context);
    const server = existing(context, values.text('@server'));
    const own = server.logins.filter(login => login.local !== null);
    if (own.length > 0 && values.text('@droplogins')?.trim().toLowerCase() !== 'droplogins')
      throw new SqlError(
        15190,
        `There are still remote logins or linked logins for the server '${server.name}'.`,
      );
    if (server.publisher || server.subscriber || server.distributor)
      throw new SqlError(
        20582,
        `Cannot drop server '${server.name}' because it is used as a Subscriber in replication.`,
      );
    dropLinkedServer(context.instance, server.name);
    return 0;
  }),
  procedure(
    'sp_serveroption',
    '@server sysname; @optname varchar(35); @optvalue nvarchar(128)',
    (context, values) => {
      requireSetup(context);
      const server = existing(context, values.text('@server'));
      const option = values.text('@optname')?.toLowerCase() ?? '';
      const key = OPTIONS[option];
      if (key === undefined && !KEPT.includes(option))
        throw new SqlError(
          15600,
          "An invalid parameter or option was specified for procedure 'sys.sp_serveroption'.",
        );
      if (key !== undefined)
        putLinkedServer(context.instance, server.name, { [key]: isOn(values.text('@optvalue')) });
      return 0;
    },
  ),
  procedure(
    'sp_addlinkedsrvlogin',
    `@rmtsrvname sysname; @useself varchar(8) = true; @locallogin sysname = null; @rmtuser sysname = null;
     @rmtpassword sysname = null`,
    (context, values) => {
      requireSetup(context);
      const server = existing(context, values.text('@rmtsrvname'));
      const local = values.text('@locallogin');
      if (local !== null && context.instance.principals.find(local) === undefined)
        throw new SqlError(15007, `'${local}' is not a valid login or you do not have permission.`);
      const login = {
        local,
        self: isOn(values.text('@useself')),
        remote: values.text('@rmtuser'),
        password: values.text('@rmtpassword'),
      };
      const others = server.logins.filter(each => each.local?.toLowerCase() !== local?.toLowerCase());
      putLinkedServer(context.instance, server.name, { logins: [...others, login] });
      return 0;
    },
  ),
  procedure('sp_droplinkedsrvlogin', '@rmtsrvname sysname; @locallogin sysname', (context, values) => {
    requireSetup(context);
    const server = existing(context, values.text('@rmtsrvname'));
    const local = values.text('@locallogin');
    const kept = server.logins.filter(each => each.local?.toLowerCase() !== local?.toLowerCase());
    if (kept.length === server.logins.length)
      throw new SqlError(15007, `'${local ?? ''}' is not a valid login or you do not have permission.`);
    putLinkedServer(context.instance, server.name, { logins: kept });
    return 0;
  }),
  procedure('sp_linkedservers', '', context => {
    context.result(
      columns(
        'SRV_NAME sysname',
        'SRV_PROVIDERNAME nvarchar(128)',
        'SRV_PRODUCT nvarchar(128)',
        'SRV_DATASOURCE nvarchar(4000)',
        'SRV_PROVIDERSTRING nvarchar(4000)',
        'SRV_LOCATION nvarchar(4000)',
        'SRV_CAT sysname',
      ),
      linkedServers(context.instance).map(each => [
        each.name,
        each.provider,
        each.product,
        each.dataSource,
        each.providerString,
        null,
        each.catalog,
      ]),
    );
    return 0;
  }),
  procedure(
    'sp_helpserver',
    '@server sysname = null; @optname varchar(35) = null; @show_topology varchar(1) = null',
    (context, values) => {
      const name = values.text('@server');
      const found = name === null ? linkedServers(context.instance) : [existing(context, name)];
      context.result(
        columns(
          'name sysname',
          'network_name sysname',
          'status varchar(150)',
          'id char(4)',
          'collation_name sysname',
          'connect_timeout int',
          'query_timeout int',
        ),
        found.map(each => [
          each.name,
          each.name,
          [
            each.rpc ? 'rpc' : '',
            each.rpcOut ? 'rpc out' : '',
            each.publisher ? 'pub' : '',
            each.subscriber ? 'sub' : '',
            each.distributor ? 'dist' : '',
            each.dataAccess ? 'data access' : '',
            'use remote collation',
          ]
            .filter(part => part !== '')
            .join(','),
          String(each.id).padEnd(4),
          null,
          0,
          0,
        ]),
      );
      return 0;
    },
  ),
  procedure('sp_testlinkedserver', '@servername sysname', (context, values) => {
    const server = findLinkedServer(context.instance, values.text('@servername') ?? '');
    if (server === undefined) throw notInServers(values.text('@servername') ?? '');
    const { servers, name } = context.instance;
    const reachable =
      server.name.toLowerCase() === name.toLowerCase() ||
      servers.find(server.dataSource ?? server.name) !== undefined ||
      servers.find(server.name) !== undefined;
    if (!reachable)
      throw new SqlError(
        53,
        'A network-related or instance-specific error has occurred while establishing a connection to SQL Server. Server is not found or not accessible. Check if instance name is correct and if SQL Server is configured to allow remote connections.',
      );
    return 0;
  }),
];

const notInServers = (name: string): SqlError =>
  new SqlError(
    7202,
    `Could not find server '${name}' in sys.servers. Verify that the correct server name was specified. If necessary, execute the stored procedure sp_addlinkedserver to add the server to sys.servers.`,
    { severity: 11, state: 2 },
  );
