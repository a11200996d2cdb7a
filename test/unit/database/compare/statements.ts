import { keyColumn } from '../../../../src/database/compare/keys.ts';
import {
  type Asked,
  boundaryOf,
  bucketsOf,
  chosen,
  directions,
  extremesOf,
  listOf,
  sumsOf,
  version,
} from '../../../../src/database/compare/reads.ts';
import type { HashInput } from '../../../../src/database/compare/row-hash.ts';
import type { DatabaseTable, TableColumn } from '../../../../src/journal/database-facts.ts';
import type { Role, Statement } from '../../../../src/remote/sql/statement.ts';

/** The statements of a comparison of a table with a column of nearly every kind, as a DBA may read them before. */

const LATIN = 'SQL_Latin1_General_CP1_CI_AS';

const column = (
  name: string,
  type: string,
  length: number,
  more: Partial<TableColumn> = {},
): TableColumn => ({
  ...{ name, type, length, precision: 0, scale: 0, nullable: true, identity: false, carried: true },
  ...more,
});

const ORDERS: DatabaseTable = {
  schema: 'sales',
  name: 'Order]s',
  rows: 1_000_000,
  bytes: 200_000_000,
  key: ['Region', 'OrderId'],
  columns: [
    column('Region', 'varchar', 10, { collation: LATIN, nullable: false }),
    column('OrderId', 'bigint', 8, { precision: 19, nullable: false, identity: true }),
    column('Amount', 'decimal', 9, { precision: 19, scale: 4, nullable: false }),
    column('Fee', 'money', 8),
    column('Rate', 'float', 8, { precision: 53 }),
    column('PlacedAt', 'datetime2', 8, { precision: 27, scale: 7, nullable: false }),
    column('Buyer', 'uniqueidentifier', 16),
    column('Remark', 'nvarchar', -1, { collation: LATIN }),
    column('Scan', 'varbinary', -1),
    column('Answer', 'xml', -1),
    column('Total', 'decimal', 9, { precision: 19, scale: 4, carried: false }),
    column('RowVer', 'timestamp', 8, { nullable: false, carried: false }),
  ],
  carriedBy: 'replication',
};

const PAYMENTS: DatabaseTable = {
  ...ORDERS,
  name: 'Payments',
  key: ['PaymentId'],
  columns: [
    column('PaymentId', 'int', 4, { precision: 10, nullable: false }),
    column('PaidOn', 'date', 3),
    column('Method', 'char', 4, { collation: LATIN }),
  ],
};

function asked(role: Role, database: string, table: DatabaseTable, input: HashInput): Asked {
  const key = table.key.map(name => {
    const found = table.columns.find(each => each.name === name);
    if (found === undefined) throw new Error(`no column ${name}`);
    return keyColumn(found, found, found, name === 'OrderId');
  });
  return {
    ...{ role, database, table, key, input },
    columns: table.columns.filter(each => each.carried),
    ...(role === 'publisher' ? { maxdop: 2 } : {}),
  };
}

/** Of one range, in the order in which they may be asked. */
export function comparison(input: HashInput): readonly Statement[] {
  const left = asked('publisher', 'Loans_landfall_miami', ORDERS, input);
  const right = asked('subscriber', 'Loans', ORDERS, input);
  const whole = asked('publisher', 'Loans_landfall_miami', PAYMENTS, input);
  const range = { from: ['north', '4711'], to: ['north', '815'] };
  return [
    version(left),
    directions(left),
    boundaryOf(left, { from: range.from }, 20_000),
    sumsOf(left, range, 4),
    bucketsOf(left, range, 1_250),
    listOf(left, range, 60_000, { only: chosen(8, [3, -2]) }),
    extremesOf(whole),
    sumsOf(whole, { from: ['20000'] }, 4),
    sumsOf(right, range, 8),
    listOf(right, {}, Number.MAX_SAFE_INTEGER, { wide: true }),
  ];
}
