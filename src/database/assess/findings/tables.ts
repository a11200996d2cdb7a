import { formatBytes } from '../../../foundation/units.ts';
import type { DatabaseFinding, DatabaseTable } from '../../../journal/database-facts.ts';
import { identifier, qualified } from '../../../remote/sql/quote.ts';
import { carriedBy } from '../../catalog/tables.ts';
import { type Catalog, fullName, type Table } from '../../catalog/types.ts';
import type { Survey } from '../survey.ts';
import { blocker, note, warning } from './finding.ts';

/** What keeps a table from being an article, what it costs, and what replication forbids from then on (facts: mssql 2.5, 2.6). */
export const tableFindings = (survey: Survey): DatabaseFinding[] => {
  const { catalog } = survey.source;
  if (catalog === undefined) return [];
  return [
    ...catalog.tables.flatMap(table => [...kinds(table), ...keys(table), ...columns(table)]),
    ...largeValues(survey, catalog),
    ...rowversions(catalog),
    ...modules(catalog),
    ...references(survey),
  ];
};

const HOW: Readonly<Record<DatabaseTable['carriedBy'], string>> = {
  replication: 'its rows travel by replication',
  'change-tracking': 'its rows travel by comparing again, not by replication',
  reload: 'it is copied whole inside the freeze',
  none: 'its rows cannot travel by themselves: only a restore brings them',
};

const kinds = (table: Table): DatabaseFinding[] => {
  const subject = fullName(table);
  const by = carriedBy(table);
  const kind = (code: string, what: string, remedy: string): DatabaseFinding =>
    (by === 'none' ? blocker : warning)({ code, subject, what: `${what}; ${HOW[by]}`, remedy });
  const restore = 'take log-shipping, which carries the database whole, or move this table by hand';
  const found: DatabaseFinding[] = [];
  if (table.temporal === 'versioned')
    found.push(
      kind(
        'temporal',
        'a system-versioned table cannot be published',
        'its history table does not travel by rows: copy it inside the freeze with SYSTEM_VERSIONING = OFF, or take log-shipping',
      ),
    );
  if (table.temporal === 'history')
    found.push(kind('temporal-history', 'the history of a system-versioned table', restore));
  if (table.memoryOptimized)
    found.push(
      kind(
        'memory-optimized',
        'a memory-optimised table cannot be published',
        'nothing, if it is small; otherwise log-shipping',
      ),
    );
  if (table.fileTable) found.push(kind('filetable', 'a FileTable cannot be published', restore));
  if (table.external)
    found.push(
      kind(
        'external',
        'an external table has its rows elsewhere',
        'create it at the target with a data source of its own',
      ),
    );
  if (table.graph) found.push(kind('graph', 'a graph table cannot be published', restore));
  if (table.ledger)
    found.push(
      kind(
        'ledger',
        'a ledger table cannot be published',
        'only a restore keeps its history and digests: take log-shipping',
      ),
    );
  if (table.indexes.some(index => index.kind === 'CLUSTERED COLUMNSTORE'))
    found.push(
      kind(
        'columnstore',
        'a table with a clustered columnstore cannot be published',
        'nothing, if it is small; otherwise log-shipping',
      ),
    );
  if (table.columns.some(column => column.encryption !== undefined))
    found.push(
      blocker({
        code: 'always-encrypted',
        subject,
        what: `columns are always encrypted, and replication does not work on them; ${HOW[by]}`,
        remedy: restore,
        evidence: table.columns
          .filter(column => column.encryption !== undefined)
          .map(column => `${column.name} ${column.encryption ?? ''}`),
      }),
    );
  return found;
};

const keys = (table: Table): DatabaseFinding[] => {
  if (table.external || table.fileTable || table.temporal === 'history') return [];
  const key = table.indexes.find(index => index.primaryKey);
  const subject = fullName(table);
  const name = qualified(table.schema, table.name);
  const size = `${table.rows} rows, ${formatBytes(table.bytes)}`;
  if (key?.disabled === true)
    return [
      warning({
        code: 'primary-key-disabled',
        subject,
        what: `its primary key ${key.name} is disabled: it cannot be published, and ${HOW.reload}`,
        remedy: `ALTER INDEX ${identifier(key.name)} ON ${name} REBUILD`,
        evidence: [size],
      }),
    ];
  if (key !== undefined) return [];
  const unique = table.indexes.find(
    index =>
      index.unique &&
      !index.disabled &&
      index.filter === undefined &&
      index.columns
        .filter(column => !column.included)
        .every(({ name: column }) => table.columns.some(each => each.name === column && !each.nullable)),
  );
  return [
    warning({
      code: 'no-primary-key',
      subject,
      what: `it has no primary key: it can be neither published nor tracked, and ${HOW.reload}`,
      remedy:
        unique === undefined
          ? `ALTER TABLE ${name} ADD CONSTRAINT ${identifier(`PK_${table.name}`)} PRIMARY KEY NONCLUSTERED (<columns that tell rows apart>)`
          : `ALTER TABLE ${name} ADD CONSTRAINT ${identifier(`PK_${table.name}`)} PRIMARY KEY NONCLUSTERED (${unique.columns
              .filter(column => !column.included)
              .map(column => identifier(column.name))
              .join(', ')}): ${unique.name} shows that these are unique`,
      evidence: [size],
    }),
  ];
};

/** Types of 2025 of which no document says that they replicate. */
const UNPROVEN: ReadonlySet<string> = new Set(['json', 'vector']);

function columns(table: Table): DatabaseFinding[] {
  const found: DatabaseFinding[] = [];
  const far = table.columns.filter(column => column.id > 255);
  if (far.length > 0)
    found.push(
      warning({
        code: 'column-beyond-255',
        subject: fullName(table),
        what: `columns with a number beyond 255 cannot be published (21395); ${HOW[carriedBy(table)]}`,
        remedy:
          'nothing, if comparing again is quick enough; otherwise build the table anew without the gaps of dropped columns',
        evidence: far.map(column => `${column.name} is number ${column.id}`),
      }),
    );
  const unproven = table.columns.filter(column => UNPROVEN.has(column.type));
  if (unproven.length > 0)
    found.push(
      warning({
        code: 'type-unproven',
        subject: fullName(table),
        what: 'columns have types of which nobody has shown that they replicate',
        remedy:
          'try it first in staging: publish this table alone, change a row, compare it at the subscriber',
        evidence: unproven.map(column => `${column.name} ${column.type}`),
      }),
    );
  return found;
}

/** Types of which one value can be larger than `max text repl size` allows. */
const isLarge = (column: Table['columns'][number]): boolean =>
  column.length === -1 || ['text', 'ntext', 'image', 'xml', 'json'].includes(column.type);

function largeValues({ publisher }: Survey, catalog: Catalog): DatabaseFinding[] {
  const limit = publisher.maxReplicatedBytes;
  if (limit === undefined || limit === -1) return [];
  const tables = catalog.tables.filter(table => table.columns.some(isLarge));
  if (tables.length === 0) return [];
  return [
    warning({
      code: 'large-values',
      subject: 'publisher',
      what: `once published, an INSERT or UPDATE that writes more than ${limit} bytes into one column fails on production (7139)`,
      remedy:
        "landfall sets it before it publishes anything, and puts it back at teardown; by hand: EXEC sp_configure N'max text repl size', -1; RECONFIGURE",
      evidence: tables.map(
        table =>
          `${fullName(table)}: ${table.columns
            .filter(isLarge)
            .map(column => column.name)
            .join(', ')} (${formatBytes(table.lobBytes)})`,
      ),
    }),
  ];
}

function rowversions(catalog: Catalog): DatabaseFinding[] {
  const tables = catalog.tables.filter(table => table.columns.some(column => column.type === 'timestamp'));
  if (tables.length === 0) return [];
  return [
    note({
      code: 'rowversion',
      subject: 'database',
      what: 'the copy makes rowversion values of its own: they differ from production’s in every lane but those that restore',
      remedy:
        'after the hand-over, clients that keep a rowversion (concurrency tokens, high-water marks of exports) start anew',
      evidence: tables.map(fullName),
    }),
  ];
}

/** Comments and texts are not told apart from code: it is a hint, and it says so. */
const FORBIDDEN = /\bTRUNCATE\s+TABLE\b|\bSWITCH\s+(?:PARTITION\b.{0,80}?)?TO\b|\bDROP\s+TABLE\s+(?!#)/i;

function modules(catalog: Catalog): DatabaseFinding[] {
  const users = catalog.modules.filter(
    ({ definition }) => definition !== undefined && FORBIDDEN.test(definition),
  );
  const encrypted = catalog.modules.filter(({ definition }) => definition === undefined);
  const found: DatabaseFinding[] = [];
  if (users.length > 0)
    found.push(
      warning({
        code: 'truncates',
        subject: 'database',
        what: 'code of the database truncates, switches or drops tables; on a published table that fails (4711, 3724)',
        remedy:
          'look through these modules; what they do to published tables has to wait until after the hand-over, or becomes DELETE',
        evidence: users.map(fullName),
      }),
    );
  if (encrypted.length > 0)
    found.push(
      note({
        code: 'encrypted-modules',
        subject: 'database',
        what: 'modules are encrypted: their text can be neither compared nor scripted',
        remedy: 'deploy them at the target from their source, where the copy is not restored from production',
        evidence: encrypted.map(fullName),
      }),
    );
  return found;
}

function references({ source }: Survey): DatabaseFinding[] {
  const synonyms = (source.catalog?.synonyms ?? [])
    .filter(({ target }) => (target.match(/\]\.\[|\./g) ?? []).length >= 2)
    .map(synonym => `${fullName(synonym)} -> ${synonym.target}`);
  const lines = [...source.references.map(({ from, to }) => `${from} -> ${to}`), ...synonyms];
  if (lines.length === 0) return [];
  const remote = source.references.some(each => each.remote);
  return [
    warning({
      code: 'references-out',
      subject: 'database',
      what: `code refers to other databases${remote ? ' and servers' : ''}: at the target they have to be there, too, under the same names`,
      remedy: remote
        ? 'bring these databases as well, and set up the linked servers at the target (database besides lists them)'
        : 'bring these databases as well, or point synonyms and views elsewhere',
      evidence: lines,
    }),
  ];
}
