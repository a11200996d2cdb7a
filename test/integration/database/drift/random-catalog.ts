import fc from 'fast-check';
import { systemTypeText } from '../../../../src/database/catalog/type-text.ts';
import type {
  Catalog,
  Check,
  Column,
  ForeignKey,
  Index,
  Module,
  Table,
  Trigger,
} from '../../../../src/database/catalog/types.ts';
import { identifier, qualified } from '../../../../src/remote/sql/quote.ts';

/** Schemas that a server takes, as a catalog shows them; few names, so that two of them have much to disagree about. */

export const COLLATION = 'SQL_Latin1_General_CP1_CI_AS';

type Facts = Pick<Column, 'type' | 'length' | 'precision' | 'scale'>;
const facts = (type: string, length: number, precision = 0, scale = 0): Facts => ({
  ...{ type, length, precision, scale },
});

const TYPES: readonly Facts[] = [
  facts('int', 4, 10),
  facts('bigint', 8, 19),
  facts('bit', 1, 1),
  facts('money', 8, 19, 4),
  facts('float', 8, 53),
  facts('decimal', 9, 19, 4),
  facts('decimal', 17, 38, 10),
  facts('nvarchar', 40),
  facts('nvarchar', 240),
  facts('nvarchar', -1),
  facts('varchar', 20),
  facts('char', 7),
  facts('varbinary', 16),
  facts('varbinary', -1),
  facts('date', 3, 10),
  facts('datetime2', 8, 27, 7),
  facts('datetime2', 7, 23, 3),
  facts('uniqueidentifier', 16),
  facts('xml', -1),
];

const TEXTS: ReadonlySet<string> = new Set(['nvarchar', 'varchar', 'char']);
const NUMBERS: ReadonlySet<string> = new Set(['int', 'bigint', 'money', 'float', 'decimal']);
const isIndexable = (column: Column): boolean =>
  column.length !== -1 && column.computed === undefined && column.length < 200;

const TABLES = ['Orders', "Größe ]' x", 'A'];
const COLUMNS = ['id', 'name', 'x y', "q']", 'Amount', 'note'];

export interface Seeds {
  readonly pick: (below: number) => number;
}

/** The same numbers give the same catalog. */
export function catalogFrom(numbers: readonly number[], database: string): Catalog {
  let at = 0;
  const pick = (below: number): number => (numbers[at++ % numbers.length] ?? 0) % below;
  const chance = (of: number): boolean => pick(of) === 0;
  const schemas = chance(2) ? ['dbo'] : ['dbo', 'fin x'];
  const tables: Table[] = [];
  for (const name of TABLES)
    if (!chance(4)) tables.push(tableOf(name, schemas[pick(schemas.length)] ?? 'dbo', pick, chance));
  const withKeys = tables.map(table => ({ ...table, foreignKeys: foreignKeys(table, tables, chance) }));
  return {
    ...{ database, collation: COLLATION, compatibility: 160, schemas },
    tables: withKeys.sort(
      (left, right) => compare(left.schema, right.schema) || compare(left.name, right.name),
    ),
    modules: modulesOf(withKeys, pick, chance),
    sequences: chance(2)
      ? []
      : [
          {
            ...{ schema: 'dbo', name: 'Numbers', type: 'bigint', start: '5', current: '5' },
            ...{ increment: String(1 + pick(3)), minimum: '1', maximum: '1000000', cycles: chance(2) },
            cache: pick(2) * 10,
          },
        ],
    synonyms: chance(2) ? [] : [{ schema: 'dbo', name: 'Far', target: `[other].[dbo].[t${pick(2)}]` }],
    types: [],
    partitionFunctions: [],
  };
}

const compare = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);

type Pick1 = (below: number) => number;
type Chance = (of: number) => boolean;

function tableOf(name: string, schema: string, pick: Pick1, chance: Chance): Table {
  const columns: Column[] = [];
  for (const column of COLUMNS)
    if (columns.length === 0 || !chance(3))
      columns.push(columnOf(name, column, columns.length + 1, pick, chance));
  const rowversion = chance(4)
    ? [{ ...plain('rv', columns.length + 1, facts('timestamp', 8)), nullable: false }]
    : [];
  const kept = {
    ...plain('kept', columns.length + rowversion.length + 1, facts('int', 4, 10)),
    nullable: chance(2),
  };
  // A computed column has the type of what it is computed from.
  const [first] = columns;
  const typed = columns.map(column =>
    column.computed === undefined || first === undefined
      ? column
      : { ...column, type: first.type, length: first.length, precision: first.precision },
  );
  const all = [...typed, ...rowversion, kept];
  return {
    ...{ schema, name, columns: all, indexes: indexesOf(name, all, pick, chance), foreignKeys: [] },
    checks: checksOf(name, all, chance),
    triggers: triggersOf(schema, name, pick, chance),
    ...{ rows: 0, bytes: 0, lobBytes: 0, temporal: 'none', memoryOptimized: false, fileTable: false },
    ...{ external: false, graph: false, ledger: false, trackedByCdc: false, changeTracked: false },
    published: false,
  };
}

const plain = (name: string, id: number, of: Facts): Column => ({
  ...{ name, id, ...of, nullable: true, rowGuid: false, sparse: false, columnSet: false, hidden: false },
  assemblyType: false,
});

function columnOf(table: string, name: string, id: number, pick: Pick1, chance: Chance): Column {
  const first = id === 1;
  const of = (first ? TYPES[pick(2)] : TYPES[pick(TYPES.length)]) ?? facts('int', 4, 10);
  const column: Column = {
    ...plain(name, id, of),
    nullable: !first && chance(2),
    ...(TEXTS.has(of.type) ? { collation: chance(4) ? 'Latin1_General_CS_AS' : COLLATION } : {}),
  };
  if (first && chance(2))
    return { ...column, identity: { seed: '10', increment: '1', notForReplication: false } };
  if (!first && chance(6))
    return {
      ...plain(name, id, facts('int', 4, 10)),
      nullable: true,
      computed: { definition: `([id]+(${pick(2)}))`, persisted: false },
    };
  const value =
    NUMBERS.has(of.type) || of.type === 'bit'
      ? `((${pick(2)}))`
      : TEXTS.has(of.type)
        ? "(N'it''s')"
        : undefined;
  if (value === undefined || !chance(3)) return column;
  return {
    ...column,
    default: { name: `DF_${table}_${name}_${pick(2)}`, definition: value, systemNamed: false },
  };
}

const index = (name: string, columns: readonly string[], more: Partial<Index> = {}): Index => ({
  ...{ name, kind: 'NONCLUSTERED', unique: false, primaryKey: false, uniqueConstraint: false },
  ...{ systemNamed: false, disabled: false, ignoreDuplicates: false, fillFactor: 0 },
  columns: columns.map(column => ({ name: column, descending: false, included: false })),
  ...more,
});

function indexesOf(table: string, columns: readonly Column[], pick: Pick1, chance: Chance): Index[] {
  const usable = columns.filter(column => isIndexable(column) && column.type !== 'timestamp');
  const some = usable.filter((_, place) => place === 0 || chance(3));
  const indexes: Index[] = [];
  const key = usable.filter(column => !column.nullable).slice(0, 1 + pick(2));
  if (key.length > 0 && !chance(4))
    indexes.push(
      index(
        `PK_${table}${pick(2) === 0 ? '' : '_2'}`,
        key.map(column => column.name),
        {
          ...{ kind: chance(3) ? 'NONCLUSTERED' : 'CLUSTERED', unique: true, primaryKey: true },
        },
      ),
    );
  const last = usable.at(-1);
  if (last !== undefined && chance(3))
    indexes.push(index(`UQ_${table}`, [last.name], { unique: true, uniqueConstraint: true }));
  if (some.length > 0 && chance(2)) {
    const included = usable.filter(column => !some.includes(column)).slice(0, pick(2));
    indexes.push(
      index('IX one', [], {
        columns: [
          ...some.map(column => ({ name: column.name, descending: chance(3), included: false })),
          ...included.map(column => ({ name: column.name, descending: false, included: true })),
        ],
        unique: chance(3),
        ...(chance(3) ? { filter: `([${some[0]?.name.replaceAll(']', ']]')}] IS NOT NULL)` } : {}),
      }),
    );
  }
  return indexes;
}

function checksOf(table: string, columns: readonly Column[], chance: Chance): Check[] {
  const number = columns.find(column => NUMBERS.has(column.type) && column.computed === undefined);
  if (number === undefined || !chance(2)) return [];
  const state = { disabled: chance(4), trusted: true, notForReplication: false, systemNamed: false };
  const operator = chance(2) ? '>=' : '<>';
  return [{ name: `CK_${table}`, definition: `(${identifier(number.name)}${operator}(0))`, ...state }];
}

function triggersOf(schema: string, table: string, pick: Pick1, chance: Chance): Trigger[] {
  if (!chance(3)) return [];
  const name = `tr ${table}`;
  const events = [['INSERT'], ['INSERT', 'UPDATE'], ['DELETE']][pick(3)] ?? ['INSERT'];
  const definition = `-- what ${pick(2)} says\nCREATE TRIGGER ${qualified(schema, name)} ON ${qualified(schema, table)} AFTER ${events.join(', ')} AS\nSET NOCOUNT ON;`;
  return [
    {
      ...{ name, events, insteadOf: false, disabled: chance(3), notForReplication: false, definition },
      ...{ ansiNulls: true, quotedIdentifier: true },
    },
  ];
}

function foreignKeys(table: Table, tables: readonly Table[], chance: Chance): ForeignKey[] {
  const found: ForeignKey[] = [];
  for (const other of tables) {
    const key = other.indexes.find(each => each.primaryKey && each.columns.length === 1);
    const target = other.columns.find(column => column.name === key?.columns[0]?.name);
    const column = table.columns.find(
      each =>
        target !== undefined &&
        each.computed === undefined &&
        each.identity === undefined &&
        systemTypeText(each) === systemTypeText(target) &&
        each.collation === target.collation,
    );
    if (target === undefined || column === undefined || !chance(2)) continue;
    found.push({
      ...{ name: `FK_${table.name}_${other.name}`, columns: [column.name], referencedColumns: [target.name] },
      references: { schema: other.schema, name: other.name },
      ...{ onDelete: 'NO_ACTION', onUpdate: 'NO_ACTION', disabled: chance(4), trusted: true },
      ...{ notForReplication: false, systemNamed: false },
    });
  }
  return found.sort((left, right) => compare(left.name, right.name));
}

function modulesOf(tables: readonly Table[], pick: Pick1, chance: Chance): Module[] {
  const [first] = tables;
  const settings = { ansiNulls: true, quotedIdentifier: true, schemaBound: false };
  const modules: Module[] = [];
  if (first !== undefined && chance(2)) {
    // The second view is made first where names decide.
    const base = `CREATE VIEW dbo.[z base] AS SELECT [id] AS n${pick(2)} FROM ${qualified(first.schema, first.name)}`;
    const upper = 'CREATE  VIEW dbo.[a upper] AS SELECT * FROM dbo.[z base]';
    modules.push(
      { schema: 'dbo', name: 'a upper', kind: 'VIEW', definition: upper, ...settings },
      { schema: 'dbo', name: 'z base', kind: 'VIEW', definition: base, ...settings },
    );
  }
  if (chance(2))
    modules.unshift({
      ...{
        schema: 'dbo',
        name: "P']1",
        kind: 'SQL_STORED_PROCEDURE',
        ...settings,
        quotedIdentifier: chance(2),
      },
      definition: `/* a /* nested */ comment */ create procedure dbo.[P']]1] @n int AS\r\nSELECT @n + ${pick(2)} AS [it's];`,
    });
  return modules.sort((left, right) => compare(left.name, right.name));
}

export const numbers: fc.Arbitrary<number[]> = fc.array(fc.nat({ max: 10_000 }), {
  minLength: 400,
  maxLength: 400,
});

/** False for what the server makes itself. */
export const isGiven = (column: Column): boolean =>
  column.computed === undefined && column.type !== 'timestamp';

/** Two rows that no key refuses, with values that do not fit every type; the second has NULL where it may. */
export const insertions = (table: Table): string[] =>
  [1, 2].map(row => {
    const columns = table.columns.filter(column => isGiven(column) && column.identity === undefined);
    const values = columns.map(column => (row === 2 && column.nullable ? 'NULL' : valueText(column, row)));
    const names = columns.map(column => identifier(column.name));
    return `INSERT ${qualified(table.schema, table.name)} (${names.join(', ')}) VALUES (${values.join(', ')})`;
  });

function valueText({ type, length }: Column, row: number): string {
  switch (type) {
    case 'bigint':
      return `${row === 1 ? 5_000_000_000 : 7}`;
    case 'bit':
      return `${row - 1}`;
    case 'money':
    case 'decimal':
    case 'float':
      return `${row}.25`;
    case 'nvarchar':
      return `N'${`${row}ä`.padEnd(length > 40 || length === -1 ? 90 : 5, '\u2713')}'`;
    case 'varchar':
    case 'char':
      return `'${row}abc'`;
    case 'varbinary':
      return `0x0${row}FF`;
    case 'date':
      return `'2026-08-0${row}'`;
    case 'datetime2':
      return `'2026-08-0${row}T01:02:03.456'`;
    case 'uniqueidentifier':
      return `'0000000${row}-0000-0000-0000-000000000000'`;
    case 'xml':
      return `'<a>${row}</a>'`;
    default:
      return `${row}`;
  }
}
