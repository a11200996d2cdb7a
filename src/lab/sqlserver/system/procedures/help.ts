import { schemaName } from '../../catalog/find.ts';
import { SqlError } from '../../errors.ts';
import type { Database } from '../../server/instance.ts';
import { datetimeAt } from '../../values/index.ts';
import type { Value } from '../../values/types.ts';
import { catalogOf } from '../catalog-facts.ts';
import { noDatabase, noObject } from '../faults.ts';
import type { ProcedureContext, SystemProcedure } from '../procedure.ts';
import { resolveText } from '../resolve.ts';
import { rowCount, sizeInPages, tablePages } from '../sizes.ts';
import { helpColumns } from './columns.ts';
import { columns, procedure } from './define.ts';

const online = (context: ProcedureContext): readonly Database[] =>
  [...context.instance.databases.values()].sort((left, right) => (left.name < right.name ? -1 : 1));

const megabytes = (pages: number): string => `${(pages / 128).toFixed(2).padStart(10)} MB`;

const databasePages = (database: Database): number =>
  sizeInPages(database, 'ROWS') + sizeInPages(database, 'LOG');

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `Jan  2 2024`, as CONVERT(nvarchar(11), …) gives it. */
const shortDate = (milliseconds: number): string => {
  const date = new Date(milliseconds);
  return `${MONTHS[date.getUTCMonth()]} ${String(date.getUTCDate()).padStart(2)} ${date.getUTCFullYear()}`;
};

export const HELP_PROCEDURES: readonly SystemProcedure[] = [
  procedure('sp_helptext', '@objname nvarchar(776); @columnname sysname = null', (context, values) => {
    const name = values.text('@objname') ?? '';
    const found = resolveText(context, name);
    if (found === undefined) throw noObject(name, context.database.name);
    const module = found.catalog.modules.get(found.facts.id);
    if (module === undefined) throw new SqlError(15197, `There is no text for object '${name}'.`);
    if (module.encrypted) {
      context.message(`The text for object '${name}' is encrypted.`, { number: 15471 });
      return 0;
    }
    context.result(
      columns('Text nvarchar(255)'),
      (module.text.match(/[^\n]*\n|[^\n]+$/g) ?? []).map(line => [line.replace(/\r?\n$/, '\r\n')]),
    );
    return 0;
  }),
  procedure('sp_databases', '', context => {
    context.result(
      columns('DATABASE_NAME sysname', 'DATABASE_SIZE int', 'REMARKS varchar(254)'),
      online(context).map(database => [database.name, databasePages(database) * 8, null]),
    );
    return 0;
  }),
  procedure('sp_helpdb', '@dbname sysname = null', (context, values) => {
    const name = values.text('@dbname');
    const one = name === null ? undefined : context.instance.databases.get(name.toLowerCase());
    if (name !== null && one === undefined) throw noDatabase(name);
    context.result(
      columns(
        'name sysname',
        'db_size nvarchar(13)',
        'owner sysname',
        'dbid smallint',
        'created nvarchar(11)',
        'status nvarchar(600)',
        'compatibility_level tinyint',
      ),
      (one === undefined ? online(context) : [one]).map(database => [
        database.name,
        megabytes(databasePages(database)),
        context.instance.principals.bySid(database.options.owner)?.name ?? null,
        database.id,
        shortDate(database.created),
        [
          `Status=${database.options.state}`,
          `Updateability=${database.options.readOnly ? 'READ_ONLY' : 'READ_WRITE'}`,
          `UserAccess=${database.options.access}`,
          `Recovery=${database.options.recovery}`,
          `Version=${context.instance.product.databaseVersion}`,
          `Collation=${database.collation}`,
        ].join(', '),
        database.options.compatibility,
      ]),
    );
    if (one !== undefined)
      context.result(
        columns(
          'name sysname',
          'fileid smallint',
          'filename nvarchar(260)',
          'filegroup sysname',
          'size nvarchar(18)',
          'maxsize nvarchar(18)',
          'growth nvarchar(18)',
          'usage varchar(9)',
        ),
        one.files.map(file => [
          file.logicalName,
          file.id,
          file.physicalName,
          file.type === 'ROWS' ? 'PRIMARY' : null,
          `${sizeInPages(one, file.type) * 8} KB`,
          file.type === 'ROWS' ? 'Unlimited' : '2147483648 KB',
          '65536 KB',
          file.type === 'ROWS' ? 'data only' : 'log only',
        ]),
      );
    return 0;
  }),
  procedure(
    'sp_spaceused',
    '@objname nvarchar(776) = null; @updateusage varchar(5) = false; @mode varchar(11) = ALL; @oneresultset bit = 0',
    (context, values) => {
      const name = values.text('@objname');
      const kilobytes = (pages: number) => `${pages * 8} KB`;
      if (name !== null) {
        const found = resolveText(context, name);
        const table = found?.catalog.tables.get(found.facts.id);
        if (found === undefined || table === undefined) throw noObject(name, context.database.name);
        const rows = rowCount(found.database, table);
        const data = tablePages(table, rows);
        const index = Math.ceil((data * table.indexes.filter(each => !each.clustered).length) / 4);
        context.result(
          columns(
            'name nvarchar(128)',
            'rows char(20)',
            'reserved varchar(18)',
            'data varchar(18)',
            'index_size varchar(18)',
            'unused varchar(18)',
          ),
          [
            [
              table.name,
              String(rows).padEnd(20),
              kilobytes(data + index),
              kilobytes(data),
              kilobytes(index),
              kilobytes(0),
            ],
          ],
        );
        return 0;
      }
      const { database } = context;
      const data = [...catalogOf(context, database).tables.values()].reduce(
        (sum, table) => sum + tablePages(table, rowCount(database, table)),
        0,
      );
      context.result(
        columns('database_name nvarchar(128)', 'database_size varchar(18)', 'unallocated space varchar(18)'),
        [
          [
            database.name,
            megabytes(databasePages(database)).trim(),
            megabytes(Math.max(0, sizeInPages(database, 'ROWS') - data)).trim(),
          ],
        ],
      );
      context.result(
        columns('reserved varchar(18)', 'data varchar(18)', 'index_size varchar(18)', 'unused varchar(18)'),
        [[kilobytes(data), kilobytes(data), kilobytes(0), kilobytes(0)]],
      );
      return 0;
    },
  ),
  procedure('sp_who', '@loginame sysname = null', (context, values) => {
    const wanted = values.text('@loginame');
    context.result(
      columns(
        'spid smallint',
        'ecid smallint',
        'status nchar(30)',
        'loginame nchar(128)',
        'hostname nchar(128)',
        'blk char(5)',
        'dbname nchar(128)',
        'cmd nchar(26)',
        'request_id int',
      ),
      who(context, wanted).map(session => [
        session.id,
        0,
        (session.request === undefined ? 'sleeping' : 'running').padEnd(30),
        session.login.padEnd(128),
        session.host.padEnd(128),
        String(session.request?.blockedBy ?? 0).padEnd(5),
        session.database.name.padEnd(128),
        (session.request?.command ?? 'AWAITING COMMAND').padEnd(26).slice(0, 26),
        0,
      ]),
    );
    return 0;
  }),
  procedure('sp_who2', '@loginame sysname = null', (context, values) => {
    const wanted = values.text('@loginame');
    context.result(
      columns(
        'SPID char(5)',
        'Status nvarchar(30)',
        'Login nvarchar(128)',
        'HostName nvarchar(128)',
        'BlkBy char(5)',
        'DBName nvarchar(128)',
        'Command nvarchar(26)',
        'CPUTime varchar(12)',
        'DiskIO varchar(12)',
        'LastBatch varchar(20)',
        'ProgramName nvarchar(128)',
        'SPID char(5)',
        'REQUESTID char(5)',
      ),
      who(context, wanted).map((session): readonly Value[] => [
        String(session.id).padEnd(5),
        session.request === undefined ? 'sleeping' : 'RUNNABLE',
        session.login,
        session.host || '  .',
        (session.request?.blockedBy ? String(session.request.blockedBy) : '  .').padEnd(5),
        session.database.name,
        session.request?.command ?? 'AWAITING COMMAND',
        '0',
        '0',
        new Date(session.lastRequest).toISOString().slice(5, 19).replace('T', ' ').replace('-', '/'),
        session.application,
        String(session.id).padEnd(5),
        '0'.padEnd(5),
      ]),
    );
    return 0;
  }),
  procedure('sp_lock', '@spid1 int = null; @spid2 int = null', () => {
    throw new SqlError(40517, 'The SQL Server double does not know sp_lock: ask sys.dm_tran_locks.');
  }),
  procedure('sp_helpfile', '@filename sysname = null', context => {
    context.result(
      columns(
        'name sysname',
        'fileid smallint',
        'filename nvarchar(260)',
        'filegroup sysname',
        'size nvarchar(18)',
        'usage varchar(9)',
      ),
      context.database.files.map(file => [
        file.logicalName,
        file.id,
        file.physicalName,
        file.type === 'ROWS' ? 'PRIMARY' : null,
        `${sizeInPages(context.database, file.type) * 8} KB`,
        file.type === 'ROWS' ? 'data only' : 'log only',
      ]),
    );
    return 0;
  }),
  procedure('sp_help', '@objname nvarchar(776) = null', (context, values) => {
    const name = values.text('@objname');
    const catalog = catalogOf(context, context.database);
    if (name === null) {
      context.result(
        columns('Name nvarchar(128)', 'Owner nvarchar(128)', 'Object_type nvarchar(31)'),
        [...catalog.tables.values()].map(table => [table.name, 'dbo', 'user table']),
      );
      return 0;
    }
    const found = resolveText(context, name);
    if (found === undefined) throw noObject(name, context.database.name);
    const table = found.catalog.tables.get(found.facts.id);
    if (table === undefined)
      throw new SqlError(40517, 'The SQL Server double does not know sp_help of anything but tables.');
    context.result(
      columns('Name nvarchar(128)', 'Owner nvarchar(128)', 'Type nvarchar(31)', 'Created_datetime datetime'),
      [[table.name, schemaName(found.catalog, table.schemaId), 'user table', datetimeAt(table.created)]],
    );
    const rows = helpColumns(found.catalog, table);
    context.result(
      columns(
        'Column_name nvarchar(128)',
        'Type nvarchar(128)',
        'Computed varchar(35)',
        'Length int',
        'Prec char(5)',
        'Scale char(5)',
        'Nullable varchar(35)',
        'TrimTrailingBlanks varchar(35)',
        'FixedLenNullInSource varchar(35)',
        'Collation sysname',
      ),
      rows,
    );
    return 0;
  }),
  procedure('xp_cmdshell', '@command nvarchar(4000); @no_output varchar(9) = null', context => {
    if (context.instance.configuration.value('xp_cmdshell') === 1)
      throw new SqlError(40517, 'The SQL Server double does not know xp_cmdshell: it runs no programs.');
    throw new SqlError(
      15281,
      "SQL Server blocked access to procedure 'sys.xp_cmdshell' of component 'xp_cmdshell' because this component is turned off as part of the security configuration for this server. A system administrator can enable the use of 'xp_cmdshell' by using sp_configure. For more information about enabling 'xp_cmdshell', search for 'xp_cmdshell' in SQL Server Books Online.",
    );
  }),
];

const who = (context: ProcedureContext, wanted: string | null) =>
  [...context.instance.sessions.values()].filter(
    session =>
      wanted === null ||
      session.login.toLowerCase() === wanted.toLowerCase() ||
      String(session.id) === wanted ||
      (wanted.toLowerCase() === 'active' && session.request !== undefined),
  );
